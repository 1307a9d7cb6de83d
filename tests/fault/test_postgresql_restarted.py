"""PostgreSQL restarted while the platform writes: what was answered stays, then it goes on."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

WRITING = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from django.db import Error, close_old_connections, transaction
from yiwang.apps.journal.models import Outbox
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock
call_command("migrate", "journal", verbosity=0)
print("begun", flush=True)
refused = 0
while not Path(sys.argv[1]).exists():
    close_old_connections()  # as between two requests
    try:
        with transaction.atomic():
            name = journal.record("tests.written", subject="x", actor="x", at=system_clock())
        print(name, flush=True)
    except Error:
        refused += 1
        time.sleep(0.05)
print("refused", refused, flush=True)
"""


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A PostgreSQL of our own: its address, and the command that controls it."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here")
    data = Path("/tmp") / f"yiwang-cluster-{os.getpid()}"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    as_owner = []
    if os.geteuid() == 0:  # it refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        as_owner = [
            "setpriv",
            f"--reuid={owner.pw_uid}",
            f"--regid={owner.pw_gid}",
            "--clear-groups",
        ]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}
    subprocess.run(
        [*as_owner, str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-N"],
        check=True,
        **quiet,
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    control = [*as_owner, str(programs / "pg_ctl"), "-D", str(data), "-w", "-o", options]
    subprocess.run([*control, "start"], check=True, **quiet)
    yield f"postgres://postgres@127.0.0.1:{port}/postgres", control
    subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)
    shutil.rmtree(data, ignore_errors=True)


def test_nothing_that_was_answered_is_lost_and_it_goes_on(cluster, tmp_path):
    address, control = cluster
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(tmp_path / "enough")],
        env=os.environ
        | {
            "YIWANG_DATABASE": address,
            "YIWANG_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == "begun"
    answered = [writer.stdout.readline().strip() for _ in range(50)]
    subprocess.run(
        [*control, "-m", "immediate", "restart"], check=True, stdout=subprocess.DEVNULL, cwd="/tmp"
    )
    with psycopg.connect(address) as connection:
        before = _written(connection)
        while len(_written(connection)) < len(before) + 20:
            connection.commit()
            time.sleep(0.1)
    (tmp_path / "enough").touch()
    *more, last = writer.stdout.read().split("\n")[:-1]
    writer.wait()
    writer.stdout.close()

    with psycopg.connect(address) as connection:
        kept = _written(connection)
    assert last.startswith("refused")
    assert not {*answered, *more} - kept


def _written(connection: psycopg.Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute("SELECT id FROM journal_outbox")}
