"""Incidents, for who handles them or watches over a division: lists and maps over any number.

A page is read in the order of an index from where the last one ended (keyset), once for each way
in which an incident can come to the officer. A map reads squares whose counts are kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from itertools import islice

from django.db import connection
from django.db.models import Q, QuerySet

from yiwang.apps.casework import clock, flow, place
from yiwang.apps.casework.access import hands, require_seeing, stem, visible_to
from yiwang.apps.casework.clock import Light
from yiwang.apps.casework.merging import MANY
from yiwang.apps.casework.models import Case, IncidentKind, Party, StepTask
from yiwang.apps.casework.queries.cases import CaseView, case_view, find_case, frozen_flow
from yiwang.apps.casework.unindexed import Row, unindexed
from yiwang.apps.identity import public as identity

STATES = {"": ("",), "open": ("open", "paused"), "ended": ("ended",)}
"""The states of a case that a list is asked for."""
MOST_COUNTED = 5000
MOST_SEARCHED = 5000
MOST_WAYS = 60
"""Divisions that are read one beside the other: a township has a few dozen villages."""
BATCH, LARGEST_BATCH = 16, 4096
"""Numbers read at once from a way: first few, since a page needs few of each of many ways; more
where these are not enough, four times as many each time."""


@dataclass(frozen=True)
class IncidentView:
    """An incident: its case, and what it was seen as and where."""

    number: str
    is_new: bool
    merged_signals: int
    kind: str
    grade: int
    object: str
    lon: float | None
    lat: float | None
    case: CaseView


@dataclass(frozen=True)
class IncidentLine:
    """A line of the list of incidents."""

    number: str
    title: str
    kind: str
    grade: int
    state: str
    step_title: str
    division: str
    signals: int
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    light: Light
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class IncidentPage:
    """One page, newest first, and where the next begins; empty when there is none."""

    lines: tuple[IncidentLine, ...]
    next: str


@dataclass(frozen=True, kw_only=True)
class AskedIncidents:
    """What a list of incidents is filtered by."""

    state: str = ""
    """``open`` (paused ones too) or ``ended``."""
    kind: str = ""
    division: str = ""
    grade: int = 0
    query: str = ""
    kinds: tuple[str, ...] = ()
    """One of these; none: all."""

    def cases(self) -> Q:
        """As a condition on cases."""
        found = Q(profile="incident")
        if self.state:
            found &= Q(state__in=STATES[self.state])
        if self.kind:
            found &= Q(kind=self.kind)
        if self.kinds:
            found &= Q(kind__in=self.kinds)
        return found & self._rest()

    def narrow(self, rows: QuerySet[Case]) -> QuerySet[Case]:
        """The same of incidents that are found otherwise."""
        rows = unindexed(rows)
        if self.state:
            rows = rows.filter(ended_at__isnull=self.state != "ended")
        if self.kind:
            rows = rows.filter(bare_kind=self.kind)
        if self.kinds:
            rows = rows.filter(bare_kind__in=self.kinds)
        return rows.filter(self._rest())

    def reached(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """The same of tasks and parties, which say it of their incident themselves."""
        found = Q(grade__isnull=False)
        if self.state:
            found &= Q(is_ended__in=[self.state == "ended"])
        for kinds in filter(None, ((self.kind,) if self.kind else (), self.kinds)):
            found &= Q(kind__in=kinds)
        if self.query.strip():
            found &= Q(case__title__contains=self.query.strip())
        return rows.filter(found & self._rest("case__"))

    def _rest(self, case: str = "") -> Q:
        found = Q(grade=self.grade) if self.grade else Q()
        if self.division:
            found &= Q(**{f"{case}division__startswith": stem(self.division)})
        return found


def incidents(
    *, actor: identity.Officer, at: datetime, state: str = "", kind: str = "", limit: int = 100
) -> list[IncidentView]:
    """The incidents that an officer may see, open ones by grade, newest first."""
    rows = Case.objects.filter(visible_to(actor, "incident.see"), profile="incident")
    rows = rows.select_related("flow")
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    ordered = rows.order_by("-opened_at")[:limit]
    return [incident_view(row, actor="", at=at) for row in ordered]


def incident_list(
    *,
    officer: identity.Officer,
    at: datetime,
    asked: AskedIncidents,
    after: str = "",
    limit: int = 50,
) -> IncidentPage:
    """A page of the incidents that an officer may see; ``after`` is ``next`` of the one before."""
    number = asked.query.strip().upper()
    if number and (row := Case.objects.filter(number=number, profile="incident").first()):
        found = [row.pk] if _may_see(officer, row) else []
    else:
        found = list(
            islice(numbers_of(officer, asked, int(after) if after.isdigit() else 0), limit + 1)
        )
    rows = Case.objects.select_related("flow").in_bulk(found[:limit])
    lines = incident_lines([rows[pk] for pk in found[:limit]], at)
    return IncidentPage(lines, str(found[limit - 1]) if len(found) > limit else "")


def count_incidents(*, officer: identity.Officer, asked: AskedIncidents) -> int:
    """How many there are, up to ``MOST_COUNTED``."""
    found: set[int] = set()
    for rows, key in _ways(officer, asked):
        if len(found) < MOST_COUNTED:
            found.update(rows.values_list(key, flat=True).distinct()[:MOST_COUNTED])
    return min(len(found), MOST_COUNTED)


def incident(number: str, *, actor: identity.Actor, at: datetime) -> IncidentView:
    """One incident."""
    row = find_case(number, Case.objects.filter(profile="incident"))
    require_seeing(actor, row)
    return incident_view(row, actor=actor, at=at)


def incident_kinds() -> list[tuple[str, str]]:
    """The kinds that may be reported: name and title."""
    return list(IncidentKind.objects.order_by("title").values_list("ref", "title"))


def incident_view(
    row: Case, *, actor: identity.Actor | str, at: datetime, is_new: bool = False
) -> IncidentView:
    """An incident's row as a value."""
    return IncidentView(
        number=row.number,
        is_new=is_new,
        merged_signals=row.signals,
        kind=row.kind,
        grade=row.grade or 4,
        object="" if row.object.startswith(MANY) else row.object,
        lon=row.lon,
        lat=row.lat,
        case=case_view(row, actor=actor, at=at),
    )


