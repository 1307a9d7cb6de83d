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
import stores

from yiwang.boot.demo.stages import STAGES

pytestmark = pytest.mark.slow
LONG = {"departments": 1.0, "packs": 3.0, "collect": 1.5, "files": 1.0, "indicators": 1.5}
"""Seconds of the stages that take longer than a moment."""
EVERY = 1 if os.environ.get("YIWANG_LONG") else 3
"""Each start tells the whole story again: of 38 stages every third is struck, all with LONG."""
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
    told = []
    for line in running.stdout:
        told.append(line)
        begun = TITLE.match(line.rstrip())
        if begun and int(begun[1]) >= number:
            time.sleep(after)
            break
    else:
        running.wait(60)  # it ended by itself
    if is_alive := running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    rest, _ = running.communicate()
    assert is_alive or running.returncode == 0, "".join(told[-30:]) + rest
    return begun is not None and int(begun[1]) == number


def test_a_demo_killed_in_every_stage_ends_whole_and_nothing_happened_twice(home):
    chance = random.Random(2)
    tried = [(number, stage) for number, stage in enumerate(STAGES, 1) if number % EVERY == 0]
    struck = [
        stage.id
        for number, stage in tried
        if kill_in_stage(home, number, after=chance.uniform(0, LONG.get(stage.id, 0.3)))
    ]
    ended = demo_runs.run(home)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(struck) >= len(tried) // 2, struck
    assert list(demo_runs.stages(home)) == [stage.id for stage in STAGES]
    assert not list(demo_runs.unbalanced(home))
    told = {name: stage["counts"] for name, stage in demo_runs.stages(home).items()}
    for what, sql in ONCE.items():
        assert demo_runs.counted(home, sql) == 1, what
    for stage, count, sql in AS_TOLD:
        assert demo_runs.counted(home, sql) == told[stage][count], (stage, count)
    for what, sql in TWICE.items():
        assert demo_runs.counted(home, sql) == 0, what


OF = "(SELECT id FROM casework_flowversion WHERE ref LIKE '{}.%')"
ELDERS = (
    "FROM credentials_license WHERE kind_id IN"
    " (SELECT id FROM credentials_licensekind WHERE ref LIKE 'elder_allowance.%')"
)
ONCE = {
    "grants of one organ to one table": "SELECT max(n) FROM (SELECT count(*) AS n"
    ' FROM exchange_grant GROUP BY "table", organ) AS counted',
    "grants beside those of the cremations, the moves and the wide sight": "SELECT count(*) - 3"
    " FROM exchange_grant",
    "incident of the gauge": "SELECT count(*) FROM casework_case WHERE flow_id IN "
    + OF.format("water_level"),
    "alert of the gauge": "SELECT count(*) FROM sensing_alertstate"
    " WHERE raised_at IS NOT NULL AND rule LIKE 'water_level.%'",
}
AS_TOLD = (
    ("scenario", "分项", "SELECT count(*) - 4 FROM exchange_demand"),
    ("judge", "符合", "SELECT count(*) FROM services_confirmation"),
    ("judge", "符合", "SELECT count(DISTINCT subject) FROM services_confirmation"),
    ("find", "政策", "SELECT count(*) - 1 FROM services_policyrun"),
    ("decide", "认定", "SELECT count(*) FROM services_payment"),
    ("decide", "认定", f"SELECT count(*) {ELDERS}"),
    ("decide", "认定", f"SELECT count(DISTINCT holder) {ELDERS}"),
    ("decide", "不予认定", "SELECT count(*) FROM services_confirmation WHERE state = 'denied'"),
    ("licenses", "颁发", "SELECT count(*) FROM credentials_license"
     ' WHERE "case" NOT IN (SELECT "case" FROM services_application)'),
    ("conduct", "红牌", "SELECT count(*) FROM casework_rulealert WHERE rule LIKE '%_red'"),
    ("ratings", "主动评价", "SELECT count(*) - 1 FROM casework_rating"),
    ("projects", "申报", "SELECT count(*) FROM casework_case WHERE flow_id IN "
     + OF.format("projects")),
    ("collect", "数据集", "SELECT count(*) FROM catalog_collectionrun"),
    ("packs", "演示账户", "SELECT count(*) FROM identity_account WHERE kind = 'officer'"),
)  # fmt: skip
TWICE = {
    "trail of what never goes back": "SELECT count(*) FROM (SELECT 1 FROM casework_trailentry"
    " WHERE case_id IN (SELECT id FROM casework_case WHERE flow_id IN "
    + OF.format("elder_allowance")
    + ") GROUP BY case_id, from_step, verb HAVING count(*) > 1) AS doubled",
}


def test_a_full_disk_is_said_in_words_and_a_run_without_any_server_goes_on(tmp_path):
    home, alone = tmp_path / "county", demo_runs.NO_SERVERS
    # on PostgreSQL the store, the largest file, is not in the folder
    limit, reached = (1_500_000, 1) if stores.ON_POSTGRESQL else (4_500_000, 2)
    stopped = demo_runs.run(
        home, prefix=("prlimit", f"--fsize={limit}"), PYTHONDONTWRITEBYTECODE="1", **alone
    )

    assert stopped.returncode == 1
    assert f"[ {reached}/{len(STAGES)}]" in stopped.stdout
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
