"""What pages of policies list: batches, changes, stops, parameters, and what contradicts."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations

from django.db.models import Max

from yiwang.apps.identity import public as identity
from yiwang.apps.services.actions.batches import lake_of_place
from yiwang.apps.services.evidence import judged_parts
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.judging import written
from yiwang.apps.services.models import (
    EligibilityChange,
    PaymentStop,
    PolicyBatch,
    PolicyDocument,
    PolicyVersion,
    Recovery,
)
from yiwang.apps.services.queries import VERDICTS, find_policy
from yiwang.lake import Lake


@dataclass(frozen=True)
class PolicyBatchView:
    """A batch of judgements."""

    id: int
    table: str
    evidence: str
    snapshot: str
    as_of: date
    at: datetime
    people: int
    policies: int
    seconds: float


@dataclass(frozen=True)
class ChangeView:
    """Somebody became entitled, or no longer is."""

    title: str
    subject: str
    event: str
    was: str
    now: str
    was_title: str
    now_title: str
    because: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class StopView:
    """A payment that was stopped, with its recovery."""

    title: str
    subject: str
    from_month: str
    because: str
    found_by: str
    recovery: str
    recovery_amount: Decimal | None


@dataclass(frozen=True)
class ParameterView:
    """A value of the rules as it is in force."""

    name: str
    title: str
    unit: str
    value: str
    since: date
    basis: str


@dataclass(frozen=True)
class Contradiction:
    """Policies that do not go together, and how many people that concerns."""

    title: str
    text: str


def batches(*, officer: identity.Officer, limit: int = 20) -> list[PolicyBatchView]:
    """The latest batches: every officer of policies sees that and when it was judged."""
    identity.require(officer, "services.see")
    rows = PolicyBatch.objects.order_by("-id")[:limit]
    return [
        PolicyBatchView(
            id=row.pk,
            table=row.table,
            evidence=row.evidence,
            snapshot=row.snapshot,
            as_of=row.as_of,
            at=row.at,
            people=row.people,
            policies=row.policies,
            seconds=row.seconds,
        )
        for row in rows
    ]


def changes(*, officer: identity.Officer, offset: int = 0, limit: int = 50) -> list[ChangeView]:
    """资格变化 of the policies of the officer's organ, newest first."""
    identity.require(officer, "services.see")
    own = dict(
        PolicyVersion.objects.filter(is_current=True, organ=officer.organ).values_list(
            "ref", "title"
        )
    )
    rows = EligibilityChange.objects.filter(policy__in=own).order_by("-id")
    verdicts = {**VERDICTS, "new": "不在册"}
    return [
        ChangeView(
            title=own[row.policy],
            subject=row.subject,
            event=row.event,
            was=row.was,
            now=row.now,
            was_title=verdicts[row.was],
            now_title=verdicts[row.now],
            because=tuple(row.because),
            at=row.at,
        )
        for row in rows[offset : offset + limit]
    ]


def stops(*, officer: identity.Officer, limit: int = 200) -> list[StopView]:
    """Who was stopped under the organ's policies, newest first."""
    identity.require(officer, "services.pay")
    own = dict(
        PolicyVersion.objects.filter(is_current=True, organ=officer.organ).values_list(
            "ref", "title"
        )
    )
    rows = PaymentStop.objects.filter(payment__policy__in=own).select_related("payment")
    found = list(rows.order_by("-id")[:limit])
    recoveries = {
        one.payment_id: one
        for one in Recovery.objects.filter(payment__in=[one.payment_id for one in found])
    }
    return [_stop(one, own, recoveries.get(one.payment_id)) for one in found]


def _stop(row: PaymentStop, titles: Mapping[str, str], recovery: Recovery | None) -> StopView:
    return StopView(
        title=titles[row.payment.policy],
        subject=row.payment.subject,
        from_month=row.from_month,
        because=row.because,
        found_by=row.found_by,
        recovery=recovery.case if recovery else "",
        recovery_amount=recovery.amount if recovery else None,
    )


def policy_title(ref: str) -> str:
    """What a policy is called."""
    return find_policy(ref).title


def parameters_of(ref: str, *, officer: identity.Officer, on: date) -> list[ParameterView]:
    """The values of a policy's rules in force on a day, with their basis."""
    version = find_policy(ref)
    identity.require(officer, "services.run", organ=version.organ)
    frozen = frozen_of(version)
    return [
        ParameterView(
            name=name,
            title=frozen.rules.parameters[name].title,
            unit=frozen.rules.parameters[name].unit,
            value=written(one.value),
            since=one.from_,
            basis=frozen.bases.get(one.basis, one.basis),
        )
        for name, one in frozen.rule_set().in_force(as_of=on).items()
    ]


def contradictions(*, officer: identity.Officer) -> list[Contradiction]:
    """What does not go together: exclusive policies that fit the same people, void clauses."""
    identity.require(officer, "services.see")
    frozen = {
        row.ref: frozen_of(row)
        for row in PolicyVersion.objects.filter(is_current=True).order_by("ref")
    }
    own = {
        ref: one
        for ref, one in frozen.items()
        if one.policy.organ == officer.organ or identity.may(officer, "services.batch")
    }
    return [*_void(own), *_overlapping(own, frozen)]


def _void(own: Mapping[str, FrozenPolicy]) -> list[Contradiction]:
    wanted = {one.policy.document for one in own.values() if one.policy.document}
    void = set(
        PolicyDocument.objects.filter(ref__in=wanted)
        .exclude(
            ref__in=PolicyDocument.objects.filter(ref__in=wanted, state="published").values("ref")
        )
        .values_list("ref", flat=True)
    )
    return [
        Contradiction(
            f"“{one.policy.title}”依据的文件已不是现行文件", "请修改政策的依据，或停用这项政策。"
        )
        for one in own.values()
        if one.policy.document in void
    ]


def _overlapping(
    own: Mapping[str, FrozenPolicy], known: Mapping[str, FrozenPolicy]
) -> list[Contradiction]:
    """Exclusive pairs both of which fit somebody, counted in the evidence of the latest batch."""
    latest = PolicyBatch.objects.values("table").annotate(last=Max("pk"))
    found = []
    with closing(lake_of_place()) as lake:
        for batch in PolicyBatch.objects.filter(pk__in=[one["last"] for one in latest]):
            prefixes = dict(batch.runs.values_list("policy__ref", "prefix"))
            for one, other in combinations(sorted(prefixes), 2):
                is_known = one in known and other in known and {one, other} & own.keys()
                if is_known and other in known[one].policy.excludes:
                    found += _both(batch, lake, (known[one], known[other]), prefixes)
    return found


def _both(
    batch: PolicyBatch,
    lake: Lake,
    pair: tuple[FrozenPolicy, FrozenPolicy],
    prefixes: Mapping[str, str],
) -> list[Contradiction]:
    one, other = judged_parts(pair, [prefixes[each.ref] for each in pair])
    (row,) = lake.rows(
        f"SELECT count(*) AS people FROM {batch.evidence} "  # noqa: S608 - names of our own making
        f"WHERE {one.verdict_sql()} = 'yes' AND {other.verdict_sql()} = 'yes'",
        as_of={batch.evidence: batch.snapshot},
    )
    if not row["people"]:
        return []
    titles = f"“{pair[0].policy.title}”与“{pair[1].policy.title}”"
    return [
        Contradiction(
            f"{titles}互斥，有 {row['people']:,} 人同时符合",
            "已在享受一项的不能再认定另一项；都未享受的，由本人选择一项。",
        )
    ]
