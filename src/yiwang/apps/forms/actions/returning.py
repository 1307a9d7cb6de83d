"""离线填报: hand a round out as a workbook, take it back line by line, keep what was not written.

Each line stands or falls by itself. Lines that were not written stay with their reason and what
was typed, for whoever brought them: as a workbook to put right and bring again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction

from yiwang.apps.forms import looks, place, workbooks
from yiwang.apps.forms.actions.filling import fill_row
from yiwang.apps.forms.actions.rosters import add_entry, fill_entry, strike_entry
from yiwang.apps.forms.answers import AnswersRefused
from yiwang.apps.forms.models import ReportRound, ReportRow, RosterEntry, WorkbookReturn
from yiwang.apps.forms.queries.reports import ReportUnknown, covered, round_for, values_of
from yiwang.apps.forms.queries.returns import own_return
from yiwang.apps.forms.queries.rosters import entry_rows, roster_line
from yiwang.apps.forms.reporting import content_of
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock
from yiwang.kernel.divisions import DivisionUnknown
from yiwang.kernel.errors import Conflict, Invalid, YiwangError
from yiwang.lake import FormHeadsMissing
from yiwang.packkit.kinds.reports import Report as Content

Cells = Mapping[str, str]


class Named(TypedDict):
    """What every workbook is told beside its lines."""

    number: int
    name_of: Callable[[str], str]


class WorkbookOfAnotherRound(Invalid):
    """The workbook was handed out for another report or period."""

    code = "forms.workbook_of_another_round"


class KnownValueAltered(Conflict):
    """A line of a list came back with a known value that is not the one handed out."""

    code = "forms.known_value_altered"


@dataclass(frozen=True)
class Line:
    """A line of a workbook that was not written: why, and what was typed."""

    line: int
    division: str
    problem: str
    cells: Cells


@dataclass(frozen=True)
class Taken:
    """How a workbook was taken in, line by line: read = saved + refused + unchanged."""

    id: int
    read: int
    saved: int
    unchanged: int
    refused: tuple[Line, ...]


@dataclass(frozen=True)
class _Whose:
    """In whose name the lines of one round are written."""

    number: int
    officer: identity.Officer
    at: datetime


def fill_from_workbook(
    *, number: int, name: str, content: bytes, officer: identity.Officer, at: datetime
) -> Taken:
    """离线填报: take in a workbook that was handed out; each line stands or falls by itself."""
    identity.require(officer, "forms.fill")
    held, _ = round_for(number, actor=officer)
    report, whose = content_of(held.content), _Whose(number, officer, at)
    rows = _read(report, number, name, content)
    write = _listing(held, report, whose) if report.roster else _rows(held, report, whose)
    saved, unchanged, refused = 0, 0, list[Line]()
    for line, cells in rows:
        division = cells.get(workbooks.CODE, "")
        try:
            is_new = write(division, cells)
            saved, unchanged = saved + is_new, unchanged + (not is_new)
        except AnswersRefused as error:
            told = "".join(error.fields.values())
            refused.append(Line(line, division, told, cells))
        except (YiwangError, ValueError) as error:
            refused.append(Line(line, division, str(error), cells))
    return _kept(held, name, Taken(0, len(rows), saved, unchanged, tuple(refused)), whose)


def _read(
    report: Content, number: int, name: str, content: bytes
) -> list[tuple[int, dict[str, str]]]:
    """The lines of the workbook, without those of a list that nobody wrote into."""
    try:
        rows = workbooks.read(report, name=name, content=content)
    except FormHeadsMissing as error:
        raise _another_round() from error
    marks = {
        row.get(workbooks.ROUND, "")
        for _, row in rows
        if not (report.roster and _is_typed_below(row))
    }
    if marks - {str(number)}:
        raise _another_round()
    if not report.roster:
        return rows
    typed = (*report.fields, workbooks.ENTRY, workbooks.STRUCK)
    return [(line, row) for line, row in rows if any(row.get(one) for one in typed)]


def _is_typed_below(row: Cells) -> bool:
    """A line of a list that the clerk began below those with room."""
    return not row.get(workbooks.ROUND) and not row.get(workbooks.ENTRY)


def _another_round() -> WorkbookOfAnotherRound:
    return WorkbookOfAnotherRound(
        "这份工作簿不是这一期报表发出的，没有导入任何一行。",
        hint="请下载这一期的工作簿填写，或换到对应的一期。",
    )


def _rows(held: ReportRound, report: Content, whose: _Whose) -> Callable[[str, Cells], bool]:
    """Write one line as a division's row; whether anything was new."""
    own = set(covered(whose.officer))
    stored = {row.division: row for row in held.rows.filter(division__in=own)}

    def write(division: str, cells: Cells) -> bool:
        answers = {name: cells.get(name, "") for name in report.fields}
        row = stored.get(division)
        if row is not None and _is_same(values_of(row), answers):
            return False
        fill_row(
            number=whose.number,
            division=division,
            answers=answers,
            version=int(cells.get(workbooks.VERSION) or 0),
            officer=whose.officer,
            at=whose.at,
        )
        return True

    return write


