"""一次录入、多方共享: what a division answered is offered to every other report.

A list says something of its division where its lines are added up; what it says of one person is
offered to lists of the same table only, from its lines themselves (``listing``).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from yiwang.apps.forms import place
from yiwang.apps.forms.models import Report, ReportedValue, ReportRound, ReportRow
from yiwang.apps.forms.reporting import REPORTED, content_of, element_of, given_fields, kept
from yiwang.kernel.clock import local_date
from yiwang.packkit.kinds.reports import Report as Content


def offer(held: ReportRound, row: ReportRow, content: Content, at: datetime) -> None:
    """Each answer of a row or a list that was handed in becomes the division's latest one.

    Open rounds that took an earlier answer take this one.
    """
    words = place.words()
    answers = _sums(row, content) if content.roster else row.answers
    given = {element_of(content.fields[name], words): value for name, value in answers.items()}
    for element, value in given.items():
        ReportedValue.objects.update_or_create(
            element=element,
            division=row.division,
            defaults={
                "value": value,
                "report": held.report,
                "reported_at": at,
                "reported_by": row.filled_by,
            },
        )
    _renew(row.division, given, said_by(held.report, at), at)


def said_by(report: Report, at: datetime) -> str:
    """Where a value comes from that a division gave to a report."""
    how = "名册逐条合计" if content_of(report.content).roster else "填报"
    return f"{report.title}（{local_date(at)} {how}）"


def _renew(division: str, given: Mapping[str, Any], said: str, at: datetime) -> None:
    """The rows of open rounds in which the division's earlier answers stand as known."""
    rows = ReportRow.objects.filter(division=division, round__due_at__gte=at).exclude(origins={})
    for row in rows.select_related("round"):
        fields = content_of(row.round.content).fields
        fresh = {
            name: given[field.prefill.removeprefix(REPORTED)]
            for name, field in fields.items()
            if name in row.origins and field.prefill.removeprefix(REPORTED) in given
        }
        if fresh and fresh != {name: row.known.get(name) for name in fresh}:
            row.known, row.origins = row.known | fresh, row.origins | dict.fromkeys(fresh, said)
            row.save(update_fields=["known", "origins"])


def _sums(row: ReportRow, content: Content) -> dict[str, Any]:
    """What the lines that stand add up to, column by column."""
    sums = dict.fromkeys(given_fields(content), Decimal(0))
    for answers in row.entries.filter(struck_at=None).values_list("answers", flat=True):
        for name in sums.keys() & answers.keys():
            sums[name] += Decimal(str(answers[name]))
    return {
        name: int(value) if content.fields[name].type == "integer" else kept(value)
        for name, value in sums.items()
    }
