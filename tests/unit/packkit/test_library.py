"""A place's packs together: lookups, entries, the place's own values."""

from pathlib import Path

import pytest

from yiwang.packkit import Library, NothingCalled

PACKS = Path(__file__).parents[3] / "packs"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.read(PACKS, "siyang")


def test_the_packs_of_the_place_are_read_in_the_order_of_their_needs(library: Library) -> None:
    assert not library.refused
    assert next(iter(library.packs)) == "base"
    assert set(library.packs) >= {"base", "elder_allowance", "water_level"}


def test_a_thing_is_found_by_its_dotted_name(library: Library) -> None:
    assert library.flow("elder_allowance.confirmation").start == "village_check"
    assert "water_level.gauges" in library.registers()


def test_a_wrong_name_is_answered_with_the_nearest(library: Library) -> None:
    with pytest.raises(NothingCalled, match="是不是“elder_allowance"):
        library.flow("elder_allowance.confirmatoin")


def test_the_place_adds_its_own_divisions_below_the_country_s(library: Library) -> None:
    village = library.divisions.get("321323001001")

    assert [one.name for one in library.divisions.path(village.code)][:3] == [
        "江苏省",
        "宿迁市",
        "泗阳县",
    ]
    assert len([*library.divisions.descendants("321323000000")]) == 16 + 243


def test_every_township_has_an_organ_and_every_post_a_known_role(library: Library) -> None:
    townships = library.divisions.children("321323000000")

    assert {f"town-{one.code[:9]}" for one in townships} <= set(library.organs())
    for organ in library.organs().values():
        for roles in organ.roles.values():
            for role in roles:
                library.role(role)


def test_entries_are_typed_and_empty_cells_are_none(library: Library) -> None:
    gauge = library.entries("water_level.gauges")[0]

    assert str(gauge["lon"]) == "118.6905"
    assert library.entries("base.divisions")[0]["parent"] is None


def test_the_calendar_knows_the_announced_years(library: Library) -> None:
    assert library.calendar.years


def test_every_feed_and_table_is_something_the_lake_can_do(library: Library) -> None:
    for ref in library.feeds():
        assert library.feed_plan(ref).name == ref
    for ref in library.tables():
        assert library.table_contract(ref).key

    plan = library.feed_plan("base.police_resident")
    assert "11" in plan.codes["base.ethnic"]
