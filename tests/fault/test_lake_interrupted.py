"""Collections killed at random and disks that fill: the lake stands, a rerun completes."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lake_feeds import NINE, residents

from yiwang.lake import Lake, Source

COLLECT = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from lake_feeds import NINE, residents
from yiwang.lake import Lake, Source
lake = Lake(Path({lake!r}))
print("open", flush=True)
done = lake.collect(residents(), Source(kind="folder", path=Path({folder!r})), at=NINE, run={run!r})
print(done.read, done.accepted, done.rejected, flush=True)
"""
LONG = os.environ.get("YIWANG_LONG") == "1"
KILLS = 50 if LONG else 5
ROWS, WRONG = 60_000, 600


@pytest.fixture
def department(tmp_path: Path) -> Path:
    folder = tmp_path / "department"
    folder.mkdir()
    lines = (
        f"A{n},王{n},{'9' if n % 100 == 0 else '1'},2025-03-{1 + n % 28:02},{n}.5"
        for n in range(ROWS)
    )
    (folder / "residents.csv").write_text("\n".join(["GMSFHM,XM,XB,CSRQ,JE", *lines]))
    return folder


@pytest.fixture
def lake_folder(tmp_path: Path, department: Path) -> Path:
    """A lake that holds an earlier, smaller load."""
    folder = tmp_path / "lake"
    (department / "first.csv").write_text("GMSFHM,XM,XB,CSRQ,JE\nA0,王,1,2025-03-01,1\n")
    lake = Lake(folder)
    lake.collect(
        residents("first.csv"), Source(kind="folder", path=department), at=NINE, run="first"
    )
    lake.close()
    return folder


def _start(lake: Path, department: Path, run: str, **options: object) -> subprocess.Popen[str]:
    paths = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]
    code = COLLECT.format(paths=paths, lake=str(lake), folder=str(department), run=run)
    return subprocess.Popen(  # type: ignore[call-overload]
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def _files(lake: Path, kind: str) -> list[Path]:
    return [path for path in lake.rglob(kind) if path.is_file()]


def _assert_whole(folder: Path, runs: list[str]) -> None:
    """What is committed can be read, balances, and nothing else lies about."""
    lake = Lake(folder)
    snapshots = lake.snapshots("base.resident_feed")
    assert [snapshot.run for snapshot in snapshots] == runs
    for snapshot in snapshots:
        [found] = lake.rows(
            "SELECT count(*) AS n FROM base.resident_feed",
            as_of={"base.resident_feed": snapshot.id},
        )
        assert found["n"] == snapshot.rows
        kept = lake.collection("base.resident_feed", snapshot.run)
        assert kept is not None and kept.read == kept.accepted + kept.rejected
        rejected = lake.rejected("base.resident_feed", run=snapshot.run, limit=ROWS)
        assert len(rejected) == kept.rejected
    assert len(_files(folder, "*.parquet")) == 2 * len(runs)
    assert not [path for path in (folder / "staging").iterdir() if path.is_dir()]
    lake.close()


@pytest.mark.slow
def test_a_collection_killed_anywhere_leaves_the_lake_whole_and_is_rerun(
    lake_folder: Path, department: Path
) -> None:
    began = time.monotonic()
    whole = _start(lake_folder, department, "measure")
    assert whole.stdout is not None and whole.stdout.readline() == "open\n"
    opened = time.monotonic()
    _, errors = whole.communicate(timeout=120)
    assert whole.returncode == 0, errors
    lasts = time.monotonic() - opened
    runs, chance = ["first", "measure"], random.Random(began)
    for round_ in range(KILLS):
        run = f"run-{round_}"
        victim = _start(lake_folder, department, run)
        assert victim.stdout is not None and victim.stdout.readline() == "open\n"
        time.sleep(chance.uniform(0, lasts * 1.1))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        lake = Lake(folder := lake_folder)
        committed = [snapshot.run for snapshot in lake.snapshots("base.resident_feed")]
        assert committed in (runs, [*runs, run])
        lake.close()
        _assert_whole(folder, committed)

        again = _start(lake_folder, department, run)
        output, errors = again.communicate(timeout=120)
        assert output.split() == ["open", str(ROWS), str(ROWS - WRONG), str(WRONG)], errors
        runs.append(run)
    _assert_whole(lake_folder, runs)


@pytest.mark.parametrize("limit", [4_000, 60_000, 400_000])
def test_a_full_disk_is_said_and_changes_nothing(
    lake_folder: Path, department: Path, limit: int
) -> None:
    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    full = _start(lake_folder, department, "full", preexec_fn=small_files)
    _, errors = full.communicate(timeout=120)

    assert full.returncode != 0
    assert "StorageFull" in errors and "磁盘空间不足" in errors, errors[-2000:]
    _assert_whole(lake_folder, ["first"])
    again = _start(lake_folder, department, "full")
    again.communicate(timeout=120)
    assert again.returncode == 0
    _assert_whole(lake_folder, ["first", "full"])


def test_two_processes_that_collect_the_same_run_commit_it_once(
    lake_folder: Path, department: Path
) -> None:
    both = [_start(lake_folder, department, "same") for _ in range(2)]

    outputs = [one.communicate(timeout=120)[0].split() for one in both]

    assert outputs[0] == outputs[1] == ["open", str(ROWS), str(ROWS - WRONG), str(WRONG)]
    _assert_whole(lake_folder, ["first", "same"])


def test_a_lake_can_be_opened_while_another_process_collects(
    lake_folder: Path, department: Path
) -> None:
    running = _start(lake_folder, department, "running")
    assert running.stdout is not None and running.stdout.readline() == "open\n"
    while running.poll() is None:
        Lake(lake_folder).close()
        os.sched_yield()
    running.communicate()

    assert running.returncode == 0
    _assert_whole(lake_folder, ["first", "running"])
