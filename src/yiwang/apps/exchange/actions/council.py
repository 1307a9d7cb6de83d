"""议事协调: a refused demand is brought before the council, discussed, decided and minuted.

The minutes are the evidence of the move that the decision makes in the case, so what happens to
the demand can be read from its trail alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange.actions.demands import is_answered, settle_demand
from yiwang.apps.exchange.models import AgendaItem, Demand, Meeting
from yiwang.apps.exchange.queries.council import MeetingView, meeting_row, meeting_view
from yiwang.apps.exchange.queries.demands import demand_row
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.work import Verb

Decision = Literal["share", "refuse", "again"]
VERBS: Mapping[Decision, Verb] = {
    "share": "approve",
    "refuse": "refuse",
    "again": "return",
}


class AgendaMalformed(Invalid):
    """A meeting without items, or minutes that leave an item undecided."""

    code = "exchange.agenda_malformed"


class MeetingClosed(Conflict):
    """The minutes of this meeting are signed; they are not changed."""

    code = "exchange.meeting_closed"


class MinutesMissing(Conflict):
    """The demand is before the council: minutes decide it, and nothing else."""

    code = "exchange.minutes_missing"


@transaction.atomic
def escalate_demand(number: str, *, reason: str, officer: identity.Officer, at: datetime) -> None:
    """提请议事协调: the demander brings a refusal before the council."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    casework.act(
        number=row.case, verb="submit", to="council", officer=officer, at=at, reason=reason
    )
    put_on_agenda(row, ground=reason, by=officer.username, at=at)


def put_on_agenda(demand: Demand, *, ground: str, by: str, at: datetime) -> None:
    """列入议题: the demand waits for the next meeting, and its case for the minutes."""
    AgendaItem.objects.create(
        demand=demand, ground=ground.strip()[:500], raised_by=by, raised_at=at
    )
    _note("exchange.demand_escalated", demand.number, by, at)


def require_minutes(demand: Demand) -> None:
    """Raise ``MinutesMissing`` while the demand is on the agenda."""
    if demand.agenda.filter(decision="waiting").exists():
        raise MinutesMissing(
            f"数据需求 {demand.number} 正待议事协调，由会议纪要决定，不能在办件上直接办理。",
            hint="请在“议事协调”召集会议，签发纪要后办件随之流转。",
            number=demand.number,
        )


@transaction.atomic
def call_meeting(
    *,
    title: str,
    held_at: datetime,
    demands: Sequence[str],
    officer: identity.Officer,
    at: datetime,
    place: str = "",
) -> MeetingView:
    """召集议事协调会: put waiting items on the agenda of a meeting, in order."""
    identity.require(officer, "exchange.council")
    waiting = AgendaItem.objects.filter(decision="waiting", meeting=None)
    items = {row.demand.number: row for row in waiting.select_related("demand")}
    if not title.strip() or not demands or set(demands) - items.keys():
        raise AgendaMalformed(
            "会议要有名称，至少一个议题，且都是待议的。", hint="请从待议清单中选择。"
        )
    count = Meeting.objects.filter(held_at__year=held_at.year).count() + 1
    meeting = Meeting.objects.create(
        number=f"XT{held_at.astimezone(CHINA):%Y}{count:03d}",
        title=title.strip()[:120],
        held_at=held_at,
        place=place.strip()[:120],
        called_by=officer.username,
        called_at=at,
    )
    for position, number in enumerate(demands, 1):
        AgendaItem.objects.filter(pk=items[number].pk).update(meeting=meeting, position=position)
    _note("exchange.meeting_called", meeting.number, officer.username, at)
    return meeting_view(meeting)


@transaction.atomic
def sign_minutes(
    number: str,
    *,
    minutes: str,
    attendees: str,
    decisions: Mapping[str, tuple[Decision, str]],
    officer: identity.Officer,
    at: datetime,
) -> MeetingView:
    """签发纪要: what was decided of each item moves its case, with the minutes as evidence."""
    identity.require(officer, "exchange.council")
    meeting = meeting_row(number, lock=True)
    if meeting.closed_at:
        raise MeetingClosed(f"会议 {number} 的纪要已签发。", hint="如需变更请另行召集会议。")
    items = list(meeting.items.select_related("demand").order_by("position"))
    missing = {row.demand.number for row in items} ^ decisions.keys()
    if missing or not minutes.strip() or any(not words.strip() for _, words in decisions.values()):
        raise AgendaMalformed(
            "纪要、每个议题的决定和决定内容都要写明。", hint="请逐项填写后签发。", number=number
        )
    meeting.minutes, meeting.attendees = minutes.strip(), attendees.strip()[:500]
    meeting.closed_by, meeting.closed_at = officer.username, at
    meeting.save(update_fields=["minutes", "attendees", "closed_by", "closed_at"])
    for row in items:
        decision, words = decisions[row.demand.number]
        _settle(row, decision, words, meeting, officer, at)
    _note("exchange.minutes_signed", meeting.number, officer.username, at)
    return meeting_view(meeting)


def _settle(
    item: AgendaItem,
    decision: Decision,
    words: str,
    meeting: Meeting,
    officer: identity.Officer,
    at: datetime,
) -> None:
    demand = item.demand
    case = casework.act(
        number=demand.case,
        verb=VERBS[decision],
        to=("confirm" if is_answered(demand.table) else "deliver") if decision == "share" else "",
        officer=officer,
        at=at,
        reason=words,
        evidence={"minutes": f"{meeting.title}（{meeting.number}）：{words}"},
    )
    AgendaItem.objects.filter(pk=item.pk).update(decision=decision, words=words.strip()[:500])
    settle_demand(demand, case.step, by=officer.username, at=at)
    if demand.state != Demand.State.WAITING:  # a refusal that stands is now the council's
        demand.decided_by, demand.decided_at = officer.username, at
    demand.reason = f"议事协调（{meeting.number}）：{words}"[:500]
    demand.save(update_fields=["decided_by", "decided_at", "reason"])


def _note(event: str, number: str, by: str, at: datetime) -> None:
    journal.record(event, subject=number, actor=by, at=at, case=number)
