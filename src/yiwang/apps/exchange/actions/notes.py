"""The trace of every change of sharing, in one form."""

from datetime import datetime
from typing import Any

from yiwang.apps.exchange.models import Demand
from yiwang.apps.journal import public as journal


def note(event: str, row: Any, by: str, at: datetime) -> None:
    """Leave a trace of what was done to a demand or a grant."""
    journal.record(
        event,
        subject=row.number,
        actor=by,
        at=at,
        purpose=row.purpose,
        case=row.number if isinstance(row, Demand) else row.demand.number,
        facts={"table": row.table, "organ": row.organ, "provider": row.provider},
    )
