"""The tutorial "connect a sensor" as it stands: its pack, its reading over MQTT, its incident."""

import json
import re
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import paho.mqtt.publish
import pytest
from cast import NINE, PASSWORD
from click.testing import CliRunner
from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.boot.commands.pack import command
from yiwang.boot.demo import picture
from yiwang.packkit import Library

DOCS = Path(__file__).parents[2] / "docs/tutorial"
PAGES = (DOCS / "connect-a-sensor.md", DOCS / "connect-a-sensor.zh-CN.md")


def files_of(page: Path) -> dict[str, str]:
    """The files that a page tells to write, by their path."""
    pattern = r"`packs/([^`]+\.(?:yaml|csv))`[^\n]*\n\n```(?:yaml|csv)\n(.*?)```"
    return dict(re.findall(pattern, page.read_text("utf-8"), re.S))


@pytest.fixture(scope="module")
def packs(tmp_path_factory) -> Path:
    """The repository's packs with what the tutorial writes, chosen by siyang."""
    folder = tmp_path_factory.mktemp("tutorial") / "packs"
    shutil.copytree(settings.PACKS, folder)
    for path, text in files_of(PAGES[0]).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    place = folder / "places/siyang/place.yaml"
    written = place.read_text("utf-8")
    place.write_text(written.replace("packs:\n", "packs:\n  - soil_moisture\n", 1), "utf-8")
    return folder


def test_both_languages_write_the_same_files():
    english, chinese = (files_of(page) for page in PAGES)
    assert english == chinese
    assert len(english) == 7


def test_the_pack_is_whole_and_keeps_its_word(packs):
    for act in ("check", "test"):
        done = CliRunner().invoke(command, [act, "soil_moisture", "--packs", str(packs)])
        assert done.exit_code == 0, done.output


def test_a_dry_probe_on_mqtt_becomes_an_incident_that_is_closed(db, packs, mqtt, worker):
    library = Library.read(packs, "siyang")
    for room in (identity, casework, sensing):
        room.install(library, at=NINE)
    taken: list[sensing.Message] = []
    root, stop = f"tutorial-{worker}", threading.Event()
    intake = sensing.BrokerIntake(
        url=mqtt, name=root, root=root, take=taken.extend, is_passing=True
    )
    thread = threading.Thread(target=intake.run, kwargs={"stop": stop})
    thread.start()
    assert intake.subscribed.wait(10)
    host, port = mqtt.removeprefix("mqtt://").split(":")

    def publish(minute: int, value: float) -> sensing.Intake:
        at = NINE + timedelta(minutes=minute)
        body = json.dumps({"at": at.isoformat(), "value": value})
        paho.mqtt.publish.single(
            f"{root}/moisture/SM01", body, qos=1, hostname=host, port=int(port)
        )
        deadline = time.monotonic() + 10
        while not taken and time.monotonic() < deadline:
            time.sleep(0.02)
        batch = [taken.pop() for _ in range(len(taken))]
        return sensing.intake(batch, library=library, at=at)

    raised = [one for n in range(4) for one in publish(10 * n, 11.8 - n / 10).raised]
    assert len(raised) == 1
    _handled(raised[0])
    assert publish(60, 13.5).cleared == 1
    stop.set()
    thread.join(10)

    shuili = _officer("shuili", "water", "水利值班员")
    ended = casework.act(
        number=raised[0], verb="close", officer=shuili, at=NINE + timedelta(hours=2),
        evidence={"reading_normal": "含水量 13.5 %"},
    )  # fmt: skip
    assert ended.state == "ended"


def _officer(username: str, organ: str, post: str) -> identity.Officer:
    identity.create_account(
        username=username, name=username, password=PASSWORD, at=NINE, organ=organ, posts=[post]
    )
    return identity.officer(username, at=NINE)


def _handled(number: str) -> None:
    zhihui = _officer("zhihui", "command-center", "指挥中心值班员")
    patrol = _officer("xuncha", "town-321323001", "巡查员")
    later = NINE + timedelta(hours=1)
    casework.act(number=number, verb="dispatch", officer=zhihui, at=later)
    casework.act(
        number=number, verb="handle", officer=patrol, at=later, reason="已灌溉。",
        evidence={"photo": picture.evidence()},
    )  # fmt: skip
