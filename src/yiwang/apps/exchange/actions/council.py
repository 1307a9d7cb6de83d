"""议事协调: a demand or objection in dispute is brought before the council, decided and minuted.

The minutes are the evidence of the move that the decision makes in the case, so what happens to
it can be read from its trail alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.db.models import Q

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.corrections import spread_correction
from yiwang.apps.exchange.actions.demands import is_answered, settle_demand
from yiwang.apps.exchange.models import AgendaItem, Demand, Meeting
from yiwang.apps.exchange.queries.council import MeetingView, meeting_row, meeting_view
from yiwang.apps.exchange.queries.demands import demand_row
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.work import Verb

Decision = Literal["share", "refuse", "correct", "keep", "again"]
VERBS: Mapping[Decision, Verb] = {
    "share": "approve",
    "refuse": "refuse",
    "correct": "close",
    "keep": "deny",
    "again": "return",
}
OF_DEMANDS: tuple[Decision, ...] = ("share", "refuse", "again")
OF_OBJECTIONS: tuple[Decision, ...] = ("correct", "keep", "again")
PLATFORM = "exchange"
"""The part of the platform that moves a case out of the hands of an organ that stays silent."""


class AgendaMalformed(Invalid):
    """A meeting without items, or minutes that leave an item undecided."""

    code = "exchange.agenda_malformed"


class MeetingClosed(Conflict):
    """The minutes of this meeting are signed; they are not changed."""

    code = "exchange.meeting_closed"


class MinutesMissing(Conflict):
    """The case is before the council: minutes decide it, and nothing else."""

    code = "exchange.minutes_missing"


class AnswerNotLate(Conflict):
    """The provider still has time to answer."""

    code = "exchange.answer_not_late"


@transaction.atomic
def escalate_demand(number: str, *, reason: str, officer: identity.Officer, at: datetime) -> None:
    """提请议事协调: the demander brings a refusal before the council, or an answer that is late."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    mover: identity.Officer | str = officer
    if row.state == Demand.State.WAITING:
        _require_late(row, officer, at)
        mover = PLATFORM
    asking = f"{identity.organ(row.organ).title}因逾期未答复提请：" if mover == PLATFORM else ""
    AgendaMalformed.unless((bool(reason.strip()), "reason", "提请议事协调应当写明理由。"))
    casework.act(
        number=row.case,
        verb="submit",
        to="council",
        officer=mover,
        at=at,
        reason=f"{asking}{reason.strip()}",
    )
    put_on_agenda(demand=row, ground=f"{asking}{reason}", by=officer.username, at=at)


def _require_late(row: Demand, officer: identity.Officer, at: datetime) -> None:
    """The step is the provider's until its time is over; then the platform moves the case."""
    case = casework.case(row.case, actor=officer, at=at)
    due = case.step_due_at
    if case.step != "answer" or due is None or at <= due:
        raise AnswerNotLate(
            f"数据需求 {row.number} 还在提供机构的答复时限内，不能提请议事协调。",
            hint="逾期未答复或答复不同意的，可以提请。",
            number=row.number,
        )


