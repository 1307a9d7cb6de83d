"""The daily report of a shift and the trends of what people report."""

from dataclasses import replace
from datetime import date, timedelta

import prepared
import pytest
from cast import NINE
from workshop import DISPATCHER, SUN

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.queries.telling import Daily
from yiwang.apps.casework.topics import Rising, rising
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed

RIGHTS = frozenset(
    {"command.see", "command.duty", "command.switch", "incident.see", "incident.watch"}
)
CHIEF = replace(
    DISPATCHER, username="chief", organ="command-center", rights=RIGHTS, divisions=("321323000000",)
)
COVER, COMPLAINT = "city_management.missing_cover", "hotline.complaint"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = local_date(NINE)


@pytest.fixture
def county(db) -> None:
    prepared.install(identity, casework, at=NINE)
    identity.create_account(
        username="chief", name="韩指挥", password="Tests-only-2026", organ="command-center",
        posts=["指挥中心值班员"], at=NINE,
    )  # fmt: skip


def report(kind: str, summary: str, at, *, n: int = 0) -> str:
    return casework.report_signal(
        kind=kind, source="hotline", summary=summary, actor="hotline", at=at,
        object=f"{kind}-{n}-{at:%m%d%H%M}", division="321323001000",
    ).number  # fmt: skip


def daily(day: date, at, officer=CHIEF) -> Daily:
    return casework.daily(day=day, officer=officer, at=at)


@pytest.mark.usefixtures("county")
class TestDaily:
    def test_a_day_is_told_as_it_stood_at_its_end(self):
        casework.plan_shift(
            organ="command-center", username="chief", part="duty", begins_at=NINE,
            ends_at=NINE + 12 * HOUR, officer=CHIEF, at=NINE,
        )  # fmt: skip
        casework.accept_shift(officer=CHIEF, at=NINE + HOUR)
        casework.write_shift_line(text="接班，一切正常", officer=CHIEF, at=NINE + HOUR)
        casework.write_shift_line(text="第二天的事", officer=CHIEF, at=NINE + DAY)
        first = report(COVER, "井盖没了", NINE + HOUR)
        report(COVER, "又一处井盖", NINE + DAY, n=1)

        told = daily(TODAY, NINE + 2 * DAY)

        assert [(one.name, one.part) for one in told.shifts] == [("韩指挥", "值班员")]
        assert [one.text for one in told.lines] == ["接班", "接班，一切正常"]
        assert (told.opened, told.ended, told.standing) == (1, 0, 1)
        assert [one.number for one in told.told] == [first]
        assert daily(TODAY + DAY, NINE + 2 * DAY).standing == 2
        assert daily(TODAY - DAY, NINE + 2 * DAY).opened == 0

    def test_what_is_late_is_told_one_by_one_until_it_ends(self):
        number = report(COMPLAINT, "夜间施工扰民", NINE)
        later = NINE + 20 * DAY

        assert [one.is_late for one in daily(local_date(later), later).told] == [True]
        assert number not in [one.number for one in daily(TODAY, later).told]

    def test_a_plan_that_was_on_is_told(self):
        casework.switch_on(
            plan="hazardous_chemicals.leak", level="1", reason="泄漏", officer=CHIEF, at=NINE
        )
        casework.switch_off(
            plan="hazardous_chemicals.leak", reason="解除", officer=CHIEF, at=NINE + DAY
        )

        assert [one.reason for one in daily(TODAY, NINE + 3 * DAY).plans] == ["泄漏"]
        assert daily(TODAY + 2 * DAY, NINE + 3 * DAY).plans == ()

    def test_a_stranger_reads_no_report_and_no_trends(self):
        with pytest.raises(NotAllowed):
            daily(TODAY, NINE, officer=SUN)
        report(COMPLAINT, "占道经营", NINE)
        stranger = replace(SUN, rights=frozenset({"incident.see"}), organ="housing", divisions=())
        assert casework.trends(officer=stranger, at=NINE + HOUR).total == 0
        with pytest.raises(NotAllowed):
            casework.trends(officer=replace(SUN, rights=frozenset()), at=NINE)


@pytest.mark.usefixtures("county")
class TestTrends:
    def test_signals_are_counted_by_week_and_the_words_that_rise_are_named(self):
        for n, text in enumerate(
            ("3号楼旁夜间施工", "夜间施工扰民", "工地夜间施工", "夜间施工谁管")
        ):
            report(COMPLAINT, text, NINE - 2 * DAY, n=n)
        for n in range(3):
            report(COMPLAINT, f"早餐店{n}占道经营", NINE - 32 * DAY, n=n)
        report(COVER, "井盖没了", NINE - 2 * DAY)

        seen = casework.trends(officer=CHIEF, at=NINE, group="便民热线")

        (kind,) = seen.kinds
        assert (kind.kind, kind.weeks[-1], kind.weeks[-5], sum(kind.weeks)) == (COMPLAINT, 4, 3, 7)
        assert [one.word for one in seen.words][:1] == ["夜间施工"]
        assert "占道经营" not in [one.word for one in seen.words]
        assert casework.trends(officer=CHIEF, at=NINE).total == 8
        assert "便民热线" in seen.groups


def test_of_words_within_one_another_the_longest_is_told():
    now = ["小区停水了", "我家停水", "又停水，停水三天"]

    assert rising(now, ["停水"]) == [Rising("停水", 3, 1)]
    assert rising(["路灯不亮"] * 3, []) == [Rising("路灯不亮", 3, 0)]
    assert rising(["路灯不亮"] * 3, ["路灯不亮"] * 3) == []