def incidents_seen(numbers: Iterable[str], *, officer: identity.Officer) -> set[str]:
    """Which of these incidents the officer may open."""
    rows = Case.objects.filter(visible_to(officer, "incident.see"), profile="incident")
    return set(rows.filter(number__in=list(numbers)).values_list("number", flat=True))


def watches_all(officer: identity.Officer) -> bool:
    """Whether the officer watches over the whole place."""
    covers = officer.divisions if "incident.watch" in officer.rights else ()
    return any(identity.is_within(place.code(), cover) for cover in covers)


def _may_see(officer: identity.Officer, row: Case) -> bool:
    try:
        require_seeing(officer, row)
    except identity.NotAllowed:
        return False
    return True


def numbers_of(officer: identity.Officer, asked: AskedIncidents, after: int) -> Iterator[int]:
    """The keys of what the officer may see, newest first, each once, read in batches."""
    last = 0
    for pk in merge(*(_batches(way, after) for way in _ways(officer, asked)), reverse=True):
        if pk != last:
            last = pk
            yield pk


def _batches(way: tuple[QuerySet[object], str], after: int) -> Iterator[int]:
    rows, key = way
    size = BATCH
    while True:
        part = rows.filter(**{f"{key}__lt": after}) if after else rows
        found = list(part.order_by(f"-{key}").values_list(key, flat=True)[:size])
        yield from dict.fromkeys(found)
        if len(found) < size:
            return
        after, size = found[-1], min(size * 4, LARGEST_BATCH)


def _ways(
    officer: identity.Officer, asked: AskedIncidents
) -> Iterable[tuple[QuerySet[object], str]]:
    """By what the officer watches, by organ, by party, by the tasks that came to them."""
    query = asked.query.strip()
    base = Case.objects.all()
    if query:
        base = base.filter(pk__in=_searched(base.filter(asked.cases()), query))
    if "incident.watch" in officer.rights:
        if watches_all(officer) and asked.division in ("", place.code()):
            return [(one, "pk") for one in _alike(base, asked)]
        cases, covered = base.filter(asked.cases()), _common(officer.divisions, asked.division)
        watched = _places(covered)
        ways: list[tuple[QuerySet[object], str]] = [(cases.filter(one), "pk") for one in watched]
    else:
        ways = []
    if not {"incident.see", "case.handle"} & officer.rights:
        return ways
    tasks = asked.reached(StepTask.objects.all())
    parties = asked.reached(Party.objects.all())
    ways += [
        (asked.narrow(base.filter(organ=officer.organ)), "pk"),
        (parties.filter(organ=officer.organ), "case"),
        (tasks.filter(organ=officer.organ), "case"),
    ]
    posts = {(role, over) for one in hands(officer) for role in one.roles for over in one.divisions}
    for division in sorted({over for _, over in posts}):
        places = _places((division,))
        for role in sorted(role for role, over in posts if over == division):
            came = tasks.filter(is_territorial=True, role=role)
            ways += [(came.filter(one), "case") for one in places]
    return ways


