"""A check's expression as SQL that is true for a failing row."""

from __future__ import annotations

from datetime import date

from yiwang.lake.plans import Check, FeedPlan, PlanMalformed


def failing(plan: FeedPlan, check: Check, *, as_of: date) -> str:
    """``NOT check``; unknown is a failure only when the check says so."""
    raise PlanMalformed(f"{plan.name} 的规则 {check.id}：表达式规则尚未接入。")
