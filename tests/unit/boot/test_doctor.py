"""The doctor says what is wrong and how to mend it."""

from datetime import timedelta
from pathlib import Path

import pytest
from cast import NINE
from click.testing import CliRunner
from django.db import OperationalError

from yiwang.apps.jobs import public as jobs
from yiwang.boot.commands.doctor import command
from yiwang.boot.running import checks
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path) -> Path:
    settings.HOME = tmp_path
    tmp_path.chmod(0o700)
    return tmp_path


def _found(*names):
    return [one for one in checks.look(system_clock()) if one.name in names]


def test_everything_that_is_not_good_comes_with_how_to_mend_it():
    found = checks.look(system_clock())

    assert {one.name for one in found} >= {"database", "disk", "packs", "journal", "lake"}
    assert not [one for one in found if one.level != "good" and not one.mend]


def test_a_silent_worker_a_missing_backup_and_open_keys_are_found(home):
    (home / "keys").mkdir(mode=0o755)
    (home / "keys").chmod(0o755)

    assert [one.level for one in _found("worker", "backup", "secrets")] == ["warn", "warn", "bad"]
    jobs.record_probe(at=system_clock() - timedelta(seconds=70), is_up=True, millis=1)
    (home / "keys").chmod(0o700)
    assert [one.level for one in _found("worker", "secrets")] == ["good", "good"]


def test_a_store_that_does_not_answer_is_the_only_thing_told(monkeypatch):
    def broken(at):
        yield checks.Finding("database", "bad", "业务库连不上", "检查地址")

    monkeypatch.setattr(checks, "database", broken)
    found = checks.look(NINE, (broken, checks.disk))
    assert [one.name for one in found] == ["database"]


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on():
    def breaking(at):
        raise OperationalError("gone")
        yield

    found = checks.look(NINE, (breaking, checks.disk))
    assert found[0].level == "bad"
    assert found[1].name == "disk"


def test_packs_that_were_not_installed_as_they_stand_are_told(home):
    (home / "installed").write_text("as they stood before")

    assert [(one.level, one.mend) for one in _found("installed")] == [
        ("warn", "运行 yiwang install，再重启 yiwang 服务。")
    ]


def test_the_command_tells_and_ends_with_one_where_something_is_broken(home, monkeypatch):
    monkeypatch.setattr(checks, "LEAST_FREE", 1 << 60)

    told = CliRunner().invoke(command, ["--data", str(home)])

    assert told.exit_code == 1
    assert "办法：扩容" in told.output
