"""Limits into a year whose holidays are not announced: counted provisionally, then again."""

import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cast import OFFICE
from joint_flow import NEW, PERMIT
from workshop import COUNTY, LI, SUN, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import StepTask, TrailEntry
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import NotAllowed

OPENED = datetime(2026, 12, 28, 10, tzinfo=CHINA)
ENTERED = datetime(2026, 12, 29, 9, tzinfo=CHINA)
NOTICE = "2027-01-01,holiday,元旦,示例通知\n2027-01-09,workday,元旦,示例通知\n"


@pytest.fixture
def number(db) -> str:
    casework.install(library(flows={"permit": PERMIT}, incidents={}), at=OPENED)
    return casework.open_case(flow="work.permit", division=COUNTY, at=OPENED, **NEW).number


@pytest.fixture
def entered(tmp_path: Path, repository: Path, settings):
    """Enters the notice of the year to come, as who runs the platform does; ``base`` keeps it."""

    def enter() -> None:
        packs = tmp_path / "packs"
        for folder in ("base", "places/siyang"):
            shutil.copytree(repository / "packs" / folder, packs / folder)
        place = packs / "places/siyang/place.yaml"
        chosen = re.sub(
            r"^packs:\n(  - .*\n)+", "packs: [base]\n", place.read_text("utf-8"), flags=re.M
        )
        place.write_text(chosen, "utf-8")
        with (packs / "base/registers/workdays.csv").open("a", encoding="utf-8") as register:
            register.write(NOTICE)
        settings.PACKS = packs

    return enter


def seen(number: str, at: datetime = OPENED) -> casework.CaseView:
    return casework.case(number, actor=LI, at=at)


def test_filing_does_not_stop_at_the_end_of_the_year_and_the_limit_is_marked(number):
    view = seen(number)

    assert f"{view.due_at.astimezone(CHINA):%Y-%m-%d}" == "2027-01-11"  # ten weekdays
    assert view.provisional == 2027
    (line,) = casework.cases_waiting(officer=LI, at=OPENED)
    assert line.provisional == 2027
    assert casework.standing(number).provisional == 2027


def test_when_the_notice_is_entered_every_limit_is_counted_again_on_record(number, entered):
    assert casework.recount(ENTERED).counts == {"重算期限": 0}, "nothing is announced yet"
    entered()

    assert casework.recount(ENTERED).counts == {"重算期限": 1}
    view = seen(number, ENTERED)
    # New Year's Day is off, and Saturday the 9th is worked: 29, 30, 31, then 4 to 9 and 11.
    assert f"{view.due_at.astimezone(CHINA):%Y-%m-%d}" == "2027-01-11"
    assert f"{view.legal_due_at.astimezone(CHINA):%Y-%m-%d}" == "2027-01-25"
    assert view.provisional is None
    last = casework.trail(number, actor=LI)[-1]
    assert (last.verb, last.actor) == ("recount", "casework")
    assert "2027 年放假安排已公布" in last.title
    assert Outbox.objects.filter(event="case.recount").count() == 1
    assert casework.recount(ENTERED).counts == {"重算期限": 0}, "again changes nothing"


def test_the_clock_replays_to_the_same_after_a_recount(number, entered):
    entered()
    casework.recount(ENTERED)
    replayed = casework.clock_of(number, actor=LI, at=ENTERED)

    assert replayed.clocks[0].due_at == seen(number, ENTERED).due_at
    assert StepTask.objects.get(case__number=number).due_at == replayed.clocks[-1].due_at
    assert casework.act(number=number, verb="accept", officer=LI, at=ENTERED).step == "joint"


def test_an_act_before_the_notice_keeps_the_mark_and_one_after_it_takes_it_away(number, entered):
    assert casework.act(number=number, verb="accept", officer=LI, at=ENTERED).provisional == 2027
    entered()
    after = casework.act(
        number=number, verb="approve", officer=LI, at=ENTERED, task=_own_task(number)
    )
    assert after.provisional is None


def test_silence_counts_as_nothing_while_the_year_is_not_announced(number, entered):
    casework.act(number=number, verb="accept", officer=LI, at=ENTERED)
    late = datetime(2027, 1, 20, 9, tzinfo=CHINA)

    assert casework.act_on_late(late).counts["逾期视为"] == 0
    entered()
    casework.recount(late)
    assert casework.act_on_late(late).counts["逾期视为"] == 2, "both members, as the flow says"


def test_a_stranger_sees_neither_the_limit_nor_its_recount(number, entered):
    entered()
    casework.recount(ENTERED)
    stranger = replace(SUN, username="stranger", organ="elsewhere")  # Sun's organ is a party here
    with pytest.raises(NotAllowed):
        casework.clock_of(number, actor=stranger, at=ENTERED)
    assert TrailEntry.objects.filter(verb="recount").count() == 1


def _own_task(number: str) -> int:
    (own,) = StepTask.objects.filter(case__number=number, left_at=None, organ=OFFICE)
    return own.number
