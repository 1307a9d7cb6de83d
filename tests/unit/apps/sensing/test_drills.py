"""Drills: the live rules in virtual time, in a room of their own, and how it went."""

from datetime import timedelta

import pytest
from cast import NINE

from yiwang.apps.casework.models import Case
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.drill_score import Practised, scored
from yiwang.apps.sensing.models import AlertState, Reading
from yiwang.apps.sensing.replay import replay
from yiwang.apps.sensing.roster import alert_rules, roster
from yiwang.kernel.clock import local_date
from yiwang.packkit.drilling import DrillReading, course

from .conftest import message

FLOOD, GAS = "flood_drought.lake_flood", "city_lifelines.gas_night"


def officer(*rights: str, organ: str = "command-center") -> identity.Officer:
    return identity.Officer(
        username=f"{organ}-officer", name="值班员", organ=organ, rights=frozenset(rights),
        divisions=("321323000000",),
    )  # fmt: skip


COMMANDER = officer("command.see", "command.duty", "command.switch")
STRANGER = officer("sensing.see", "sensing.manage", "case.handle", organ="market")


@pytest.fixture
def gas_drill(gauges, library) -> int:
    return sensing.begin_drill(ref=GAS, speed=60, library=library, officer=COMMANDER, at=NINE)


def seen(number: int, minutes: float) -> sensing.DrillView:
    return sensing.drill(number, officer=COMMANDER, at=NINE + timedelta(minutes=minutes))


def test_a_course_is_the_same_every_time_and_keeps_to_the_limits_of_its_stream(library):
    first, second = (course(library, FLOOD, begins_at=NINE) for _ in range(2))

    assert first.readings == second.readings
    assert first.readings == sorted(first.readings, key=lambda one: one.at)
    assert {one.stream for one in first.readings} == {"flood_drought.level", "flood_drought.rain"}
    assert all(0 <= one.value <= 200 for one in first.readings)
    assert {alert for alert, _ in first.expected} == {
        "flood_drought.over_warning", "flood_drought.heavy_rain",
    }  # fmt: skip


@pytest.mark.parametrize("ref", [FLOOD, GAS])
def test_the_live_rules_notice_every_course_that_a_pack_brings(gauges, library, ref):
    readings, score = sensing.try_course(ref=ref, library=library, at=NINE)

    assert readings > 1000
    assert (score.expected > 10, score.missed) == (True, ())
    assert score.to_alert < timedelta(minutes=30)
    assert not AlertState.objects.exists()


def test_a_drill_comes_up_in_its_own_time_and_opens_no_incident(gas_drill):
    """An hour of the drill is a minute of the clock."""
    early, later, over = (seen(gas_drill, one) for one in (0.4, 1.2, 10))

    assert early.now == NINE + timedelta(minutes=24)
    assert early.incidents == ()
    assert 0 < len(later.incidents) < len(over.incidents)
    assert over.now == over.plays_until
    assert over.score.noticed == over.score.expected == 20
    assert not Case.objects.exists()
    assert not Reading.objects.exists()
    assert not AlertState.objects.exists()


def test_who_is_on_duty_answers_once_and_the_score_follows(gas_drill):
    at = NINE + timedelta(minutes=5)
    true = [one for one in seen(gas_drill, 5).incidents if one.value and one.value < 39]
    one, two = true[0], true[1]
    assert one.owner == ""
    housing = officer("command.duty", organ="housing")
    sensing.answer_drill(
        number=gas_drill, incident=one.number, organ="market", officer=housing, at=at
    )
    with pytest.raises(sensing.DrillOver, match="housing-officer"):
        sensing.answer_drill(
            number=gas_drill, incident=one.number, organ="", officer=COMMANDER, at=at
        )
    owner = next(o for o in seen(gas_drill, 5).incidents if o.number == one.number).owner
    sensing.answer_drill(number=gas_drill, incident=two.number, organ=owner, officer=housing, at=at)

    score = seen(gas_drill, 5).score
    assert (score.sent, score.sent_right) == (2, 1)
    assert score.to_dispatch is not None


def test_what_has_not_come_up_is_not_answered_and_what_is_over_stays(gas_drill):
    last = seen(gas_drill, 10).incidents[0]
    with pytest.raises(sensing.DrillUnknown):
        sensing.answer_drill(
            number=gas_drill, incident=last.number, organ="", officer=COMMANDER, at=NINE
        )
    sensing.end_drill(number=gas_drill, officer=COMMANDER, at=NINE + timedelta(minutes=1))

    assert seen(gas_drill, 10) == seen(gas_drill, 1)
    for act in (
        lambda: sensing.end_drill(number=gas_drill, officer=COMMANDER, at=NINE),
        lambda: sensing.answer_drill(
            number=gas_drill, incident=1, organ="", officer=COMMANDER, at=NINE
        ),
    ):
        with pytest.raises(sensing.DrillOver):
            act()


