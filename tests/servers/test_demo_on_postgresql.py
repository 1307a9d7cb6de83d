"""The whole demo remembers in PostgreSQL as it does in SQLite."""

from urllib.parse import urlsplit

import demo_runs
import psycopg


def test_the_demo_runs_to_its_end_on_postgresql(postgres, tmp_path):
    ran = demo_runs.run(tmp_path / "home", **{**demo_runs.NO_SERVERS, "YIWANG_DATABASE": postgres})

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert not (tmp_path / "home/yiwang.sqlite").exists()
    with psycopg.connect(postgres, dbname=urlsplit(postgres).path[1:]) as connection:
        cases = connection.execute("SELECT count(*) FROM casework_case").fetchone()
    assert cases is not None and cases[0] > 10
