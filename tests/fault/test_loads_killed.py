"""A worker that collects, killed at random moments: no delivery is lost, none counts twice.

Deliveries are pushed, lie in a folder, or were held and are published by decision.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
import stores

from yiwang.lake import Lake

LONG = os.environ.get("YIWANG_LONG") == "1"
KILLS, DELIVERIES, ROWS = (50, 120, 400) if LONG else (3, 8, 400)
EACH = 25 if LONG else 1
"""Kills in the midst of a publication, and of a collection of a file."""
FEED = "base.death"

SCRIPT = """
import sys, time
from dataclasses import replace
from pathlib import Path
from yiwang.boot.starting import start_django
start_django(home=Path(sys.argv[1]), place="siyang")
from django.core.management import call_command
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock
from yiwang.kernel.identifiers import gbt11643

def number(n):
    month, day = n // 2800 % 10 + 1, n // 100 % 28 + 1
    first = f"321323{{1930 + n // 28000}}{{month:02}}{{day:02}}{{n % 100:03}}"
    return first + gbt11643.check_digit(first)

def body(delivery):
    lines = ["id_number,name,death_on,registered_by"]
    for n in range(delivery * {rows}, (delivery + 1) * {rows}):
        wrong = "x" if n % 100 == 0 else ""
        lines.append(f"{{number(n)}}{{wrong}},某人,2026-10-03,卫生院")
    return "\\n".join(lines).encode()

def deliver(rows):
    lines = ["身份证号,姓名,死亡日期,登记单位"]
    lines += [f"{{number(n)}},某人,2026-10-03,卫生院" for n in range(rows)]
    file = Path(sys.argv[1]) / "health/死亡登记_一.csv"
    file.write_text("\\n".join(lines), encoding="gb18030")

def load():
    at = system_clock()
    number = catalog.ask_for_load("{feed}", officer=identity.officer("gu", at=at), at=at)
    jobs.Worker(clock=system_clock).run_next()
    return catalog.loads(ref="{feed}")[0]

jobs.register(kinds=[replace(kind, tries=1000) for kind in catalog.JOBS])
if sys.argv[2] == "new":
    call_command("migrate", verbosity=0)
    at, packs = system_clock(), library()
    identity.install(packs, at=at); casework.install(packs, at=at); catalog.install(packs, at=at)
    register = packs.register("base.divisions")
    types = {{name: column.type for name, column in register.columns.items()}}
    catalog.lake().write("base.divisions", packs.entries("base.divisions"), columns=types, at=at)
    identity.create_account(username="gu", name="顾晨", password="Kept-2026-xk", at=at,
                            organ="data-bureau", posts=["数据管理员"])
{prepare}
worker = jobs.Worker(clock=system_clock)
print("begun", flush=True)
while True:
    worker.free_the_dead()
    worker.run_next() or time.sleep(0.05)
"""


PUSHES = f"""
    key = catalog.issue_push_key("{FEED}", officer=identity.officer("gu", at=at), at=at)
    for n in range({DELIVERIES}):
        given = {{"delivery": f"day-{{n:04}}", "body": body(n), "is_json": False}}
        catalog.push_rows("{FEED}", key=key, at=at, **given)
"""
FILES = f"""
    (Path(sys.argv[1]) / "health").mkdir()
    bound = "health: {{kind: folder, path: health}}"
    (Path(sys.argv[1]) / "sources.yaml").write_text(bound)
    deliver(400)
    assert load().state == "done"
    deliver(100)
    held, at = load(), system_clock()
    assert held.state == "held"
    gu = identity.officer("gu", at=at)
    catalog.decide_load(held.run, decision="publish", officer=gu, at=at, reason="核对")
    deliver(300)
    catalog.ask_for_load("{FEED}", officer=gu, at=at)
