"""Act on a case and let what the decision means happen with it, in one transaction.

Casework knows flows only; what an end means is known here. Whoever shows a page on which a case
is decided calls ``act_on_case`` instead of casework's own ``act``: there is no signal and no hook.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Unpack

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.actions.bundling import follow_bundle
from yiwang.apps.services.desks import policy_with
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.holders import moved_to, require_living
from yiwang.apps.services.judging import judge_now
from yiwang.apps.services.models import Application, Confirmation, Payment
from yiwang.apps.services.relying import require_held
from yiwang.apps.services.requirements import require_rules
from yiwang.kernel.clock import local_date
from yiwang.packkit.kinds.work import License

Decider = identity.Officer | str
"""An officer, or the part of the platform that decides by rule."""
DIVISIONS = "base.divisions"
"""The code table of divisions; a record names the place, for codes change."""

GRANTED = "granted"
"""The end of a flow in which the applicant or candidate receives what the case was about."""


@transaction.atomic
def act_on_case(
    *,
    number: str,
    verb: str,
    officer: identity.Actor | str,
    at: datetime,
    reason: str = "",
    evidence: Mapping[str, str | casework.EvidenceFile] | None = None,
    expected_version: int | None = None,
    **which: Unpack[casework.Which],
) -> casework.CaseView:
    """办理: casework's ``act``, and with the last move what the decision brings about.

    Rules before the move are judged here; one that is not met refuses it. The platform itself
    acts under the name of one of its parts.
    """
    met = require_rules(number, verb=verb, to=which.get("to", ""), actor=officer, at=at)
    view = casework.act(
        number=number,
        verb=verb,
        officer=officer,
        at=at,
        reason=reason,
        evidence=evidence,
        expected_version=expected_version,
        judged=met,
        **which,
    )
    by = officer if isinstance(officer, str) else getattr(officer, "username", "")
    exchange.follow_case(view, by=by, at=at, reason=reason)
    if view.state == "ended" and not isinstance(officer, identity.Applicant):
        conclude(view, officer=officer, at=at)
    elif view.state == "ended":
        Application.objects.filter(case=view.number).update(state=Application.State.WITHDRAWN)
    if view.state == "ended":
        follow_bundle(view.number, officer=officer, at=at)
    return view


@transaction.atomic
def conclude(view: casework.CaseView, *, officer: Decider, at: datetime) -> str:
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
    frozen = frozen_of(row.candidate.run.policy)
    number = _issue_for(row, frozen, officer=officer, at=at)
    outputs = row.candidate.outputs
    _list_payment(view, frozen, outputs, number, officer=officer, at=at)
    return number


def _conclude_application(view: casework.CaseView, *, officer: Decider, at: datetime) -> str:
    """An item's case: its licence, if the item names one, says what was answered and judged."""
    waiting = Application.objects.select_for_update().filter(case=view.number, state="waiting")
    row = waiting.first()
    if row is None:
        return ""
    row.state = "granted" if view.step == GRANTED else "denied"
    if row.state == "granted":
        require_living(row)
        require_held(row.materials, at=at)
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
        actor=_name(officer),
        at=at,
        purpose=row.content["title"],
        case=row.case,
        facts={"item": row.item, "license": number, "moved_to": moved_to(row)},
    )
    return number


def _judged(row: Application, at: datetime) -> Mapping[str, Any]:
    """What the rules gave when it was filed; judged again when the data did not suffice then."""
    policy = policy_with(row.license)
    if policy is None or row.verdict == "yes":
        return row.outputs
    return judge_now(policy, row.subject, as_of=local_date(at)).known


def _issue_for(row: Confirmation, frozen: FrozenPolicy, *, officer: Decider, at: datetime) -> str:
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
    officer: Decider,
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
    officer: Decider,
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
        listed_by=_name(officer),
    )
    journal.record(
        "policy.granted",
        subject=view.subject,
        actor=_name(officer),
        at=at,
        purpose=frozen.policy.title,
        case=view.number,
        facts={"policy": frozen.ref, "license": number, "amount": str(amount)},
    )


def _name(officer: Decider) -> str:
    return officer if isinstance(officer, str) else officer.username


def _from_month(at: datetime) -> str:
    """A benefit begins with the month of its decision."""
    return f"{local_date(at):%Y-%m}"
