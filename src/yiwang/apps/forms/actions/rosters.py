"""名册: complete a division's list line by line, add who is missing, strike out with a reason.

A line has its own version, so two hands on one list only meet where they touch the same line. The
same change sent twice (a phone that lost the answer) is done once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.forms.actions.filling import changed, checked_answers
from yiwang.apps.forms.actions.listing import key_of
from yiwang.apps.forms.actions.offering import offer
from yiwang.apps.forms.actions.proposing import propose_additions
from yiwang.apps.forms.answers import AnswersRefused
from yiwang.apps.forms.models import ReportRow, RosterEntry
from yiwang.apps.forms.queries.reports import ReportUnknown, round_for, values_of
from yiwang.apps.forms.reporting import content_of
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.kernel.identifiers import gbt11643
from yiwang.kernel.masking import element_of
from yiwang.packkit.kinds.reports import Report as Content

MOST_LINES = 5_000
LONGEST_REASON, LONGEST_KEY = 200, 64


class RosterUnfinished(Conflict):
    """Lines of the list are still to be filled in."""

    code = "forms.roster_unfinished"


class AlreadyListed(Conflict):
    """The list has a line for this person or object."""

    code = "forms.already_listed"


class StrikeWithoutReason(Invalid):
    """A line is struck out with a reason."""

    code = "forms.strike_without_reason"


class RosterFull(Invalid):
    """A division's list has an end."""

    code = "forms.roster_full"


@transaction.atomic
def fill_entry(
    *,
    number: int,
    division: str,
    entry: int,
    answers: Mapping[str, Any],
    version: int,
    officer: identity.Officer,
    at: datetime,
) -> int:
    """填一条: save what was asked of one line; returns its new version."""
    row, content = _row(number, division, officer)
    line = _line(row, entry)
    given = _given(content, line, answers)
    if line.version != version or line.struck_at:
        if line.filled_at and not line.struck_at and _same(line, given):
            return line.version
        raise changed(line, given, content)
    line.answers = checked_answers(line.known, content, given, at)
    line.version, line.filled_at, line.filled_by = line.version + 1, at, officer.username
    line.save(update_fields=["answers", "version", "filled_at", "filled_by"])
    _offer_again(row, content, at)
    _note("report.entry_filled", row, officer, at)
    return line.version


@transaction.atomic
def add_entry(
    *,
    number: int,
    division: str,
    answers: Mapping[str, Any],
    officer: identity.Officer,
    at: datetime,
) -> int:
    """补一条: list a person or an object that the source does not know; returns the line."""
    row, content = _row(number, division, officer)
    key = _key(content, answers)
    known = row.entries.filter(key=key).first()
    if known is not None:
        if known.is_added and not known.struck_at and _same(known, answers):
            return known.pk
        raise AlreadyListed(
            "名册里已有这一条" + ("，已剔除。" if known.struck_at else "。"),
            hint="请在名册中找到这一条填写；剔除错了的，点“恢复”。",
        )
    if row.entries.count() >= MOST_LINES:
        raise RosterFull(f"一个区划的名册最多 {MOST_LINES} 条。", hint="请核对是否重复。")
    values = checked_answers({}, content, answers, at)
    line = RosterEntry.objects.create(
        row=row, key=key, answers=values, is_added=True, filled_at=at, filled_by=officer.username
    )
    ReportRow.objects.filter(pk=row.pk).update(asked=row.asked + len(content.fields))
    _offer_again(row, content, at)
    _note("report.entry_added", row, officer, at)
    return line.pk


@transaction.atomic
def strike_entry(
    *,
    number: int,
    division: str,
    entry: int,
    reason: str,
    version: int,
    officer: identity.Officer,
    at: datetime,
) -> int:
    """剔除一条: the line stays readable and is counted no more; returns its new version."""
    row, content = _row(number, division, officer)
    line, why = _line(row, entry), reason.strip()[:LONGEST_REASON]
    if len(why) < 2:
        raise StrikeWithoutReason("没有写剔除原因。", hint="请写明原因，如：已去世、已迁出。")
    if line.version != version or line.struck_at:
        if line.struck_reason == why:
            return line.version
        raise changed(line, {}, content)
    line.struck_reason, line.struck_at, line.struck_by = why, at, officer.username
    line.version += 1
    line.save(update_fields=["struck_reason", "struck_at", "struck_by", "version"])
    _offer_again(row, content, at)
    _note("report.entry_struck", row, officer, at)
    return line.version


