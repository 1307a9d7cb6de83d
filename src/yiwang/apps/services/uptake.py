"""领取率: for each policy who is entitled, who was told, who receives, and the money (S-60)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from yiwang.apps.identity import public as identity
from yiwang.apps.services.models import (
    Confirmation,
    Payment,
    PaymentLine,
    PolicyNotice,
    PolicyRun,
    PolicyVersion,
)


@dataclass(frozen=True)
class Uptake:
    """One policy's reach."""

    policy: str
    title: str
    organ: str
    eligible: int | None
    """Of the latest run; None: never judged."""
    unknown: int
    told: int
    confirming: int
    receiving: int
    paid: Decimal
    """Money that reached people."""
    run: int | None

    @property
    def rate(self) -> float | None:
        """Receiving by entitled; None where nobody is entitled."""
        return self.receiving / self.eligible if self.eligible else None


def uptake(*, officer: identity.Officer) -> list[Uptake]:
    """The policies of the officer's organ; of every organ for whoever may match the county."""
    identity.require(officer, "services.see")
    versions = PolicyVersion.objects.filter(is_current=True).order_by("organ", "title")
    if not identity.may(officer, "services.batch"):
        versions = versions.filter(organ=officer.organ)
    latest = PolicyRun.objects.values("policy__ref").annotate(run=Max("pk"))
    runs = PolicyRun.objects.in_bulk([one["run"] for one in latest])
    by_policy = {one["policy__ref"]: runs[one["run"]] for one in latest}
    told = _counted(PolicyNotice.objects.all())
    confirming = _counted(Confirmation.objects.filter(state="waiting"))
    receiving = _counted(Payment.objects.filter(stop=None))
    paid = dict(
        PaymentLine.objects.filter(state="paid")
        .values("policy")
        .annotate(sum=Sum("amount"))
        .values_list("policy", "sum")
    )
    return [
        Uptake(
            policy=one.ref,
            title=one.title,
            organ=one.organ,
            eligible=by_policy[one.ref].yes if one.ref in by_policy else None,
            unknown=by_policy[one.ref].unknown if one.ref in by_policy else 0,
            told=told.get(one.ref, 0),
            confirming=confirming.get(one.ref, 0),
            receiving=receiving.get(one.ref, 0),
            paid=paid.get(one.ref, Decimal(0)),
            run=by_policy[one.ref].pk if one.ref in by_policy else None,
        )
        for one in versions
    ]


def _counted(rows: QuerySet[Any]) -> dict[str, int]:
    """Rows by policy, each person once."""
    grouped = rows.values("policy").annotate(people=Count("subject", distinct=True))
    return dict(grouped.values_list("policy", "people"))
