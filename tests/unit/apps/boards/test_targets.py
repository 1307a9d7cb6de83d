"""The targets of the five plans: each has an indicator, and what is not known is not invented."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from cast import NINE

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.actions.indicators import tables_read, take_snapshot
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Indicator

NETWORKS = {
    "id": "text",
    "organ": "text",
    "title": "text",
    "opened_on": "date",
    "merged_on": "date",
    "ground": "text",
}


@pytest.fixture(scope="module")
def library(repository) -> Library:
    return Library.read(repository / "packs", "luoyang")


@pytest.fixture
def lake(tmp_path) -> Lake:
    made = Lake(tmp_path / "lake")
    yield made
    made.close()


def networks(lake: Lake, *merged: bool) -> None:
    rows = [
        {
            "id": str(n),
            "organ": "water",
            "title": f"专网{n}",
            "merged_on": NINE.date() if on else None,
        }
        for n, on in enumerate(merged)
    ]
    lake.write("targets.private_networks", rows, columns=NETWORKS, at=NINE)


def taken(lake: Lake, library: Library, ref: str) -> boards.IndicatorView:
    take_snapshot(ref, library.indicator(ref), lake=lake, at=NINE, library=library)
    return boards.indicator(ref)


@pytest.mark.django_db
def test_an_entry_that_nothing_collects_counts_and_a_collection_that_stopped_is_late(lake, library):
    """Measured against the day on which it is asked: when all stops, nothing is left."""
    datasets = [{"ref": "a.daily", "kind": "feed", "rows": 1}, {"ref": "a.made", "kind": "table"}]
    columns = {"ref": "text", "kind": "text", "rows": "integer"}
    lake.write("platform.datasets", datasets, columns=columns, at=NINE)

    def rates(at) -> list[Decimal | None]:
        entries = [
            {"number": "1", "about": "a.daily", "cycle_days": 1, "heard_at": NINE},
            {"number": "2", "about": "wells:CARDS", "cycle_days": 31, "heard_at": None},
            {"number": "3", "about": "a.made", "cycle_days": 1, "heard_at": None},
        ]
        columns = {
            "number": "text",
            "about": "text",
            "cycle_days": "integer",
            "heard_at": "instant",
        }
        columns |= {"list": "text", "title": "text", "organ": "text", "seen_at": "instant"}
        common = {"list": "data", "title": "表", "organ": "water", "seen_at": at}
        rows = [common | one for one in entries]
        lake.write("platform.entries", rows, columns=columns, at=at)
        names = ("targets.collected", "targets.collected_ever")
        return [taken(lake, library, name).value for name in names]

    assert rates(NINE + timedelta(days=1)) == [Decimal("0.5"), Decimal("0.5")]
    assert rates(NINE + timedelta(days=30)) == [Decimal(0), Decimal("0.5")]


def test_all_39_targets_have_an_indicator_with_its_reading(library):
    served = [
        one
        for ref, indicator in library.indicators().items()
        if indicator.reading or not ref.startswith("targets.")
        for one in indicator.serves
    ]
    assert {f"T-{n:02}" for n in range(1, 40)} <= set(served)


@pytest.mark.parametrize(
    "target", ["T-01", "T-03", "T-04", "T-09", "T-12", "T-16", "T-20", "T-26", "T-27", "T-28"]
)
def test_a_target_that_can_be_read_in_two_ways_has_two_indicators(library, target):
    assert sum(target in one.serves for one in library.indicators().values()) >= 2


def test_a_list_that_nobody_kept_is_unknown_and_says_which(db, lake, library):
    networks(lake)
    view = taken(lake, library, "targets.networks_merged")

    assert (view.value, view.is_met, view.verdict) == (None, None, "无法判断")
    assert "非涉密业务专网" in view.unknown
    assert boards.drill(view, "denominator", lake=lake, library=library) == []


def test_no_new_network_is_a_finding_only_where_networks_are_registered(db, lake, library):
    networks(lake)
    assert taken(lake, library, "targets.new_networks").unknown

    networks(lake, True)
    view = taken(lake, library, "targets.new_networks")
    assert (view.value, view.is_met) == (0, True)


def test_a_source_that_was_never_collected_is_named_and_nothing_fails(db, lake, library):
    view = taken(lake, library, "targets.police_walk")

    assert "还没有入库" in view.unknown
    assert boards.drill(view, "numerator", lake=lake, library=library) == []


def test_a_value_in_the_band_is_near_and_not_met(db, lake, library):
    networks(lake, *[True] * 9, False)
    view = taken(lake, library, "targets.networks_merged")

    assert (view.text, view.is_met, view.tone, view.verdict) == (
        "90.0%",
        False,
        "yellow",
        "接近目标",
    )


def test_sums_are_divided_where_the_indicator_adds_up_values(db, lake):
    rows = [{"full": Decimal(60), "got": Decimal(30)}, {"full": Decimal(40), "got": Decimal(40)}]
    lake.write("tests.items", rows, columns={"full": "decimal", "got": "decimal"}, at=NINE)
    scores = Indicator(
        title="得分率",
        owner="data-bureau",
        counts="values",
        numerator="SELECT got AS value FROM tests.items",
        denominator="SELECT full AS value FROM tests.items",
        basis="county_plan",
    )
    take_snapshot("tests.scores", scores, lake=lake, at=NINE)

    assert boards.indicator("tests.scores").text == "70.0%"
    assert msgspec.to_builtins(scores)["version"] == "1"


def test_the_places_own_targets_stand_first_and_each_reading_is_shown(db, lake, library):
    networks(lake, True)
    taken(lake, library, "targets.networks_merged")
    lines = boards.targets(library)

    assert [line.is_ours for line in lines] == sorted(
        (line.is_ours for line in lines), reverse=True
    )
    known = [line.capability.id for line in lines if line.is_known]
    assert known == ["T-08"]


def test_independent_denominators_stand_beside_declared_ones(library):
    scanned = tables_read(library.indicator("targets.cloud_scanned"))
    declared = tables_read(library.indicator("targets.cloud"))

    assert "platform.scanned_tables" in scanned
    assert declared == ["platform.entries"]