@transaction.atomic
def restore_entry(
    *, number: int, division: str, entry: int, officer: identity.Officer, at: datetime
) -> None:
    """恢复一条: a line struck out by mistake counts again; an unfilled one reopens the list."""
    row, content = _row(number, division, officer)
    line = _line(row, entry)
    if line.struck_at is None:
        return
    line.struck_reason, line.struck_at, line.struck_by = "", None, None
    line.version += 1
    line.save(update_fields=["struck_reason", "struck_at", "struck_by", "version"])
    if line.filled_at is None:
        row.filled_at, row.filled_by = None, None
        row.save(update_fields=["filled_at", "filled_by"])
    _offer_again(row, content, at)
    _note("report.entry_restored", row, officer, at)


@transaction.atomic
def submit_roster(*, number: int, division: str, officer: identity.Officer, at: datetime) -> None:
    """报送名册: say that a division's list is complete; refused while a line is unfilled.

    Whom it added is proposed to the organ that keeps the table.
    """
    row, content = _row(number, division, officer)
    if left := row.entries.filter(struck_at=None, filled_at=None).count():
        raise RosterUnfinished(
            f"还有 {left} 条没有填，不能报送。", hint="逐条填完；不该在册的，写明原因剔除。"
        )
    row.version, row.filled_at, row.filled_by = row.version + 1, at, officer.username
    row.save(update_fields=["version", "filled_at", "filled_by"])
    offer(row.round, row, content, at)
    propose_additions(row, content, officer=officer, at=at)
    _note("report.filled", row, officer, at)


def _offer_again(row: ReportRow, content: Content, at: datetime) -> None:
    """A list that was handed in and is put right says something else from now on."""
    if row.filled_at:
        offer(row.round, row, content, at)


def _row(number: int, division: str, officer: identity.Officer) -> tuple[ReportRow, Content]:
    """The division's list, locked, for whoever fills it in."""
    identity.require(officer, "forms.fill", division=division)
    held, _ = round_for(number, actor=officer)
    content = content_of(held.content)
    row = held.rows.select_for_update().filter(division=division).first()
    if row is None or not content.roster:
        raise ReportUnknown("这一期没有这个区划的名册。", hint="请从报表清单中打开。")
    row.round = held
    return row, content


def _line(row: ReportRow, entry: int) -> RosterEntry:
    line = row.entries.filter(pk=entry).first()
    if line is None:
        raise ReportUnknown("名册里没有这一条。", hint="请刷新名册。")
    return line


def _given(content: Content, line: RosterEntry, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers; the key of an added line stands, for pages show it masked."""
    if not line.is_added:
        return dict(answers)
    return {**answers, key_field(content): line.answers[key_field(content)]}


def key_field(content: Content) -> str:
    """The column of the report that holds the key."""
    path = f"{content.roster}.{key_of(content)}"
    return next(name for name, one in content.fields.items() if one.prefill == path)


def _key(content: Content, answers: Mapping[str, Any]) -> str:
    name = key_field(content)
    field, key = content.fields[name], str(answers.get(name, "")).strip().upper()
    element = element_of(element=field.element, column=name, title=field.title)
    if not key or len(key) > LONGEST_KEY:
        wrong = f"请填写“{field.title}”。"
    elif element == "id_number" and not gbt11643.is_valid(key):
        wrong = f"“{field.title}”不对，请核对 18 位号码。"
    else:
        return key
    raise AnswersRefused("有 1 处需要修改。", hint="请按提示修改后再提交。", fields={name: wrong})


def _same(line: RosterEntry, answers: Mapping[str, Any]) -> bool:
    stands = values_of(line)
    return all(str(stands.get(name, "")) == str(given).strip() for name, given in answers.items())


def _note(event: str, row: ReportRow, officer: identity.Officer, at: datetime) -> None:
    subject = f"{row.round.report.ref}/{row.division}"
    journal.record(event, subject=subject, actor=officer.username, at=at)
