"""Judge a population, open confirmations, and let a decision mean what it says."""

import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.frozen import FrozenPolicy, thaw
from yiwang.apps.services.judging import plain, written
from yiwang.apps.services.models import (
    Application,
    Candidate,
    Confirmation,
    PolicyRun,
    PolicyVersion,
)
from yiwang.apps.services.queries import RunView, find_policy, find_run, run_view
from yiwang.kernel.errors import Conflict
from yiwang.lake import Lake
from yiwang.rules import RuleSet


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
    """运行政策: judge everybody by the policy in force, and keep who is entitled or unclear.

    Who is refused by a condition is counted by condition, not stored: snapshot, version and
    parameters are frozen in the run, so anybody's verdict can be computed again.
    """
    version = find_policy(policy)
    identity.require(officer, "services.run", organ=version.organ)
    frozen = thaw(version.content)
    _require_in_force(frozen, as_of)
    began = time.perf_counter()
    rules = frozen.rule_set()
    with closing(lake_of_place()) as lake:
        if frozen.table not in lake.tables():
            raise PopulationMissing(
                f"“{version.title}”所依据的数据表尚未生成。", hint="先归集并发布数据。"
            )
        snapshots = {frozen.table: lake.snapshots(frozen.table)[-1].id}
        asked = rules.population_sql(as_of=as_of, table=frozen.table, keep=frozen.kept)
        # Parsed and typed by rules; names are quoted there.
        counts = lake.rows(
            f"SELECT verdict, failed, count(*) AS people FROM ({asked}) AS judged "  # noqa: S608
            "GROUP BY verdict, failed",
            as_of=snapshots,
        )
        found = lake.rows(
            f"SELECT * FROM ({asked}) AS judged WHERE verdict <> 'no'",  # noqa: S608
            as_of=snapshots,
        )
    run = _run_row(version, rules, counts, found, as_of=as_of, at=at)
    run.by, run.snapshots, run.seconds = officer.username, snapshots, time.perf_counter() - began
    return _keep(run, frozen, found)


@transaction.atomic
def open_confirmations(run: int, *, officer: identity.Officer, at: datetime) -> list[str]:
    """认定: open one case for each entitled candidate who has none, where they live.

    Returns the numbers of the new cases; run again, it opens nothing twice.
    """
    row = find_run(run)
    identity.require(officer, "services.run", organ=row.policy.organ)
    frozen = thaw(row.policy.content)
    live = Confirmation.objects.filter(policy=frozen.ref, state__in=["waiting", "granted"])
    known = set(live.values_list("subject", flat=True)) | _applying(frozen.policy.license)
    wanted = [
        one for one in row.candidates.filter(verdict="yes", confirmed=None).order_by("id")
        if one.subject not in known and one.division
    ]  # fmt: skip
    numbers = casework.open_cases(
        flow=frozen.policy.flow,
        cases=[_new_case(one, frozen) for one in wanted],
        actor=officer,
        at=at,
    )
    Confirmation.objects.bulk_create(
        [
            Confirmation(policy=frozen.ref, subject=one.subject, candidate=one, case=number)
            for one, number in zip(wanted, numbers, strict=True)
        ],
        batch_size=1000,
    )
    return numbers


def _applying(kind: str) -> set[str]:
    """Who asked for the same licence, and waits for it or was granted it."""
    if not kind:
        return set()
    rows = Application.objects.filter(license=kind, state__in=["waiting", "granted"])
    return set(rows.values_list("subject", flat=True))


def _require_in_force(frozen: FrozenPolicy, as_of: date) -> None:
    until = frozen.policy.active_until
    if as_of < frozen.policy.active_from or (until and as_of >= until):
        raise PolicyNotInForce(
            f"“{frozen.policy.title}”在 {as_of} 不适用。", hint="请选择政策有效期内的日期。"
        )


def _run_row(
    version: PolicyVersion,
    rules: RuleSet,
    counts: list[dict[str, Any]],
    found: list[dict[str, Any]],
    *,
    as_of: date,
    at: datetime,
) -> PolicyRun:
    by_verdict = dict.fromkeys(("yes", "no", "unknown"), 0)
    failed: dict[str, int] = {}
    for row in counts:
        by_verdict[row["verdict"]] += row["people"]
        for condition in row["failed"]:
            failed[condition] = failed.get(condition, 0) + row["people"]
    money = [name for name, kind in rules.outputs.items() if kind == "decimal"]
    amounts = [row[name] for name in money[:1] for row in found if row[name] is not None]
    return PolicyRun(
        policy=version,
        as_of=as_of,
        at=at,
        parameters={
            name: {"value": written(one.value), "basis": one.basis}
            for name, one in rules.in_force(as_of=as_of).items()
        },
        judged=sum(by_verdict.values()),
        failed=failed,
        amount=sum(amounts, Decimal(0)) if money else None,
        **by_verdict,
    )


@transaction.atomic
def _keep(run: PolicyRun, frozen: FrozenPolicy, found: list[dict[str, Any]]) -> RunView:
    run.save()
    Candidate.objects.bulk_create(
        [_candidate(run, frozen, row) for row in found if row[frozen.policy.subject]],
        batch_size=1000,
    )
    journal.record(
        "policy.run",
        subject=frozen.ref,
        actor=run.by,
        at=run.at,
        facts={
            "version": run.policy.version,
            "as_of": run.as_of.isoformat(),
            "judged": run.judged,
            "yes": run.yes,
            "unknown": run.unknown,
            **{f"snapshot_{table}": snapshot for table, snapshot in run.snapshots.items()},
        },
    )
    return run_view(run)


def _candidate(run: PolicyRun, frozen: FrozenPolicy, row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        run=run,
        subject=row[frozen.policy.subject],
        division=row.get(frozen.policy.division) or "",
        verdict=row["verdict"],
        unknown=list(row["unknown"]),
        missing=list(row["missing"]),
        decided=row["decided"],
        outputs=plain({name: row[name] for name in frozen.rules.outputs}),
        values=plain({name: row[name] for name in frozen.kept}),
    )


def _new_case(one: Candidate, frozen: FrozenPolicy) -> casework.NewCase:
    known = {**one.values, **one.outputs}
    facts = {
        frozen.title_of(name): value
        for name, value in known.items()
        if value is not None and name != frozen.policy.division
    }
    return casework.NewCase(
        subject=one.subject,
        title=f"{frozen.policy.title}认定",
        organ=frozen.policy.organ,
        division=one.division,
        facts=facts,
    )
