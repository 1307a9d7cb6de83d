"""What services shows of policies: runs and candidates for the organ in charge."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, Sum

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.models import (
    Candidate,
    Confirmation,
    Payment,
    PolicyRun,
    PolicyVersion,
)
from yiwang.kernel.errors import NotFound
from yiwang.lake import Lake
from yiwang.rules import Reason

VERDICTS = {"yes": "符合", "no": "不符合", "unknown": "无法判断"}


class PolicyUnknown(NotFound):
    """No policy of this name is in force."""

    code = "services.policy_unknown"


class RunUnknown(NotFound):
    """No run has this number."""

    code = "services.run_unknown"


class CandidateUnknown(NotFound):
    """The run's data hold nobody with this number."""

    code = "services.candidate_unknown"


@dataclass(frozen=True)
class PolicyView:
    """A policy in force, with its last run."""

    ref: str
    title: str
    organ: str
    version: str
    last_run: "RunView | None"


@dataclass(frozen=True)
class RunView:
    """One judgement of a population."""

    id: int
    policy: str
    title: str
    organ: str
    version: str
    as_of: date
    at: datetime
    by: str
    judged: int
    yes: int
    no: int
    unknown: int
    amount: Decimal | None
    seconds: float
    snapshots: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]]
    """Parameter title to its value and basis."""
    failed: Mapping[str, int]
    """Condition title to how many it refused."""
    confirmations: int
    granted: int
    paid: Decimal
    """Per month, on the payment list."""


@dataclass(frozen=True)
class CandidateView:
    """A candidate of a run."""

    id: int
    subject: str
    division: str
    verdict: str
    verdict_title: str
    reasons: tuple[str, ...]
    """The conditions that could not be judged, by title."""
    missing: tuple[str, ...]
    """What data are missing, by title."""
    outputs: Mapping[str, str]
    values: Mapping[str, str]
    case: str
    state: str


@dataclass(frozen=True)
class ReasonView:
    """How one condition came out, and what it looked at, in people's words."""

    title: str
    result: str
    result_title: str
    looked_at: tuple[str, ...]
    missing: tuple[str, ...]
    basis: str


@dataclass(frozen=True)
class CandidateExplanation:
    """One person's verdict with the reason of every condition, computed again from the snapshot."""

    subject: str
    verdict: str
    verdict_title: str
    reasons: tuple[ReasonView, ...]
    missing: tuple[str, ...]
    outputs: Mapping[str, str]
    agrees: bool
    """Whether the run came to the same verdict."""


def policies(*, officer: identity.Officer) -> list[PolicyView]:
    """The policies of the officer's organ."""
    identity.require(officer, "services.see")
    rows = PolicyVersion.objects.filter(is_current=True, organ=officer.organ).order_by("title")
    views = []
    for row in rows:
        last = PolicyRun.objects.filter(policy__ref=row.ref).order_by("-id").first()
        views.append(
            PolicyView(row.ref, row.title, row.organ, row.version, last and run_view(last))
        )
    return views


def policy_runs(policy: str, *, officer: identity.Officer, limit: int = 50) -> list[RunView]:
    """The runs of a policy, newest first."""
    version = find_policy(policy)
    identity.require(officer, "services.see", organ=version.organ)
    rows = PolicyRun.objects.filter(policy__ref=policy).select_related("policy").order_by("-id")
    return [run_view(row) for row in rows[:limit]]


def policy_run(run: int, *, officer: identity.Officer) -> RunView:
    """One run."""
    row = find_run(run)
    identity.require(officer, "services.see", organ=row.policy.organ)
    return run_view(row)


