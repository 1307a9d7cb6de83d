"""Merge incidents and take them apart, split signals off, grade, link, call back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import states
from yiwang.apps.casework.access import require_handling, require_seeing
from yiwang.apps.casework.actions.moving import act
from yiwang.apps.casework.actions.noting import note
from yiwang.apps.casework.actions.opening import create, named
from yiwang.apps.casework.models import CallBack, Case, CaseLink, Signal, SignalMove
from yiwang.apps.casework.queries.cases import find_case
from yiwang.apps.casework.queries.signals import counting_with
from yiwang.apps.casework.states import organs_of
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid


class NotTwoIncidents(Conflict):
    """Only two different incidents that are both open can be merged."""

    code = "casework.not_two_incidents"


class NotMerged(Conflict):
    """The incident is not one that was merged into another open one."""

    code = "casework.not_merged"


class SignalsNotSplit(Invalid):
    """Some, not all, of the signals that count with the incident can be split off."""

    code = "casework.signals_not_split"


class ReasonMissing(Invalid):
    """What changes an incident beside its flow says why."""

    code = "casework.reason_missing"


@transaction.atomic
def merge_incidents(
    *, number: str, into: str, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """并案: end an incident as part of another, where its signals count from now on."""
    row, target = _locked(number, into)
    both_open = Case.State.ENDED not in (row.state, target.state)
    if row.pk == target.pk or not both_open or {row.profile, target.profile} != {"incident"}:
        raise NotTwoIncidents(
            f"{number} 不能并入 {into}。", hint="请选择另一件正在处置的事件。", number=number
        )
    require_seeing(officer, target)
    absorb(row, target, reason=reason, actor=officer, at=at)


def absorb(
    row: Case, target: Case, *, reason: str, actor: identity.Officer | str, at: datetime
) -> None:
    """End an open incident as part of another open one; the caller answers for the right."""
    signals = counting_with(row)
    act(number=row.number, verb="merge", officer=actor, at=at, reason=reason)
    _move(signals, row, target, actor, at)
    CaseLink.objects.update_or_create(
        case=row,
        other=target,
        relation=CaseLink.Relation.MERGED,
        defaults={"at": at, "by": named(actor)[0], "until_at": None},
    )
    title = f"并入 {row.number} 的 {len(signals)} 条信号"
    note(target, "join", title=title, actor=actor, at=at, reason=reason)


@transaction.atomic
def unmerge_incident(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> None:
    """撤销并案: the incident goes on where it stood, with the signals it had brought."""
    link = (
        CaseLink.objects.filter(
            case__number=number, relation=CaseLink.Relation.MERGED, until_at=None
        )
        .select_related("other")
        .first()
    )
    if link is None:
        raise NotMerged(f"{number} 没有并入其他事件。", hint="只有并案的事件可以撤销。")
    row, target = _locked(number, link.other.number)
    act(number=number, verb="reopen", officer=officer, at=at, reason=reason)
    row.refresh_from_db()
    back = [one for one in counting_with(target) if _came_with(one, row, target)]
    _move(back, target, row, officer, at)
    CaseLink.objects.filter(pk=link.pk).update(until_at=at)
    title = f"撤销并案：{number} 的 {len(back)} 条信号拆出"
    note(target, "split", title=title, actor=officer, at=at, reason=reason)


@transaction.atomic
def split_signals(
    *,
    number: str,
    signals: Sequence[int],
    reason: str,
    officer: identity.Officer,
    at: datetime,
) -> str:
    """拆分: signals that are about something else begin an incident of their own; its number."""
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    require_handling(officer, row, states.last_task(row))
    _require_reason(reason)
    known = {one.pk: one for one in counting_with(row)}
    chosen = [known[pk] for pk in dict.fromkeys(signals) if pk in known]
    if not chosen or len(chosen) == len(known) or len(chosen) < len(set(signals)):
        raise SignalsNotSplit(
            "请选择要拆出的部分信号。", hint="至少一条，且不能是全部；全部无关时请按误报处理。"
        )
    new = _sibling(row, chosen[0])
    parties = {name: organ for name, organ in organs_of(row).items() if name}
    create(row.flow, [new], [parties], actor=officer, at=at)
    _move(chosen, row, new, officer, at)
    CaseLink.objects.create(
        case=new, other=row, relation=CaseLink.Relation.SPLIT, at=at, by=officer.username
    )
    title = f"拆出 {len(chosen)} 条信号，另立 {new.number}"
    note(row, "split", title=title, actor=officer, at=at, reason=reason)
    return new.number


@transaction.atomic
def regrade(
    *, number: str, grade: int, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """调整等级: say how grave an incident is, from 1 to 4, and why."""
    row = find_case(number, Case.objects.select_for_update(of=("self",)).filter(profile="incident"))
    require_handling(officer, row, states.last_task(row))
    _require_reason(reason)
    if grade not in (1, 2, 3, 4):
        raise Invalid("等级只能是 1 到 4。", hint="1 为特别重大，4 为一般。")
    title = f"等级由 {row.grade} 级调整为 {grade} 级"
    row.grade = grade
    row.save(update_fields=["grade"])
    states.list_again([row])
    note(row, "grade", title=title, actor=officer, at=at, reason=reason, facts={"grade": grade})


@transaction.atomic
def link_cases(
    *, number: str, other: str, relation: str, officer: identity.Officer, at: datetime
) -> None:
    """关联: two matters belong together; whoever may see one is shown the other's number."""
    row, second = _locked(number, other)
    for one in (row, second):
        require_seeing(officer, one)
    if row.pk == second.pk or relation not in CaseLink.Relation.values:
        raise Invalid("不能这样关联。", hint="请选择另一件和关系。")
    CaseLink.objects.get_or_create(
        case=row, other=second, relation=relation, defaults={"at": at, "by": officer.username}
    )
    label = CaseLink.Relation(relation).label
    note(row, "link", title=f"关联（{label}）：{other}", actor=officer, at=at)