def _common(divisions: Iterable[str], asked: str) -> set[str]:
    """What lies both in the divisions and in the one that is asked for, if any."""
    if not asked:
        return set(divisions)
    smaller = {one for one in divisions if identity.is_within(one, asked)}
    return smaller or {asked for one in divisions if identity.is_within(asked, one)}


def _alike(base: QuerySet[Case], asked: AskedIncidents) -> Iterator[QuerySet[Case]]:
    """Each kind and state by itself: only so an index gives the order, and nothing is sorted."""
    kinds = (asked.kind,) if asked.kind else asked.kinds
    if not kinds and not asked.state:
        yield base.filter(asked.cases())
        return
    rows = replace(asked, kind="", kinds=(), state="").narrow(base)
    for kind in kinds or ("",):
        for state in STATES[asked.state]:
            wanted = {"kind": kind, "state": state}
            yield rows.filter(**{name: value for name, value in wanted.items() if value})


def _places(divisions: Iterable[str]) -> list[Q]:
    """What lies in divisions: each that has cases by itself, so that an index gives its order;
    all in one where they are too many."""
    covers = Q(pk=None)
    codes: list[str] = []
    for division in divisions:
        covers |= Q(division__startswith=stem(division))
        codes += _codes(stem(division), MOST_WAYS + 1 - len(codes))
    if len(codes) > MOST_WAYS:
        return [covers]
    return [Q(division=code) for code in dict.fromkeys(codes)]


_HELD = """
    WITH RECURSIVE held(code) AS (
        SELECT MIN(division) FROM casework_case WHERE division >= %s
        UNION ALL
        SELECT (SELECT MIN(division) FROM casework_case WHERE division > held.code)
        FROM held WHERE SUBSTR(held.code, 1, %s) = %s
    )
    SELECT code FROM held WHERE SUBSTR(code, 1, %s) = %s LIMIT %s"""


def _codes(stem: str, most: int) -> list[str]:
    """The first divisions that have cases, one step in an index for each."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [stem, len(stem), stem, len(stem), stem, most])
        return [code for (code,) in cursor.fetchall()]


def _searched(rows: QuerySet[Case], query: str) -> list[int]:
    """The newest that hold the words, among the ``MOST_SEARCHED`` newest."""
    newest = rows.order_by("-pk").values("pk")[:MOST_SEARCHED]
    found = Case.objects.filter(pk__in=newest, title__contains=query)
    return list(found.order_by("-pk").values_list("pk", flat=True)[:MOST_COUNTED])


def incident_lines(rows: list[Case], at: datetime) -> tuple[IncidentLine, ...]:
    """Rows as lines; the caller has checked that they may be seen."""
    waiting: dict[int, StepTask] = {}
    tasks = StepTask.objects.filter(case__in=rows, left_at=None, is_present=True)
    for task in tasks.order_by("-number"):
        waiting[task.case_id] = task
    return tuple(_line(row, waiting.get(row.pk), at) for row in rows)


def _line(row: Case, task: StepTask | None, at: datetime) -> IncidentLine:
    position = flow.Position(row.step, row.state, row.last_step)
    light: Light = "green"
    if row.ended_at:
        light = "red" if row.due_at and row.ended_at > row.due_at else "green"
    elif task is not None:
        light = clock.light_of(task.soonest_due_at, task.warn_at, at)
    return IncidentLine(
        number=row.number,
        title=row.title,
        kind=row.kind,
        grade=row.grade or 4,
        state=row.state,
        step_title=flow.place_title(frozen_flow(row.flow), position),
        division=row.division,
        signals=row.signals,
        opened_at=row.opened_at,
        due_at=task.soonest_due_at if task else row.due_at,
        ended_at=row.ended_at,
        light=light,
        lon=row.lon,
        lat=row.lat,
    )
