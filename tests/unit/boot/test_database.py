"""The operational database: many writing processes, and the other database by address."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from yiwang.boot.database import DatabaseAddressUnknown, database

WRITERS, SECONDS = 8, 2

WRITER = textwrap.dedent(
    """
    import json, sys, time
    import django
    django.setup()
    from django.db import connection, transaction
    worst = count = 0
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT max(n) FROM tally")
            highest = cursor.fetchone()[0] or 0
            cursor.execute("INSERT INTO tally (n) VALUES (%s)", [highest + 1])
        connection.cursor().execute("UPDATE touched SET times = times + 1")
        count += 1
        worst = max(worst, time.perf_counter() - began)
    print(json.dumps([count, worst]))
    """
)


def _run(code, environment, *arguments):
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _write_together(environment):
    """Eight processes add up and count for a while; what each wrote, and what stands there."""
    script = """
        import django; django.setup()
        from django.db import connection
        with connection.cursor() as cursor:
            {}
    """
    make = 'cursor.execute("CREATE TABLE tally (n bigint unique)"); '
    make += 'cursor.execute("CREATE TABLE touched (times bigint)"); '
    make += 'cursor.execute("INSERT INTO touched VALUES (0)")'
    read = 'cursor.execute("SELECT count(*), max(n), max(times) FROM tally, touched"); '
    read += "print(list(cursor.fetchone()))"
    environment = environment | {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"}
    _, problem = _run(textwrap.dedent(script).format(make), environment).communicate()
    assert not problem
    writers = [_run(WRITER, environment, str(SECONDS)) for _ in range(WRITERS)]
    assert [writer.stdout.readline() for writer in writers] == ["ready\n"] * WRITERS
    for writer in writers:
        writer.stdin.write("begin\n")
        writer.stdin.flush()
    answers = [writer.communicate(timeout=60) for writer in writers]
    assert "".join(problem for _, problem in answers) == ""
    total, _ = _run(textwrap.dedent(script).format(read), environment).communicate()
    return [json.loads(answer) for answer, _ in answers], json.loads(total)


def test_eight_writing_processes_meet_no_lock_error_and_none_starves(tmp_path):
    written, (rows, highest, touched) = _write_together({"YIWANG_HOME": str(tmp_path)})

    counts = [count for count, _ in written]
    assert rows == highest == touched == sum(counts)
    assert min(counts) >= max(counts) / 3
    assert max(worst for _, worst in written) < 3.0


def test_an_error_in_a_transaction_lets_the_next_writer_in(tmp_path):
    code = """
        import django; django.setup()
        import threading
        from django.db import connection, transaction
        connection.cursor().execute("CREATE TABLE t (n int)")
        try:
            with transaction.atomic():
                connection.cursor().execute("INSERT INTO t VALUES (1)")
                raise KeyError
        except KeyError:
            pass
        def other():
            with transaction.atomic():
                connection.cursor().execute("INSERT INTO t VALUES (2)")
            connection.close()
        thread = threading.Thread(target=other)
        thread.start(); thread.join(5)
        print(thread.is_alive(), connection.cursor().execute("SELECT n FROM t").fetchall())
    """
    environment = {"YIWANG_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"}

    told, problem = _run(textwrap.dedent(code), environment).communicate(timeout=30)

    assert (told.strip(), problem) == ("False [(2,)]", "")


def test_postgresql_is_chosen_by_address():
    chosen = database("postgres://us%40er:p%2Fw@db.local:6543/county?sslmode=require", home=Path())

    assert chosen["ENGINE"] == "django.db.backends.postgresql"
    assert (chosen["USER"], chosen["PASSWORD"], chosen["NAME"]) == ("us@er", "p/w", "county")
    assert (chosen["HOST"], chosen["PORT"]) == ("db.local", "6543")
    assert chosen["OPTIONS"] == {"sslmode": "require"}


def test_another_kind_of_database_is_refused_with_what_to_write():
    with pytest.raises(DatabaseAddressUnknown, match="postgres://"):
        database("mysql://root@localhost/county", home=Path())


@pytest.mark.service
def test_the_tables_are_made_and_written_on_postgresql(postgres, tmp_path):
    environment = {
        "YIWANG_HOME": str(tmp_path),
        "YIWANG_DATABASE": postgres,
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
    }
    code = """
        import django; django.setup()
        from datetime import UTC, datetime
        from django.core.management import call_command
        call_command("migrate", verbosity=0)
        from yiwang.apps.journal import public as journal
        now = datetime(2026, 11, 2, 1, tzinfo=UTC)
        journal.record("test.done", subject="x", actor="li", at=now)
        print(journal.seal(at=now), [entry.number for entry in journal.entries(subject="x")])
    """
    told, problem = _run(textwrap.dedent(code), environment).communicate(timeout=60)

    assert (told.strip(), problem) == ("1 [0]", "")
