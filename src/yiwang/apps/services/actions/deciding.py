"""Act on a case and let what the decision means happen with it, in one transaction.

Casework knows flows only; what an end means is known here. Whoever shows a page on which a case
is decided calls ``act_on_case`` instead of casework's own ``act``: there is no signal and no hook.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.frozen import FrozenPolicy, thaw
from yiwang.apps.services.models import Confirmation, Payment
from yiwang.kernel.clock import local_date
from yiwang.packkit.kinds.work import Verb

DIVISIONS = "base.divisions"
"""The code table of divisions; a record names the place, for codes change."""

GRANTED = "granted"
"""The end of a flow in which the applicant or candidate receives what the case was about."""


@transaction.atomic
def act_on_case(
    *,
    number: str,
    verb: Verb,
    officer: identity.Actor,
    at: datetime,
    reason: str = "",
    evidence: Mapping[str, str | casework.EvidenceFile] | None = None,
    expected_version: int | None = None,
    to: str = "",
    division: str = "",
) -> casework.CaseView:
    """办理: casework's ``act``, and with the last move what the decision brings about."""
    view = casework.act(
        number=number,
        verb=verb,
        officer=officer,
        at=at,
        reason=reason,
        evidence=evidence,
        expected_version=expected_version,
        to=to,
        division=division,
    )
    if view.state == "ended" and isinstance(officer, identity.Officer):
        conclude(view, officer=officer, at=at)
    return view


@transaction.atomic
def conclude(view: casework.CaseView, *, officer: identity.Officer, at: datetime) -> str:
    """Carry out what an ended case decided; returns the number of the licence issued, if any."""
    row = (
        Confirmation.objects.select_for_update(of=("self",))
        .select_related("candidate__run__policy")
        .filter(case=view.number, state="waiting")
        .first()
    )
    if row is None:
        return ""
    row.state = "granted" if view.step == GRANTED else "denied"
    row.save(update_fields=["state"])
    if row.state == "denied":
        return ""
    frozen = thaw(row.candidate.run.policy.content)
    number = _issue(row, frozen, officer=officer, at=at)
    _list_payment(row, frozen, number, officer=officer, at=at)
    return number


def _issue(
    row: Confirmation, frozen: FrozenPolicy, *, officer: identity.Officer, at: datetime
) -> str:
    if frozen.license is None:
        return ""
    one = row.candidate
    known = {**one.values, **one.outputs, "from_month": _from_month(at)}
    fields = {
        name: casework.division_name(known[name]) if field.codes == DIVISIONS else known[name]
        for name, field in frozen.license.fields.items()
        if known.get(name) not in (None, "")
    }
    issued = credentials.issue(
        kind=frozen.policy.license,
        holder=row.subject,
        fields=fields,
        officer=officer,
        at=at,
        case=row.case,
    )
    return issued.number


def _list_payment(
    row: Confirmation, frozen: FrozenPolicy, number: str, *, officer: identity.Officer, at: datetime
) -> None:
    money = [name for name, kind in frozen.rules.outputs.items() if kind == "decimal"]
    amount = row.candidate.outputs.get(money[0]) if money else None
    if amount is None:
        return
    Payment.objects.create(
        confirmation=row,
        amount=Decimal(str(amount)),
        from_month=_from_month(at),
        license=number,
        listed_at=at,
        listed_by=officer.username,
    )
    journal.record(
        "policy.granted",
        subject=row.subject,
        actor=officer.username,
        at=at,
        purpose=frozen.policy.title,
        case=row.case,
        facts={"policy": frozen.ref, "license": number, "amount": str(amount)},
    )


def _from_month(at: datetime) -> str:
    """A benefit begins with the month of its decision."""
    return f"{local_date(at):%Y-%m}"
