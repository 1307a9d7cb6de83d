"""What the rules of the place found: alerts and the cases that look into them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yiwang.apps.casework.models import Case, FlowVersion, RuleAlert
from yiwang.apps.identity import public as identity

YELLOW, RED = "base.conduct_yellow", "base.conduct_red"
"""The rules of conduct, by what meeting them gives."""


@dataclass(frozen=True)
class RuleAlertView:
    """规则预警: what was met, by what, on which counts and values, and its case."""

    rule: str
    condition: str
    title: str
    object: str
    organ: str
    day: date
    measured: Mapping[str, Any]
    check_text: str
    values: Mapping[str, str]
    basis: str
    case: str
    raised_at: datetime
    outcome: str = ""
    """What looking into it came to; empty while nobody decided."""
    is_grave: bool = False
    """A red card."""


def rule_alerts(rules: Collection[str], *, offset: int = 0, limit: int = 50) -> list[RuleAlertView]:
    """Alerts of some rule sets, newest first; the caller answers for the right."""
    rows = RuleAlert.objects.filter(rule__in=rules).order_by("-raised_at", "-pk")
    found = list(rows[offset : offset + limit])
    outcomes = _outcomes([row.case for row in found])
    names = [name for name in RuleAlertView.__match_args__ if name not in ("outcome", "is_grave")]
    return [
        RuleAlertView(
            **{name: getattr(row, name) for name in names},
            outcome=outcomes.get(row.case, ""),
            is_grave=row.rule == RED,
        )
        for row in found
    ]


def conduct_alerts(
    *, actor: identity.Actor, offset: int = 0, limit: int = 50
) -> list[RuleAlertView]:
    """Yellow and red cards, for who supervises."""
    identity.require(actor, "conduct.watch")
    return rule_alerts((RED, YELLOW), offset=offset, limit=limit)


def _outcomes(numbers: Collection[str]) -> dict[str, str]:
    ended = Case.objects.filter(number__in=numbers, state=Case.State.ENDED)
    rows = list(ended.values_list("number", "flow_id", "step"))
    flows = FlowVersion.objects.in_bulk({flow for _, flow, _ in rows})
    return {number: flows[flow].content["ends"].get(step, step) for number, flow, step in rows}
