"""One person by a policy's rules as they stand now, when they apply for what it also gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from yiwang.apps.catalog import public as catalog
from yiwang.apps.services.frozen import FrozenPolicy
from yiwang.lake.serving import NotServed


@dataclass(frozen=True)
class Judged:
    """A verdict with the titles of what is not met or not known, and what the licence may say."""

    verdict: str = ""
    reasons: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    """What the record of the decision takes from the data and the rules, as JSON holds it."""


def judge_now(frozen: FrozenPolicy, subject: str, *, as_of: date) -> Judged:
    """The verdict on one person over the latest serving copy; unknown when there is no row."""
    try:
        rows = catalog.lake().lookup(
            frozen.table,
            where={frozen.policy.subject: subject},
            columns=list(frozen.columns),
            limit=1,
        )
    except NotServed:
        rows = []
    if not rows:
        return Judged("unknown", ("数据中没有此人",))
    verdict = frozen.rule_set().judge(rows[0], as_of=as_of)
    reasons = tuple(one.title for one in verdict.reasons if one.result != "yes")
    kept = {name: rows[0][name] for name in frozen.kept}
    return Judged(verdict.result, reasons, plain({**kept, **verdict.outputs}))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON holds them: dates as text, decimals (which are money) with their cents."""
    cents = {name: written(v) if isinstance(v, Decimal) else v for name, v in values.items()}
    result: dict[str, Any] = msgspec.to_builtins(cents)
    return result


def written(value: object) -> str:
    """A parameter's value as people write it: an amount with its cents."""
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
