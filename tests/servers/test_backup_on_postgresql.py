"""A backup whose store is PostgreSQL: one snapshot while rows come in, proved beside it."""

import threading

import psycopg
import pytest
from cast import NINE

from yiwang.apps.journal import public as journal
from yiwang.boot.backups import restoring, taking
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
