"""The tutorial "write an item" is typed as it stands; both languages write the same files."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings

from yiwang.boot.commands.pack import command

DOCS = Path(__file__).parents[2] / "docs/tutorial"
PAGES = (DOCS / "write-an-item.md", DOCS / "write-an-item.zh-CN.md")


def files_of(page: Path) -> dict[str, str]:
    """The files that a page tells to write, by their path."""
    pattern = r"`packs/([^`]+\.yaml)`[^\n]*\n\n```yaml\n(.*?)```"
    return dict(re.findall(pattern, page.read_text("utf-8"), re.S))


def test_both_languages_write_the_same_files():
    english, chinese = (files_of(page) for page in PAGES)
    assert english == chinese
    assert len(english) == 4


@pytest.fixture
def packs(tmp_path):
    folder = tmp_path / "packs"
    shutil.copytree(settings.PACKS, folder)
    for path, text in files_of(PAGES[0]).items():
        target = folder / path
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_text(text, "utf-8")
    return folder


def test_the_item_of_the_tutorial_is_whole_keeps_its_word_and_says_what_is_wrong(packs):
    for act in ("check", "test"):
        done = CliRunner().invoke(command, [act, "bicycle_parking", "--packs", str(packs)])
        assert done.exit_code == 0, done.output
    form = packs / "bicycle_parking/forms/request.yaml"
    form.write_text(form.read_text("utf-8").replace("resident.name", "citizen.name"), "utf-8")
    refused = CliRunner().invoke(command, ["check", "bicycle_parking", "--packs", str(packs)])
    assert refused.exit_code == 1
    assert "forms/request.yaml:3" in refused.output
