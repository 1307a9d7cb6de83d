"""One person or firm by every policy as they stand now: eligible, not, or unknown because.

At the counter an officer asks, with a purpose that is journalled; on the portal everybody asks
for themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.models import Confirmation, Payment, PolicyVersion
from yiwang.apps.services.queries import VERDICTS, ReasonView, reason_view, titled
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.lake.serving import NotServed
from yiwang.rules import Verdict

ORDER = {"yes": 0, "unknown": 1, "no": 2}
LEAST_PURPOSE = 4


class PurposeMissing(Invalid):
    """Somebody was asked about without saying what for."""

    code = "services.purpose_missing"


class SubjectNotHeld(NotFound):
    """No table that policies judge holds this person or firm."""

    code = "services.subject_not_held"


@dataclass(frozen=True)
class Match:
    """How one policy judges one subject now."""

    policy: str
    title: str
    organ: str
    verdict: str
    verdict_title: str
    reasons: tuple[ReasonView, ...]
    missing: tuple[str, ...]
    """What data are missing, by title."""
    outputs: Mapping[str, str]
    state: str
    """waiting, granted or "": the confirmation that is under way or stands."""
    excluded_by: str
    """The title of the policy that is received and excludes this one, or ""."""
    document: str
    clauses: tuple[str, ...]
    basis: str

    @property
    def because(self) -> tuple[ReasonView, ...]:
        """The reasons that decided: what failed, else what could not be judged."""
        wanted = {"no": "no", "unknown": "unknown", "yes": "yes"}[self.verdict]
        return tuple(one for one in self.reasons if one.result == wanted)


@dataclass(frozen=True)
class Matched:
    """Everything about one subject."""

    subject: str
    name: str
    as_of: date
    matches: tuple[Match, ...]

    def of(self, verdict: str) -> tuple[Match, ...]:
        """The matches with this verdict."""
        return tuple(one for one in self.matches if one.verdict == verdict)


def match_at_counter(
    number: str, *, purpose: str, officer: identity.Officer, at: datetime
) -> Matched:
    """柜台匹配: every policy for the person or firm in front of the clerk, with reasons.

    The purpose is journalled; the subject sees who looked, when and what for.
    """
    identity.require(officer, "services.match")
    subject = number.strip().upper()
    if not (gbt11643.is_valid(subject) or uscc.is_valid(subject)):
        raise SubjectNotHeld("号码不是有效的身份号码或统一社会信用代码。", hint="请核对号码。")
    if len(purpose.strip()) < LEAST_PURPOSE:
        raise PurposeMissing("没有写明用途。", hint="写明为什么查询，如“窗口咨询高龄津贴”。")
    found = matched(subject, as_of=local_date(at))
    journal.record(
        "policy.matched",
        subject=subject,
        actor=officer.username,
        at=at,
        purpose=purpose.strip()[:200],
        facts={"yes": len(found.of("yes")), "unknown": len(found.of("unknown"))},
    )
    return found


def my_matches(*, actor: identity.Applicant, at: datetime) -> Matched:
    """政策找我: every policy for oneself."""
    return matched(actor.subject, as_of=local_date(at))


def matched(subject: str, *, as_of: date) -> Matched:
    """Every policy in force for one subject, judged over the latest serving copies."""
    rows: dict[str, dict[str, Any] | None] = {}
    found, name = [], ""
    states = _states(subject)
    policies = [
        frozen_of(row) for row in PolicyVersion.objects.filter(is_current=True).order_by("ref")
    ]
    titles = {one.ref: one.policy.title for one in policies}
    for frozen in policies:
        if frozen.table not in rows:
            rows[frozen.table] = row_of(frozen, subject)
        row = rows[frozen.table]
        until = frozen.policy.active_until
        if row is None or as_of < frozen.policy.active_from or (until and as_of >= until):
            continue
        name = name or str(row.get("name") or "")
        verdict = frozen.rule_set().judge(row, as_of=as_of)
        found.append(_match(frozen, verdict, states, titles))
    if not found:
        raise SubjectNotHeld("已归集的数据中没有此号码。", hint="请核对号码；新登记的次日才有。")
    found.sort(key=lambda one: (ORDER[one.verdict], one.title))
    return Matched(subject, name, as_of, tuple(found))


def row_of(frozen: FrozenPolicy, subject: str) -> dict[str, Any] | None:
    """The subject's row of the table that a policy judges, or None: the serving copy has none."""
    try:
        rows = catalog.lake().lookup(
            frozen.table,
            where={frozen.policy.subject: subject},
            columns=list(frozen.columns),
            limit=1,
        )
    except NotServed:
        return None
    return rows[0] if rows else None


def _states(subject: str) -> dict[str, str]:
    live = Confirmation.objects.filter(subject=subject, state__in=["waiting", "granted"])
    paid = Payment.objects.filter(subject=subject, stop=None)
    return {
        **dict(live.values_list("policy", "state")),
        **dict.fromkeys(paid.values_list("policy", flat=True), "granted"),
    }


def _match(
    frozen: FrozenPolicy,
    verdict: Verdict,
    states: Mapping[str, str],
    titles: Mapping[str, str],
) -> Match:
    policy = frozen.policy
    derived = {one.name: sorted(one.roots) for one in frozen.rule_set().derived}
    held = [other for other in policy.excludes if states.get(other) == "granted"]
    return Match(
        policy=frozen.ref,
        title=policy.title,
        organ=policy.organ,
        verdict=verdict.result,
        verdict_title=VERDICTS[verdict.result],
        reasons=tuple(reason_view(one, frozen, derived) for one in verdict.reasons),
        missing=tuple(frozen.title_of(name) for name in verdict.missing),
        outputs=titled(frozen, verdict.outputs),
        state=states.get(frozen.ref, ""),
        excluded_by=titles.get(held[0], held[0]) if held else "",
        document=policy.document,
        clauses=policy.clauses,
        basis=frozen.bases.get(policy.basis, policy.basis),
    )
