"""The intake or the broker killed mid-burst, and a full disk: every message is stored, and once."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as paho
import pytest
import stores
from brokers import Broker
from paho.mqtt.enums import CallbackAPIVersion

LONG = os.environ.get("YIWANG_LONG") == "1"
SENT, KILLS = (200_000, 30) if LONG else (12_000, 4)
TOPIC = "yiwang/vibration/LF001"
ROOM = 1_000_000
"""Bytes: less than 12,000 readings take in the database's log, however large their batches are;
more than one batch takes. The database itself is larger, so that its log cannot be emptied."""

SCRIPT = """
import resource, signal, sys, threading, time
from pathlib import Path
from yiwang.boot.starting import start_django
start_django(home=Path(sys.argv[1]), place="siyang")
from django.conf import settings
from django.core.management import call_command
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.kernel.clock import system_clock
from yiwang.packkit.current import current_library

library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
if sys.argv[2] == "install":
    call_command("migrate", verbosity=0)
    for room in (identity, casework, sensing):
        room.install(library, at=system_clock())
    sys.exit()
if largest := int(sys.argv[4]):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
intake = sensing.BrokerIntake(
    url=sys.argv[2], name=sys.argv[3],
    take=lambda batch: sensing.intake(batch, library=library, at=system_clock()),
)
def say():
    intake.subscribed.wait()
    print("begun", flush=True)
threading.Thread(target=say, daemon=True).start()
while True:
    try:
        intake.run(stop=threading.Event())
    except sensing.BrokerSilent:
        time.sleep(0.05)
"""


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("YIWANG_")}
    own |= stores.store_of(home)
    own |= {"DJANGO_SETTINGS_MODULE": "yiwang.boot.settings", "YIWANG_LOG": "ERROR"}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(home), *words],
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begun(home: Path, url: str, name: str, *, largest: int = 0) -> subprocess.Popen[str]:
    """An intake that has subscribed; ``largest`` is how large a file may grow, 0 for any."""
    made = start(home, url, name, str(largest))
    if made.stdout.readline() != "begun\n":
        raise AssertionError(made.communicate()[1])
    return made


def kill(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGKILL)
    return process.communicate()[1]


@pytest.fixture
def ground(tmp_path):
    """An installed home and a broker of our own."""
    home, broker = tmp_path / "home", Broker(tmp_path / "broker")
    home.mkdir()
    installing = start(home, "install")
    assert installing.wait() == 0, installing.communicate()[1]
    installing.communicate()
    yield home, broker
    broker.stop()


def stored(home: Path) -> tuple[int, int]:
    """How many readings there are, and what their values add up to."""
    with stores.looked_into(home) as base:
        return base.execute(
            "SELECT count(*), coalesce(sum(value), 0) FROM sensing_reading"
        ).fetchone()


def stored_in_time(home: Path, wanted: int) -> tuple[int, int]:
    """As ``stored``, once as many are there as are wanted, and no more come."""
    deadline = time.monotonic() + 120
    while stored(home)[0] < wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(0.5)
    return stored(home)


def messages(count: int) -> list[bytes]:
    """As many readings of one lift, a millisecond apart, each with a value of its own."""
    now = datetime.now(UTC) - timedelta(minutes=30)
    return [
        json.dumps(
            {"at": (now + timedelta(milliseconds=n)).isoformat(), "value": n / 1000}
        ).encode()
        for n in range(count)
    ]


@pytest.mark.parametrize("seed", [20261130])
def test_no_message_is_lost_or_stored_twice_when_intakes_are_killed(ground, seed):
    home, broker = ground
    chance, sent, url = random.Random(seed), messages(SENT), f"{broker.url}?share=ours"
    intakes = {name: begun(home, url, name) for name in ("one", "two")}
    publishing = threading.Thread(target=broker.publish, args=(TOPIC, sent))
    publishing.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.5))
        name = chance.choice(sorted(intakes))
        kill(intakes[name])
        intakes[name] = begun(home, url, name)
    publishing.join()
    count, total = stored_in_time(home, SENT)
    said = [kill(one) for one in intakes.values()]

    assert (count, round(total * 1000)) == (SENT, SENT * (SENT - 1) // 2), said


def test_no_message_is_lost_when_the_broker_is_killed(ground):
    home, broker = ground
    sent, part = messages(SENT), SENT // KILLS
    intake = begun(home, broker.url, "one")
    broker.write_down()
    device = paho.Client(CallbackAPIVersion.VERSION2, client_id="device", clean_session=False)
    device.reconnect_delay_set(1, 1)
    device.max_inflight_messages_set(part // 10)
    device.connect("127.0.0.1", broker.port)
    device.loop_start()
    for first in range(0, SENT, part):
        told = [device.publish(TOPIC, one, qos=1) for one in sent[first : first + part]]
        told[part // 3].wait_for_publish(60)
        broker.kill()
        assert not told[-1].is_published(), "the burst was over before the kill"
        broker.start()
        for one in told:
            one.wait_for_publish(60)
        count, _ = stored_in_time(home, first + part)
        assert count == first + part
    device.loop_stop()
    said = kill(intake)

    count, total = stored(home)
    assert (count, round(total * 1000)) == (SENT, SENT * (SENT - 1) // 2), said


@pytest.mark.skipif(stores.ON_POSTGRESQL, reason="the disk of a server is not ours to fill")
def test_a_full_disk_acknowledges_nothing_that_is_not_stored(ground):
    home, broker = ground
    sent = messages(12_000)
    cramped = begun(home, broker.url, "one", largest=ROOM)
    broker.publish(TOPIC, sent)
    said = cramped.communicate(timeout=120)[1]
    assert cramped.returncode != 0
    assert "disk" in said
    before = stored(home)[0]
    assert 0 < before < len(sent)

    relieved = begun(home, broker.url, "one")
    count, _ = stored_in_time(home, len(sent))
    said = kill(relieved)

    assert count == len(sent), said
