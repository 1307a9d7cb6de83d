"""A backup whose store is PostgreSQL: one snapshot while rows come in, proved beside it."""

import subprocess
import threading
from datetime import timedelta

import psycopg
import pytest
from cast import NINE
from msgspec.structs import replace

from yiwang.apps.journal import public as journal
from yiwang.boot.backups import databases, manifest, restoring, taking
from yiwang.boot.backups.manifest import KeptFile
from yiwang.boot.backups.objects import Objects
from yiwang.boot.database import database
from yiwang.kernel.errors import Invalid


def test_rows_that_come_in_meanwhile_do_not_spoil_the_counts(settings, tmp_path, postgres):
    settings.HOME = home = tmp_path / "home"
    home.mkdir()
    journal.append([journal.Entry(event="tests.done", subject="x", at=NINE)])
    store, stop = database(postgres, home=home), threading.Event()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (id serial PRIMARY KEY, text text)")
        connection.execute("INSERT INTO thing (text) SELECT 'x' FROM generate_series(1, 5000)")

    def write():
        with psycopg.connect(postgres, autocommit=True) as busy:
            while not stop.is_set():
                busy.execute("INSERT INTO thing (text) VALUES ('y')")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        taken = taking.take_backup(home, to=tmp_path / "kept", store=store, place="siyang", at=NINE)
    finally:
        stop.set()
        writer.join()

    assert taken.store == "postgres"
    assert taken.proof.tables["thing"] >= 5000
    proved = restoring.drill(tmp_path / "kept", work=tmp_path / "kept", store=store)
    assert proved.holds, [one for one in proved.proofs if not one.holds]
    with pytest.raises(Invalid, match="哪个库"):
        restoring.restore(tmp_path / "kept", to=tmp_path / "elsewhere", store=None)
    with psycopg.connect(postgres) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'yiwang_drill%'"
        ).fetchone()
    assert left == (0,)


def test_a_second_backup_costs_what_changed_since_the_first(settings, tmp_path, postgres):
    settings.HOME = home = tmp_path / "home"
    home.mkdir()
    journal.append([journal.Entry(event="tests.done", subject="x", at=NINE)])
    store, kept = database(postgres, home=home), tmp_path / "kept"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE a_busy (id serial PRIMARY KEY, text text)")
        connection.execute(
            "CREATE TABLE still AS SELECT md5(n::text) FROM generate_series(1, 3e5) n"
        )
        first = taking.take_backup(home, to=kept, store=store, place="siyang", at=NINE)
        connection.execute("INSERT INTO a_busy (text) SELECT 'y' FROM generate_series(1, 1000)")
    later = NINE + timedelta(hours=1)
    second = taking.take_backup(home, to=kept, store=store, place="siyang", at=later)

    assert first.new_bytes > 9_000_000
    assert second.new_bytes < 200_000
    assert restoring.drill(kept, work=kept, store=store).holds


def test_a_backup_that_holds_the_dump_in_one_file_is_still_restored(settings, tmp_path, postgres):
    settings.HOME = home = tmp_path / "home"
    home.mkdir()
    journal.append([journal.Entry(event="tests.done", subject="x", at=NINE)])
    store, kept = database(postgres, home=home), tmp_path / "kept"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing AS SELECT n FROM generate_series(1, 100) n")
    taken = taking.take_backup(home, to=kept, store=store, place="siyang", at=NINE)
    dump = tmp_path / "store.dump"
    subprocess.run(["pg_dump", "-Fc", "-f", dump, postgres], check=True)
    pieces, size = Objects(kept / "objects").keep(dump)
    files = [one for one in taken.files if not one.path.startswith("store.dump/")]
    manifest.write(
        kept, replace(taken, form=1, files=[*files, KeptFile("store.dump", size, 0o600, 0, pieces)])
    )

    assert restoring.drill(kept, work=kept, store=store).holds


def test_a_role_that_may_make_no_database_is_told_how_the_drill_is_let_to(
    tmp_path, postgres, worker
):
    store = {**database(postgres, home=tmp_path), "USER": f"yiwang_narrow_{worker}"}
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {store['USER']} LOGIN".encode())
        try:
            with (
                pytest.raises(databases.NoSpareDatabase, match="没有建库权限") as refusal,
                databases.spare_database(store, "yiwang_drill_refused"),
            ):
                pass
        finally:
            connection.execute(f"DROP ROLE {store['USER']}".encode())
    assert f"ALTER ROLE {store['USER']} CREATEDB" in refusal.value.hint


def test_a_restore_writes_into_no_database_that_holds_tables(settings, tmp_path, postgres):
    settings.HOME = home = tmp_path / "home"
    home.mkdir()
    store, kept = database(postgres, home=home), tmp_path / "kept"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing AS SELECT n FROM generate_series(1, 100) n")
    taking.take_backup(home, to=kept, store=store, place="siyang", at=NINE)

    with pytest.raises(databases.DatabaseNotEmpty, match="1 张表"):
        restoring.restore(kept, to=tmp_path / "elsewhere", store=store)
    assert not (tmp_path / "elsewhere").exists()
