"""Fill in one division's row, or many from a workbook; two hands do not overwrite each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction

from yiwang.apps.forms import answers as checking
from yiwang.apps.forms import looks, place, workbooks
from yiwang.apps.forms.answers import AnswersRefused, Known
from yiwang.apps.forms.models import ReportedValue, ReportRound, ReportRow, RosterEntry
from yiwang.apps.forms.queries.forms import options
from yiwang.apps.forms.queries.reports import ReportUnknown, covered, round_for, values_of
from yiwang.apps.forms.queries.rosters import entry_lines
from yiwang.apps.forms.reporting import content_of, element_of, form_of, kept, typed
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, YiwangError
from yiwang.lake import SchemaDrift
from yiwang.packkit.kinds.reports import Report as Content


class Named(TypedDict):
    """What every workbook is told beside its lines."""

    number: int
    name_of: Callable[[str], str]


class RowChanged(Conflict):
    """Somebody else saved the row since it was opened."""

    code = "forms.row_changed"


class RosterNotOneRow(Invalid):
    """A list is filled in line by line, not as one row of its division."""

    code = "forms.roster_not_one_row"


class WorkbookOfAnotherRound(Invalid):
    """The workbook was handed out for another report or period."""

    code = "forms.workbook_of_another_round"


@transaction.atomic
def fill_row(
    *,
    number: int,
    division: str,
    answers: Mapping[str, Any],
    version: int,
    officer: identity.Officer,
    at: datetime,
) -> int:
    """填报: save the answers of one division; returns the row's new version.

    ``version`` is that of the row when it was opened: ``RowChanged`` if another hand saved it.
    """
    identity.require(officer, "forms.fill", division=division)
    held, _ = round_for(number, actor=officer)
    row = held.rows.select_for_update().filter(division=division).first()
    if row is None:
        raise ReportUnknown("这一期没有这个区划的行。", hint="请从报表清单中打开。")
    content = content_of(held.content)
    if content.roster:
        raise _one_by_one(held.report.title)
    if row.version != version:
        raise changed(row, answers, content)
    row.answers = checked_answers(row.known, content, answers, at)
    row.version, row.filled_at, row.filled_by = row.version + 1, at, officer.username
    row.save(update_fields=["answers", "version", "filled_at", "filled_by"])
    _offer(held, row, content, at)
    journal.record(
        "report.filled", subject=f"{held.report.ref}/{division}", actor=officer.username, at=at
    )
    return row.version


def checked_answers(
    held: Mapping[str, Any], content: Content, answers: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """What was asked and answered, checked; ``AnswersRefused`` says what does not fit."""
    known = {name: Known(value, "", "平台") for name, value in typed(content, held).items()}
    codes = {
        one.codes: dict(options(one.codes))
        for name, one in content.fields.items()
        if one.codes and name not in known
    }
    values = checking.check(
        form_of(content), answers, known=known, as_of=local_date(at), codes=codes
    )
    return {
        name: kept(value)
        for name, value in values.items()
        if name not in held and value is not None
    }


def _offer(held: ReportRound, row: ReportRow, content: Content, at: datetime) -> None:
    """一次录入、多方共享: each answer is offered to every other report."""
    words = place.words()
    for name, value in row.answers.items():
        ReportedValue.objects.update_or_create(
            element=element_of(content.fields[name], words),
            division=row.division,
            defaults={
                "value": value,
                "report": held.report,
                "reported_at": at,
                "reported_by": row.filled_by,
            },
        )


def changed(
    row: ReportRow | RosterEntry, answers: Mapping[str, Any], content: Content
) -> RowChanged:
    """The refusal that says who was first and which columns differ."""
    stands = values_of(row)
    differing = [
        one.title
        for name, one in content.fields.items()
        if name not in row.known and str(stands.get(name, "")) != str(answers.get(name, ""))
    ]
    return RowChanged(
        f"这一行已由 {_who(row)} 保存过，您的修改没有写入。"
        + (f"不同的栏目：{'、'.join(differing)}。" if differing else ""),
        hint="重新打开看最新的值，需要时再改。",
        version=row.version,
    )


def _one_by_one(title: str) -> RosterNotOneRow:
    return RosterNotOneRow(f"“{title}”是名册，一人（一物）一行。", hint="请打开名册逐行填写。")


def _who(row: ReportRow | RosterEntry) -> str:
    return (row.struck_by if isinstance(row, RosterEntry) else None) or row.filled_by or "他人"


@dataclass(frozen=True)
class Line:
    """What became of one line of a workbook."""

    line: int
    division: str
    problem: str


@dataclass(frozen=True)
class Taken:
    """How a workbook was taken in, line by line: read = saved + refused + unchanged."""

    read: int
    saved: int
    unchanged: int
    refused: tuple[Line, ...]


def fill_from_workbook(
    *, number: int, name: str, content: bytes, officer: identity.Officer, at: datetime
) -> Taken:
    """离线填报: take in a workbook that was handed out; each line stands or falls by itself."""
    identity.require(officer, "forms.fill")
    held, _ = round_for(number, actor=officer)
    report = content_of(held.content)
    if report.roster:
        raise _one_by_one(held.report.title)
    try:
        rows = workbooks.read(report, name=name, content=content)
    except SchemaDrift as error:
        raise _another_round() from error
    if any(row.get(workbooks.ROUND, "") != str(number) for _, row in rows):
        raise _another_round()
    saved, unchanged, refused = 0, 0, list[Line]()
    own = set(covered(officer))
    stored = {row.division: row for row in held.rows.filter(division__in=own)}
    for line, cells in rows:
        division = cells.get(workbooks.CODE, "")
        answers = {name: cells.get(name, "") for name in report.fields}
        row = stored.get(division)
        try:
            if row is not None and _is_same(row, answers):
                unchanged += 1
                continue
            fill_row(
                number=number,
                division=division,
                answers=answers,
                version=int(cells.get(workbooks.VERSION) or 0),
                officer=officer,
                at=at,
            )
            saved += 1
        except AnswersRefused as error:
            refused.append(Line(line, division, "；".join(error.fields.values())))
        except (YiwangError, ValueError) as error:
            refused.append(Line(line, division, str(error)))
    return Taken(len(rows), saved, unchanged, tuple(refused))


def _another_round() -> WorkbookOfAnotherRound:
    return WorkbookOfAnotherRound(
        "这份工作簿不是这一期报表发出的，没有导入任何一行。",
        hint="请下载这一期的工作簿填写，或换到对应的一期。",
    )


def _is_same(row: ReportRow, answers: Mapping[str, str]) -> bool:
    """Nothing was written into the line: neither an answer nor a known value differs."""
    stands = values_of(row)
    return all(str(stands.get(name, "")) == given for name, given in answers.items())


def round_workbook(*, number: int, officer: identity.Officer) -> tuple[str, bytes]:
    """下载填报工作簿: the officer's rows of a round, known cells locked; its title and content."""
    held, own = round_for(number, actor=officer)
    rows = held.rows.order_by("division")
    if own is not None:
        rows = rows.filter(division__in=own)
    report, tree = content_of(held.content), place.divisions()
    lines = (
        entry_lines(report, rows)
        if report.roster
        else ((row.division, row.version, row.known, row.answers) for row in rows)
    )
    named: Named = {"number": number, "name_of": lambda code: tree.get(code).name}
    template = held.report.template
    content = (
        looks.write_into(bytes(template), report, lines, **named)
        if template
        else workbooks.write(report, lines, **named)
    )
    return f"{report.title} {held.label}", content
