"""What forms remembers, split by noun; Django finds every model here."""

from yiwang.apps.forms.models.reports import (
    Report,
    ReportedValue,
    ReportRefusal,
    ReportRound,
    ReportRow,
    RosterEntry,
    WorkbookReturn,
)
from yiwang.apps.forms.models.versions import FormVersion

__all__ = [
    "FormVersion",
    "Report",
    "ReportRefusal",
    "ReportRound",
    "ReportRow",
    "ReportedValue",
    "RosterEntry",
    "WorkbookReturn",
]
