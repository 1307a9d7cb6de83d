"""Many objects that one source names at once are one incident of their area."""

from datetime import timedelta

import msgspec
import pytest
from cast import NINE
from workshop import COUNTY, DISPATCHER, OVERFLOW, RISING, SUN, TOWN, VILLAGE, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, Signal
from yiwang.kernel.errors import NotAllowed

MERGING = msgspec.structs.replace(RISING, merged="merged", ends={**RISING.ends, "merged": "已并入"})
GATHERING = msgspec.structs.replace(OVERFLOW, gather_from=4, gather_within="15m")


@pytest.fixture
def gathering(db) -> None:
    casework.install(library(flows={"rising": MERGING}, incidents={"overflow": GATHERING}), at=NINE)


def silent(*numbers: int, minute: float = 0, division: str = VILLAGE, source: str = "work.silent"):
    """Signals of gauges far from each other, one for a number."""
    signals = [
        casework.NewSignal(
            kind="work.overflow",
            source=source,
            object=f"gauge-{n}",
            lon=118.0 + n / 20,
            lat=33.7,
            division=division,
            summary=f"{n} 号站失联",
            facts={"设备编号": f"gauge-{n}", "预警规则": "失联"},
        )
        for n in numbers
    ]
    at = NINE + timedelta(minutes=minute)
    return [one.number for one in casework.report_signals(signals=signals, actor="sensing", at=at)]


def still_open() -> dict[str, int]:
    rows = Case.objects.filter(profile="incident").exclude(state=Case.State.ENDED)
    return dict(rows.values_list("number", "signals"))


@pytest.mark.usefixtures("gathering")
class TestGathering:
    def test_three_are_three_and_a_whole_township_at_once_is_one(self):
        assert len(set(silent(1, 2, 3))) == 3
        (whole,) = set(silent(*range(11, 51), minute=60, division=TOWN))

        row = Case.objects.get(number=whole)
        assert (row.signals, row.division) == (40, TOWN)
        assert row.facts == {"预警规则": "失联"}, "what is one gauge's own is not said of all"
        assert len(still_open()) == 4

    def test_who_falls_silent_one_after_the_other_becomes_part_of_it(self):
        first = [silent(n, minute=n)[0] for n in (1, 2, 3)]
        whole = silent(4, minute=4, division=TOWN)[0]
        later = silent(5, minute=10)[0]

        assert later == whole
        assert still_open() == {whole: 5}
        assert Case.objects.get(number=first[0]).state == Case.State.ENDED
        assert silent(1, minute=12) == [whole], "it speaks for what became part of it"

    def test_what_somebody_has_touched_stays_by_itself(self):
        touched = silent(1)[0]
        casework.act(number=touched, verb="dispatch", officer=DISPATCHER, at=NINE)
        whole = silent(2, 3, 4, minute=5)[-1]

        assert still_open() == {touched: 1, whole: 3}

    def test_one_part_is_taken_out_again(self):
        silent(1, 2, 3)
        whole = silent(4, minute=1)[0]
        part = Signal.objects.get(object="gauge-2").case.number
        later = NINE + timedelta(minutes=5)
        with pytest.raises(NotAllowed):
            casework.unmerge_incident(number=part, reason="另有原因", officer=SUN, at=later)
        casework.unmerge_incident(number=part, reason="另有原因", officer=DISPATCHER, at=later)

        assert still_open() == {whole: 3, part: 1}

    def test_another_source_another_hour_or_another_area_is_not_part_of_it(self):
        whole = silent(1, 2, 3, 4)[0]
        others = [
            *silent(5, source="work.stuck"),
            *silent(6, minute=120),
            *silent(7, division=COUNTY),
        ]

        assert len({whole, *others}) == 4

    def test_a_kind_that_does_not_gather_keeps_each_by_itself(self):
        casework.install(library(incidents={"overflow": OVERFLOW}), at=NINE)

        assert len(set(silent(*range(1, 31)))) == 30