"""


def start(home, what, prepare=PUSHES):
    script = SCRIPT.format(feed=FEED, rows=ROWS, prepare=prepare)
    own = {**os.environ, **stores.store_of(home), "YIWANG_LOG": "ERROR"}
    own |= {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"}
    command = [sys.executable, "-c", script, str(home), what]
    return subprocess.Popen(command, env=own, stdout=subprocess.PIPE)


def count(base, sql):
    return base.execute(sql).fetchone()[0]


@pytest.mark.slow
def test_no_delivery_is_lost_and_none_counts_twice(tmp_path):
    chance, kills, base, lasts = random.Random(20261129), 0, None, 0.0
    done = "SELECT count(*) FROM catalog_feedload WHERE state = 'done'"
    while base is None or count(base, done) < DELIVERIES:
        worker = start(tmp_path, "old" if base else "new")
        assert worker.stdout.readline(), "it has not begun"
        base = base or stores.opened(tmp_path)
        began = time.monotonic()
        wait = 300 if kills == 0 or kills >= KILLS else chance.uniform(0.0, 3 * lasts)
        enough = DELIVERIES if kills else 1  # the first tells how long one takes on this machine
        while time.monotonic() < began + wait and count(base, done) < enough:
            time.sleep(0.02)
        lasts = lasts or time.monotonic() - began
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        kills += 1
        assert kills < KILLS + 20, "it does not come to an end"
    print(f"{kills} kills, {DELIVERIES} deliveries of {ROWS} rows")

    each = "SELECT count(DISTINCT run) FROM catalog_collectionrun"
    assert count(base, each) == count(base, "SELECT count(*) FROM catalog_collectionrun")
    assert count(base, each) == DELIVERIES
    told = base.execute("SELECT sum(read), sum(accepted), sum(rejected) FROM catalog_feedload")
    wrong = DELIVERIES * ROWS // 100
    assert told.fetchone() == (DELIVERIES * ROWS, DELIVERIES * ROWS - wrong, wrong)
    base.close()
    lake = Lake(tmp_path / "lake")
    counted = f"SELECT count(*) AS n, count(DISTINCT id_number) AS people FROM {FEED}"
    assert lake.rows(counted) == [
        {"n": DELIVERIES * ROWS - wrong, "people": DELIVERIES * ROWS - wrong}
    ]
    runs = [one.run for one in lake.snapshots(FEED)]
    assert len(runs) == len(set(runs)) == DELIVERIES
    lake.close()


@pytest.mark.slow
def test_a_publication_and_a_file_are_ended_by_the_next_worker(tmp_path):
    chance, kills, base = random.Random(20261130), 0, None
    done = "SELECT count(*) FROM catalog_feedload WHERE state = 'done'"
    while base is None or count(base, done) < 3:
        worker = start(tmp_path, "old" if base else "new", FILES)
        assert worker.stdout.readline(), "it has not begun"
        base = base or stores.opened(tmp_path)
        is_last = kills == 2 * EACH
        newest = f"about = '{FEED}' AND number = (SELECT max(number) FROM jobs_job)"
        job = f"about LIKE '{FEED}#%'" if kills < EACH else newest
        begun = f"SELECT count(*) FROM jobs_job WHERE state <> 'waiting' AND {job}"
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if count(base, done) == 3 if is_last else count(base, begun):
                break
            time.sleep(0.02)
        time.sleep(0 if is_last else chance.uniform(0, 0.5))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        kills += 1
        assert kills <= 2 * EACH + 1, "it does not come to an end"

    told = base.execute("SELECT state, accepted FROM catalog_feedload ORDER BY id").fetchall()
    assert told == [("done", 400), ("done", 100), ("done", 300)]
    assert count(base, "SELECT count(*) FROM catalog_collectionrun") == 3
    base.close()
    lake = Lake(tmp_path / "lake")
    assert lake.count(FEED) == 300
    runs = [one.run for one in lake.snapshots(FEED)]
    assert len(runs) == len(set(runs)) == 3
    lake.close()
