"""What a move of a case means for sharing, where it was made on a page that knows only cases."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions import scenarios
from yiwang.apps.exchange.actions.corrections import spread_correction
from yiwang.apps.exchange.actions.demands import FLOWS, granted, is_published
from yiwang.apps.exchange.models import Demand, Grant, Scenario

STATES = {
    "confirm": Demand.State.AGREED,
    "deliver": Demand.State.AGREED,
    "contest": Demand.State.REFUSED,
    "withdrawn": Demand.State.WITHDRAWN,
}
"""Where a case stands, and what that says of its demand."""


@transaction.atomic
def follow_case(case: casework.CaseView, *, by: str, at: datetime) -> None:
    """Let an objection, demand or list say what its case says; done once, it changes no more."""
    if catalog.conclude_objection(case, at=at):
        spread_correction(case.number, by=by, at=at)
    elif case.flow in FLOWS.values():
        _follow_demand(case, by, at)
    elif case.flow == scenarios.FLOW and case.state == "ended":
        _follow_scenario(case, by, at)


def _follow_demand(case: casework.CaseView, by: str, at: datetime) -> None:
    row = Demand.objects.select_for_update().filter(case=case.number, state="waiting").first()
    if row is None or case.step not in STATES:
        return
    row.state, row.decided_by, row.decided_at = STATES[case.step], by, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    is_new = not Grant.objects.filter(demand=row).exists()
    if row.state == Demand.State.AGREED and is_published(row.table) and is_new:
        granted(row, at)


def _follow_scenario(case: casework.CaseView, by: str, at: datetime) -> None:
    row = Scenario.objects.select_for_update().filter(number=case.number, state="waiting").first()
    if row is None:
        return
    row.state, row.decided_by, row.decided_at = case.step, by, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    if row.state == Scenario.State.APPROVED:
        scenarios.send_to_providers(row, at)
