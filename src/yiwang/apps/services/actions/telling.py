"""Policies find people: tell the entitled, with the reason, unless they said no."""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime

from django.db import transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.actions.batches import lake_of_place
from yiwang.apps.services.evidence import judged_parts, rows_of
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.models import EligibilityChange, OptOut, Payment, PolicyNotice
from yiwang.apps.services.queries import find_run
from yiwang.kernel.errors import NotAllowed

LONGEST = 500


class NotOwnMatches(NotAllowed):
    """Only the person or firm itself reads its notices and says no to them."""

    code = "services.not_own_matches"


def tell(change: EligibilityChange, *, at: datetime) -> bool:
    """推送: one notice for who became entitled; nobody is told twice of one policy."""
    frozen = frozen_of(change.version)
    if not frozen.policy.push or _said_no([change.subject], frozen.ref):
        return False
    reason = f"{change.event}后" if change.event else ""
    _, is_new = PolicyNotice.objects.get_or_create(
        policy=frozen.ref,
        subject=change.subject,
        defaults={
            "text": _text(frozen, f"{reason}满足：{'、'.join(change.because) or '全部条件'}"),
            "event": change.event,
            "told_at": at,
        },
    )
    return is_new


@transaction.atomic
def tell_run(run: int, *, officer: identity.Officer, at: datetime) -> int:
    """推送: tell everybody a run found entitled who does not receive, was not told, said not no."""
    row = find_run(run)
    identity.require(officer, "services.run", organ=row.policy.organ)
    frozen = frozen_of(row.policy)
    if not frozen.policy.push or row.batch is None:
        return 0
    (one,) = judged_parts([frozen], [row.prefix])
    with closing(lake_of_place()) as lake:
        found = rows_of(
            one,
            lake,
            evidence=row.batch.evidence,
            snapshot=row.batch.snapshot,
            where="verdict = 'yes'",
        )
    subjects = [each[frozen.policy.subject] for each in found]
    told = PolicyNotice.objects.filter(policy=frozen.ref).values_list("subject", flat=True)
    paid = Payment.objects.filter(policy=frozen.ref, stop=None).values_list("subject", flat=True)
    left_out = {*told, *paid, *_said_no(subjects, frozen.ref)}
    why = "、".join(each.title for each in frozen.rules.conditions)
    made = PolicyNotice.objects.bulk_create(
        [
            PolicyNotice(
                policy=frozen.ref, subject=each, text=_text(frozen, f"满足：{why}"), told_at=at
            )
            for each in subjects
            if each not in left_out
        ],
        batch_size=1000,
    )
    journal.record(
        "policy.told",
        subject=frozen.ref,
        actor=officer.username,
        at=at,
        facts={"run": run, "people": len(made)},
    )
    return len(made)


@transaction.atomic
def opt_out(*, policy: str, actor: identity.Applicant, at: datetime) -> None:
    """不再提醒: remember that somebody does not want to be told of a policy (empty: of any)."""
    _own(actor)
    OptOut.objects.get_or_create(subject=actor.subject, policy=policy, defaults={"at": at})
    journal.record(
        "policy.opted_out",
        subject=actor.subject,
        actor=actor.subject,
        at=at,
        facts={"policy": policy or "*"},
    )


@transaction.atomic
def opt_in(*, policy: str, actor: identity.Applicant, at: datetime) -> None:
    """恢复提醒: take an opt-out back."""
    _own(actor)
    OptOut.objects.filter(subject=actor.subject, policy=policy).delete()
    journal.record(
        "policy.opted_in",
        subject=actor.subject,
        actor=actor.subject,
        at=at,
        facts={"policy": policy or "*"},
    )


def read_notices(*, actor: identity.Applicant, at: datetime) -> list[dict[str, object]]:
    """My notices, newest first; reading them is noted once."""
    _own(actor)
    rows = PolicyNotice.objects.filter(subject=actor.subject).order_by("-id")
    found = list(rows.values("policy", "text", "event", "told_at", "read_at"))
    rows.filter(read_at=None).update(read_at=at)
    return found


def opted_out(*, actor: identity.Applicant) -> set[str]:
    """The policies somebody said no to; "" is all of them."""
    return set(OptOut.objects.filter(subject=actor.subject).values_list("policy", flat=True))


def _own(actor: identity.Actor) -> None:
    if not isinstance(actor, identity.Applicant):
        raise NotOwnMatches("这里只供个人和企业查看自己的政策。", hint="请用本人账户登录。")


def _said_no(subjects: Iterable[str], policy: str) -> set[str]:
    wanted = set(subjects)
    rows = OptOut.objects.filter(policy__in=[policy, ""]).values_list("subject", flat=True)
    return wanted & set(rows)


def _text(frozen: FrozenPolicy, why: str) -> str:
    policy = frozen.policy
    text = f"您可能符合“{policy.title}”，因为{why}。"
    return text[:LONGEST]
