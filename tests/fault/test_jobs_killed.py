"""A worker killed at random moments: no job is lost, no idempotent effect happens twice."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
import stores

LONG = os.environ.get("YIWANG_LONG") == "1"
JOBS, STEPS = (400, 6) if LONG else (30, 6)
KILLS = 50 if LONG else 3

SCRIPT = """
import sys, threading, time
from pathlib import Path
from yiwang.boot.starting import start_django
start_django(home=Path(sys.argv[1]), place="siyang")
from django.core.management import call_command
from django.db import connection
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock

def step(work):
    for n in range(work.saved or 0, {steps}):
        with connection.cursor() as cursor:
            once = "INSERT INTO effect VALUES (%s, %s) ON CONFLICT DO NOTHING"
            cursor.execute(once, [work.about, n])
            cursor.execute("INSERT INTO act VALUES (%s, %s)", [work.about, n])
        time.sleep(0.05)
        work.say(n + 1, {steps}, saved=n + 1)

jobs.register(kinds=[jobs.Kind("tests.step", "试验", step, tries=1000)])
if sys.argv[2] == "new":
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE effect (job TEXT, step INT, PRIMARY KEY (job, step))")
        cursor.execute("CREATE TABLE act (job TEXT, step INT)")
    for n in range({jobs}):
        jobs.ask("tests.step", about=str(n), by="tests", at=system_clock())

def hand():
    while True:
        worker.free_the_dead()
        worker.run_next() or time.sleep(0.05)

worker = jobs.Worker(clock=system_clock)
print("begun", flush=True)
threading.Thread(target=hand, daemon=True).start()
hand()
"""


def start(home, what, **more):
    script = SCRIPT.format(steps=STEPS, jobs=JOBS)
    own = {**os.environ, **stores.store_of(home), "YIWANG_LOG": "ERROR"}
    own |= {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings"}
    return subprocess.Popen([sys.executable, "-c", script, str(home), what], env=own, **more)


@pytest.mark.parametrize("seed", [20261122])
def test_no_job_is_lost_and_none_takes_effect_twice(tmp_path, seed):
    chance = random.Random(seed)

    def ended():
        return base.execute("SELECT count(*) FROM jobs_job WHERE state = 'done'").fetchone()[0]

    kills = 0
    base = None
    while base is None or ended() < JOBS:
        worker = start(tmp_path, "old" if base else "new", stdout=subprocess.PIPE)
        assert worker.stdout.readline(), "it has not begun"
        base = base or stores.opened(tmp_path)
        until = time.monotonic() + (chance.uniform(0.0, 1.0) if kills < KILLS else 60)
        while time.monotonic() < until and ended() < JOBS:
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        kills += 1
        assert kills < KILLS + 20, "it does not come to an end"

    effects = base.execute("SELECT count(*), count(DISTINCT job || '.' || step) FROM effect")
    print(f"{kills} kills, {base.execute('SELECT count(*) FROM act').fetchone()[0]} acts")
    assert effects.fetchone() == (JOBS * STEPS, JOBS * STEPS)
    states = dict(
        base.execute("SELECT state, count(*) FROM jobs_job WHERE kind = 'tests.step' GROUP BY 1")
    )
    assert states == {"done": JOBS}
    base.close()
