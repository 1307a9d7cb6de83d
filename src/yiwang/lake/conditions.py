"""A check's expression as SQL that is true for a failing row."""

from __future__ import annotations

from datetime import date

from yiwang import rules
from yiwang.lake.plans import Check, FeedPlan


def failing(plan: FeedPlan, check: Check, *, as_of: date) -> str:
    """``NOT check``; unknown is a failure only when the check says so."""
    expression = rules.parse(check.check, columns=plan.types, parameters=plan.value_types)
    sql = rules.to_sql(
        expression, dialect="duckdb", values={**plan.values, **plan.codes}, as_of=as_of
    )
    return f"({sql}) IS NOT TRUE" if check.unknown == "fail" else f"({sql}) IS FALSE"
