import csv
from datetime import date
from pathlib import Path

import pytest

from yiwang.kernel.divisions import (
    Division,
    DivisionsBroken,
    DivisionTree,
    DivisionUnknown,
    division_at,
    prefixes_of,
)

CITY = Division(code="321300", name="宿迁市")
COUNTY = Division(
    code="321323", name="泗阳县", parent="321300", aliases=("泗阳",), former_codes=("320825",)
)
ZONE = Division(code="SY-KFQ", name="泗阳经济开发区", parent="321323")
GRID = Division(code="SY-KFQ-07", name="第七网格", parent="SY-KFQ")
OLD = Division(code="321321", name="宿豫县", parent="321300", active_until=date(2004, 3, 1))
NEW = Division(code="321321", name="宿豫新区", parent="321300", active_from=date(2004, 3, 1))


@pytest.fixture
def tree():
    return DivisionTree((CITY, COUNTY, ZONE, GRID, NEW, OLD))


def test_a_zone_without_administrative_code_has_its_place_at_any_depth(tree):
    assert [d.name for d in tree.path("SY-KFQ-07")] == [
        "宿迁市",
        "泗阳县",
        "泗阳经济开发区",
        "第七网格",
    ]
    assert list(tree.descendants("321323")) == [ZONE, GRID]
    assert tree.is_within("SY-KFQ-07", "321300")
    assert not tree.is_within("321300", "SY-KFQ-07")
    assert not tree.is_within("nowhere", "321300")


def test_a_former_code_and_an_alias_find_the_division_of_today(tree):
    assert tree.get("320825") is COUNTY
    assert tree.find("泗阳") == (COUNTY,)
    assert tree.is_within("SY-KFQ", "320825")


def test_a_code_means_what_was_in_force_on_the_day(tree):
    assert tree.get("321321", on=date(2004, 2, 29)) is OLD
    assert tree.get("321321", on=date(2004, 3, 1)) is NEW
    assert tree.get("321321") is NEW


def test_children_keep_the_order_of_the_list_and_name_each_code_once(tree):
    assert tree.children("321300") == (COUNTY, NEW)
    assert tree.children("") == (CITY,)


def test_an_unknown_code_is_an_error(tree):
    with pytest.raises(DivisionUnknown):
        tree.get("999999")


@pytest.mark.parametrize(
    "divisions",
    [
        (Division(code="a", name="甲", parent="b"),),
        (Division(code="a", name="甲", parent="b"), Division(code="b", name="乙", parent="a")),
        (Division(code="a", name="甲", parent="a"),),
    ],
)
def test_a_missing_parent_and_a_ring_are_refused(divisions):
    with pytest.raises(DivisionsBroken):
        DivisionTree(divisions)


def test_a_list_is_read_with_validity_aliases_and_former_codes(tmp_path):
    path = tmp_path / "divisions.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["code", "name", "level", "parent", "active_from", "aliases", "former_codes"]
        )
        writer.writerow(["1", "甲县", "county", "", "1996-07-01", "甲|甲邑", "2|3"])
    division = DivisionTree.read(path).get("3")
    assert (division.active_from, division.aliases) == (date(1996, 7, 1), ("甲", "甲邑"))


def test_a_real_county_is_read_with_its_villages():
    real = Path("/work/shared/data/divisions.csv")
    if not real.exists():
        pytest.skip("the workplace's division list is not on this machine")
    tree = DivisionTree.read(real)
    assert sum(1 for _ in tree.descendants("321323000000")) > 200
    assert tree.is_within("321323000000", "320000000000")


@pytest.mark.parametrize(
    ("prefix", "year"), [("322226", 1975), ("320825", 1990), ("321323", 2000), ("320825", 1996)]
)
def test_natives_of_siyang_carry_three_prefixes_by_year(prefix, year):
    held = division_at(prefix, year)
    assert (held.standing, held.name, held.code_now) == ("in_force", "泗阳县", "321323")


def test_all_prefixes_of_siyang_are_known_oldest_first():
    assert prefixes_of("321323") == ("322226", "320825", "321323")
    assert prefixes_of("321323001000") == prefixes_of("321323")


def test_a_prefix_given_after_birth_is_told_apart_from_one_never_given():
    assert division_at("321323", 1950).standing == "other_years"
    assert division_at("999999", 1990).standing == "unknown"


@pytest.mark.parametrize(
    ("prefix", "year", "now"),
    [
        ("110103", 1970, "110101"),  # 崇文 into 东城
        ("510202", 1980, "500103"),  # 重庆 left 四川
        ("441900", 1990, "441900"),  # a city without counties
        ("650108", 2000, ""),  # the table links it to another province by name: not followed
        ("321321", 2000, "321311"),
    ],
)
def test_a_prefix_leads_to_the_division_of_today(prefix, year, now):
    assert division_at(prefix, year).code_now == now


def test_a_code_nobody_knows_is_its_own_only_prefix():
    assert prefixes_of("SY-KFQ-07") == ("SY-KFQ",)
