"""Life events: a row that changed, or a birthday, and only those it concerns are judged again.

The evidence of the latest batch says by which values everybody was judged. After a table was
published anew, whoever's values differ from them is judged again, policy by policy; on a birthday
the day itself is what changed. What came out differently is kept, the entitled are told (unless
they said no), and whoever receives and no longer may is stopped.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yiwang.apps.journal import public as journal
from yiwang.apps.services.actions.batches import lake_of_place
from yiwang.apps.services.actions.rechecks import stop_payment
from yiwang.apps.services.actions.telling import tell
from yiwang.apps.services.evidence import Judged, judged_parts, values_kept
from yiwang.apps.services.frozen import frozen_of
from yiwang.apps.services.judging import plain
from yiwang.apps.services.models import EligibilityChange, Payment, PolicyBatch, PolicyVersion
from yiwang.kernel.clock import local_date
from yiwang.lake import Lake

EVENTS = (
    ("is_alive", "死亡"),
    ("death_on", "死亡"),
    ("last_birth_on", "生育"),
    ("births", "生育"),
    ("employment", "就业变化"),
    ("division", "迁移"),
    ("assistance", "救助变化"),
    ("disability_degree", "残疾评定"),
    ("school_stage", "入学"),
)
"""What a changed column means for people; the first that changed names the event."""
DEATH = ("death_on",)
"""Kept with every change: what is stopped is stopped from the day of a death."""
MOST = 20_000
"""More than this in one publication is a new batch, not an event."""


@dataclass(frozen=True)
class Found:
    """What came of looking: how many were judged again, and what changed for them."""

    judged: int
    gained: int
    lost: int
    told: int
    stopped: int


def judge_events(*, at: datetime) -> list[Found]:
    """生命事件: judge again whoever's values changed since the latest batch, or who has a birthday.

    Done after a publication and every morning; doing it twice finds nothing new.
    """
    found = []
    tables = PolicyBatch.objects.values_list("table", flat=True).distinct()
    with closing(lake_of_place()) as lake:
        for table in sorted(set(tables)):
            batch = PolicyBatch.objects.filter(table=table).order_by("-id").first()
            if batch is not None:
                found.append(_judge_again(batch, lake, at=at))
    return found


def _judge_again(batch: PolicyBatch, lake: Lake, *, at: datetime) -> Found:
    runs = list(batch.runs.select_related("policy").order_by("prefix"))
    parts = judged_parts([frozen_of(run.policy) for run in runs], [run.prefix for run in runs])
    versions = {one.prefix: run.policy for one, run in zip(parts, runs, strict=True)}
    as_of, snapshot = local_date(at), lake.snapshots(batch.table)[-1].id
    concerned = _concerned(batch, parts, lake, as_of=as_of)
    evidence = _evidence(batch, parts, lake, concerned)
    changes: list[EligibilityChange] = []
    for subject, row in concerned.items():
        old = evidence.get(subject)
        for one in parts:
            change = _change(one, versions[one.prefix], subject, old, row, as_of=as_of)
            if change is not None:
                change.snapshot, change.at = snapshot, at
                changes.append(change)
    return _keep(changes, judged=len(concerned), at=at)


def _concerned(
    batch: PolicyBatch, parts: Sequence[Judged], lake: Lake, *, as_of: date
) -> dict[str, dict[str, Any]]:
    """Rows of whoever's values differ from the evidence, and of who had a birthday since."""
    kept, subject = values_kept(parts), parts[0].frozen.policy.subject
    shown = ", ".join(f'"{name}"' for name in kept)
    wanted = [
        f'"{subject}" IN (SELECT "{subject}" FROM '  # noqa: S608 - names of checked packs
        f"(SELECT {shown} FROM {batch.table} EXCEPT SELECT {shown} FROM {batch.evidence}) AS new)"
    ]
    if "birth_on" in kept and as_of > batch.as_of:
        days = [batch.as_of + timedelta(days=n) for n in range(1, min(367, _days(batch, as_of)))]
        spoken = ", ".join(f"'{day:%m-%d}'" for day in days)
        wanted.append(f"strftime(birth_on, '%m-%d') IN ({spoken})")
    rows = lake.rows(
        f"SELECT * FROM {batch.table} WHERE {' OR '.join(wanted)}",  # noqa: S608 - as above
        as_of={
            batch.evidence: batch.snapshot,
            batch.table: lake.snapshots(batch.table)[-1].id,
        },
        limit=MOST,
    )
    return {row[subject]: row for row in rows}


