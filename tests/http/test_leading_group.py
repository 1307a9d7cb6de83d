"""A meeting's minutes are signed and its decisions are carried out, each by one organ, in time."""

import pytest
from cast import NINE
from county import settle
from visiting import browser_of, text_of

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db
MEETING, TASK = "leading_group.meeting", "leading_group.task"
HELD = {"到会单位": "十二个单位", "议定事项数": "1", "minutes": "议定一项。"}


@pytest.fixture
def county():
    settled = settle()
    identity.create_account(
        username="cheng",
        name="程领导",
        password="Tests-only-2026",
        at=NINE,
        organ="command-center",
        posts=["分管领导"],
    )
    return settled


def begin(flow: str, about: str, officer: identity.Officer, **parties: str) -> str:
    return casework.begin_case(
        flow=flow, about=about, purpose="按计划", parties=parties, officer=officer, at=NINE
    ).number


def act(number: str, verb: str, officer: identity.Officer, **given: object) -> casework.CaseView:
    return casework.act(number=number, verb=verb, officer=officer, at=NINE, **given)


def test_a_meeting_ends_with_signed_minutes_and_its_decision_is_tracked_to_the_end(county):
    chair = identity.officer("cheng", at=NINE)
    meeting = begin(MEETING, "H03", county.gu)
    act(meeting, "submit", county.gu, evidence={"议题": "归集进度", "会议时间": "周四"})
    act(meeting, "handle", county.gu, evidence=HELD)
    assert act(meeting, "approve", chair).step == "minuted"

    task = begin(TASK, meeting, county.gu, unit="civil-affairs")
    act(task, "accept", county.li)
    act(task, "handle", county.li, reason="已归集")
    assert act(task, "close", county.gu).step == "done"
    (link,) = casework.links_of(task, actor=county.gu)
    assert link.number == meeting
    Account.objects.update(password_set_at=system_clock())
    assert f"/office/cases/{task}/" in text_of(browser_of("gu"), f"/office/cases/{meeting}/")


def test_only_the_office_begins_and_only_the_organ_that_was_named_answers(county):
    meeting = begin(MEETING, "H03", county.gu)
    task = begin(TASK, meeting, county.gu, unit="civil-affairs")

    for stranger in (county.sun, county.li):
        with pytest.raises(NotAllowed):
            begin(MEETING, "H03", stranger)
    for verb in ("accept", "return"):
        with pytest.raises(NotAllowed):
            act(task, verb, county.sun, reason="x")
    with pytest.raises(casework.PartyMissing):
        begin(TASK, meeting, county.gu)
