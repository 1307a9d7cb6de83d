"""用数预警: how grants are used is held against the rules of the place, and what is unusual told.

The rules are pack content (``base.unusual_use``), dated and editable, in the one expression
language; the loop that judges and opens the cases is casework's.
"""

from datetime import datetime, timedelta

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange.queries.uses import uses
from yiwang.apps.exchange.queries.watching import UNUSUAL
from yiwang.kernel.clock import local_date
from yiwang.packkit import Library

WATCH = casework.Watch(
    rules=UNUSUAL,
    flow="base.use_alert",
    title="用数预警",
    key="grant",
    noun="授权",
    event="exchange.use_alert",
    actor="exchange",
    told=("organ", "table"),
)


def watch_use(at: datetime, *, library: Library | None = None) -> int:
    """Judge today's and yesterday's use of every grant; returns how many alerts are new."""
    today = local_date(at)
    rows = uses(since=today - timedelta(days=1), until=today)
    return casework.watch(WATCH, rows=rows, at=at, library=library)
