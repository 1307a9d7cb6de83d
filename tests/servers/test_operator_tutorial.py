"""The operator's tutorial, typed as it stands, on PostgreSQL and as the role that it makes.

Two machines stand side by side: each has its own role, database and folders; the second is given
the backups of the first.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

PAGES = ("docs/tutorial/operate.md", "docs/tutorial/operate.zh-CN.md")


def _blocks(page: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)


def _lines(page: Path, beginning: str) -> list[str]:
    lines = [line for block in _blocks(page) for line in block.splitlines()]
    return [line for line in lines if line.startswith(beginning)]


def _started_by(unit: Path) -> list[str]:
    """What a unit starts, as it would be typed."""
    lines = unit.read_text("utf-8").splitlines()
    commands = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
    return [one.removeprefix("/opt/yiwang/.venv/bin/") for one in commands]


@dataclass(frozen=True)
class Machine:
    """A machine of the tutorial: ``name`` stands for ``yiwang`` as role and database."""

    repository: Path
    root: Path
    server: str
    name: str

    def make_database(self) -> None:
        """Step 4, typed as the server's administrator."""
        parts = urlsplit(self.server)
        administrator = {
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port or 5432),
            "PGUSER": parts.username or "postgres",
            "PGPASSWORD": parts.password or "",
        }
        for line in _lines(self.repository / PAGES[0], "su postgres -c "):
            command = re.sub(r"\byiwang\b", self.name, shlex.split(line)[3])
            subprocess.run(command, shell=True, check=True, env=os.environ | administrator)

    def forget_database(self) -> None:
        """As if the machine had never been."""
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'.encode())
            connection.execute(f'DROP ROLE IF EXISTS "{self.name}"'.encode())

    @property
    def environment(self) -> dict[str, str]:
        """Step 5: the settings that come with the units, with the address of this machine."""
        lines = (self.repository / "deploy/environment").read_text("utf-8").splitlines()
        settings = dict(one.split("=", 1) for one in lines if not one.startswith("#"))
        given, ours = urlsplit(settings["YIWANG_DATABASE"]), urlsplit(self.server)
        place = f"{self.name}:{given.password}@{ours.hostname}:{ours.port or 5432}"
        kept = {name: text for name, text in os.environ.items() if not name.startswith("YIWANG_")}
        return kept | {
            "YIWANG_PLACE": settings["YIWANG_PLACE"],
            "YIWANG_DATABASE": f"postgres://{place}/{self.name}",
            "YIWANG_LOG": "WARNING",
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
            "HOME": "/nonexistent",
        }

    def begin(self, line: str) -> subprocess.Popen[str]:
        """Begin a line that is typed here, or started by a unit."""
        here = line.replace("/var/", f"{self.root}/var/").replace("${YIWANG_PLACE}", "siyang")
        return subprocess.Popen(
            [sys.executable, "-m", "yiwang.boot.cli", *here.split()[1:]],
            cwd=self.repository,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, line: str) -> str:
        """What a line says; it must end well."""
        begun = self.begin(line)
        told, _ = begun.communicate(timeout=300)
        assert begun.returncode == 0, told
        return told


@contextmanager
def _machine(repository: Path, root: Path, server: str, name: str) -> Iterator[Machine]:
    machine = Machine(repository, root, server, name)
    machine.forget_database()
    for folder in ("lib", "backups"):
        (root / "var" / folder / "yiwang").mkdir(mode=0o700, parents=True)
    try:
        machine.make_database()
        yield machine
    finally:
        machine.forget_database()


def _serves(machine: Machine, line: str) -> bool:
    """Whether what the unit starts says that it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = machine.begin(line.replace("8000", str(port)))
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:
                    return answer.status == 200
            except urllib.error.HTTPError:
                return False
            except OSError:
                time.sleep(0.2)
        return False
    finally:
        serving.terminate()
        serving.communicate(timeout=60)


@pytest.mark.parametrize("page", PAGES)
def test_every_line_is_shell(repository, page):
    for block in _blocks(repository / page):
        assert subprocess.run(["bash", "-n"], input=block, text=True).returncode == 0


def test_both_languages_type_the_same(repository):
    english, chinese = (_blocks(repository / page) for page in PAGES)
    assert english == chinese


@pytest.mark.slow
def test_the_steps_lead_to_a_proved_backup_and_a_machine_that_serves_again(
    repository, tmp_path, postgres_server, worker
):
    install, backup, drill, doctor, restore = _lines(repository / PAGES[0], "yiwang ")
    name = f"yiwang_tutorial_{worker}"
    with (
        _machine(repository, tmp_path / "lost", postgres_server, f"{name}_lost") as lost,
        _machine(repository, tmp_path / "new", postgres_server, f"{name}_new") as new,
    ):
        assert "首次口令" in lost.type(install)
        lost.type(backup)
        assert "证明成立" in lost.type(drill)
        assert "✗" not in lost.type(doctor)

        backups = Path("var/backups/yiwang")
        shutil.copytree(lost.root / backups, new.root / backups, dirs_exist_ok=True)
        assert "证明成立" in new.type(restore)
        assert "✗" not in new.type(doctor)
        (serve,) = _started_by(repository / "deploy/yiwang.service")
        assert _serves(new, serve)
        nightly = [
            new.type(line) for line in _started_by(repository / "deploy/yiwang-backup.service")
        ]
        assert "证明成立" in nightly[-1]
