"""Judge whole populations: all policies over one table in one pass, with frozen evidence."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.evidence import Judged, counts, judge_all, judged_parts, rows_of
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.judging import plain, written
from yiwang.apps.services.models import Candidate, PolicyBatch, PolicyRun, PolicyVersion
from yiwang.apps.services.queries import RunView, find_policy, find_run, run_view
from yiwang.kernel.errors import Conflict
from yiwang.lake import Lake, Publication

Say = Callable[[int, int, str], object]
BY_TIMETABLE = "timetable"


class PolicyNotInForce(Conflict):
    """The policy does not apply on the day asked for."""

    code = "services.policy_not_in_force"


class PopulationMissing(Conflict):
    """The table that the policy judges has no rows yet."""

    code = "services.population_missing"


def lake_of_place() -> Lake:
    """The lake under HOME."""
    return Lake(Path(settings.HOME) / "lake")


def run_policy(policy: str, *, as_of: date, at: datetime, officer: identity.Officer) -> RunView:
    """运行政策: judge everybody by the policy in force, and list who is entitled or unclear.

    Who is refused is not listed but stands in the evidence: snapshot, version and parameters are
    frozen, so anybody's verdict can be read there and computed again.
    """
    version = find_policy(policy)
    identity.require(officer, "services.run", organ=version.organ)
    _require_in_force(frozen_of(version), as_of)
    with closing(lake_of_place()) as lake:
        _require_population(version, lake)
        (run,) = _judged([version], lake, as_of=as_of, at=at, by=officer.username)
        _list(run, lake)
    return run_view(run)


def run_batch(
    *, as_of: date, at: datetime, officer: identity.Officer, say: Say | None = None
) -> list[int]:
    """批量匹配: judge everybody by every policy in force; returns the numbers of the batches."""
    identity.require(officer, "services.batch")
    return judge_everything(as_of=as_of, at=at, by=officer.username, say=say)


def judge_everything(*, as_of: date, at: datetime, by: str, say: Say | None = None) -> list[int]:
    """All policies in force, table by table; a table that was never published is passed over."""
    tables: dict[str, list[PolicyVersion]] = {}
    for version in PolicyVersion.objects.filter(is_current=True).order_by("ref"):
        frozen = frozen_of(version)
        if _is_in_force(frozen, as_of):
            tables.setdefault(frozen.table, []).append(version)
    made = []
    with closing(lake_of_place()) as lake:
        known = set(lake.tables())
        for place, (table, versions) in enumerate(sorted(tables.items())):
            if table in known:
                runs = _judged(versions, lake, as_of=as_of, at=at, by=by)
                made.append(runs[0].batch_id)
            if say is not None:
                say(place + 1, len(tables), table)
    return [number for number in made if number is not None]


@transaction.atomic
def list_candidates(run: int, *, officer: identity.Officer, at: datetime) -> int:
    """形成名单: list a batch's entitled and unclear, so that their confirmation can begin."""
    row = find_run(run)
    identity.require(officer, "services.run", organ=row.policy.organ)
    if row.candidates.exists():
        return row.candidates.count()
    with closing(lake_of_place()) as lake:
        listed = _list(row, lake)
    journal.record(
        "policy.listed",
        subject=row.policy.ref,
        actor=officer.username,
        at=at,
        facts={"run": run, "people": listed},
    )
    return listed


def _judged(
    versions: Sequence[PolicyVersion], lake: Lake, *, as_of: date, at: datetime, by: str
) -> list[PolicyRun]:
    began = time.perf_counter()
    parts = judged_parts([frozen_of(version) for version in versions])
    made = judge_all(parts, lake, as_of=as_of, at=at)
    found = counts(parts, lake, made)
    seconds = time.perf_counter() - began
    return _keep(versions, parts, made, found, as_of=as_of, at=at, by=by, seconds=seconds)


@transaction.atomic
def _keep(
    versions: Sequence[PolicyVersion],
    parts: Sequence[Judged],
    made: Publication,
    found: dict[str, dict[str, Any]],
    *,
    as_of: date,
    at: datetime,
    by: str,
    seconds: float,
) -> list[PolicyRun]:
    batch = PolicyBatch.objects.create(
        table=parts[0].frozen.table,
        evidence=made.name,
        snapshot=made.snapshot,
        inputs=dict(made.inputs),
        as_of=as_of,
        at=at,
        by=by,
        people=made.rows,
        policies=len(parts),
        seconds=seconds,
    )
    runs = [
        _run(version, one, batch, found[one.prefix])
        for version, one in zip(versions, parts, strict=True)
    ]
    for run in runs:
        _note(run, batch)
    return runs


def _run(
    version: PolicyVersion, one: Judged, batch: PolicyBatch, found: dict[str, Any]
) -> PolicyRun:
    return PolicyRun.objects.create(
        policy=version,
        batch=batch,
        prefix=one.prefix,
        as_of=batch.as_of,
        at=batch.at,
        by=batch.by,
        snapshots=batch.inputs,
        parameters={
            name: {"value": written(value.value), "basis": value.basis}
            for name, value in one.rules.in_force(as_of=batch.as_of).items()
        },
        judged=batch.people,
        seconds=batch.seconds,
        **found,
    )


def _note(run: PolicyRun, batch: PolicyBatch) -> None:
    journal.record(
        "policy.run",
        subject=run.policy.ref,
        actor=run.by,
        at=run.at,
        facts={
            "version": run.policy.version,
            "as_of": run.as_of.isoformat(),
            "judged": run.judged,
            "yes": run.yes,
            "unknown": run.unknown,
            "evidence": f"{batch.evidence}@{batch.snapshot}",
            **{f"snapshot_{table}": snapshot for table, snapshot in run.snapshots.items()},
        },
    )


def _list(run: PolicyRun, lake: Lake) -> int:
    """Store the entitled and unclear of a run as candidates, each with the values looked at."""
    assert run.batch is not None
    (one,) = judged_parts([frozen_of(run.policy)], [run.prefix])
    found = rows_of(
        one,
        lake,
        evidence=run.batch.evidence,
        snapshot=run.batch.snapshot,
        where="verdict <> 'no'",
    )
    column = one.frozen.policy.subject
    made = Candidate.objects.bulk_create(
        [_candidate(run, one, row) for row in found if row[column]], batch_size=1000
    )
    return len(made)


def _candidate(run: PolicyRun, one: Judged, row: dict[str, Any]) -> Candidate:
    frozen = one.frozen
    return Candidate(
        run=run,
        subject=row[frozen.policy.subject],
        division=row.get(frozen.policy.division) or "",
        verdict=row["verdict"],
        unknown=list(one.unknown(row)),
        missing=list(one.missing(row)),
        decided=row[f"{one.prefix}_decided"],
        outputs=plain(one.outputs(row)),
        values=plain({name: row[name] for name in frozen.kept}),
    )


def _require_population(version: PolicyVersion, lake: Lake) -> None:
    if frozen_of(version).table not in lake.tables():
        raise PopulationMissing(
            f"“{version.title}”所依据的数据表尚未生成。", hint="先归集并发布数据。"
        )


def _is_in_force(frozen: FrozenPolicy, as_of: date) -> bool:
    until = frozen.policy.active_until
    return as_of >= frozen.policy.active_from and not (until and as_of >= until)


def _require_in_force(frozen: FrozenPolicy, as_of: date) -> None:
    if not _is_in_force(frozen, as_of):
        raise PolicyNotInForce(
            f"“{frozen.policy.title}”在 {as_of} 不适用。", hint="请选择政策有效期内的日期。"
        )
