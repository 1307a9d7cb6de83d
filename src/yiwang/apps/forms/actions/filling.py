"""Fill in one division's row; two hands do not overwrite each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.forms import answers as checking
from yiwang.apps.forms.actions.offering import offer
from yiwang.apps.forms.answers import Known
from yiwang.apps.forms.models import ReportRow, RosterEntry
from yiwang.apps.forms.queries.forms import options
from yiwang.apps.forms.queries.reports import ReportUnknown, round_for, values_of
from yiwang.apps.forms.reporting import content_of, form_of, kept, typed
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.reports import Report as Content


class RowChanged(Conflict):
    """Somebody else saved the row since it was opened."""

    code = "forms.row_changed"


class RosterNotOneRow(Invalid):
    """A list is filled in line by line, not as one row of its division."""

    code = "forms.roster_not_one_row"


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
        raise RosterNotOneRow(
            f"“{held.report.title}”是名册，一人（一物）一行。", hint="请打开名册逐行填写。"
        )
    if row.version != version:
        raise changed(row, answers, content)
    row.answers = checked_answers(row.known, content, answers, at)
    row.version, row.filled_at, row.filled_by = row.version + 1, at, officer.username
    row.save(update_fields=["answers", "version", "filled_at", "filled_by"])
    offer(held, row, content, at)
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


def _who(row: ReportRow | RosterEntry) -> str:
    return (row.struck_by if isinstance(row, RosterEntry) else None) or row.filled_by or "他人"
