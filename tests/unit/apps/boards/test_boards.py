"""Any value opens down to its definition, its snapshots and its rows, masked by grade."""

from datetime import timedelta

import msgspec
import pytest
from cast import NINE, WANG_NUMBER

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.actions import take_snapshot
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Indicator

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
def library(repository) -> Library:
    return Library.read(repository / "packs", "siyang")


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
