"""Whoever watches the platform sees whether it lives, is ready, and how it was; nothing more."""

import asyncio
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cast import NINE
from django.db import connection
from django.test import Client

from yiwang.apps.jobs import public as jobs
from yiwang.boot.running import metrics
from yiwang.boot.running.counting import requests
from yiwang.boot.running.pages import metrics_key
from yiwang.kernel.clock import system_clock


def test_live_is_answered_without_any_database():
    answer = Client().get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


@pytest.mark.django_db
def test_ready_looks_at_store_disk_and_journal():
    assert Client().get("/health/ready").json() == {"status": "ready", "failing": []}


@pytest.mark.django_db
def test_a_full_disk_makes_it_unready_and_says_so_without_details(monkeypatch):
    monkeypatch.setattr("yiwang.boot.running.checks.LEAST_FREE", 1 << 60)

    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["disk"])


@pytest.mark.django_db
def test_metrics_are_for_who_holds_the_key(settings, tmp_path):
    settings.HOME = tmp_path
    client = Client()
    client.get("/health/live")

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    shown = client.get("/metrics", headers={"Authorization": f"Bearer {metrics_key()}"})
    text = shown.content.decode()
    assert 'yiwang_requests_total{route="/health/live",method="GET",status="200"}' in text
    assert "yiwang_disk_free_bytes" in text
    for line in text.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2


@pytest.mark.django_db
def test_the_status_page_shows_what_was_measured_and_counts_silence_as_down():
    at = system_clock().replace(second=30)
    for minute in range(60, 0, -1):
        if not 20 < minute <= 30:  # ten minutes nobody measured
            jobs.record_probe(at=at - timedelta(minutes=minute), is_up=minute != 5, millis=3)

    known = jobs.availability(at=at)
    page = Client().get("/status/").content.decode()

    assert sum(day.up for day in known.days) == 49
    assert [one.minutes for one in known.outages] == [1, 10]
    assert "没有测量" in page and "运行正常" in page


@pytest.mark.django_db
def test_before_the_first_measurement_nothing_is_claimed():
    assert jobs.availability(at=NINE).share is None
    assert "还没有自测记录" in Client().get("/status/").content.decode()


UNITS = ("yiwang.service", "yiwang-backup.service", "yiwang-backup.timer")


def test_the_units_start_commands_of_this_repository(repository: Path):
    units = sorted(one.name for one in (repository / "deploy").glob("yiwang*"))
    assert units == sorted(UNITS)
    for unit in units:
        for line in (repository / "deploy" / unit).read_text("utf-8").splitlines():
            if line.startswith("ExecStart="):
                command = line.split()[1]
                assert (repository / f"src/yiwang/boot/commands/{command}.py").exists()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_the_units_are_what_systemd_accepts(repository: Path, tmp_path):
    """Its own verdict, without a word; only the program that is not installed here is another."""
    for unit in UNITS:
        text = (repository / "deploy" / unit).read_text("utf-8")
        (tmp_path / unit).write_text(text.replace("/opt/yiwang/.venv/bin/yiwang", sys.executable))

    verdict = subprocess.run(
        ["systemd-analyze", "verify", *UNITS], cwd=tmp_path, capture_output=True, text=True
    )
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


@pytest.mark.django_db
def test_answers_of_the_gate_and_live_streams_are_counted_by_status():
    """They do not go through Django's middleware."""
    from yiwang.boot.asgi import application

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    sent: list[dict] = []
    for path in ("/gate/no-such-address", "/oversight/screens/base.county/live/"):
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
        scope |= {"query_string": b"", "headers": [], "client": ("127.0.0.1", 1)}
        asyncio.run(application(scope, receive, send))

    counted, _ = requests()
    refused = [one["status"] for one in sent if one["type"] == "http.response.start"]
    assert len(refused) == 2 and all(400 <= one < 500 for one in refused)
    assert counted["/gate/", "GET", refused[0]] >= 1
    assert counted["/oversight/screens/<ref>/live/", "GET", refused[1]] >= 1


@pytest.mark.django_db
def test_the_size_of_the_store_is_told_on_either_store(settings, tmp_path):
    settings.HOME = tmp_path
    told = dict(line.rsplit(" ", 1) for line in metrics.text(NINE).splitlines())
    size = float(told["yiwang_store_bytes"])
    assert size > 0 if connection.vendor == "postgresql" else size >= 0
    assert told["yiwang_live_streams"] == "0"