def _listing(held: ReportRound, report: Content, whose: _Whose) -> Callable[[str, Cells], bool]:
    """Write one line into a division's list: fill in, strike out, or add; whether it was new."""
    own = set(covered(whose.officer))
    lines = RosterEntry.objects.filter(row__round=held, row__division__in=own)
    stored = {str(one.pk): one for one in lines.select_related("row")}

    def write(division: str, cells: Cells) -> bool:
        same: dict[str, Any] = {
            "number": whose.number,
            "division": division,
            "officer": whose.officer,
            "at": whose.at,
        }
        if number := cells.get(workbooks.ENTRY, ""):
            return _written(stored.get(number), report, cells, same)
        answers = {name: cells.get(name, "") for name in report.fields}
        return str(add_entry(answers=answers, **same)) not in stored

    return write


def _written(
    stored: RosterEntry | None, report: Content, cells: Cells, same: dict[str, Any]
) -> bool:
    """Write into a line that was handed out."""
    if stored is None or stored.row.division != same["division"]:
        raise ReportUnknown("名册里没有这一条。", hint="请重新下载工作簿。")
    line, why = roster_line(stored, report), cells.get(workbooks.STRUCK, "")
    given = {name: cells.get(name, "") for name in report.fields}
    altered = [
        report.fields[name].title
        for name, value in given.items()
        if name not in line.asked and not _is_same(line.values, {name: value})
    ]
    if altered:
        raise KnownValueAltered(
            f"“{'、'.join(altered)}”是取来的，不能在这里改。",
            hint="来源有误的，对来源提出异议；不该在册的，写剔除原因。",
        )
    if why == stored.struck_reason and (why or _is_same(line.values, given)):
        return False
    what: dict[str, Any] = {
        "entry": stored.pk,
        "version": int(cells.get(workbooks.VERSION) or 0),
        **same,
    }
    if why:
        strike_entry(reason=why, **what)
    else:
        fill_entry(answers={name: given[name] for name in line.asked}, **what)
    return True


def _is_same(stands: Mapping[str, Any], given: Cells) -> bool:
    """Nothing was written into the cells: neither an answer nor a known value differs."""
    return all(
        ("" if stands.get(name) is None else str(stands[name])) == value
        for name, value in given.items()
    )


@transaction.atomic
def _kept(held: ReportRound, name: str, taken: Taken, whose: _Whose) -> Taken:
    """Keep how it went; the lines that were not written with what was typed."""
    row = WorkbookReturn.objects.create(
        round=held,
        name=name[-120:],
        read=taken.read,
        saved=taken.saved,
        unchanged=taken.unchanged,
        refused=[
            {"line": one.line, "division": one.division, "problem": one.problem}
            | {"cells": dict(one.cells)}
            for one in taken.refused
        ],
        returned_at=whose.at,
        returned_by=whose.officer.username,
    )
    journal.record(
        "report.returned",
        subject=held.report.ref,
        actor=whose.officer.username,
        at=whose.at,
        facts={"read": taken.read, "saved": taken.saved, "refused": len(taken.refused)},
    )
    return Taken(row.pk, taken.read, taken.saved, taken.unchanged, taken.refused)


def round_workbook(*, number: int, officer: identity.Officer) -> tuple[str, bytes]:
    """下载填报工作簿: the officer's rows of a round, known cells locked; its title and content.

    Of lists, that they were opened is on record, for their lines are people.
    """
    held, own = round_for(number, actor=officer)
    found = held.rows.order_by("division")
    if own is not None:
        found = found.filter(division__in=own)
    report = content_of(held.content)
    if report.roster:
        lines = _listed(report, list(found))
        journal.record_all([_opened(held, row, officer) for row in found])
    else:
        lines = [_line_of(row) for row in found]
    template = held.report.template
    content = (
        looks.write_into(bytes(template), report, lines, **_named(number))
        if template
        else workbooks.write(report, lines, **_named(number))
    )
    return f"{report.title} {held.label}", content


def _named(number: int) -> Named:
    return {"number": number, "name_of": _name_of}


def _name_of(division: str) -> str:
    try:
        return place.divisions().get(division).name
    except DivisionUnknown:  # what somebody typed
        return ""


def _opened(held: ReportRound, row: ReportRow, officer: identity.Officer) -> journal.Entry:
    return journal.Entry(
        event="report.roster_read",
        subject=f"{held.report.ref}/{row.division}",
        actor=officer.username,
        at=system_clock(),
        purpose=held.report.title,
    )


def _line_of(row: ReportRow) -> workbooks.Row:
    return workbooks.Row(row.division, row.version, row.known, row.answers)


def _listed(report: Content, rows: list[ReportRow]) -> list[workbooks.Row]:
    """The lines of lists, then room for who is missing."""
    division = rows[0].division if len(rows) == 1 else ""
    empty = workbooks.Row(division, 0, {}, {})
    return [*entry_rows(report, rows), *[empty] * workbooks.EMPTY_LINES]


def refused_workbook(number: int, *, officer: identity.Officer) -> bytes:
    """没有写入的行: what an officer brought and was not written, to be put right; with why.

    A line that another hand changed meanwhile has its present version: the reason has told so.
    """
    kept = own_return(number, officer=officer)
    held = kept.round
    report = content_of(held.content)
    versions = dict(held.rows.values_list("division", "version"))
    entries = dict(RosterEntry.objects.filter(row__round=held).values_list("pk", "version"))
    lines = []
    for one in kept.refused:
        cells = one["cells"]
        typed = cells.get(workbooks.ENTRY, "")
        entry = int(typed) if typed.isascii() and typed.isdigit() else 0
        version = entries.get(entry, 0) if report.roster else versions.get(one["division"], 0)
        lines.append(workbooks.Row(one["division"], version, {}, cells, entry, one["problem"]))
    return workbooks.write(report, lines, **_named(held.pk))
