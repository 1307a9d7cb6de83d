"""用数预警: how grants are used is held against the rules of the place, and what is unusual told.

The rules are pack content (``base.unusual_use``), dated and editable, in the one expression
language; each condition that is *yes* for a grant on a day is an alert with a case of its own.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange.models import Grant, UseAlert
from yiwang.apps.exchange.queries.uses import uses
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.rules import Reason

RULES, FLOW = "base.unusual_use", "base.use_alert"


def watch_use(at: datetime, *, library: Library | None = None) -> int:
    """Judge today's and yesterday's use of every grant; returns how many alerts are new."""
    shelf = library or current_library(settings.PACKS, settings.PLACE, settings.HOME)
    if RULES not in shelf.rules():
        return 0
    rules, today = shelf.rule_set(RULES), local_date(at)
    raised = 0
    for row in uses(since=today - timedelta(days=1), until=today):
        verdict = rules.judge(row, as_of=row["day"])
        found = [reason for reason in verdict.reasons if reason.result == "yes"]
        raised += sum(_raised(row, reason, at) for reason in found)
    return raised


@transaction.atomic
def _raised(row: Any, reason: Reason, at: datetime) -> bool:
    """Open the case of a new alert; one that is known is not told again."""
    grant = Grant.objects.get(number=row["grant"])
    where = {"rule": RULES, "condition": reason.id, "grant": grant, "day": row["day"]}
    if UseAlert.objects.filter(**where).exists():
        return False
    measured = {name: row[name] for name in reason.names if name in row}
    case = casework.open_case(
        flow=FLOW,
        subject=grant.number,
        title=f"用数预警：{reason.title}（授权 {grant.number}）",
        organ=grant.organ,
        division=identity.organ(grant.organ).division,
        facts={"grant": grant.number, "day": row["day"].isoformat(), **measured},
        actor="exchange",
        at=at,
    )
    UseAlert.objects.create(
        **where, title=reason.title, measured=measured, case=case.number, raised_at=at
    )
    journal.record(
        "exchange.use_alert",
        subject=grant.number,
        actor="exchange",
        at=at,
        case=case.number,
        facts={"condition": reason.id, "organ": grant.organ, "table": grant.table},
    )
    return True
