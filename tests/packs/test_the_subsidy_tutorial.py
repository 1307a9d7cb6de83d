"""The tutorial "write a subsidy" is typed as it stands; both languages write the same files."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from benefit_county import PEOPLE, write
from cast import NINE
from click.testing import CliRunner
from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.services import public as services
from yiwang.boot.commands.pack import command
from yiwang.packkit import Library, whole_shelf

DOCS = Path(__file__).parents[2] / "docs/tutorial"
PAGES = (DOCS / "write-a-subsidy.md", DOCS / "write-a-subsidy.zh-CN.md")


def files_of(page: Path) -> dict[str, str]:
    """The files that a page tells to write, by their path."""
    pattern = r"`packs/([^`]+\.yaml)`[^\n]*\n\n```yaml\n(.*?)```"
    found = re.findall(pattern, page.read_text("utf-8"), re.S)
    return dict(found)


def test_both_languages_write_the_same_files():
    english, chinese = (files_of(page) for page in PAGES)
    assert english == chinese
    assert len(english) == 5


@pytest.fixture
def packs(tmp_path):
    """The repository's packs with what the tutorial writes."""
    folder = tmp_path / "packs"
    shutil.copytree(settings.PACKS, folder)
    made = CliRunner().invoke(
        command, ["new", "home_care", "--title", "居家照护补贴", "--packs", str(folder)]
    )
    assert made.exit_code == 0, made.output
    for file in (folder / "home_care").rglob("*.*"):
        if file.name != "README.md":
            file.unlink()
    for path, text in files_of(PAGES[0]).items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, "utf-8")
    return folder


def test_the_pack_of_the_tutorial_is_whole_and_keeps_its_word(packs):
    for act in ("check", "test"):
        done = CliRunner().invoke(command, [act, "home_care", "--packs", str(packs)])
        assert done.exit_code == 0, done.output
    policy = packs / "home_care/policies/carer.yaml"
    policy.write_text(policy.read_text("utf-8") + "excludes: [benefits.rent]\n", "utf-8")
    refused = CliRunner().invoke(command, ["check", "home_care", "--packs", str(packs)])
    assert refused.exit_code == 1
    assert "没有说与本政策互斥" in refused.output


def test_the_dry_run_of_the_tutorial_tells_who_would_gain(db, packs, tmp_path, settings):
    settings.HOME = tmp_path / "home"
    library = Library.read(Path(settings.PACKS), "siyang")
    casework.install(library, at=NINE)
    disabled = [{**one, "household_disabled": 1} for one in PEOPLE]
    write(library, disabled)
    shelf, day = whole_shelf(packs, "siyang"), date(2026, 11, 22)

    told = services.try_out("home_care.carer", shelf=shelf, changes={}, as_of=day)
    assert (told.is_installed, told.people, told.whole.gain) == (False, 5, 2)
    later = services.try_out("home_care.carer", shelf=shelf, changes={"least_age": "61"}, as_of=day)
    assert later.whole.gain == 1
