"""`yiwang pack` as docs/how-to/write-a-pack.md tells it, on a copy of the packs."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import source
from click.testing import CliRunner, Result

from yiwang.boot.cli import main

PAGE = source.REPOSITORY / "docs/how-to/write-a-pack.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(source.REPOSITORY / "packs", tmp_path / "packs")
    monkeypatch.setenv("YIWANG_PACKS", str(tmp_path / "packs"))
    return tmp_path / "packs"


def run(command: str) -> Result:
    return CliRunner().invoke(main, shlex.split(command)[1:])


def test_the_commands_of_the_page_lead_to_a_pack_that_passes(folder: Path):
    commands = re.findall(r"^yiwang pack .*$", PAGE.read_text("utf-8"), re.M)
    assert [command.split()[2] for command in commands] == ["new", "check", "show", "test"]

    for command in commands:
        result = run(command)
        assert result.exit_code == 0, result.output
    assert (folder / "school_bus" / "pack.yaml").exists()


def test_a_finding_is_printed_with_its_remedy_and_fails_the_command(folder: Path):
    run("yiwang pack new school_bus")
    manifest = folder / "school_bus" / "pack.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("needs: [base]", "needs: []"), "utf-8")

    result = run("yiwang pack check school_bus")

    assert result.exit_code == 1
    assert (
        "people_by_village.sql:4：查询读了“base.resident”，却没有声明需要包“base”" in result.output
    )
    assert "在 pack.yaml 的 needs 中加入 base" in result.output


def test_a_test_that_does_not_come_out_says_what_differs(folder: Path):
    run("yiwang pack new school_bus")
    trial = folder / "school_bus" / "tests" / "people_by_village.yaml"
    trial.write_text(trial.read_text("utf-8").replace("people: 3", "people: 4"), "utf-8")

    result = run("yiwang pack test school_bus")

    assert result.exit_code == 1
    assert "school_bus.people_by_village：division=v1 的 people 应为 4，得到 3" in result.output


@pytest.mark.parametrize("name", ["../x", "Parking", "places", "停车", "base"])
def test_a_pack_is_not_begun_under_a_bad_or_taken_name(folder: Path, name: str):
    before = sorted(folder.rglob("*"))

    assert run(f"yiwang pack new {name}").exit_code == 1
    assert sorted(folder.rglob("*")) == before


def test_an_unknown_pack_is_answered_with_those_there_are(folder: Path):
    result = run("yiwang pack check bse")

    assert result.exit_code == 1
    assert "没有场景包“bse”" in result.output
    assert "base" in result.output
