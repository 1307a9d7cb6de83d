"""A check's expression as SQL that is true for a failing row."""

from __future__ import annotations

from datetime import date

from yiwang import rules
from yiwang.lake.backends.duck import quoted
from yiwang.lake.plans import Check, FeedPlan


def failing(plan: FeedPlan, check: Check, *, as_of: date, is_trimmed: bool) -> str:
    """``NOT check``; unknown is a failure only when the check says so.

    Where every text ``is_trimmed`` as it is read, a rule need not trim a column again.
    """

    def shown(text: str) -> str:
        expression = rules.parse(text, columns=plan.types, parameters=plan.value_types)
        values = {**plan.values, **plan.codes}
        return rules.to_sql(expression, dialect="duckdb", values=values, as_of=as_of)

    sql = shown(check.check)
    for column in plan.columns if is_trimmed and "trim" in check.check else ():
        if column.type == "text":
            sql = sql.replace(shown(f"trim({column.name})"), quoted(column.name))
    return f"({sql}) IS NOT TRUE" if check.unknown == "fail" else f"({sql}) IS FALSE"
