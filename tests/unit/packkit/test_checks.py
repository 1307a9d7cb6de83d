"""A pack judged whole: one thing made wrong, one finding with file, line, fault and remedy."""

import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import source
import yaml

from yiwang.packkit import Library, PackRefused, check_library
from yiwang.packkit.current import current_library

Wrong = Callable[..., list[str]]
PACKS = source.REPOSITORY / "packs"


FEW = (
    "elder_allowance", "hotline", "old_lifts", "city_lifelines", "key_places", "water_level",
    "vital_signs",
)  # fmt: skip
ALL = frozenset(path.parent.name for path in PACKS.glob("*/pack.yaml"))
KEPT = {"code", "3200", "3213"}
"""Of the divisions in base, to be quick."""


def with_needs(name: str, *kinds: str) -> set[str]:
    """A pack and all that it needs, and these need; ``kinds`` may be ``uses`` as well."""
    manifest = yaml.safe_load((PACKS / name / "pack.yaml").read_text("utf-8"))
    asked = (one for kind in ("needs", *kinds) for one in manifest.get(kind, ()))
    return {name}.union(*(with_needs(one, *kinds) for one in asked))


def copied(folder: Path, names: Iterable[str]) -> Path:
    """A folder of packs with these, and with one place."""
    for name in ("places/siyang", *names):
        shutil.copytree(PACKS / name, folder / name)
    divisions = folder / "base" / "registers" / "divisions.csv"
    kept = [line for line in divisions.read_text("utf-8").splitlines() if line[:4] in KEPT]
    divisions.write_text("\n".join(kept) + "\n", "utf-8")
    return folder


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """The packs of a place that chose few."""
    few = set().union(*(with_needs(name) for name in FEW))
    folder = copied(tmp_path / "packs", few)
    file = folder / "places" / "siyang" / "place.yaml"
    text = file.read_text("utf-8")
    for name in ALL - few:
        text = text.replace(f"  - {name}\n", "")
    file.write_text(text, "utf-8")
    return folder


@pytest.fixture
def wrong(tmp_path: Path) -> Wrong:
    """Replace a text in a file of the packs and return the findings as ``file:line what``.

    Findings are those of the file's pack, or of ``within``, the pack that meets the fault.
    """

    def change(file: str, old: str, new: str, within: str = "") -> list[str]:
        name = within or file.partition("/")[0]
        checked = {name} & ALL
        packs = copied(tmp_path / "packs", with_needs(name, "uses") if checked else ALL)
        path = packs / file
        text = path.read_text("utf-8")
        assert old in text, f"{old} is not in {file}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return [f"{one.file.name}:{one.line} {one.what}" for one in check_library(packs, checked)]

    return change


def test_the_packs_as_they_stand_have_no_finding(tmp_path: Path):
    assert not check_library(copied(tmp_path / "packs", ALL))


BROKEN = yaml.safe_load(Path(__file__).with_name("broken_packs.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case['file']} {case['what']}")
def test_one_thing_wrong_is_found(wrong: Wrong, case: dict[str, str]):
    findings = wrong(case["file"], case["old"], case["new"], case.get("within", ""))

    assert any(case["what"] in finding for finding in findings), findings


def test_a_dead_end_is_told_at_the_step(wrong: Wrong):
    findings = wrong(
        "base/flows/rectification.yaml",
        "      - {verb: handle, to: verify, title: 已在来源系统改正}\n"
        "      - {verb: refuse, to: verify, title: 认为数据无误, needs: [reason]}\n",
        "      - {verb: handle, to: rectify, title: 再改}\n",
    )

    assert "rectification.yaml:5 环节“rectify”走不到任何结果" in findings


def test_a_finding_in_sql_bears_its_line(wrong: Wrong):
    assert wrong("base/sql/household.sql", "p.name AS head_name", "p.nam AS head_name")[
        0
    ].startswith("household.sql:4 ")


def test_a_broken_pack_and_whoever_needs_it_are_absent_with_reasons(packs: Path):
    (packs / "elder_allowance" / "pack.yaml").write_text("title: 坏", "utf-8")

    library = Library.read(packs, "siyang")

    assert set(library.packs) == set(library.place.packs) - {"elder_allowance"}
    assert "缺少“owner”" in str(library.refused["elder_allowance"])
    assert set(library.refused) == {"elder_allowance"}


def test_who_needs_a_broken_pack_is_absent_and_who_uses_it_shows_less(packs: Path):
    (packs / "grid" / "pack.yaml").write_text("title: 坏", "utf-8")

    library = Library.read(packs, "siyang")

    assert "hotline" in library.refused
    signs = library.vitals()["vital_signs.city"].signs
    assert "lifts_heard" in signs
    assert not {"grid_on_time", "hotline"} & signs.keys()
    shown = {one.of for one in library.screen("vital_signs.county").widgets}
    assert "base.townships" in shown
    assert "grid.handled_on_time" not in shown


def test_a_branch_all_of_whose_signs_are_of_absent_packs_is_absent_too(packs: Path):
    file = packs / "places" / "siyang" / "place.yaml"
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"  - (old_lifts|city_lifelines)\n", "", text), "utf-8")

    tree = Library.read(packs, "siyang").vitals()["vital_signs.city"]

    assert not {"lifts", "lifts_heard", "lifelines", "lifelines_on_time"} & tree.signs.keys()
    assert "safety" in tree.signs


