"""Kinds about reporting: what many divisions fill in, prefilled with what is known of each."""

from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind, Type


class ReportField(Kind, frozen=True, kw_only=True):
    """One column of a report. With ``prefill`` (``pack.table.column``) nobody is asked.

    The table has one row per division; what a division's row holds is its value. ``element`` says
    which standard element an asked column gives, so that the answer serves other reports too;
    without one, the title does.
    """

    title: str
    group: str = ""
    """Heads above the title, from the top: ``人口/其中``."""
    type: Type = "integer"
    unit: str = ""
    prefill: str = ""
    element: str = ""
    codes: str = ""
    required: bool = True
    check: str = ""
    help: str = ""
    total: Literal["sum", "none"] = "sum"
    """How the values of the divisions below become that of the division above."""


class Report(Kind, frozen=True, kw_only=True):
    """reports/: a table that divisions fill in, one row each; one without an asked column is
    a standing table that fills itself. With ``roster`` it is a list within each division: one
    line for each of the table's persons or objects there, to complete, add to and strike from.
    """

    title: str
    organ: str
    period: Literal["once", "month", "quarter", "year"]
    tier: int = 0
    """How many levels below the place it is filled in; 0: at the lowest."""
    limit: Days
    basis: str
    roster: str = ""
    """The table (``pack.table``) whose rows are the lines: one key column, and ``division``."""
    description: str = ""
    example: bool = False
    fields: dict[str, ReportField] = msgspec.field(default_factory=dict)
