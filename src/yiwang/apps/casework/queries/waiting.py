"""Work-lists: what waits for an officer, and all cases of an organ, over any number of cases.

A page is read in the order of an index from where the last one ended (keyset), once for each of
the few ways in which a task can come to the officer, and merged; so it costs the same with a
hundred cases and with a million. Counts stop at ``MOST_COUNTED``; words are looked for in the
first ``MOST_SEARCHED`` lines, while numbers and applicants are found wherever they are.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from django.db import models
from django.db.models import Q, QuerySet

from yiwang.apps.casework import clock
from yiwang.apps.casework.access import hands, holder_of, stem
from yiwang.apps.casework.clock import Light
from yiwang.apps.casework.models import Case, FlowVersion, StepTask
from yiwang.apps.identity import public as identity

MOST_COUNTED = 5000
MOST_SEARCHED = 5000


@dataclass(frozen=True)
class TaskView:
    """A line of a work-list."""

    number: str
    title: str
    profile: str
    flow_title: str
    step_title: str
    division: str
    entered_at: datetime
    due_at: datetime | None
    light: Light
    is_paused: bool
    version: int
    officer: str = ""
    is_held: bool = False
    state: str = "open"
    provisional: int | None = None
    in_place_of: str = ""
    """The name of the colleague away in whose place it would be done."""


@dataclass(frozen=True)
class Waiting:
    """How much waits for an officer, by light and by flow; counting stops at ``MOST_COUNTED``."""

    total: int = 0
    yellow: int = 0
    red: int = 0
    flows: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Flow to its title and count."""


@dataclass(frozen=True)
class CasePage:
    """One page of a list, and where the next one begins; empty when there is none."""

    lines: tuple[TaskView, ...]
    next: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a work-list is filtered by."""

    flow: str = ""
    light: str = ""
    step: str = ""
    division: str = ""
    state: str = ""
    query: str = ""

    def tasks(self, at: datetime) -> Q:
        """As a condition on waiting tasks."""
        found = _lit(self.light, at) if self.light else Q()
        if self.flow:
            found &= Q(flow_ref=self.flow)
        if self.step:
            found &= Q(step=self.step)
        if self.division:
            found &= Q(division__startswith=stem(self.division))
        return found


def cases_waiting(
    *,
    officer: identity.Officer,
    at: datetime,
    flow: str = "",
    light: str = "",
    query: str = "",
    step: str = "",
    division: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[TaskView]:
    """The officer's work-list, soonest deadline first; cases without one come last."""
    asked = Asked(flow=flow, light=light, query=query, step=step, division=division)
    found = _read(officer, asked, at, "", offset + limit)
    return [_own_view(task, at, officer) for task in found[offset:]]


def work_list(
    *, officer: identity.Officer, at: datetime, asked: Asked, after: str = "", limit: int = 50
) -> CasePage:
    """A page of the officer's work-list; ``after`` is ``next`` of the page before."""
    found = _read(officer, asked, at, after, limit + 1)
    following = _key_text(found[limit - 1]) if len(found) > limit else ""
    return CasePage(tuple(_own_view(task, at, officer) for task in found[:limit]), following)