@transaction.atomic
def call_back(
    *,
    number: str,
    is_reached: bool,
    is_satisfied: bool | None,
    text: str,
    officer: identity.Officer,
    at: datetime,
) -> None:
    """回访: what the reporter says about how a closed incident was handled."""
    identity.require(officer, "incident.call_back")
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    require_seeing(officer, row)
    if row.state != Case.State.ENDED:
        raise Conflict(f"{number} 尚未办结，不能回访。", hint="结案后再回访。")
    satisfied = is_satisfied if is_reached else None
    CallBack.objects.create(
        case=row,
        at=at,
        by=officer.username,
        is_reached=is_reached,
        is_satisfied=satisfied,
        text=text.strip()[:500],
    )
    said = {True: "满意", False: "不满意", None: "未表态"}[satisfied]
    title = f"回访：{said}" if is_reached else "回访：未接通"
    note(row, "call_back", title=title, actor=officer, at=at)


def _locked(first: str, second: str) -> tuple[Case, Case]:
    """Both rows, locked in one order whoever asks, so that two who merge crosswise do not wait."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("flow")
    found = {row.number: row for row in rows.filter(number__in=[first, second]).order_by("pk")}
    return tuple(found.get(one) or find_case(one) for one in (first, second))  # type: ignore[return-value]


def _move(
    signals: Sequence[Signal], origin: Case, case: Case, actor: identity.Officer | str, at: datetime
) -> None:
    SignalMove.objects.filter(signal__in=signals).update(is_last=False)
    SignalMove.objects.bulk_create(
        SignalMove(signal=one, origin=origin, case=case, at=at, by=named(actor)[0])
        for one in signals
    )
    for row in (origin, case):
        left = counting_with(row)
        row.signals = len(left)
        row.last_signal_at = max((one.at for one in left), default=row.last_signal_at)
        row.save(update_fields=["signals", "last_signal_at"])


def _came_with(signal: Signal, row: Case, target: Case) -> bool:
    last = signal.moves.get(is_last=True) if signal.case_id != target.pk else None
    return last is not None and last.origin_id == row.pk


def _sibling(row: Case, first: Signal) -> Case:
    is_free = (
        first.object
        and not Case.objects.filter(kind=row.kind, object=first.object)
        .exclude(state=Case.State.ENDED)
        .exists()
    )
    return Case(
        title=f"{row.title.partition('：')[0]}：{first.summary}"[:200],
        organ=row.organ,
        division=first.division,
        facts=first.facts,
        kind=row.kind,
        object=first.object if is_free else "",
        grade=row.grade,
        lon=first.lon,
        lat=first.lat,
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("请写明理由。", hint="理由会记入轨迹。")