def test_what_was_recorded_is_judged_against_what_was_really_raised(gauges, library):
    """The same readings through the same rules: nothing missed, nothing false."""
    level = {"SW001": 16.9, "SW002": 14.0}
    for minute in range(0, 30, 3):
        lines = [message(value, minute=minute, device=one) for one, value in level.items()]
        sensing.intake(lines, library=library, at=NINE + timedelta(minutes=minute))
    span = {"since": NINE - timedelta(hours=1), "until": NINE + timedelta(hours=1)}

    readings, score = sensing.try_recorded(stream="water_level.level", library=library, **span)
    begun = sensing.begin_recorded_drill(
        stream="water_level.level", speed=1200, library=library, officer=COMMANDER, at=NINE, **span
    )

    assert (readings, score.expected, score.noticed, score.false) == (20, 1, 1, 0)
    assert score.to_alert == timedelta(minutes=3)
    assert [one.device for one in seen(begun, 10).incidents] == ["SW001"]
    with pytest.raises(sensing.DrillEmpty):
        sensing.try_recorded(stream="flood_drought.rain", library=library, **span)


def test_the_score_counts_what_was_missed_sent_wrong_and_told_false():
    def one(device: str, answer: str = "", organ: str = "") -> Practised:
        at = NINE + timedelta(minutes=5)
        when = NINE + timedelta(seconds=30) if answer else None
        return Practised("k", device, at, NINE, "right", answer, organ, when)

    expected = {("k", name): NINE for name in "abcd"}
    score = scored(
        [
            one("a", "dispatch", "right"),
            one("b", "dispatch", "wrong"),
            one("c", "false"),
            one("x", "false"),
            one("y"),
        ],
        expected,
    )

    assert (score.expected, score.noticed, score.missed) == (4, 3, (("k", "d"),))
    assert (score.false, score.told_false, score.dismissed, score.unanswered) == (2, 1, 1, 1)
    assert (score.sent, score.sent_right) == (2, 1)
    assert (score.to_alert, score.to_dispatch) == (timedelta(minutes=5), timedelta(seconds=30))
    assert score.points == round(40 * 3 / 4 + 40 / 3 + 20 / 2)


def test_a_stranger_begins_answers_ends_and_reads_nothing(gas_drill, library):
    incident = seen(gas_drill, 10).incidents[0].number
    at = NINE + timedelta(minutes=10)
    for act in (
        lambda: sensing.begin_drill(ref=GAS, speed=60, library=library, officer=STRANGER, at=at),
        lambda: sensing.begin_recorded_drill(
            stream="water_level.level", since=NINE, until=at, speed=60,
            library=library, officer=STRANGER, at=at,
        ),
        lambda: sensing.answer_drill(
            number=gas_drill, incident=incident, organ="", officer=STRANGER, at=at
        ),
        lambda: sensing.end_drill(number=gas_drill, officer=STRANGER, at=at),
        lambda: sensing.drill(gas_drill, officer=STRANGER, at=at),
        lambda: sensing.drills(officer=STRANGER, at=at),
    ):  # fmt: skip
        with pytest.raises(identity.RightMissing):
            act()


def test_a_drill_has_a_speed_that_is_offered(gauges, library):
    with pytest.raises(sensing.DrillEmpty, match="倍速"):
        sensing.begin_drill(ref=GAS, speed=7, library=library, officer=COMMANDER, at=NINE)


def test_who_falls_silent_is_told_by_the_clock_of_the_drill(gauges, library):
    """Two stations; one stops after an hour and speaks again two hours later."""
    level, spoken = "flood_drought.level", [*range(0, 61, 5), *range(180, 241, 5)]
    readings = [
        DrillReading(NINE + timedelta(minutes=minute), device, level, 13.0 + minute / 1e5)
        for minute in range(0, 241, 5)
        for device in ("RS0001", "RS0002")
        if device == "RS0002" or minute in spoken
    ]
    known, rules = roster(library), alert_rules(library, on=local_date(NINE))
    (told,) = replay(readings, roster=known, rules=rules, until=NINE + timedelta(hours=4))

    assert (told.kind, told.device.id) == ("flood_drought.station_fault", "RS0001")
    assert told.raised_at == NINE + timedelta(minutes=120), "60 minutes after its last reading"
    assert told.cleared_at == NINE + timedelta(minutes=180)
    both = replay(readings, roster=known, rules=rules, until=NINE + timedelta(hours=6))
    assert [one.device.id for one in both] == ["RS0001", "RS0001", "RS0002"], "and at the end"
