"""Annual recheck: whoever receives is judged again; who no longer may is stopped, and recovered."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.matching import row_of
from yiwang.apps.services.models import (
    Confirmation,
    Payment,
    PaymentLine,
    PaymentStop,
    Recovery,
)
from yiwang.apps.services.queries import find_policy
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid

RECOVERY_FLOW = "base.recovery"
GONE = "不在册（迁出或注销）"


class PaymentStopped(Conflict):
    """The payment has been stopped already."""

    code = "services.payment_stopped"


class StopReasonMissing(Invalid):
    """A payment is stopped for a reason that people can read."""

    code = "services.stop_reason_missing"


@dataclass(frozen=True)
class Recheck:
    """What a recheck of one policy found."""

    policy: str
    checked: int
    kept: int
    stopped: int
    unknown: int
    recoveries: int
    unclear: tuple[str, ...]
    """Case numbers of those whose data no longer suffice: nobody is stopped for that."""


@transaction.atomic
def recheck(policy: str, *, officer: identity.Officer, at: datetime) -> Recheck:
    """年度复核: judge everybody who receives again, stop who no longer may, and recover."""
    version = find_policy(policy)
    identity.require(officer, "services.pay", organ=version.organ)
    frozen = frozen_of(version)
    kept, stopped, unclear, recoveries = 0, 0, [], 0
    rows = Payment.objects.filter(policy=policy, stop=None).order_by("id")
    for payment in rows:
        verdict, because, since = _judged(frozen, payment.subject, as_of=local_date(at))
        if verdict == "yes":
            kept += 1
        elif verdict == "unknown":
            unclear.append(payment.case)
        else:
            stopped += 1
            recoveries += stop_payment(
                payment,
                because=because,
                found_by="recheck",
                by=officer.username,
                at=at,
                since=since,
            )
    journal.record(
        "policy.rechecked",
        subject=policy,
        actor=officer.username,
        at=at,
        facts={"kept": kept, "stopped": stopped, "unknown": len(unclear)},
    )
    checked = kept + stopped + len(unclear)
    return Recheck(policy, checked, kept, stopped, len(unclear), recoveries, tuple(unclear))


@transaction.atomic
def stop_by_hand(case: str, *, reason: str, officer: identity.Officer, at: datetime) -> None:
    """停发: an officer stops one payment, for a reason."""
    payment = Payment.objects.get(case=case)
    version = find_policy(payment.policy)
    identity.require(officer, "services.pay", organ=version.organ)
    if len(reason.strip()) < 2:
        raise StopReasonMissing("没有写明停发原因。", hint="写明事实，如“已迁出本县”。")
    if PaymentStop.objects.filter(payment=payment).exists():
        raise PaymentStopped("此项已停发。", hint="刷新页面查看停发月份。", case=case)
    stop_payment(
        payment,
        because=reason.strip()[:300],
        found_by="officer",
        by=officer.username,
        at=at,
        since=local_date(at),
    )


def stop_payment(
    payment: Payment, *, because: str, found_by: str, by: str, at: datetime, since: date
) -> bool:
    """Stop one payment from the month after ``since``; whether a recovery was opened."""
    month = _next_month(since)
    PaymentStop.objects.create(
        payment=payment, from_month=month, because=because[:300], found_by=found_by, by=by, at=at
    )
    Confirmation.objects.filter(case=payment.case, state="granted").update(state="stopped")
    waiting = PaymentLine.objects.filter(payment=payment, state="waiting", period__gte=month)
    waiting.filter(batch__state="made").update(state="void", result="已停发")
    journal.record(
        "policy.stopped",
        subject=payment.subject,
        actor=by,
        at=at,
        case=payment.case,
        facts={"policy": payment.policy, "from": month},
    )
    return _recover(payment, month, because, by=by, at=at)


def _recover(payment: Payment, month: str, because: str, *, by: str, at: datetime) -> bool:
    """Open a recovery of what was paid for months from ``month`` on."""
    paid = PaymentLine.objects.filter(payment=payment, state="paid", period__gte=month)
    amount = paid.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if not amount:
        return False
    version = find_policy(payment.policy)
    case = casework.open_case(
        flow=RECOVERY_FLOW,
        subject=payment.subject,
        title=f"{version.title}多发追回",
        organ=version.organ,
        division=payment.division,
        facts={"停发原因": because, "停发月份": month, "应追回金额": f"{amount:.2f}"},
        actor="services",
        at=at,
    )
    Recovery.objects.create(payment=payment, case=case.number, amount=amount, opened_at=at)
    return True


def _judged(frozen: FrozenPolicy, subject: str, *, as_of: date) -> tuple[str, str, date]:
    """The verdict now, why not, and since when."""
    row = row_of(frozen, subject)
    if row is None:
        return "no", GONE, as_of
    verdict = frozen.rule_set().judge(row, as_of=as_of)
    titles = [one.title for one in verdict.reasons if one.result == "no"]
    death = row.get("death_on")
    since = death if isinstance(death, date) and not row.get("is_alive", True) else as_of
    return verdict.result, f"不再满足：{'、'.join(titles)}", since


def _next_month(day: date) -> str:
    return f"{day.year + day.month // 12}-{day.month % 12 + 1:02}"
