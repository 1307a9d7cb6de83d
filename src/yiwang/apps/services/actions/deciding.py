"""Act on a case and let what the decision means happen with it, in one transaction.

Casework knows flows only; what an end means is known here. Whoever shows a page on which a case
is decided calls ``act_on_case`` instead of casework's own ``act``: there is no signal and no hook.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.applications import policy_with
from yiwang.apps.services.frozen import FrozenPolicy, thaw
from yiwang.apps.services.judging import judge_now
from yiwang.apps.services.models import Application, Confirmation, Payment
from yiwang.kernel.clock import local_date
from yiwang.packkit.kinds.work import License, Verb

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
    elif view.state == "ended":
        Application.objects.filter(case=view.number).update(state=Application.State.WITHDRAWN)
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
        return _conclude_application(view, officer=officer, at=at)
    row.state = "granted" if view.step == GRANTED else "denied"
    row.save(update_fields=["state"])
    if row.state == "denied":
        return ""
    frozen = thaw(row.candidate.run.policy.content)
    number = _issue_for(row, frozen, officer=officer, at=at)
    outputs = row.candidate.outputs
    _list_payment(view, frozen, outputs, number, officer=officer, at=at)
    return number


def _conclude_application(
    view: casework.CaseView, *, officer: identity.Officer, at: datetime
) -> str:
    """An item's case: its licence, if the item names one, says what was answered and judged."""
    waiting = Application.objects.select_for_update().filter(case=view.number, state="waiting")
    row = waiting.first()
    if row is None:
        return ""
    row.state = "granted" if view.step == GRANTED else "denied"
    row.save(update_fields=["state"])
    number = ""
    if row.state == "granted" and row.license:
        number = _issue(
            credentials.license_kind(row.license),
            kind=row.license,
            holder=row.subject,
            known={**_judged(row, at), **row.answers, "from_month": _from_month(at)},
            officer=officer,
            at=at,
            case=row.case,
        )
    policy = policy_with(row.license)
    if row.state == "granted" and policy is not None:
        _list_payment(view, policy, _judged(row, at), number, officer=officer, at=at)
    journal.record(
        f"application.{row.state}",
        subject=row.subject,
        actor=officer.username,
        at=at,
        purpose=row.content["title"],
        case=row.case,
        facts={"item": row.item, "license": number},
    )
    return number


def _judged(row: Application, at: datetime) -> Mapping[str, Any]:
    """What the rules gave when it was filed; judged again when the data did not suffice then."""
    policy = policy_with(row.license)
    if policy is None or row.verdict == "yes":
        return row.outputs
    return judge_now(policy, row.subject, as_of=local_date(at)).known


def _issue_for(
    row: Confirmation, frozen: FrozenPolicy, *, officer: identity.Officer, at: datetime
) -> str:
    if frozen.license is None:
        return ""
    one = row.candidate
    return _issue(
        frozen.license,
        kind=frozen.policy.license,
        holder=row.subject,
        known={**one.values, **one.outputs, "from_month": _from_month(at)},
        officer=officer,
        at=at,
        case=row.case,
    )


def _issue(
    content: License,
    *,
    kind: str,
    holder: str,
    known: Mapping[str, Any],
    officer: identity.Officer,
    at: datetime,
    case: str,
) -> str:
    fields = {
        name: casework.division_name(known[name]) if field.codes == DIVISIONS else known[name]
        for name, field in content.fields.items()
        if known.get(name) not in (None, "")
    }
    issued = credentials.issue(
        kind=kind, holder=holder, fields=fields, officer=officer, at=at, case=case
    )
    return issued.number


def _list_payment(
    view: casework.CaseView,
    frozen: FrozenPolicy,
    outputs: Mapping[str, Any],
    number: str,
    *,
    officer: identity.Officer,
    at: datetime,
) -> None:
    """Put what the rules gave on the payment list; a policy without money lists nothing."""
    money = [name for name, kind in frozen.rules.outputs.items() if kind == "decimal"]
    amount = outputs.get(money[0]) if money else None
    if amount is None:
        return
    Payment.objects.create(
        policy=frozen.ref,
        case=view.number,
        subject=view.subject,
        division=view.division,
        amount=Decimal(str(amount)),
        from_month=_from_month(at),
        license=number,
        listed_at=at,
        listed_by=officer.username,
    )
    journal.record(
        "policy.granted",
        subject=view.subject,
        actor=officer.username,
        at=at,
        purpose=frozen.policy.title,
        case=view.number,
        facts={"policy": frozen.ref, "license": number, "amount": str(amount)},
    )


def _from_month(at: datetime) -> str:
    """A benefit begins with the month of its decision."""
    return f"{local_date(at):%Y-%m}"