def case_list(
    *, officer: identity.Officer, at: datetime, asked: Asked, after: str = "", limit: int = 50
) -> CasePage:
    """All cases of the officer's organ: open ones of a light by deadline, else newest first."""
    if not {"case.see", "case.handle"} & officer.rights:
        return CasePage((), "")
    if asked.light:
        return _lit_cases(officer, at, asked, after, limit)
    rows = Case.objects.filter(organ=officer.organ).select_related("flow")
    if asked.flow:
        rows = rows.filter(flow__in=FlowVersion.objects.filter(ref=asked.flow))
    if asked.step:
        rows = rows.filter(step=asked.step)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.division:
        place = stem(asked.division)
        same = Q(division=place) if place == asked.division else Q(division__startswith=place)
        rows = rows.filter(same)
    if after.isdigit():
        rows = rows.filter(pk__lt=int(after))
    rows = _searched(rows, asked.query, limit + 1)
    found = list(rows.order_by("-pk")[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else ""
    return CasePage(tuple(_case_line(row, at) for row in found[:limit]), following)


def count_waiting(*, officer: identity.Officer, at: datetime) -> Waiting:
    """The counts above the work-list, over its first ``MOST_COUNTED`` lines."""
    if "case.handle" not in officer.rights:
        return Waiting()
    # As ``clock.light_of``, but by the database: reading ten thousand instants takes longer.
    lit = models.Case(
        models.When(soonest_due_at__lt=at, then=models.Value("red")),
        models.When(warn_at__lte=at, then=models.Value("yellow")),
        default=models.Value("green"),
    )
    found: dict[int, tuple[str, str]] = {}
    for way in _ways(officer):
        rows = StepTask.objects.filter(way, left_at=None).values_list("pk", "flow_ref", lit)
        for pk, ref, light in rows[: MOST_COUNTED - len(found)]:
            found[pk] = ref, light
    flows = Counter(ref for ref, _ in found.values())
    lights = Counter(light for _, light in found.values())
    known = FlowVersion.objects.filter(ref__in=flows).order_by("installed_at")
    titles = dict(known.values_list("ref", "title"))
    counts = {ref: (titles[ref], count) for ref, count in flows.items()}
    return Waiting(len(found), lights["yellow"], lights["red"], counts)


def _read(
    officer: identity.Officer,
    asked: Asked,
    at: datetime,
    after: str,
    limit: int,
) -> list[StepTask]:
    """The waiting tasks in order, merged from each way in which one can come to the officer."""
    if "case.handle" not in officer.rights:
        return []
    found: list[StepTask] = []
    for has_due in (True,) if asked.light else (True, False):
        if len(found) < limit:
            ways = [
                _way(way & asked.tasks(at), asked.query, has_due, after, limit - len(found))
                for way in _ways(officer)
            ]
            merged = heapq.merge(*ways, key=_key)
            found += islice(_once(merged, {task.pk for task in found}), limit - len(found))
    return found


def _ways(officer: identity.Officer) -> Iterable[Q]:
    """By organ and role, and, where the organ has no such post, by division and role.

    Beside the officer's own come those of colleagues away, whom the officer stands for.
    """
    for hand in hands(officer):
        for role in hand.roles if "case.handle" in hand.rights else ():
            if hand is officer or role not in officer.roles:
                yield Q(organ=officer.organ, role=role)
            for division in hand.divisions:
                place = stem(division)
                same = Q(division=place) if place == division else Q(division__startswith=place)
                yield Q(is_territorial=True, role=role) & same


def _way(wanted: Q, query: str, has_due: bool, after: str, limit: int) -> list[StepTask]:
    rows = StepTask.objects.filter(wanted, left_at=None, soonest_due_at__isnull=not has_due)
    rows = rows.order_by("soonest_due_at", "id")
    if after:
        due, _, last = after.rpartition("|")
        if has_due and due:
            moment = datetime.fromisoformat(due)
            rows = rows.filter(soonest_due_at__gte=moment).exclude(
                soonest_due_at=moment, pk__lte=int(last)
            )
        elif not due:
            rows = rows.none() if has_due else rows.filter(pk__gt=int(last))
    return _searched_tasks(rows, query.strip(), "soonest_due_at", limit)


def _searched_tasks(rows: QuerySet[StepTask], query: str, order: str, limit: int) -> list[StepTask]:
    """The first of the ordered ``rows`` that a word names or whose title holds it.

    Ids first: asked in one statement, a database may walk the whole list for one case.
    """
    full = rows.select_related("case", "case__flow")
    if not query:
        return list(full[:limit])
    if cases := _named(query):
        tasks = StepTask.objects.filter(case__in=cases, left_at=None).values_list("pk", flat=True)
        found = list(full.filter(pk__in=list(tasks)).order_by())
    else:
        titles = rows.values_list("pk", "case__title")[:MOST_SEARCHED]
        held = StepTask.objects.filter(pk__in=_holding(query, titles, limit))
        found = list(held.select_related("case", "case__flow"))
    return sorted(found, key=lambda one: (str(getattr(one, order) or ""), one.pk))[:limit]


def _searched(rows: QuerySet[Case], query: str, limit: int) -> QuerySet[Case]:
    query = query.strip()
    if not query:
        return rows
    if named := _named(query):
        return rows.filter(pk__in=named)
    titles = rows.order_by("-pk").values_list("pk", "title")[:MOST_SEARCHED]
    return rows.filter(pk__in=_holding(query, titles, limit))


def _named(query: str) -> list[int]:
    """The cases whose number, applicant or subject a word is."""
    known = Q(number=query.upper()) | Q(applicant=query) | Q(subject=query)
    return list(Case.objects.filter(known).values_list("pk", flat=True)[:1000])


def _holding(query: str, titles: Iterable[tuple[int, str]], limit: int) -> list[int]:
    word = query.casefold()
    return list(islice((pk for pk, title in titles if word in title.casefold()), limit))


def _lit_cases(
    officer: identity.Officer, at: datetime, asked: Asked, after: str, limit: int
) -> CasePage:
    """Waiting tasks of the organ's own cases, by deadline."""
    way = Q(organ=officer.organ) & asked.tasks(at)
    order = "warn_at" if asked.light == "green" else "soonest_due_at"
    rows = StepTask.objects.filter(way, left_at=None)
    if after:
        due, _, last = after.rpartition("|")
        moment = datetime.fromisoformat(due)
        rows = rows.filter(**{f"{order}__gte": moment}).exclude(
            **{order: moment}, pk__lte=int(last)
        )
    found = _searched_tasks(rows.order_by(order, "id"), asked.query.strip(), order, limit + 1)
    following = ""
    if len(found) > limit:
        last_task = found[limit - 1]
        following = f"{getattr(last_task, order).isoformat()}|{last_task.pk}"
    return CasePage(tuple(_task_view(task, at) for task in found[:limit]), following)


def _once(tasks: Iterable[StepTask], known: set[int]) -> Iterable[StepTask]:
    for task in tasks:
        if task.pk not in known:
            known.add(task.pk)
            yield task


def _key(task: StepTask) -> tuple[str, int]:
    return (task.soonest_due_at.isoformat() if task.soonest_due_at else "", task.pk)


def _key_text(task: StepTask) -> str:
    due, last = _key(task)
    return f"{due}|{last}"


def _lit(light: str, at: datetime) -> Q:
    if light == "red":
        return Q(soonest_due_at__lt=at)
    if light == "yellow":
        return Q(warn_at__lte=at, soonest_due_at__gte=at)
    return Q(warn_at__gt=at, soonest_due_at__gt=at)


def _own_view(task: StepTask, at: datetime, officer: identity.Officer) -> TaskView:
    """A line of the officer's own list, with whose place it would be done in."""
    view = _task_view(task, at)
    holder = holder_of(officer, task) if officer.stands_for else None
    return view if holder in (None, officer) else replace(view, in_place_of=holder.name)


def _task_view(task: StepTask, at: datetime) -> TaskView:
    return TaskView(
        number=task.case.number,
        title=task.case.title,
        profile=task.case.profile,
        flow_title=task.case.flow.title,
        step_title=task.title,
        division=task.division,
        entered_at=task.entered_at,
        due_at=task.soonest_due_at,
        light=clock.light_of(task.soonest_due_at, task.warn_at, at),
        is_paused=task.is_paused,
        version=task.case.version,
        officer=task.officer,
        is_held=task.is_held,
        provisional=task.case.provisional,
    )


def _case_line(row: Case, at: datetime) -> TaskView:
    content = row.flow.content
    step = content["steps"].get(row.step)
    until = row.ended_at or at
    return TaskView(
        number=row.number,
        title=row.title,
        profile=row.profile,
        flow_title=row.flow.title,
        step_title=step["title"] if step else content["ends"].get(row.step, row.step),
        division=row.division,
        entered_at=row.opened_at,
        due_at=row.due_at,
        light="red" if row.due_at and until > row.due_at else "green",
        is_paused=row.state == Case.State.PAUSED,
        version=row.version,
        state=row.state,
        provisional=row.provisional,
    )
