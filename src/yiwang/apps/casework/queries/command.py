"""What the command centre sees: who is on duty, plans, the nearest help, how it went."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.casework import place
from yiwang.apps.casework.access import require_seeing
from yiwang.apps.casework.merging import metres_between
from yiwang.apps.casework.models import (
    CallBack,
    Case,
    CaseLink,
    DutyShift,
    FieldEntry,
    Minutes,
    PlanSwitch,
    ShiftLine,
    StepTask,
    TrailEntry,
)
from yiwang.apps.casework.queries.cases import find_case, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.packkit.kinds.incidents import Plan

FRESH = timedelta(hours=12)
"""A person's place counts for so long."""
LATE_COSTS, RETURN_COSTS, HOP_COSTS, SILENT_COSTS = 15, 5, 3, 10
"""What the score of a review loses, of 100: for a late step, a return, a hop beyond three, no call
back after the end. Examples."""
FREE_HOPS = 3
RETURNS, HOPS = ("return", "recall"), ("dispatch", "transfer", "escalate", "delegate")


@dataclass(frozen=True)
class ShiftView:
    """Who is on duty, as what, until when."""

    officer: str
    name: str
    part: str
    begins_at: datetime
    ends_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True)
class LineView:
    """A line of the shift log; ``by`` is the name of who noted it."""

    id: int
    at: datetime
    by: str
    text: str
    number: str
    corrects: int | None


@dataclass(frozen=True)
class PlanView:
    """A plan, and the level at which it is on; empty when it is off."""

    ref: str
    content: Plan
    level: str
    since: datetime | None
    by: str
    reason: str


@dataclass(frozen=True)
class Nearby:
    """Something or somebody that can be sent, and how far away it is."""

    title: str
    kind: str
    contact: str
    lon: float
    lat: float
    metres: int


@dataclass(frozen=True)
class MinutesView:
    """What was consulted."""

    at: datetime
    chair: str
    attendees: str
    text: str


@dataclass(frozen=True)
class StayView:
    """How long a step took, against its limit."""

    title: str
    organ: str
    entered_at: datetime
    left_at: datetime | None
    due_at: datetime | None
    is_late: bool


@dataclass(frozen=True)
class Review:
    """复盘: how an incident went, from its trail alone; ``lost`` says what the score lost for."""

    stays: tuple[StayView, ...]
    first_response: timedelta | None
    whole: timedelta
    hops: int
    returns: int
    late_steps: int
    instructions: int
    score: int
    lost: tuple[str, ...]


def on_duty(*, officer: identity.Officer, at: datetime, ahead: timedelta) -> list[ShiftView]:
    """The shifts of the officer's organ that last now or begin within ``ahead``."""
    identity.require(officer, "command.see")
    rows = DutyShift.objects.filter(
        organ=officer.organ, ends_at__gt=at, begins_at__lte=at + ahead
    ).order_by("begins_at", "id")
    return [
        ShiftView(
            one.officer,
            identity.account(one.officer, at=at).name,
            one.get_part_display(),
            one.begins_at,
            one.ends_at,
            one.accepted_at,
        )
        for one in rows
    ]


def shift_lines(*, officer: identity.Officer, limit: int = 30) -> list[LineView]:
    """The latest lines of the organ's log."""
    identity.require(officer, "command.see")
    rows = ShiftLine.objects.filter(organ=officer.organ).select_related("case").order_by("-id")
    return line_views(rows[:limit])


def line_views(rows: Iterable[ShiftLine]) -> list[LineView]:
    """Lines of a log, each with the name of who noted it."""
    found = list(rows)
    names = identity.account_names(one.by for one in found)
    return [
        LineView(
            id=one.pk,
            at=one.at,
            by=names[one.by],
            text=one.text,
            number=one.case.number if one.case else "",
            corrects=one.corrects_id,
        )
        for one in found
    ]


def plans(*, officer: identity.Officer) -> list[PlanView]:
    """Every plan of the place, those that are on first."""
    identity.require(officer, "command.see")
    on = {one.plan: one for one in PlanSwitch.objects.filter(off_at=None)}
    names = identity.account_names(one.on_by for one in on.values())
    found = [_plan_view(ref, content, on.get(ref), names) for ref, content in place.plans().items()]
    return sorted(found, key=lambda one: (not one.level, one.ref))


def plans_on() -> list[tuple[str, str]]:
    """What is on now: title and screen; for every page of oversight."""
    rows = PlanSwitch.objects.filter(off_at=None).order_by("on_at")
    return list(rows.values_list("title", "screen"))


