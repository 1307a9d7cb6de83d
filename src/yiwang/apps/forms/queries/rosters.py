"""A division's list with its lines, and how many of them stand, were added or struck out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import workbooks
from yiwang.apps.forms.models import ReportRound, ReportRow, RosterEntry
from yiwang.apps.forms.queries.forms import options
from yiwang.apps.forms.queries.proposals import outcomes
from yiwang.apps.forms.queries.reports import (
    ReportUnknown,
    RoundLine,
    counted,
    may_fill,
    round_for,
    round_line,
    values_of,
)
from yiwang.apps.forms.reporting import content_of
from yiwang.apps.forms.rolling import Reported
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock
from yiwang.kernel.masking import element_of, mask
from yiwang.packkit.kinds.reports import Report as Content
from yiwang.packkit.kinds.reports import ReportField

COUNTS = {"roster_lines": "在册", "roster_added": "其中新增", "roster_struck": "已剔除"}
"""What the lists of divisions add up to, beside the columns that are summed."""
HIDDEN = ("id_number", "phone", "bank_card")
"""Elements that a list shows masked: the clerk knows people by name."""
MASKED_GRADE = 3


@dataclass(frozen=True)
class Asked:
    """One column of a list as an input: what it is called and how it is answered."""

    name: str
    title: str
    type: str
    unit: str
    is_required: bool
    help: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RosterLine:
    """One person or object of the list. ``values`` are as shown, ``asked`` what is to be filled."""

    id: int
    values: Mapping[str, Any]
    asked: tuple[str, ...]
    is_added: bool
    struck_reason: str
    struck_by: str
    version: int
    filled_at: datetime | None
    filled_by: str
    origins: Mapping[str, str]
    """For a value that another list was told: which, and when."""
    proposal: str
    """The case by which the table's organ confirms an addition; empty: none."""
    proposal_title: str = ""
    """How that case stands."""


@dataclass(frozen=True)
class RosterView:
    """One division's list of a round."""

    round: RoundLine
    division: str
    source: str
    columns: Mapping[str, Asked]
    lines: tuple[RosterLine, ...]
    filled_at: datetime | None
    filled_by: str
    may_fill: bool

    @property
    def left(self) -> int:
        """Lines that stand and are not filled in yet."""
        return sum(not one.filled_at and not one.struck_reason for one in self.lines)

    @property
    def standing(self) -> int:
        return sum(not one.struck_reason for one in self.lines)


def is_roster(number: int, *, actor: identity.Actor | None) -> bool:
    """Whether a round that the actor may see is a list."""
    held, _ = round_for(number, actor=actor)
    return bool(content_of(held.content).roster)


def roster(number: int, division: str, *, actor: identity.Actor | None) -> RosterView:
    """One division's list. Every opening is on record, for its lines are people."""
    held, own = round_for(number, actor=actor)
    row = held.rows.filter(division=division).first()
    content = content_of(held.content)
    if row is None or not content.roster or (own is not None and division not in own):
        raise ReportUnknown("这一期没有这个区划的名册。", hint="请从汇总表中逐级打开。")
    journal.record(
        "report.roster_read",
        subject=f"{held.report.ref}/{division}",
        actor=getattr(actor, "username", ""),
        at=system_clock(),
        purpose=held.report.title,
    )
    entries = list(row.entries.order_by(F("struck_at").asc(nulls_first=True), "pk"))
    cases = outcomes(one.proposal for one in entries)
    told = {number: case.title for number, case in cases.items()}
    return RosterView(
        round_line(counted(type(held).objects.filter(pk=held.pk)).get()),
        division,
        catalog.dataset(content.roster).title,
        columns_of(content),
        tuple(roster_line(one, content, told.get(one.proposal, "")) for one in entries),
        row.filled_at,
        row.filled_by or "",
        may_fill(actor, division),
    )


def columns_of(content: Content) -> dict[str, Asked]:
    """The columns of a list as inputs."""
    return {
        name: Asked(
            name,
            one.title,
            one.type,
            one.unit,
            one.required,
            one.help,
            tuple(options(one.codes)) if one.codes else (),
        )
        for name, one in content.fields.items()
    }


def roster_line(row: RosterEntry, content: Content, proposal_title: str = "") -> RosterLine:
    """A stored line as pages show it: numbers of people are masked."""
    values = values_of(row)
    shown = {name: _shown(name, one, values.get(name)) for name, one in content.fields.items()}
    asked = tuple(
        name
        for name, one in content.fields.items()
        if name not in row.known and (not row.is_added or not is_hidden(name, one))
    )
    return RosterLine(
        row.pk,
        shown,
        asked,
        row.is_added,
        row.struck_reason,
        row.struck_by or "",
        row.version,
        row.filled_at,
        row.filled_by or "",
        dict(row.origins),
        row.proposal,
        proposal_title,
    )


def entry_rows(content: Content, rows: Iterable[ReportRow]) -> list[workbooks.Row]:
    """The standing lines of many divisions, as a workbook lists them."""
    found = RosterEntry.objects.filter(row__in=list(rows), struck_at=None)
    lines = []
    for one in found.select_related("row").order_by("row__division", "pk"):
        line = roster_line(one, content)
        known = {name: value for name, value in line.values.items() if name not in line.asked}
        lines.append(workbooks.Row(one.row.division, one.version, known, line.values, one.pk))
    return lines


def is_hidden(name: str, field: ReportField) -> bool:
    """Whether the column is shown masked."""
    return element_of(element=field.element, column=name, title=field.title) in HIDDEN


def _shown(name: str, field: ReportField, value: Any) -> Any:
    element = element_of(element=field.element, column=name, title=field.title)
    return mask(value, element=element, grade=MASKED_GRADE) if element in HIDDEN else value


def reported(rows: Iterable[tuple[str, bool]], held: ReportRound) -> list[Reported]:
    """The lists of divisions as they are added up: (division, is filled) of each."""
    sums: dict[str, dict[str, Any]] = {}
    content = content_of(held.content)
    columns = [name for name, one in content.fields.items() if one.total == "sum"]
    entries = RosterEntry.objects.filter(row__round=held).values_list(
        "row__division", "known", "answers", "is_added", "struck_at"
    )
    for division, known, answers, is_added, struck_at in entries.iterator(2000):
        held_values = sums.setdefault(division, dict.fromkeys(COUNTS, 0))
        if struck_at:
            held_values["roster_struck"] += 1
            continue
        held_values["roster_lines"] += 1
        held_values["roster_added"] += is_added
        for name in columns:
            value = known.get(name, answers.get(name))
            if value not in (None, ""):
                held_values[name] = held_values.get(name, 0) + Decimal(str(value))
    nothing = dict.fromkeys(COUNTS, 0)
    return [Reported(division, sums.get(division, nothing), done) for division, done in rows]
