"""一次录入、多方共享: what a division answered is offered to every other report.

A list says something of its division where its lines are added up; what it says of one person is
offered to lists of the same table only, from its lines themselves (``listing``).
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from yiwang.apps.forms import place
from yiwang.apps.forms.models import ReportedValue, ReportRound, ReportRow
from yiwang.apps.forms.reporting import element_of, given_fields, kept
from yiwang.packkit.kinds.reports import Report as Content


def offer(held: ReportRound, row: ReportRow, content: Content, at: datetime) -> None:
    """Each answer of a row or a list that was handed in becomes the division's latest one."""
    words = place.words()
    answers = _sums(row, content) if content.roster else row.answers
    for name, value in answers.items():
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
