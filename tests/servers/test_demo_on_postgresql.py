"""The whole demo remembers in PostgreSQL as it does in SQLite; a worker loads a feed there."""

import subprocess
import sys
import time
from urllib.parse import urlsplit

import demo_runs
import psycopg
import pytest

ASK = """
import sys
from pathlib import Path

from yiwang.boot.starting import start_django

start_django(home=Path(sys.argv[1]), place="siyang")

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.boot.work import register_work
from yiwang.kernel.clock import system_clock

register_work()
at = system_clock()
bureau = identity.officer("shuju", at=at)
print(catalog.ask_for_load("base.death", officer=bureau, at=at))
"""


@pytest.mark.slow
def test_the_demo_and_a_load_by_its_worker_run_on_postgresql(postgres, tmp_path):
    on_postgresql = {**demo_runs.NO_SERVERS, "YIWANG_DATABASE": postgres}
    home = tmp_path / "var/siyang"
    ran = demo_runs.run(home, **on_postgresql)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert not (home / "yiwang.sqlite").exists()
    with psycopg.connect(postgres, dbname=urlsplit(postgres).path[1:], autocommit=True) as store:
        assert store.execute("SELECT count(*) > 10 FROM casework_case").fetchone() == (True,)
        surroundings = demo_runs.surroundings(**on_postgresql)
        asked = subprocess.run(
            [sys.executable, "-c", ASK, str(home)], env=surroundings, capture_output=True, text=True
        )
        assert asked.returncode == 0, asked.stderr[-2000:]
        worker = subprocess.Popen(demo_runs.yiwang("worker", "--data", str(home)), env=surroundings)
        try:
            read, accepted, rejected = _counts(store, int(asked.stdout))
        finally:
            worker.terminate()
            worker.wait(15)
    assert read == accepted + rejected > 0


def _counts(store: psycopg.Connection, job: int) -> tuple[int, int, int]:
    """What the load of a job read, took and put aside, once it is done."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = store.execute(
            "SELECT read, accepted, rejected FROM catalog_feedload"
            " WHERE job = %s AND state IN ('done', 'same', 'held')",
            [job],
        ).fetchone()
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError("the worker did not load the feed")
