"""Put right what a case says of its matter, while it stands where it began."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import states
from yiwang.apps.casework.access import require_handling, require_seeing
from yiwang.apps.casework.actions.noting import note
from yiwang.apps.casework.models import Case
from yiwang.apps.casework.queries.cases import find_case, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid


class CaseBeyondStart(Conflict):
    """Others have the case in hand, so what it says stands."""

    code = "casework.case_beyond_start"


class AmendmentWithoutReason(Invalid):
    """Who puts a matter right says why."""

    code = "casework.amendment_without_reason"


@transaction.atomic
def amend(
    *,
    number: str,
    facts: Mapping[str, str],
    reason: str,
    officer: identity.Officer,
    at: datetime,
) -> None:
    """更正事项: change facts of a case; what stood before stays in its trail."""
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    require_seeing(officer, row)
    if row.state != Case.State.OPEN or row.step != frozen_flow(row.flow).start:
        raise CaseBeyondStart(
            f"办件 {number} 已经提交，事项不能再改。", hint="请办理部门退回后再改。", number=number
        )
    require_handling(officer, row, states.last_task(row))
    AmendmentWithoutReason.unless((bool(reason.strip()), "reason", "请写明更正的理由。"))
    said = [f"{name}由 {row.facts.get(name) or '空'} 改为 {new}" for name, new in facts.items()]
    row.facts = {**row.facts, **facts}
    row.save(update_fields=["facts"])
    note(row, "amend", title="；".join(said)[:200], actor=officer, at=at, reason=reason.strip())