@transaction.atomic
def escalate_objection(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """提请议事协调: the bureau does not settle an objection alone that its source denies."""
    identity.require(officer, "exchange.council")
    casework.act(number=number, verb="submit", to="council", officer=officer, at=at, reason=reason)
    put_on_agenda(objection=number, ground=reason, by=officer.username, at=at)


def put_on_agenda(
    *, demand: Demand | None = None, objection: str = "", ground: str, by: str, at: datetime
) -> None:
    """列入议题: the case waits for the next meeting and its minutes."""
    item = AgendaItem.objects.create(
        demand=demand,
        objection=objection,
        source=catalog.contested(objection).provider if objection else "",
        ground=ground.strip()[:500],
        raised_by=by,
        raised_at=at,
    )
    event = "exchange.demand_escalated" if demand else "exchange.objection_escalated"
    _note(event, item.number, by, at)


def is_on_agenda(number: str) -> bool:
    """Whether a demand or an objection waits for the minutes of a meeting."""
    about = Q(demand__number=number) | Q(objection=number)
    return AgendaItem.objects.filter(about, decision="waiting").exists()


def require_minutes(number: str) -> None:
    """Raise ``MinutesMissing`` while the case is on the agenda."""
    if is_on_agenda(number):
        raise MinutesMissing(
            f"{number} 正待议事协调，由会议纪要决定，不能在办件上直接办理。",
            hint="请在“议事协调”召集会议，签发纪要后办件随之流转。",
            number=number,
        )


@transaction.atomic
def call_meeting(
    *,
    title: str,
    held_at: datetime,
    items: Sequence[str],
    officer: identity.Officer,
    at: datetime,
    place: str = "",
) -> MeetingView:
    """召集议事协调会: put waiting items, by their numbers, on the agenda of a meeting, in order."""
    identity.require(officer, "exchange.council")
    waiting = AgendaItem.objects.filter(decision="waiting", meeting=None)
    known = {row.number: row for row in waiting.select_related("demand")}
    AgendaMalformed.unless(
        (bool(title.strip()), "title", "会议要有名称。"),
        (bool(items) and set(items) <= known.keys(), "items", "请至少选择一个待议的议题。"),
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
    for position, number in enumerate(items, 1):
        AgendaItem.objects.filter(pk=known[number].pk).update(meeting=meeting, position=position)
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
    AgendaMalformed.unless(
        (bool(minutes.strip()), "minutes", "请写纪要。"),
        (decisions.keys() <= {row.number for row in items}, "", "有的决定不属于本次会议的议题。"),
        *_undecided(items, decisions),
        number=number,
    )
    meeting.minutes, meeting.attendees = minutes.strip(), attendees.strip()[:500]
    meeting.closed_by, meeting.closed_at = officer.username, at
    meeting.save(update_fields=["minutes", "attendees", "closed_by", "closed_at"])
    for row in items:
        decision, words = decisions[row.number]
        _settle(row, decision, words, meeting, officer, at)
    _note("exchange.minutes_signed", meeting.number, officer.username, at)
    return meeting_view(meeting)


def _undecided(
    items: Sequence[AgendaItem], decisions: Mapping[str, tuple[Decision, str]]
) -> Iterator[tuple[bool, str, str]]:
    """Whether each item is decided as one of its kind may be, and in words."""
    for row in items:
        decision, words = decisions.get(row.number, ("", ""))
        may = OF_DEMANDS if row.demand else OF_OBJECTIONS
        yield decision in may, f"decision-{row.number}", f"请为议题 {row.number} 选择决定。"
        yield bool(words.strip()), f"words-{row.number}", f"请写明议题 {row.number} 的决定内容。"


def _settle(
    item: AgendaItem,
    decision: Decision,
    words: str,
    meeting: Meeting,
    officer: identity.Officer,
    at: datetime,
) -> None:
    to = ""
    if item.demand and decision == "share":
        to = "confirm" if is_answered(item.demand.table) else "deliver"
    case = casework.act(
        number=item.number,
        verb=VERBS[decision],
        to=to,
        officer=officer,
        at=at,
        reason=words,
        evidence={"minutes": f"{meeting.title}（{meeting.number}）：{words}"},
    )
    AgendaItem.objects.filter(pk=item.pk).update(decision=decision, words=words.strip()[:500])
    if item.demand:
        _settle_demand(
            item.demand, case.step, f"议事协调（{meeting.number}）：{words}", officer, at
        )
    elif catalog.conclude_objection(case, at=at):
        spread_correction(item.number, by=officer.username, at=at)


def _settle_demand(
    demand: Demand, step: str, reason: str, officer: identity.Officer, at: datetime
) -> None:
    settle_demand(demand, step, by=officer.username, at=at)
    if demand.state != Demand.State.WAITING:  # a refusal that stands is now the council's
        demand.decided_by, demand.decided_at = officer.username, at
    demand.reason = reason[:500]
    demand.save(update_fields=["decided_by", "decided_at", "reason"])


def _note(event: str, number: str, by: str, at: datetime) -> None:
    journal.record(event, subject=number, actor=by, at=at, case=number)
