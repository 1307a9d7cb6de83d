"""The first run under kill -9, a full disk and missing servers: it ends whole, nothing doubled."""

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import demo_runs
import pytest

from yiwang.boot.demo.stages import STAGES

pytestmark = pytest.mark.slow
LONG = {"departments": 1.0, "packs": 3.0, "collect": 1.5, "files": 1.0, "indicators": 1.5}
"""Seconds of the stages that take longer than a moment."""
TITLE = re.compile(r"\[ ?(\d+)/\d+\] .* …$")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for a county; what it made on servers is dropped."""
    yield tmp_path / "county"
    demo_runs.forget(tmp_path / "county")


def kill_in_stage(home: Path, number: int, *, after: float) -> bool:
    """Kill the demo's whole process group in its ``number``th stage; whether it got that far."""
    running = demo_runs.begin(home)
    assert running.stdout
    for line in running.stdout:
        begun = TITLE.match(line.rstrip())
        if begun and int(begun[1]) >= number:
            time.sleep(after)
            break
    if is_alive := running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    rest, _ = running.communicate()
    assert is_alive or running.returncode == 0, rest
    return begun is not None and int(begun[1]) == number


def test_a_demo_killed_in_every_stage_ends_whole_and_nothing_happened_twice(home):
    chance = random.Random(2)
    struck = [
        stage.id
        for number, stage in enumerate(STAGES, 1)
        if kill_in_stage(home, number, after=chance.uniform(0, LONG.get(stage.id, 0.3)))
    ]
    ended = demo_runs.run(home)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(struck) >= len(STAGES) // 2, struck
    assert list(demo_runs.stages(home)) == [stage.id for stage in STAGES]
    assert not list(demo_runs.unbalanced(home))
    told = {name: stage["counts"] for name, stage in demo_runs.stages(home).items()}
    for what, sql in ONCE.items():
        assert demo_runs.counted(home, sql) == 1, what
    for stage, count, sql in AS_TOLD:
        assert demo_runs.counted(home, sql) == told[stage][count], (stage, count)
    for what, sql in TWICE.items():
        assert demo_runs.counted(home, sql) == 0, what


ONCE = {
    "demand": "SELECT count(*) FROM exchange_demand",
    "grant": "SELECT count(*) FROM exchange_grant",
    "run of the policy": "SELECT count(*) FROM services_policyrun",
    "incident of the gauge": "SELECT count(*) FROM casework_case WHERE profile = 'incident'",
    "alert": "SELECT count(*) FROM sensing_alertstate WHERE raised_at IS NOT NULL",
    "rating": "SELECT count(*) FROM casework_rating",
}
AS_TOLD = (
    ("judge", "符合", "SELECT count(*) FROM services_confirmation"),
    ("judge", "符合", "SELECT count(DISTINCT subject) FROM services_confirmation"),
    ("decide", "认定", "SELECT count(*) FROM services_payment"),
    ("decide", "认定", "SELECT count(*) FROM credentials_license"),
    ("decide", "认定", "SELECT count(DISTINCT holder) FROM credentials_license"),
    ("decide", "不予认定", "SELECT count(*) FROM services_confirmation WHERE state = 'denied'"),
    ("collect", "数据集", "SELECT count(*) FROM catalog_collectionrun"),
    ("packs", "演示账户", "SELECT count(*) - 1 FROM identity_account"),
)
TWICE = {
    "trail": "SELECT count(*) FROM (SELECT 1 FROM casework_trailentry GROUP BY case_id,"
    " from_step, verb HAVING count(*) > 1)",
}


def test_a_full_disk_is_said_in_words_and_a_run_without_any_server_goes_on(tmp_path):
    home, alone = tmp_path / "county", demo_runs.NO_SERVERS
    stopped = demo_runs.run(
        home, prefix=("prlimit", "--fsize=2500000"), PYTHONDONTWRITEBYTECODE="1", **alone
    )

    assert stopped.returncode == 1
    assert "[ 2/16]" in stopped.stdout
    assert "磁盘已满" in stopped.stderr
    assert "Traceback" not in stopped.stderr + stopped.stdout

    ended = demo_runs.run(home, **alone)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert list(demo_runs.stages(home)) == [stage.id for stage in STAGES]
    assert not list(demo_runs.unbalanced(home))
    assert demo_runs.stages(home)["departments"]["counts"]["其中数据库服务器"] == "无"
    assert demo_runs.stages(home)["messages"]["counts"]["通道"] == "HTTP"


def test_a_folder_of_another_place_is_refused_in_words(tmp_path):
    (tmp_path / "place").write_text("elsewhere")
    refused = demo_runs.run(tmp_path)

    assert refused.returncode == 1
    assert "属于 elsewhere" in refused.stderr
    assert "--data" in refused.stderr


def test_a_taken_port_is_refused_before_anything_is_built(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = subprocess.run(
            [*demo_runs.yiwang("demo"), "--data", str(tmp_path), "--port", str(port)],
            env=demo_runs.surroundings(),
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert refused.returncode == 1
    assert f"端口 {port}" in refused.stderr
    assert "--port" in refused.stderr
    assert not (tmp_path / "departments").exists()