def candidates(
    run: int,
    *,
    officer: identity.Officer,
    verdict: str = "",
    query: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[CandidateView]:
    """Who a run found entitled or could not judge."""
    row = find_run(run)
    identity.require(officer, "services.see", organ=row.policy.organ)
    found = row.candidates.select_related("confirmed").order_by("-verdict", "division", "id")
    if verdict:
        found = found.filter(verdict=verdict)
    if query.strip():
        wanted = query.strip()
        found = found.filter(Q(subject=wanted.upper()) | Q(division__startswith=wanted))
    frozen = frozen_of(row.policy)
    return [_candidate_view(one, frozen) for one in found[offset : offset + limit]]


def candidate(run: int, candidate: int, *, officer: identity.Officer) -> CandidateView:
    """One candidate of a run."""
    row = find_run(run)
    identity.require(officer, "services.see", organ=row.policy.organ)
    found = row.candidates.select_related("confirmed").filter(pk=candidate).first()
    if found is None:
        raise CandidateUnknown("本次运行没有这位候选人。", hint="请从名单进入。")
    return _candidate_view(found, frozen_of(row.policy))


def explain_candidate(
    run: int, subject: str, *, officer: identity.Officer, at: datetime
) -> CandidateExplanation:
    """Why one person is entitled, is not, or cannot be judged, condition by condition."""
    row = find_run(run)
    identity.require(officer, "services.see", organ=row.policy.organ)
    frozen = frozen_of(row.policy)
    person = _row_of(frozen, row, subject)
    rules = frozen.rule_set()
    verdict = rules.judge(person, as_of=row.as_of)
    derived = {one.name: sorted(one.roots) for one in rules.derived}
    stored = row.candidates.filter(subject=subject).first()
    journal.record(
        "policy.explained",
        subject=subject,
        actor=officer.username,
        at=at,
        purpose=row.policy.title,
        facts={"run": run},
    )
    return CandidateExplanation(
        subject=subject,
        verdict=verdict.result,
        verdict_title=VERDICTS[verdict.result],
        reasons=tuple(reason_view(one, frozen, derived) for one in verdict.reasons),
        missing=tuple(frozen.title_of(name) for name in verdict.missing),
        outputs=titled(frozen, verdict.outputs),
        agrees=verdict.result == (stored.verdict if stored else "no"),
    )


def payments(policy: str, *, officer: identity.Officer, limit: int = 1000) -> list[dict[str, Any]]:
    """发放清单: what is paid to whom, newest first."""
    version = find_policy(policy)
    identity.require(officer, "services.see", organ=version.organ)
    rows = Payment.objects.filter(policy=policy).order_by("-id")
    return list(
        rows.values("amount", "from_month", "license", "listed_at", "case", "subject")[:limit]
    )


def find_policy(ref: str) -> PolicyVersion:
    """The version of a policy that is in force."""
    row = PolicyVersion.objects.filter(ref=ref, is_current=True).first()
    if row is None:
        raise PolicyUnknown(f"没有政策 {ref}。", hint="先安装场景包。", policy=ref)
    return row


def find_run(run: int) -> PolicyRun:
    """A run's row."""
    row = PolicyRun.objects.select_related("policy").filter(pk=run).first()
    if row is None:
        raise RunUnknown(f"没有第 {run} 次运行。", hint="请从政策页面进入。", run=run)
    return row


def run_view(row: PolicyRun) -> RunView:
    """A run's row as a value."""
    frozen = frozen_of(row.policy)
    titles = {one.id: one.title for one in frozen.rules.conditions}
    confirmed = Candidate.objects.filter(run=row, confirmed__isnull=False)
    cases = Confirmation.objects.filter(candidate__run=row).values("case")
    granted = Payment.objects.filter(case__in=cases)
    return RunView(
        id=row.pk,
        policy=frozen.ref,
        title=row.policy.title,
        organ=row.policy.organ,
        version=row.policy.version,
        as_of=row.as_of,
        at=row.at,
        by=row.by,
        judged=row.judged,
        yes=row.yes,
        no=row.no,
        unknown=row.unknown,
        amount=row.amount,
        seconds=row.seconds,
        snapshots=row.snapshots,
        parameters={
            frozen.rules.parameters[name].title: {**one, "unit": frozen.rules.parameters[name].unit}
            for name, one in row.parameters.items()
        },
        failed={titles.get(name, name): people for name, people in row.failed.items()},
        confirmations=confirmed.count(),
        granted=granted.count(),
        paid=granted.aggregate(paid=Sum("amount"))["paid"] or Decimal(0),
    )


def _row_of(frozen: FrozenPolicy, run: PolicyRun, subject: str) -> dict[str, Any]:
    column = frozen.policy.subject
    with closing(Lake(Path(settings.HOME) / "lake")) as lake:
        found = lake.rows(
            f'SELECT * FROM {frozen.table} WHERE "{column}" = $subject',  # noqa: S608 - checked pack names
            as_of=run.snapshots,
            limit=1,
            values={"subject": subject},
        )
    if not found:
        raise CandidateUnknown("本次运行的数据中没有此人。", hint="请核对公民身份号码。")
    return found[0]


def reason_view(one: Reason, frozen: FrozenPolicy, derived: Mapping[str, list[str]]) -> ReasonView:
    """A reason with the titles of what it looked at."""
    # A derived value has no title of its own: what it is derived from has.
    looked = [column for name in one.names for column in derived.get(name, [name])]
    return ReasonView(
        title=one.title,
        result=one.result,
        result_title=VERDICTS[one.result],
        looked_at=tuple(frozen.title_of(name) for name in looked if name in frozen.columns),
        missing=tuple(frozen.title_of(name) for name in one.missing),
        basis=frozen.bases.get(one.basis, one.basis),
    )


def _candidate_view(one: Candidate, frozen: FrozenPolicy) -> CandidateView:
    titles = {each.id: each.title for each in frozen.rules.conditions}
    confirmed = getattr(one, "confirmed", None)
    return CandidateView(
        id=one.pk,
        subject=one.subject,
        division=one.division,
        verdict=one.verdict,
        verdict_title=VERDICTS[one.verdict],
        reasons=tuple(titles.get(name, name) for name in one.unknown),
        missing=tuple(frozen.title_of(name) for name in one.missing),
        outputs=titled(frozen, one.outputs),
        values=titled(
            frozen,
            {name: value for name, value in one.values.items() if name != frozen.policy.division},
        ),
        case=confirmed.case if confirmed else "",
        state=confirmed.state if confirmed else "",
    )


def titled(frozen: FrozenPolicy, values: Mapping[str, Any]) -> dict[str, str]:
    """Values by their titles, amounts with their cents; what is not there is left out."""
    return {
        frozen.title_of(name): f"{value:.2f}" if isinstance(value, Decimal) else str(value)
        for name, value in values.items()
        if value is not None
    }
