"""Windows of an increment: which rows of a source are read, and how new what was read is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from yiwang.kernel.clock import CHINA, local_date
from yiwang.lake.backends.duck import literal, quoted
from yiwang.lake.plans import FeedPlan, PlanMalformed, Type, Window

_AHEAD = timedelta(days=1)
"""A value so far in the future is no news but a wrong clock."""
MOVING: tuple[Type, ...] = ("date", "instant", "integer")
"""Types by which an increment may go."""


def moving_column(plan: FeedPlan) -> str:
    """The column that says how new a row is; empty when the plan names none."""
    return plan.increment.by if plan.increment else plan.newest_by


def condition(plan: FeedPlan, window: Window | None) -> str:
    """SQL over the cast columns that is true for rows within the window; empty for all rows."""
    if window is None or plan.increment is None or not (window.since or window.until):
        return ""
    column, type_ = quoted(plan.increment.by), type_of(plan, plan.increment.by)
    parts = [f"{column} >= {bound(window.since, type_)}"] if window.since else []
    parts += [f"{column} < {bound(window.until, type_)}"] if window.until else []
    within = " AND ".join(parts)
    return within if window.until else f"({within}) OR {column} IS NULL"


def bound(text: str, type_: Type) -> str:
    """A bound of a window as SQL of the column's type."""
    try:
        if type_ == "integer":
            return str(int(text))
        if type_ == "date":
            return f"DATE {literal(date.fromisoformat(text[:10]).isoformat())}"
        return f"TIMESTAMPTZ {literal(_aware(text).astimezone(UTC).isoformat())}"
    except ValueError as error:
        raise PlanMalformed(
            f"增量区间的界“{text}”不是{ {'integer': '整数', 'date': '日期'}.get(type_, '时刻') }。",
            hint="日期写 2026-11-01，时刻写 2026-11-01T08:00:00+08:00，编号写整数。",
        ) from error


def earlier(text: str, type_: Type, overlap: str) -> str:
    """A watermark moved back by an overlap: days (``P2D``), hours (``PT6H``) or a plain number."""
    if type_ == "integer":
        return str(int(text) - int(overlap or 0))
    number = int(overlap.strip("PTDH") or 0)
    back = timedelta(hours=number) if overlap.endswith("H") else timedelta(days=number)
    if type_ == "date":
        return (date.fromisoformat(text[:10]) - back).isoformat()
    return (_aware(text) - back).isoformat()


def newest_sql(plan: FeedPlan, *, at: datetime, relation: str) -> str:
    """A query of ``newest`` (text; what lies in the future aside) and ``ahead`` (how many do)."""
    column, type_ = quoted(moving_column(plan)), type_of(plan, moving_column(plan))
    if type_ == "integer":
        return f"SELECT CAST(max({column}) AS VARCHAR) AS newest, 0 AS ahead FROM {relation}"
    limit = at + _AHEAD
    if type_ == "date":
        latest = f"DATE {literal(local_date(limit).isoformat())}"
        text = f"strftime(max({column}) FILTER (WHERE {column} <= {latest}), '%Y-%m-%d')"
    else:
        latest = f"TIMESTAMPTZ {literal(limit.astimezone(UTC).isoformat())}"
        text = (
            f"strftime(max({column}) FILTER (WHERE {column} <= {latest}), "
            "'%Y-%m-%dT%H:%M:%S.%f+00:00')"
        )
    return (
        f"SELECT {text} AS newest, count(*) FILTER (WHERE {column} > {latest}) AS ahead "
        f"FROM {relation}"
    )


def type_of(plan: FeedPlan, column: str) -> Type:
    """The type of a moving column, or ``PlanMalformed``."""
    found = plan.types[column]
    if found not in MOVING:
        raise PlanMalformed(
            f"{plan.name} 的列 {column} 不能用来判断新旧。",
            hint="用日期、时刻或递增编号的列。",
            feed=plan.name,
        )
    return found


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)
