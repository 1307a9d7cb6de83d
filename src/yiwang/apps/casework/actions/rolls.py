"""点名: the command centre calls the roll of duty posts, urges who is missing, closes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.models import DutyShift, RollAnswer, RollCall, ShiftLine
from yiwang.apps.casework.queries.rolls import told
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotFound

SHORTEST, LONGEST = 1, 60
"""Minutes that the called have to answer."""


class RollUnknown(NotFound):
    """There is no such roll call, or it is not the officer's."""

    code = "casework.roll_unknown"


class RollAlreadyOn(Conflict):
    """The centre has a roll call that is not closed."""

    code = "casework.roll_already_on"


class RollOver(Conflict):
    """The roll call is closed."""

    code = "casework.roll_over"


class NobodyToCall(Invalid):
    """Nobody is on duty now, and no post was named."""

    code = "casework.nobody_to_call"


@transaction.atomic
def call_roll(
    *, minutes: int, organs: Sequence[str] = (), officer: identity.Officer, at: datetime
) -> int:
    """点名: call everybody who is on duty now, of these organs or of all; its number.

    An organ that is named and has nobody on duty is called too: the post is missing.
    """
    identity.require(officer, "command.call")
    if not SHORTEST <= minutes <= LONGEST:
        raise Invalid(
            "应答时限不对。", hint=f"写 {SHORTEST} 到 {LONGEST} 分钟。", minutes=str(minutes)
        )
    if unknown := [one for one in organs if not place.has_organ(one)]:
        raise Invalid(f"没有机构 {'、'.join(unknown)}。", hint="请从列表中选择。")
    called = _called(organs, officer, at)
    if not called:
        raise NobodyToCall("现在没有人值班，无人可点。", hint="先排班，或选定要点名的单位。")
    try:
        with transaction.atomic():
            call = RollCall.objects.create(
                organ=officer.organ,
                called_at=at,
                called_by=officer.username,
                due_at=at + timedelta(minutes=minutes),
            )
    except IntegrityError as error:
        raise RollAlreadyOn("上一次点名还没有结束。", hint="先结束上一次点名。") from error
    for one in called:
        one.call = call
    RollAnswer.objects.bulk_create(called)
    facts = {"called": len(called)}
    journal.record("roll.called", subject=str(call.pk), actor=officer.username, at=at, facts=facts)
    return call.pk


@transaction.atomic
def answer_roll(*, number: int, text: str = "", officer: identity.Officer, at: datetime) -> None:
    """应答: who was called says that they are there; a second time changes nothing."""
    identity.require(officer, "command.answer")
    call = RollCall.objects.select_for_update().filter(pk=number).first()
    mine = call and call.answers.filter(officer=officer.username).first()
    if call is None or mine is None:
        raise RollUnknown(
            "这次点名没有点到您。", hint="刷新页面查看最新的点名。", number=str(number)
        )
    if mine.answered_at is not None:
        return
    if call.closed_at is not None:
        raise RollOver("点名已经结束，不能再应答。", hint="请联系指挥中心说明情况。")
    mine.answered_at, mine.text = at, text.strip()[:200]
    mine.save(update_fields=["answered_at", "text"])
    journal.record("roll.answered", subject=str(number), actor=officer.username, at=at)
    if not call.answers.filter(answered_at=None).exists():
        _close(call, officer.username, at)


@transaction.atomic
def urge_roll(*, number: int, officer: identity.Officer, at: datetime) -> int:
    """催促: remind who has not answered; how many that are."""
    call = _own(number, officer)
    missing = list(call.answers.filter(answered_at=None).exclude(officer=""))
    for one in missing:
        one.urged_at, one.urged = at, one.urged + 1
    RollAnswer.objects.bulk_update(missing, ["urged_at", "urged"])
    journal.record("roll.urged", subject=str(number), actor=officer.username, at=at)
    return len(missing)


@transaction.atomic
def close_roll(*, number: int, officer: identity.Officer, at: datetime) -> None:
    """结束点名: nobody answers any more; what came of it goes into the shift log."""
    _close(_own(number, officer), officer.username, at)


def _called(organs: Sequence[str], officer: identity.Officer, at: datetime) -> list[RollAnswer]:
    shifts = DutyShift.objects.filter(begins_at__lte=at, ends_at__gt=at).order_by("begins_at", "id")
    seats = place.organ_divisions()
    found: dict[tuple[str, str], RollAnswer] = {}
    for one in shifts:
        is_covered = any(
            identity.is_within(seats.get(one.organ, ""), cover) for cover in officer.divisions
        )
        if (organs and one.organ not in organs) or not is_covered:
            continue
        found.setdefault(
            (one.organ, one.officer),
            RollAnswer(
                organ=one.organ,
                officer=one.officer,
                name=identity.account(one.officer, at=at).name,
                part=one.part,
            ),
        )
    there = {organ for organ, _ in found}
    empty = [RollAnswer(organ=one) for one in dict.fromkeys(organs) if one not in there]
    return [*found.values(), *empty]


def _own(number: int, officer: identity.Officer) -> RollCall:
    identity.require(officer, "command.call")
    call = RollCall.objects.select_for_update().filter(pk=number, organ=officer.organ).first()
    if call is None:
        raise RollUnknown("没有这次点名。", hint="请从指挥页进入。", number=str(number))
    if call.closed_at is not None:
        raise RollOver("点名已经结束。", hint="刷新页面查看结果。")
    return call


def _close(call: RollCall, by: str, at: datetime) -> None:
    call.closed_at, call.closed_by = at, by
    call.save(update_fields=["closed_at", "closed_by"])
    ShiftLine.objects.create(organ=call.organ, at=at, by=by, text=told(call)[:1000])
    journal.record("roll.closed", subject=str(call.pk), actor=by, at=at)
