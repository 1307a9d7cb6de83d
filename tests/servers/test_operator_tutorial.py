"""The operator's tutorial, typed as it stands: what begins with `yiwang` is run on PostgreSQL."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

PAGES = ("docs/tutorial/operate.md", "docs/tutorial/operate.zh-CN.md")
ADDRESS = re.compile(r"postgres://\S+")


def _blocks(page: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)


@pytest.mark.parametrize("page", PAGES)
def test_every_line_is_shell(repository, page):
    for block in _blocks(repository / page):
        assert subprocess.run(["bash", "-n"], input=block, text=True).returncode == 0


def test_both_languages_type_the_same(repository):
    english, chinese = (_blocks(repository / page) for page in PAGES)
    assert english == chinese


@pytest.mark.slow
def test_the_steps_lead_to_a_proved_backup_and_a_restored_machine(
    repository, tmp_path, postgres, worker
):
    lines = [
        line
        for block in _blocks(repository / PAGES[0])
        for line in block.splitlines()
        if line.startswith("yiwang ")
    ]
    assert [line.split()[1] for line in lines] == [
        "install",
        "backup",
        "restore",
        "doctor",
        "restore",
    ]
    other = f"yiwang_restored_{worker}"
    server = re.sub(r"/[^/]*$", "/postgres", postgres)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{other}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{other}"')
        try:
            told = [
                _typed(
                    line, repository, tmp_path, postgres, re.sub(r"/[^/]*$", f"/{other}", postgres)
                )
                for line in lines
            ]
        finally:
            connection.execute(f'DROP DATABASE "{other}" WITH (FORCE)')
    assert "首次口令" in told[0]
    assert "证明成立" in told[2] and "证明成立" in told[4]
    assert "✗" not in told[3].replace("✗ 本机其他用户", "")


def _typed(line: str, repository: Path, here: Path, database: str, other: str) -> str:
    words = ADDRESS.sub(other, line).replace("/var/", f"{here}/var/").split()[1:]
    environment = os.environ | {
        "YIWANG_DATABASE": database,
        "YIWANG_PLACE": "siyang",
        "YIWANG_LOG": "WARNING",
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
    }
    environment.pop("YIWANG_HOME", None)
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.boot.cli", *words],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
