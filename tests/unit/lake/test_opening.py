"""Opening: what would tell a person apart is measured, blamed, left out; the rest is searched."""

import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from lake_feeds import NINE

from yiwang.lake import Lake, OpenColumn, OpenPlan, OpenStore, PlanRefused, Search, SearchRefused

COLUMNS = {
    "sex": "text",
    "birth_on": "date",
    "village": "text",
    "illness": "text",
    "amount": "decimal",
}
PEOPLE = [
    {
        "sex": str(1 + n % 2),
        "birth_on": date(1940, 1, 1) + timedelta(days=31 * n),
        "village": f"321323{1 + n % 2:03d}{n % 10:03d}",
        "illness": ("无", "高血压", "糖尿病")[n % 3],
        "amount": Decimal(n),
    }
    for n in range(200)
]
PLAN = OpenPlan(
    table="base.people",
    columns=(
        OpenColumn(name="sex"),
        OpenColumn(name="birth_on", type="date"),
        OpenColumn(name="village"),
    ),
    quasi=("sex", "birth_on", "village"),
    k=5,
)


@pytest.fixture
def people(lake: Lake) -> Lake:
    lake.write("base.people", PEOPLE, columns=COLUMNS, at=NINE)
    return lake


def test_who_can_be_told_apart_is_counted(people: Lake) -> None:
    found = people.measure_open(PLAN)

    assert (found.rows, found.smallest, found.below, found.classes) == (200, 1, 200, 200)


def test_the_column_to_blame_stands_first_and_the_way_out_reaches_the_threshold(
    people: Lake,
) -> None:
    blamed, way = people.blame_open(PLAN, divisions=["village"])

    assert blamed[0].column == "birth_on"
    assert {one.column for one in blamed} == {"sex", "birth_on", "village"}
    plan = PLAN
    for step in way:
        plan = plan.coarser(step.column, step.coarse) if step.coarse else plan.without(step.column)
    assert people.measure_open(plan).smallest >= 5


def test_a_generalised_division_keeps_its_length(people: Lake) -> None:
    plan = PLAN.coarser("village", "digits:9").coarser("birth_on", "years:20")

    assert people.measure_open(plan).smallest >= 5
    assert all(one.coarse != "digits:12" for one in people.blame_open(plan)[0])


def test_the_variety_of_what_is_sensitive_is_measured(people: Lake) -> None:
    columns = (OpenColumn(name="sex"), OpenColumn(name="illness"))
    plan = OpenPlan(table="base.people", columns=columns, quasi=("sex",), sensitive=("illness",))

    assert people.measure_open(plan).least_varied == 3


def test_a_table_of_groups_is_measured_by_its_numbers_of_persons(lake: Lake) -> None:
    rows = [{"town": f"T{n}", "people": n, "old": n % 3} for n in range(12)]
    lake.write(
        "base.towns",
        rows,
        columns={"town": "text", "people": "integer", "old": "integer"},
        at=NINE,
    )
    plan = OpenPlan(
        table="base.towns",
        columns=(
            OpenColumn(name="town"),
            OpenColumn(name="people", type="integer"),
            OpenColumn(name="old", type="integer"),
        ),
        counts=("people", "old"),
        k=3,
    )
    found = lake.measure_open(plan)

    assert (found.rows, found.smallest, found.below) == (12, 1, 8)
    assert lake.blame_open(plan)[0][0].column == "old"


def test_rows_of_small_groups_are_left_out(people: Lake, tmp_path: Path) -> None:
    plan = replace(PLAN.coarser("birth_on", "years:10"), leaves_out=True)
    opened = people.open_rows(plan, folder=tmp_path / "open" / "1")

    measured = people.measure_open(plan)
    assert 0 < opened.rows == 200 - measured.below
    assert opened.columns["birth_on"] == "text"


@pytest.mark.parametrize(
    ("name", "type_", "coarse"),
    [
        ("birth_on", "date", "band:5"),
        ("sex", "text", "year"),
        ("sex", "text", "prefix"),
        ("sex", "text", "prefix:0"),
        ("sex", "text", "prefix:1); DROP TABLE rows"),
    ],
)
def test_a_generalisation_that_does_not_fit_is_refused(name, type_, coarse) -> None:
    with pytest.raises(PlanRefused):
        OpenPlan(table="base.people", columns=(OpenColumn(name=name, type=type_, coarse=coarse),))


AWKWARD = [
    {"name": "甲,\r\n“乙”", "size": Decimal("10.50"), "on": date(2026, 1, 2), "ok": True},
    {"name": "𠮷田\t=1+1", "size": Decimal("9"), "on": None, "ok": False},
    {"name": "", "size": None, "on": date(2025, 1, 2), "ok": None},
]
TYPES = {"name": "text", "size": "decimal", "on": "date", "ok": "boolean"}


@pytest.fixture
def opened(lake: Lake, tmp_path: Path) -> Path:
    lake.write("base.things", AWKWARD, columns=TYPES, at=NINE)
    plan = OpenPlan(
        table="base.things",
        columns=tuple(OpenColumn(name=name, type=type_) for name, type_ in TYPES.items()),
    )
    lake.open_rows(plan, folder=tmp_path / "open" / "1")
    return tmp_path / "open" / "1"


def test_every_file_says_the_same(opened: Path) -> None:
    with (opened / "data.csv").open(encoding="utf-8", newline="") as lines:
        by_csv = {row["name"]: row for row in csv.DictReader(lines)}
    by_json = {row["name"]: row for row in json.loads((opened / "data.json").read_text("utf-8"))}

    assert set(by_csv) == set(by_json) == {one["name"] for one in AWKWARD}
    assert by_csv["甲,\r\n“乙”"]["size"] == "10.5" and by_json["甲,\r\n“乙”"]["size"] == 10.5
    assert by_json["𠮷田\t=1+1"]["on"] is None and by_csv["𠮷田\t=1+1"]["on"] == ""
    assert sorted(one.name for one in opened.iterdir()) == [
        "data.csv",
        "data.json",
        "data.parquet",
        "rows.sqlite",
    ]


def test_opened_rows_are_filtered_sorted_and_paged(opened: Path) -> None:
    store, file = OpenStore(), opened / "rows.sqlite"
    by_size = store.search(file, Search(columns=("size",), sort=(("size", True),)))

    assert [row["size"] for row in by_size.rows] == [10.5, 9, None]
    assert store.search(file, Search(filters={"size": ("10.50",)})).total == 1
    assert store.search(file, Search(filters={"ok": (None, True)})).total == 2
    assert store.search(file, Search(words=("𠮷",))).rows[0]["name"].startswith("𠮷")
    assert store.search(file, Search(limit=1, offset=10**9)).rows == []
    assert store.search(file, Search(columns=("ok",), is_distinct=True)).total == 3


@pytest.mark.parametrize(
    "search",
    [
        Search(columns=("nothing",)),
        Search(columns=("name, (SELECT content FROM about)",)),
        Search(filters={'name" = 1 OR "name': ("x",)}),
        Search(sort=(("name; DROP TABLE rows", False),)),
        Search(sort=(("rowid", False),)),
        Search(limit=-1),
        Search(offset=2**63),
    ],
)
def test_what_is_no_column_is_refused_by_name(opened: Path, search: Search) -> None:
    with pytest.raises(SearchRefused):
        OpenStore().search(opened / "rows.sqlite", search)
