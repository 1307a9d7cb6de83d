"""The content of a report, and how its columns are named, asked and checked: pure.

A report has a grain: one row per division, or (a list) one line per person or object of a table.
Only answers of one grain stand for each other; a list's are added up for divisions.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from yiwang.apps.forms.overlap import Words, plain
from yiwang.packkit.kinds.reports import Report, ReportField
from yiwang.packkit.kinds.work import Field, Form

REPORTED = "reported:"
"""``prefill`` of a column that takes what a division answered to another report."""
DIVISION = "division"
"""The column by which a table says what it knows of a division."""
NUMBERS = ("integer", "decimal")
RATES = ("%", "％", "率", "比例", "占比", "比重", "人均", "户均", "平均")
"""Words in the head of a column whose values are shares or means."""
PERIODS = {"once": "一次性", "month": "每月", "quarter": "每季度", "year": "每年"}


def content_of(stored: Mapping[str, Any]) -> Report:
    """A report as it was stored."""
    return msgspec.convert(stored, Report)


def asked_fields(content: Report) -> dict[str, ReportField]:
    """The columns that somebody has to fill in."""
    return {name: one for name, one in content.fields.items() if not one.prefill}


def given_fields(content: Report) -> dict[str, ReportField]:
    """The asked columns whose answers say something of a division: of a list, those added up."""
    fields = asked_fields(content)
    if not content.roster:
        return fields
    return {n: one for n, one in fields.items() if one.total == "sum" and one.type in NUMBERS}


def sums_up(title: str, kind: str) -> bool:
    """Whether the values of a column add up along the divisions: counts do, rates do not."""
    return kind in NUMBERS and not any(word in title for word in RATES)


def element_of(field: ReportField, words: Words) -> str:
    """What an asked column is about: its standard element, or its title in the place's words."""
    return field.element or plain(field.title, words)


def label_of(period: str, on: date) -> str:
    """What the period that holds a day is called: 2026-11, 2026Q4, 2026."""
    match period:
        case "month":
            return f"{on:%Y-%m}"
        case "quarter":
            return f"{on.year}Q{(on.month + 2) // 3}"
        case "year":
            return f"{on.year}"
    return "once"


def form_of(content: Report) -> Form:
    """The report as a form that one division answers."""
    return Form(
        title=content.title,
        fields={
            name: Field(
                title=one.title,
                type=one.type,
                required=one.required,
                codes=one.codes,
                check=one.check or _counted(name, one),
                help=one.help,
            )
            for name, one in content.fields.items()
        },
    )


def typed(content: Report, known: Mapping[str, Any]) -> dict[str, Any]:
    """Kept values in the types of their columns: decimals and days are kept as text."""
    found = dict(known)
    for name, value in known.items():
        match content.fields[name].type if name in content.fields else "text":
            case "decimal":
                found[name] = Decimal(str(value))
            case "date":
                found[name] = date.fromisoformat(str(value))
    return found


def kept(value: Any) -> Any:
    """A value as JSON keeps it: a decimal as text, so that no cent is lost."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _counted(name: str, field: ReportField) -> str:
    """A number that is added up counts something, so it is not below nothing."""
    return f"{name} >= 0" if field.type == "integer" and field.total == "sum" else ""
