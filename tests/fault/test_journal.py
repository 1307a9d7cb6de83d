"""The journal under kill -9, a full disk and many processes: what was answered is there."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from yiwang.apps.journal.segments import entry_lines, segments
from yiwang.apps.journal.store import JournalNotWritten, Store

WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from yiwang.apps.journal.store import Store
    store = Store(Path(sys.argv[1]), segment_bytes=20_000)
    n = 0
    while True:
        [number] = store.append([b'{"writer":"%s","n":%d}' % (sys.argv[2].encode(), n)])
        print(number, n, flush=True)
        n += 1
    """
)


def test_a_killed_writer_loses_nothing_that_was_answered(tmp_path):
    answered = {}
    for turn in range(4):
        writers = {}
        for name in "abc":
            with (tmp_path / f"{turn}{name}").open("w") as told:
                run = [sys.executable, "-c", WRITER, str(tmp_path / "log"), f"{turn}{name}"]
                writers[name] = subprocess.Popen(run, stdout=told)
        time.sleep(1.2)
        for writer in writers.values():
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        for name in writers:
            for line in (tmp_path / f"{turn}{name}").read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    number, n = line.split()
                    answered[int(number)] = f'{{"writer":"{turn}{name}","n":{n}}}'

    size, _ = Store(tmp_path / "log").size_and_root()
    lines = [line.decode() for path in segments(tmp_path / "log") for line in entry_lines(path)]

    assert len(answered) > 100
    assert len(lines) == size
    assert {number: lines[number] for number in answered} == answered


def test_a_full_disk_refuses_the_block_whole_and_the_log_goes_on(tmp_path):
    store = Store(tmp_path)
    store.append([b'{"n":0}'])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(JournalNotWritten, match="磁盘"):
            store.append([b'{"n":%d}' % n for n in range(1, 400)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, previous)

    assert store.append([b'{"n":1}']) == range(1, 2)
    assert Store(tmp_path).size_and_root() == store.size_and_root()
    assert not list(tmp_path.glob("torn-*"))


def test_a_forked_child_appends_beside_its_parent(tmp_path, settings, db):
    from cast import NINE

    from yiwang.apps.journal import public as journal

    settings.HOME = tmp_path
    journal.append([journal.Entry(event="parent.before", at=NINE)])
    child = os.fork()
    if child == 0:
        try:
            journal.append([journal.Entry(event="child", at=NINE)])
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    journal.append([journal.Entry(event="parent.after", at=NINE)])

    assert [entry.event for entry in journal.entries()] == [
        "parent.after",
        "child",
        "parent.before",
    ]
