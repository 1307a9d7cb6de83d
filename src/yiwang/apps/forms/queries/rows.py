"""Rows of a round: one to fill in, many added up along the divisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.models import ReportedValue, ReportRound, ReportRow
from yiwang.apps.forms.queries.forms import options
from yiwang.apps.forms.queries.reports import (
    ReportUnknown,
    RoundLine,
    counted,
    may_fill,
    round_for,
    round_line,
    values_of,
)
from yiwang.apps.forms.queries.rosters import COUNTS, reported
from yiwang.apps.forms.reporting import REPORTED, content_of
from yiwang.apps.forms.rolling import Reported, Total, roll_up, total_of
from yiwang.apps.identity import public as identity
from yiwang.packkit.kinds.reports import Report as Content


@dataclass(frozen=True)
class Cell:
    """One cell of a row. ``source`` says where a known value comes from; empty: it is asked."""

    name: str
    title: str
    group: str
    type: str
    unit: str
    value: Any
    source: str
    table: str
    column: str
    is_required: bool
    help: str
    options: tuple[tuple[str, str], ...] = ()
    origin: int | None = None
    """The round in which the division said it, where it comes from another report."""


@dataclass(frozen=True)
class RowView:
    """One division's row of a round."""

    round: RoundLine
    division: str
    cells: tuple[Cell, ...]
    version: int
    filled_at: datetime | None
    filled_by: str
    may_fill: bool


@dataclass(frozen=True)
class RoundView:
    """A round added up below one division."""

    round: RoundLine
    content: Content
    titles: Mapping[str, str]
    """The columns that are added up, with their titles."""
    division: str
    path: tuple[tuple[str, str], ...]
    totals: tuple[Total, ...]
    whole: Total
    own: tuple[str, ...] | None
    """The divisions whose rows are the reader's to fill in; None: the reader sees all."""


def report_row(number: int, division: str, *, actor: identity.Actor | None) -> RowView:
    """One division's row with where each known value comes from."""
    held, own = round_for(number, actor=actor)
    row = held.rows.filter(division=division).first()
    if row is None or (own is not None and division not in own):
        raise ReportUnknown("这一期没有这个区划的行。", hint="请从汇总表中逐级打开。")
    content, values = content_of(held.content), values_of(row)
    titles: dict[str, str] = {}
    said_in = _rounds_of_origin(row, content)
    cells = []
    for name, field in content.fields.items():
        table, _, column = field.prefill.rpartition(".")
        is_known = name in row.known
        cells.append(
            Cell(
                name,
                field.title,
                field.group,
                field.type,
                field.unit,
                values.get(name),
                _source(row, name, table, titles) if is_known else "",
                table if is_known and table and name not in row.origins else "",
                column,
                field.required,
                field.help,
                tuple(options(field.codes)) if field.codes and not is_known else (),
                said_in.get(name) if is_known else None,
            )
        )
    return RowView(
        round_line(counted(type(held).objects.filter(pk=held.pk)).get()),
        division,
        tuple(cells),
        row.version,
        row.filled_at,
        row.filled_by or "",
        may_fill(actor, division),
    )


def _rounds_of_origin(row: ReportRow, content: Content) -> dict[str, int]:
    """The latest round in which the division answered what this row takes from other reports."""
    taken = {
        field.prefill.removeprefix(REPORTED): name
        for name, field in content.fields.items()
        if name in row.origins and field.prefill.startswith(REPORTED)
    }
    if not taken:
        return {}
    given = ReportedValue.objects.filter(element__in=taken, division=row.division)
    reports = dict(given.values_list("element", "report"))
    answered = ReportRow.objects.filter(
        division=row.division, round__report__in=reports.values(), filled_at__isnull=False
    )
    latest = dict(answered.order_by("round").values_list("round__report", "round"))
    return {taken[one]: latest[report] for one, report in reports.items() if report in latest}


def _reported(held: ReportRound, content: Content, rows: "QuerySet[ReportRow]") -> list[Reported]:
    if content.roster:
        found = rows.values_list("division", "filled_at")
        return reported([(code, filled_at is not None) for code, filled_at in found], held)
    return [
        Reported(division, {**answers, **known}, filled_at is not None)
        for division, answers, known, filled_at in rows.values_list(
            "division", "answers", "known", "filled_at"
        )
    ]


def _source(row: ReportRow, name: str, table: str, titles: dict[str, str]) -> str:
    if name in row.origins:
        return str(row.origins[name])
    if table not in titles:
        try:
            titles[table] = catalog.dataset(table).title
        except catalog.DatasetUnknown:
            titles[table] = table
    return titles[table]


def report_round(number: int, *, actor: identity.Actor | None, below: str = "") -> RoundView:
    """The round added up: one line for each division directly under ``below`` (the place)."""
    held, own = round_for(number, actor=actor)
    tree, top = place.divisions(), place.library().place.division
    below = below or top
    rows = held.rows.all()
    if own is not None:
        rows = rows.filter(division__in=own)
    content = content_of(held.content)
    titles = COUNTS if content.roster else {}
    titles = titles | {n: one.title for n, one in content.fields.items() if one.total == "sum"}
    columns = list(titles)
    lines = _reported(held, content, rows.order_by("division"))
    totals = roll_up(lines, columns=columns, below=below, tree=tree)
    inside = [one for one in lines if below == top or tree.is_within(one.division, below)]
    return RoundView(
        round_line(counted(type(held).objects.filter(pk=held.pk)).get()),
        content,
        titles,
        below,
        tuple((one.code, one.name) for one in tree.path(below) if tree.is_within(one.code, top)),
        tuple(totals),
        total_of(below, inside, columns),
        tuple(own) if own is not None else None,
    )
