"""What a move of a case means for sharing, where it was made on a page that knows only cases.

What the pages of sharing ask before a move is asked here too; a refusal takes the move back.
"""

from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions import reception, releases, scenarios
from yiwang.apps.exchange.actions.corrections import spread_correction
from yiwang.apps.exchange.actions.council import is_on_agenda, put_on_agenda, require_minutes
from yiwang.apps.exchange.actions.demands import FLOWS, DemandAlreadyDecided, settle_demand
from yiwang.apps.exchange.models import Demand, OpenRequest, Release, Scenario


@transaction.atomic
def follow_case(case: casework.CaseView, *, by: str, at: datetime, reason: str = "") -> None:
    """Let an objection, demand, list, release or request say what its case says.

    Done once, it changes no more.
    """
    if case.flow == catalog.OBJECTION_FLOW:
        _follow_objection(case, by, at, reason)
    elif case.flow in FLOWS.values():
        _follow_demand(case, by, at, reason)
    elif case.state == "ended" and case.flow in ENDS:
        ENDS[case.flow](case, by, at, reason)


def _follow_objection(case: casework.CaseView, by: str, at: datetime, reason: str) -> None:
    if case.step != "council":
        require_minutes(case.number)
        if catalog.conclude_objection(case, at=at):
            spread_correction(case.number, by=by, at=at)
    elif not is_on_agenda(case.number):
        put_on_agenda(objection=case.number, ground=reason, by=by, at=at)


def _follow_demand(case: casework.CaseView, by: str, at: datetime, reason: str) -> None:
    row = Demand.objects.select_for_update().filter(case=case.number).first()
    if row is None:
        return
    if case.step != "council":
        require_minutes(row.number)
        settle_demand(row, case.step, by=by, at=at, reason=reason)
    elif row.state == Demand.State.AGREED:
        raise DemandAlreadyDecided(
            f"数据需求 {row.number} 已按会议纪要办理，不能撤回。",
            hint="如需变更，请在授权生效后撤回授权。",
            number=row.number,
        )
    elif not is_on_agenda(row.number):
        put_on_agenda(demand=row, ground=reason, by=by, at=at)


def _follow_scenario(case: casework.CaseView, by: str, at: datetime, reason: str) -> None:
    row = Scenario.objects.select_for_update().filter(number=case.number, state="waiting").first()
    if row is None:
        return
    scenarios.settle_scenario(row, case.step, reason=reason, by=by, at=at)


def _follow_request(case: casework.CaseView, by: str, at: datetime, reason: str) -> None:
    waiting = OpenRequest.objects.select_for_update(of=("self",)).select_related("release")
    row = waiting.filter(number=case.number, state="waiting").first()
    if row is not None:
        reception.settle_request(row, agree=case.step == "agreed", reason=reason, by=by, at=at)


def _follow_release(case: casework.CaseView, by: str, at: datetime, reason: str) -> None:
    row = Release.objects.select_for_update().filter(case=case.number, state="waiting").first()
    if row is not None:
        releases.require_another(row, by)
        releases.settle_release(row, agree=case.step == "published", reason=reason, by=by, at=at)


ENDS = {
    scenarios.FLOW: _follow_scenario,
    reception.FLOW: _follow_request,
    releases.FLOW: _follow_release,
}
"""What the end of a case means, by flow."""
