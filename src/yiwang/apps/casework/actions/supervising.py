"""行为监察: how officers work is held against the rules of the place; yellow and red cards."""

from dataclasses import replace
from datetime import datetime, timedelta

from yiwang.apps.casework.actions.alerting import Watch, watch
from yiwang.apps.casework.queries.alerts import RED, YELLOW
from yiwang.apps.casework.queries.conduct import conduct
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.packkit import Library

FLOW = "base.conduct_alert"
_YELLOW = Watch(
    rules=YELLOW,
    flow=FLOW,
    title="行为监察黄牌",
    key="officer",
    noun="人员",
    name_of=lambda username: identity.account_names([username])[username],
    event="case.conduct_alert",
    actor="casework",
    over=(RED,),
    by_holder=True,
)
CARDS = (replace(_YELLOW, rules=RED, title="行为监察红牌", over=()), _YELLOW)
"""The graver first."""


def watch_conduct(at: datetime, *, library: Library | None = None) -> int:
    """Judge today's and yesterday's work of every officer; returns how many alerts are new."""
    today = local_date(at)
    rows = list(conduct(since=today - timedelta(days=1), until=today))
    return sum(watch(card, rows=rows, at=at, library=library) for card in CARDS)