def nearest(
    *, lon: float, lat: float, officer: identity.Officer, at: datetime, each: int = 8
) -> list[Nearby]:
    """What can be sent, nearest first: resources of all plans, and people seen lately.

    At most ``each`` of one kind, so that many cameras do not hide the one rescue team.
    """
    identity.require(officer, "command.see")
    found = [
        Nearby(title, kind, contact, there[0], there[1], round(distance))
        for title, kind, contact, there in [*_resources(), *_people(at)]
        if (distance := metres_between(lon, lat, *there)) is not None
    ]
    counts, kept = Counter[str](), []
    for one in sorted(found, key=lambda one: one.metres):
        counts[one.kind] += 1
        if counts[one.kind] <= each:
            kept.append(one)
    return kept


def minutes_of(number: str, *, officer: identity.Officer) -> list[MinutesView]:
    """The minutes about an incident."""
    row = find_case(number)
    require_seeing(officer, row)
    return [
        MinutesView(one.at, one.chair, one.attendees, one.text)
        for one in Minutes.objects.filter(case=row).order_by("at")
    ]


def review(number: str, *, officer: identity.Officer, at: datetime) -> Review:
    """How it went: stays against limits, hops, returns; each point lost says for what."""
    row = find_case(number)
    require_seeing(officer, row)
    lines = list(TrailEntry.objects.filter(case=row).order_by("sequence"))
    stays = _stays(row, at)
    late = sum(one.is_late for one in stays)
    hops = sum(line.verb in HOPS for line in lines)
    returns = sum(line.verb in RETURNS for line in lines)
    silent = row.state == Case.State.ENDED and not CallBack.objects.filter(case=row).exists()
    costs = (
        (late * LATE_COSTS, f"{late} 个环节超期"),
        (returns * RETURN_COSTS, f"退回、撤回 {returns} 次"),
        (max(0, hops - FREE_HOPS) * HOP_COSTS, f"流转 {hops} 次，多于 {FREE_HOPS} 次"),
        (SILENT_COSTS * silent, "结案后没有回访"),
    )
    first = next((line.at for line in lines[1:]), None)
    links = CaseLink.objects.filter(other=row, relation=CaseLink.Relation.INSTRUCTION)
    return Review(
        stays=tuple(stays),
        first_response=first - row.opened_at if first else None,
        whole=(row.ended_at or at) - row.opened_at,
        hops=hops,
        returns=returns,
        late_steps=late,
        instructions=links.count(),
        score=max(0, 100 - sum(cost for cost, _ in costs)),
        lost=tuple(f"{why}：扣 {cost} 分" for cost, why in costs if cost),
    )


def _stays(row: Case, at: datetime) -> list[StayView]:
    titles = frozen_flow(row.flow).steps
    tasks = StepTask.objects.filter(case=row).order_by("number")
    return [
        StayView(
            title=titles[one.step].title if one.step in titles else one.title,
            organ=one.organ,
            entered_at=one.entered_at,
            left_at=one.left_at,
            due_at=one.due_at,
            is_late=bool(one.due_at and (one.left_at or at) > one.due_at),
        )
        for one in tasks
    ]


def _plan_view(
    ref: str, content: Plan, switch: PlanSwitch | None, names: Mapping[str, str]
) -> PlanView:
    if switch is None:
        return PlanView(ref, content, "", None, "", "")
    by = names[switch.on_by]
    return PlanView(ref, content, switch.level, switch.on_at, by, switch.reason)


Found = tuple[str, str, str, tuple[float, float]]


def _resources() -> Iterable[Found]:
    registers = {name for plan in place.plans().values() for name in plan.resources}
    for register in sorted(registers):
        for entry in place.entries(register):
            yield (
                _text(entry, "name"),
                _text(entry, "kind"),
                _text(entry, "contact"),
                (
                    float(_text(entry, "lon")),
                    float(_text(entry, "lat")),
                ),
            )


def _people(at: datetime) -> Iterable[Found]:
    """The last place of everybody whose phone told one lately."""
    seen: set[str] = set()
    rows = FieldEntry.objects.filter(received_at__gt=at - FRESH, lon__isnull=False)
    for one in rows.order_by("-made_at")[:2000]:
        if one.officer not in seen and one.lon is not None and one.lat is not None:
            seen.add(one.officer)
            yield identity.account(one.officer, at=at).name, "人员", "", (one.lon, one.lat)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return "" if value is None else str(value)
