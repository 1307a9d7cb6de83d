"""点名: the centre calls who is on duty, urges who is missing, and the log says how it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE
from django.conf import settings
from workshop import DISPATCHER, SUN

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import RollAnswer
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid, NotAllowed
from yiwang.packkit.current import current_library

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CHIEF = replace(
    DISPATCHER,
    username="chief",
    rights=frozenset({"command.see", "command.duty", "command.call", "command.answer"}),
)
RESCUER = replace(
    DISPATCHER, username="rescuer", organ="emergency", rights=frozenset({"command.answer"})
)
DIGGER = replace(RESCUER, username="digger", organ="water")


@pytest.fixture
def on_duty(db) -> None:
    """Three are on duty until nine in the evening: of the centre, of emergency and of water."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.install(library, at=NINE)
    identity.register_divisions(library.divisions)
    for name, organ, post in (
        ("chief", "command-center", "指挥中心值班员"),
        ("rescuer", "emergency", "应急经办"),
        ("digger", "water", "数据专员"),
    ):
        identity.create_account(
            username=name, name=name, password="Tests-only-2026", organ=organ, posts=[post], at=NINE
        )
        casework.plan_shift(
            organ=organ, username=name, part="duty", begins_at=NINE, ends_at=NINE + 12 * HOUR,
            officer=CHIEF, at=NINE,
        )  # fmt: skip


def roll(minutes: float) -> casework.RollView:
    at = NINE + minutes * MINUTE
    return casework.roll_calls(officer=CHIEF, at=at, since=NINE)[0]


def states(minutes: float) -> dict[str, str]:
    return {one.organ: one.state for one in roll(minutes).posts}


@pytest.mark.usefixtures("on_duty")
class TestRolls:
    def test_who_is_missing_is_shown_urged_and_told_in_log_and_report(self):
        number = casework.call_roll(minutes=5, officer=CHIEF, at=NINE)
        casework.answer_roll(number=number, text="在岗", officer=CHIEF, at=NINE + MINUTE)
        assert states(2) == {"command-center": "there", "emergency": "waiting", "water": "waiting"}
        assert states(6)["water"] == "missing"

        assert casework.urge_roll(number=number, officer=CHIEF, at=NINE + 6 * MINUTE) == 2
        (called,) = casework.rolls_waiting(officer=RESCUER, at=NINE + 7 * MINUTE)
        assert (called.urged, called.is_late) == (1, True)
        casework.answer_roll(number=number, officer=RESCUER, at=NINE + 7 * MINUTE)
        casework.close_roll(number=number, officer=CHIEF, at=NINE + 10 * MINUTE)

        said = "点名：应到 3，按时应答 1，迟到 1，缺 1（县水利局digger）。"
        assert casework.shift_lines(officer=CHIEF)[0].text == said
        report = casework.daily(day=local_date(NINE), officer=CHIEF, at=NINE + HOUR)
        (told,) = report.rolls
        assert [one.state for one in told.posts] == ["missing", "late", "there"]
        assert said in [one.text for one in report.lines]

    def test_when_all_have_answered_it_ends_by_itself(self):
        number = casework.call_roll(minutes=5, officer=CHIEF, at=NINE)
        for who in (CHIEF, RESCUER, DIGGER):
            casework.answer_roll(number=number, officer=who, at=NINE + MINUTE)
        casework.answer_roll(number=number, officer=DIGGER, at=NINE + 9 * MINUTE)

        assert roll(10).closed_at == NINE + MINUTE
        assert states(10)["water"] == "there", "a second answer changes nothing"
        assert casework.call_roll(minutes=5, officer=CHIEF, at=NINE + HOUR) > number

    def test_a_post_that_is_named_and_has_nobody_on_duty_is_missing(self):
        casework.call_roll(minutes=5, organs=["water", "housing"], officer=CHIEF, at=NINE)

        assert states(1) == {"housing": "nobody", "water": "waiting"}

    def test_a_roll_that_makes_no_sense_is_refused(self):
        with pytest.raises(Invalid):
            casework.call_roll(minutes=0, officer=CHIEF, at=NINE)
        with pytest.raises(Invalid):
            casework.call_roll(minutes=5, organs=["nowhere"], officer=CHIEF, at=NINE)
        with pytest.raises(casework.NobodyToCall):
            casework.call_roll(minutes=5, officer=CHIEF, at=NINE + 24 * HOUR)
        number = casework.call_roll(minutes=5, officer=CHIEF, at=NINE)
        with pytest.raises(casework.RollAlreadyOn):
            casework.call_roll(minutes=5, officer=CHIEF, at=NINE + MINUTE)
        casework.close_roll(number=number, officer=CHIEF, at=NINE + 6 * MINUTE)
        with pytest.raises(casework.RollOver):
            casework.answer_roll(number=number, officer=RESCUER, at=NINE + 7 * MINUTE)
        with pytest.raises(casework.RollOver):
            casework.close_roll(number=number, officer=CHIEF, at=NINE + 7 * MINUTE)

    def test_only_the_centre_calls_and_only_who_is_called_answers(self):
        number = casework.call_roll(minutes=5, organs=["water"], officer=CHIEF, at=NINE)
        for stranger in (SUN, RESCUER):
            for attempt in (
                lambda who: casework.call_roll(minutes=5, officer=who, at=NINE),
                lambda who: casework.urge_roll(number=number, officer=who, at=NINE),
                lambda who: casework.close_roll(number=number, officer=who, at=NINE),
                lambda who: casework.roll_calls(officer=who, at=NINE, since=NINE),
            ):
                with pytest.raises(NotAllowed):
                    attempt(stranger)
        with pytest.raises(NotAllowed):
            casework.answer_roll(number=number, officer=SUN, at=NINE)
        with pytest.raises(casework.RollUnknown):
            casework.answer_roll(number=number, officer=RESCUER, at=NINE)
        other = replace(CHIEF, organ="emergency")
        with pytest.raises(casework.RollUnknown):
            casework.close_roll(number=number, officer=other, at=NINE)

        assert not RollAnswer.objects.exclude(answered_at=None).exists()
        assert not journal.entries(event="roll.answered")
