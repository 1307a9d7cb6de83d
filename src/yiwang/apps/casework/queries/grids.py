"""Grid cells, who works in them, and what they did: for whoever sees the division."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from yiwang.apps.casework.access import stem
from yiwang.apps.casework.cells import CellUnknown
from yiwang.apps.casework.models import Case, GridCell, GridPost, Signal, Visit
from yiwang.apps.identity import public as identity

PERIOD = timedelta(days=30)
PATROL_WEIGHT, REPORT_WEIGHT, VISIT_WEIGHT = 60, 20, 20
"""The score of a cell, of 100: rounds walked, reports (4 count full), visits (8 count full).
Weights are examples."""
FULL_REPORTS, FULL_VISITS = 4, 8
MOST = 2000


@dataclass(frozen=True)
class WorkerView:
    """Who works in a cell."""

    username: str
    name: str
    duties: tuple[str, ...]
    since: datetime


@dataclass(frozen=True)
class CellView:
    """A cell in force."""

    code: str
    title: str
    division: str
    area: Mapping[str, Any]
    is_synthetic: bool
    source: str
    workers: tuple[WorkerView, ...]


@dataclass(frozen=True)
class CellScore:
    """What was done in a cell in the last thirty days; a share is None when nothing was due."""

    patrolled: int
    missed: int
    reports: int
    visits: int
    score: int

    @property
    def share(self) -> float | None:
        """Rounds walked of those that ended."""
        ended = self.patrolled + self.missed
        return self.patrolled / ended if ended else None


@dataclass(frozen=True)
class VisitView:
    """A visit."""

    officer: str
    about: str
    text: str
    at: datetime
    received_at: datetime
    is_in_cell: bool


def cells(*, officer: identity.Officer) -> list[CellView]:
    """The cells in force within the officer's divisions."""
    identity.require(officer, "grid.see")
    rows = GridCell.objects.filter(_covered(officer), active_until=None).order_by("code")[:MOST]
    posts = GridPost.objects.filter(cell__in=rows, active_until=None)
    return [_view(row, [one for one in posts if one.cell_id == row.pk]) for row in rows]


def cell(code: str, *, officer: identity.Officer) -> CellView:
    """One cell, or ``CellUnknown``."""
    for one in cells(officer=officer):
        if one.code == code:
            return one
    raise CellUnknown(f"没有在用的网格 {code[:32]}。", hint="网格可能不在您的辖区。")


def cell_scores(*, officer: identity.Officer, at: datetime) -> dict[str, CellScore]:
    """What was done in each cell, by its code."""
    codes = [one.code for one in cells(officer=officer)]
    since = at - PERIOD
    reports = Counter(
        Signal.objects.filter(cell__in=codes, at__gte=since).values_list("cell", flat=True)
    )
    visits = Counter(
        Visit.objects.filter(cell__in=codes, at__gte=since, is_in_cell=True).values_list(
            "cell", flat=True
        )
    )
    rounds = Case.objects.filter(
        profile="case", state="ended", opened_at__gte=since, facts__网格__in=codes
    ).values_list("facts__网格", "step")
    missed = Counter(code for code, step in rounds if step == "missed")
    walked = Counter(code for code, step in rounds if step != "missed")
    return {code: _score(walked[code], missed[code], reports[code], visits[code]) for code in codes}


def visits_of(code: str, *, officer: identity.Officer, limit: int = 50) -> list[VisitView]:
    """The latest visits in a cell."""
    cell(code, officer=officer)
    rows = Visit.objects.filter(cell=code).order_by("-at")[:limit]
    return [
        VisitView(one.officer, one.about, one.text, one.at, one.received_at, one.is_in_cell)
        for one in rows
    ]


def own_cells(*, officer: identity.Officer) -> list[CellView]:
    """The cells that the officer works in."""
    posts = GridPost.objects.filter(officer=officer.username, active_until=None)
    return [_view(one.cell, [one]) for one in posts.select_related("cell").order_by("cell__code")]


def _score(walked: int, missed: int, reports: int, visits: int) -> CellScore:
    ended = walked + missed
    points = PATROL_WEIGHT * (walked / ended if ended else 1)
    points += REPORT_WEIGHT * min(1, reports / FULL_REPORTS)
    points += VISIT_WEIGHT * min(1, visits / FULL_VISITS)
    return CellScore(walked, missed, reports, visits, round(points))


def _covered(officer: identity.Officer) -> Q:
    found = Q(pk=None)
    for division in officer.divisions:
        found |= Q(division__startswith=stem(division))
    return found


def _view(row: GridCell, posts: list[GridPost]) -> CellView:
    return CellView(
        code=row.code,
        title=row.title,
        division=row.division,
        area=row.area,
        is_synthetic=row.is_synthetic,
        source=row.source,
        workers=tuple(
            WorkerView(
                one.officer,
                identity.account(one.officer, at=one.active_from).name,
                tuple(one.duties),
                one.active_from,
            )
            for one in posts
        ),
    )
