"""What forms give the lake: which reports there are and which cells somebody had to fill in."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.forms.models import Report, ReportRefusal, ReportRow, RosterEntry
from yiwang.apps.forms.reporting import asked_fields, content_of
from yiwang.packkit.kinds.shared import Type

Values = Mapping[str, Any]
Rows = Iterator[Mapping[str, Any]]

REPORTS: dict[str, Type] = {
    "report": "text",
    "title": "text",
    "organ": "text",
    "period": "text",
    "state": "text",
    "fields": "integer",
    "asked": "integer",
    "created_at": "instant",
}
CELLS: dict[str, Type] = {
    "report": "text",
    "round": "text",
    "division": "text",
    "cell": "text",
    "is_known": "boolean",
    "is_filled": "boolean",
}
REFUSALS: dict[str, Type] = {
    "report": "text",
    "title": "text",
    "organ": "text",
    "field": "text",
    "other": "text",
    "refused_at": "instant",
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """The tables ``platform.reports``, ``.report_cells`` and ``.report_refusals``."""
    return {
        "platform.reports": (REPORTS, _reports()),
        "platform.report_cells": (CELLS, _cells()),
        "platform.report_refusals": (REFUSALS, _refusals()),
    }


def _reports() -> Rows:
    for row in Report.objects.order_by("ref").iterator():
        content = content_of(row.content)
        yield {
            "report": row.ref,
            "title": row.title,
            "organ": row.organ,
            "period": row.period,
            "state": row.state,
            "fields": len(content.fields),
            "asked": len(asked_fields(content)),
            "created_at": row.created_at,
        }


def _cells() -> Rows:
    rows = ReportRow.objects.order_by("round", "division").values_list(
        "round__report__ref", "round__label", "round__content", "division", "known", "answers"
    )
    fields: dict[tuple[str, str], list[str]] = {}
    for report, label, content, division, known, answers in rows.iterator(2000):
        names = fields.setdefault((report, label), list(content["fields"]))
        if not content.get("roster"):
            yield from _of(report, label, division, names, known, answers)
    lines = RosterEntry.objects.filter(struck_at=None).order_by("row__round", "row", "pk")
    for report, label, division, known, answers in lines.values_list(
        "row__round__report__ref", "row__round__label", "row__division", "known", "answers"
    ).iterator(2000):
        yield from _of(report, label, division, fields[report, label], known, answers)


def _of(
    report: str, label: str, division: str, names: list[str], known: Values, answers: Values
) -> Rows:
    for name in names:
        yield {
            "report": report,
            "round": label,
            "division": division,
            "cell": name,
            "is_known": name in known,
            "is_filled": name in known or name in answers,
        }


def _refusals() -> Rows:
    rows = ReportRefusal.objects.order_by("id").values_list(
        "report__ref", "report__title", "report__organ", "field", "other", "refused_at"
    )
    for row in rows.iterator():
        yield dict(zip(REFUSALS, row, strict=True))
