"""Any value opens down to its definition, its snapshots and its rows, masked by grade."""

from datetime import timedelta

import msgspec
import prepared
import pytest
from cast import NINE, WANG_NUMBER

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.actions.indicators import take_snapshot
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Indicator, Screen, Widget

ALIVE = Indicator(
    title="在世户籍人口占比",
    owner="public-security",
    target="value >= 0.5",
    numerator="SELECT id_number, name, division FROM base.resident WHERE is_alive",
    denominator="SELECT id_number FROM base.resident",
    basis="data_sharing",
)
COLUMNS = {"id_number": "text", "name": "text", "division": "text", "is_alive": "boolean"}


@pytest.fixture(scope="module")
def library() -> Library:
    return prepared.library()


@pytest.fixture
def lake(tmp_path) -> Lake:
    made = Lake(tmp_path / "lake")
    write(made, (True, True, False), minutes=0)
    yield made
    made.close()


def write(lake: Lake, alive: tuple[bool, ...], *, minutes: int) -> None:
    rows = [
        {"id_number": WANG_NUMBER, "name": "王秀英", "division": "321323001001", "is_alive": one}
        for one in alive
    ]
    lake.write("base.resident", rows, columns=COLUMNS, at=NINE + timedelta(minutes=minutes))


def test_a_value_is_kept_with_its_definition_and_target(db, lake):
    take_snapshot("tests.alive", ALIVE, lake=lake, at=NINE)
    view = boards.indicator("tests.alive")

    assert (view.text, view.is_met) == ("66.7%", True)
    assert view.definition == ALIVE
    assert list(view.sources) == ["base.resident"]


def test_a_later_load_changes_no_earlier_value(db, lake, library):
    take_snapshot("tests.alive", ALIVE, lake=lake, at=NINE)
    before = boards.indicator("tests.alive")
    write(lake, (False, False), minutes=5)
    take_snapshot("tests.alive", ALIVE, lake=lake, at=NINE + timedelta(minutes=6))

    assert boards.indicator("tests.alive").text == "0.0%"
    assert len(boards.drill(before, "numerator", lake=lake, library=library)) == 2


def test_rows_behind_a_value_are_masked_by_their_grade(db, lake, library):
    take_snapshot("tests.alive", ALIVE, lake=lake, at=NINE)
    row = boards.drill(boards.indicator("tests.alive"), "numerator", lake=lake, library=library)[0]

    assert row["division"] == "321323001001"
    assert WANG_NUMBER not in str(row)
    assert "王秀英" not in str(row)


def test_an_indicator_never_taken_says_so(db):
    with pytest.raises(boards.IndicatorNotTaken):
        boards.indicator("tests.nothing")


def test_nothing_to_compare_is_neither_met_nor_missed(db, lake):
    nobody = msgspec.structs.replace(ALIVE, denominator=f"{ALIVE.denominator} WHERE 1 = 0")
    taken = take_snapshot("tests.nobody", nobody, lake=lake, at=NINE)

    assert (taken.value, taken.is_met) == (None, None)


def test_a_chart_whose_table_nobody_filled_says_so_instead_of_failing(db, lake, library):
    missing = msgspec.structs.replace(ALIVE, numerator="SELECT id FROM base.household")
    take_snapshot("base.residents", missing, lake=lake, at=NINE, library=library)
    bars = Widget(kind="chart", title="各村", of="base.residents", by="division")
    nobody = identity.Officer(username="nobody", name="无名", organ="water")
    view = boards.drawn(
        "tests.screen",
        Screen(title="屏", audience="leader", widgets=(bars,)),
        glance=boards.Glance(lake=lake, library=library, at=NINE),
        actor=nobody,
    )

    (chart,) = view.widgets
    assert chart.categories == ()
    assert "还没有入库" in chart.indicator.unknown


def test_the_rows_of_one_bar_are_opened_but_not_by_what_is_masked(db, lake, library):
    counted = msgspec.structs.replace(ALIVE, denominator="SELECT name, division FROM base.resident")
    take_snapshot("tests.alive", counted, lake=lake, at=NINE)
    view = boards.indicator("tests.alive")

    def rows(column: str, value: str) -> int:
        only = (column, value)
        return len(boards.drill(view, "denominator", lake=lake, library=library, only=only))

    assert rows("division", "321323001001") == 3
    assert rows("division", "321323002001") == 0
    assert rows("name", "王秀英") == 0
    assert rows("1=1 OR division", "321323001001") == 0


def test_a_list_that_names_kinds_shows_those_only(db, lake, library):
    prepared.install(identity, casework, at=NINE)
    for kind in ("dust_explosion.over_limit", "hazardous_chemicals.leak"):
        casework.report_signal(
            kind=kind, source="gauge", object=kind, summary="超限", actor="sensing", at=NINE
        )
    watcher = identity.Officer(
        username="watcher", name="值班员", organ="command-center", divisions=("321323000000",),
        rights=frozenset({"incident.see", "incident.watch"}),
    )  # fmt: skip
    lists = ("incidents", "dust_explosion.over_limit", "dust_explosion.over_limit, hotline.report")
    view = boards.drawn(
        "tests.screen",
        Screen(
            title="屏",
            audience="dispatcher",
            widgets=tuple(Widget(kind="list", title=one, of=one) for one in lists),
        ),
        glance=boards.Glance(lake=lake, library=library, at=NINE),
        actor=watcher,
    )

    assert [one.total for one in view.widgets] == [2, 1, 1]
    assert "粉尘" in view.widgets[1].incidents[0].title


def test_the_map_of_a_pack_shows_its_own_incidents_and_that_of_the_centre_all(db, lake, library):
    prepared.install(identity, casework, at=NINE)
    for n, kind in enumerate(("flood_drought.low_water", "hazardous_chemicals.leak")):
        casework.report_signal(
            kind=kind, source="gauge", object=kind, summary="超限", lon=118.7 + n / 10, lat=33.7,
            actor="sensing", at=NINE,
        )  # fmt: skip
    watcher = identity.Officer(
        username="watcher", name="值班员", organ="command-center", divisions=("321323000000",),
        rights=frozenset({"incident.see", "incident.watch"}),
    )  # fmt: skip
    view = boards.drawn(
        "tests.screen",
        Screen(
            title="屏",
            audience="dispatcher",
            widgets=tuple(
                Widget(kind="map", title=one, of=one)
                for one in ("flood_drought.incidents", "grid.incidents")
            ),
        ),
        glance=boards.Glance(lake=lake, library=library, at=NINE),
        actor=watcher,
    )
    seen = [{one.lon for one in widget.spots if one.incident} for widget in view.widgets]

    assert seen == [{118.7}, {118.7, 118.8}]
