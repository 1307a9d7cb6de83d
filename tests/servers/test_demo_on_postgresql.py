"""The whole demo remembers in PostgreSQL as it does in SQLite; a worker loads a feed there.

It is the demo of a second place: the first one's is walked through in ``browser`` and killed in
``fault``, on SQLite, and every stage is told for each place.
"""

import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import demo_runs
import psycopg
import pytest

ASK = """
import sys
from pathlib import Path

from yiwang.boot.starting import start_django

start_django(home=Path(sys.argv[1]), place=sys.argv[2])

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.boot.work import register_work
from yiwang.kernel.clock import system_clock

register_work()
at = system_clock()
bureau = identity.officer("shuju", at=at)
print(catalog.ask_for_load("base.death", officer=bureau, at=at))
"""
LOOK = """
import re, sys
from pathlib import Path

from yiwang.boot.starting import start_django

home = Path(sys.argv[1])
start_django(home=home, place=sys.argv[2])

from django.test import Client

from yiwang.boot.demo.cast import demo_password

browser = Client()
browser.post("/sign-in/", {"username": "shuju", "password": demo_password(home)})
plans = browser.get("/steward/plans/").content.decode()
own = re.findall(r'"(/steward/plans/\\d+/)"', plans)[:1]
for page in (*sys.argv[3:], *own, *[f"{one}report/" for one in own]):
    print(page, browser.get(page).status_code)
"""
PLACE = "luoyang"
PROGRAMME = (
    "/steward/plans/",
    "/steward/plans/late/",
    "/steward/plans/capabilities/",
    "/steward/targets/",
    "/steward/projects/",
    "/steward/projects/assets/",
    "/steward/assessments/",
    "/office/reports/",
    "/office/reports/reduction/",
)
"""Beside these: the place's own plan, and its report to print."""


@pytest.mark.slow
def test_a_second_place_s_demo_and_a_load_by_its_worker_run_on_postgresql(postgres, tmp_path):
    on_postgresql = {**demo_runs.NO_SERVERS, "YIWANG_DATABASE": postgres}
    home = tmp_path / "var" / PLACE
    ran = demo_runs.run(home, place=PLACE, **on_postgresql)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert not list(demo_runs.unbalanced(home))
    seen = _looked_at(home, on_postgresql)
    assert (len(seen), set(seen.values())) == (len(PROGRAMME) + 2, {"200"}), seen
    assert not (home / "yiwang.sqlite").exists()
    with psycopg.connect(postgres, dbname=urlsplit(postgres).path[1:], autocommit=True) as store:
        assert store.execute("SELECT count(*) > 10 FROM casework_case").fetchone() == (True,)
        surroundings = demo_runs.surroundings(**on_postgresql)
        asked = subprocess.run(
            [sys.executable, "-c", ASK, str(home), PLACE],
            env=surroundings,
            capture_output=True,
            text=True,
        )
        assert asked.returncode == 0, asked.stderr[-2000:]
        work = demo_runs.yiwang("worker", "--data", str(home), "--place", PLACE)
        worker = subprocess.Popen(work, env=surroundings)
        try:
            read, accepted, rejected = _counts(store, int(asked.stdout))
        finally:
            worker.terminate()
            worker.wait(15)
    assert read == accepted + rejected > 0


def _looked_at(home: Path, on_postgresql: dict[str, str]) -> dict[str, str]:
    """The pages of the programme, each with how it answered the data bureau."""
    looked = subprocess.run(
        [sys.executable, "-c", LOOK, str(home), PLACE, *PROGRAMME],
        env=demo_runs.surroundings(**on_postgresql),
        capture_output=True,
        text=True,
    )
    assert looked.returncode == 0, looked.stderr[-2000:]
    return dict(line.split() for line in looked.stdout.splitlines() if line.startswith("/"))


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