def _days(batch: PolicyBatch, as_of: date) -> int:
    return (as_of - batch.as_of).days + 1


def _evidence(
    batch: PolicyBatch, parts: Sequence[Judged], lake: Lake, concerned: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The rows of the evidence of those concerned."""
    subject = parts[0].frozen.policy.subject
    wanted, found = sorted(concerned), {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        named = {f"s{place}": one for place, one in enumerate(chunk)}
        rows = lake.rows(
            f'SELECT * FROM {batch.evidence} WHERE "{subject}" IN '  # noqa: S608 - checked names
            f"({', '.join('$' + name for name in named)})",
            as_of={batch.evidence: batch.snapshot},
            values=named,
        )
        found.update({row[subject]: row for row in rows})
    return found


def _change(
    one: Judged,
    version: PolicyVersion,
    subject: str,
    old: Mapping[str, Any] | None,
    row: Mapping[str, Any],
    *,
    as_of: date,
) -> EligibilityChange | None:
    """What changed for one subject under one policy, or None."""
    verdict = one.rules.judge(row, as_of=as_of)
    known = EligibilityChange.objects.filter(policy=one.frozen.ref, subject=subject)
    last = known.order_by("-id").values_list("now", flat=True).first()
    was = last or (one.verdict(old) if old is not None else "new")
    if was == verdict.result or (was == "new" and verdict.result == "no"):
        return None
    failed = set(one.failed(old)) | set(one.unknown(old)) if old is not None else set()
    now = {*verdict.failed, *verdict.unknown}
    titles = {each.id: each.title for each in one.frozen.rules.conditions}
    return EligibilityChange(
        policy=one.frozen.ref,
        version=version,
        subject=subject,
        division=str(row.get(one.frozen.policy.division) or ""),
        event=_event(old, row),
        was=was,
        now=verdict.result,
        because=[titles[each] for each in titles if each in failed ^ now],
        values=plain({name: row[name] for name in (*one.rules.reads, *DEATH) if name in row}),
        outputs=plain(verdict.outputs),
        as_of=as_of,
    )


def _event(old: Mapping[str, Any] | None, row: Mapping[str, Any]) -> str:
    if old is None:
        return "新登记"
    for name, event in EVENTS:
        if name in row and name in old and row[name] != old[name]:
            return event
    changed = [name for name in old if name in row and row[name] != old[name]]
    return "数据变化" if changed else "到龄"


@transaction.atomic
def _keep(changes: Sequence[EligibilityChange], *, judged: int, at: datetime) -> Found:
    EligibilityChange.objects.bulk_create(changes, batch_size=500)
    gained = [one for one in changes if one.now == "yes"]
    lost = [one for one in changes if one.was == "yes"]
    told = sum(tell(one, at=at) for one in gained)
    stopped = sum(_stop(one, at=at) for one in lost if one.now == "no")
    if changes:
        journal.record(
            "policy.events_judged",
            subject="",
            actor="services",
            at=at,
            facts={"judged": judged, "gained": len(gained), "lost": len(lost)},
        )
    return Found(judged, len(gained), len(lost), told, stopped)


def _stop(change: EligibilityChange, *, at: datetime) -> bool:
    payment = Payment.objects.filter(
        policy=change.policy, subject=change.subject, stop=None
    ).first()
    if payment is None:
        return False
    because = f"{change.event}：{'、'.join(change.because)}"
    stop_payment(
        payment, because=because, found_by="event", by="services", at=at, since=_since(change)
    )
    return True


def _since(change: EligibilityChange) -> date:
    """The day from which the reason holds: of a death its day, else the day it was found."""
    death = change.values.get("death_on")
    return date.fromisoformat(death) if death else change.as_of