def test_what_is_shown_of_another_pack_is_used_or_needed(wrong: Wrong):
    told = wrong("vital_signs/pack.yaml", " old_lifts,", "")

    assert "city.yaml:9 引用了包“old_lifts”，却没有声明需要它" in told


def test_a_broken_base_takes_its_dependants_along(packs: Path):
    (packs / "base" / "sql" / "license.sql").write_text("SELECT", "utf-8")

    library = Library.read(packs, "siyang")

    assert not library.packs
    assert set(library.refused) == set(library.place.packs)


def test_the_last_good_version_stays_in_force_while_a_pack_is_broken(packs: Path, tmp_path: Path):
    kept = tmp_path / "home" / "packs"
    good = Library.read(packs, "siyang", kept=kept)
    assert not good.refused
    flow = packs / "base" / "flows" / "data_demand.yaml"
    was = flow.read_text("utf-8")
    flow.write_text(was.replace("    limit: 10wd\n", "", 1), "utf-8")

    broken = Library.read(packs, "siyang", kept=kept)

    assert set(broken.refused) == {"base"}
    assert set(broken.packs) == set(good.packs)
    assert broken.packs["base"].digest == good.packs["base"].digest
    assert broken.flow("base.data_demand").steps["answer"].limit == "10wd"
    assert broken.calendar.years

    flow.write_text(was.replace("limit: 10wd", "limit: 7wd", 1), "utf-8")
    mended = Library.read(packs, "siyang", kept=kept)
    assert not mended.refused
    assert mended.flow("base.data_demand").steps["answer"].limit == "7wd"


def test_what_the_platform_runs_is_kept_in_its_home_folder(packs: Path, tmp_path: Path):
    home = tmp_path / "home"
    library = current_library(packs, "siyang", home)

    assert current_library(packs, "siyang", home) is library
    assert {one.parent.name for one in home.glob("packs/*/current")} == set(library.packs)


def test_a_broken_place_leaves_its_last_good_version_in_force(packs: Path, tmp_path: Path):
    kept = tmp_path / "home" / "packs"
    good = Library.read(packs, "siyang", kept=kept)
    (packs / "places" / "siyang" / "place.yaml").write_text("title: [坏", "utf-8")

    broken = Library.read(packs, "siyang", kept=kept)

    assert broken.place == good.place
    assert broken.place_entries == good.place_entries
    assert "YAML 写法有误" in str(broken.refused["places/siyang"])


def test_a_broken_place_without_an_earlier_version_is_refused_with_its_line(packs: Path):
    (packs / "places" / "siyang" / "place.yaml").write_text("title: [坏", "utf-8")

    with pytest.raises(PackRefused, match="YAML 写法有误"):
        Library.read(packs, "siyang")
    assert [one.file.name for one in check_library(packs)] == ["place.yaml"]


def test_a_tampered_copy_is_no_last_good_version(packs: Path, tmp_path: Path):
    kept = tmp_path / "home" / "packs"
    good = Library.read(packs, "siyang", kept=kept)
    copy = kept / "base" / good.packs["base"].digest / "base" / "pack.yaml"
    copy.write_text(copy.read_text("utf-8") + "# later\n", "utf-8")
    (packs / "base" / "pack.yaml").write_text("title: 坏", "utf-8")

    assert "base" not in Library.read(packs, "siyang", kept=kept).packs


def test_a_place_s_value_replaces_the_latest_and_keeps_its_basis(packs: Path):
    place = packs / "places" / "siyang" / "place.yaml"
    ref = "elder_allowance.eligibility.least_age"
    place.write_text(
        place.read_text("utf-8").replace("parameters: {}", f"parameters: {{{ref}: 75}}"), "utf-8"
    )

    library = Library.read(packs, "siyang")

    values = library.rule("elder_allowance.eligibility").parameters["least_age"].values
    assert [one.value for one in values] == [85, 75]
    assert values[1].basis == "county_notice"
