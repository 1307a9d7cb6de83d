"""Collection: read a source once, judge every row, commit accepted and rejected together."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict
from yiwang.lake.backends.iceberg import State
from yiwang.lake.gathering import gathered
from yiwang.lake.outcomes import Collection
from yiwang.lake.plans import FeedPlan, Source, Type
from yiwang.lake.quality import Judgement, judgement
from yiwang.lake.staging import Staging
from yiwang.lake.store import Store

OWN_COLUMNS: Mapping[str, Type] = {"_file": "text", "_line": "integer", "_flags": "text"}
"""Where an accepted row stood in its source, and the rules that flagged it."""


class SourceEmpty(Conflict):
    """The source has no acceptable row although the table had rows: held until somebody looks."""

    code = "lake.source_empty"


class CountsDoNotBalance(Conflict):
    """Rows read, accepted and rejected do not add up; nothing was committed."""

    code = "lake.counts_do_not_balance"


@dataclass(frozen=True)
class _Task:
    store: Store
    plan: FeedPlan
    at: datetime
    run: str
    allow_empty: bool
    began: float


def collect(
    store: Store,
    plan: FeedPlan,
    source: Source,
    *,
    at: datetime,
    run: str,
    allow_empty: bool = False,
) -> Collection:
    """See ``Lake.collect``."""
    if done := store.find_run(plan.name, run):
        return recall(done)
    task = _Task(store, plan, at, run, allow_empty, time.monotonic())
    judged = judgement(plan, as_of=local_date(at))
    with (
        store.run() as work,
        gathered(plan, source, work=work.folder, tables=store.root / "tables") as found,
    ):
        staging = Staging(found.engine, store, plan, judged)
        staging.fill(found.extracts)
        result = _result(task, staging, judged)
        _hold_if_empty(task, result)
        file, rejected = work.folder / "rows.parquet", work.folder / "rejected.parquet"
        written = staging.write_accepted(file), staging.write_rejected(rejected)
        _balance(plan, result, written)
        result = replace(result, seconds=time.monotonic() - task.began)
        state = store.commit(
            work,
            plan.name,
            columns={**plan.types, **OWN_COLUMNS},
            file=file,
            rejected=rejected,
            facts=_facts(result),
        )
    return recall(
        state, repeated=state.facts["yiwang.collection"] != _facts(result)["yiwang.collection"]
    )


def recall(state: State, *, repeated: bool = True) -> Collection:
    """The collection that a snapshot remembers."""
    kept: dict[str, Any] = json.loads(state.facts["yiwang.collection"])
    kept["at"] = datetime.fromisoformat(kept["at"])
    for name in ("files", "notes"):
        kept[name] = tuple(kept[name])
    return Collection(**{**kept, "snapshot": state.id, "repeated": repeated})


def _result(task: _Task, staging: Staging, judged: Judgement) -> Collection:
    by_rule: Counter[str] = Counter()
    rejected = flagged = staged = 0
    for masks, rows in staging.tally():
        failed = judged.failed(masks)
        by_rule.update({rule.id: rows for rule in failed})
        rejected += rows if any(rule.rejects for rule in failed) else 0
        flagged += rows if failed and not any(rule.rejects for rule in failed) else 0
        staged += rows
    broken = sum(len(extract.broken) for extract in staging.extracts)
    if broken:
        by_rule["line.broken"] = broken
    return Collection(
        run=task.run,
        feed=task.plan.name,
        read=staged + broken,
        accepted=staged - rejected,
        rejected=rejected + broken,
        flagged=flagged,
        by_rule=dict(sorted(by_rule.items())),
        snapshot="",
        at=task.at,
        seconds=0.0,
        broken=broken,
        files=tuple(extract.file for extract in staging.extracts),
        notes=tuple(note for extract in staging.extracts for note in extract.notes),
        columns=staging.extracts[0].names,
    )


def _hold_if_empty(task: _Task, result: Collection) -> None:
    before = task.store.tables.states(task.plan.name)
    rows = int(before[-1].facts["yiwang.rows"]) if before else 0
    if rows and not result.accepted and not task.allow_empty:
        raise SourceEmpty(
            f"{task.plan.name} 读到 {result.read} 行、可接收 0 行，现有快照有 {rows} 行，已暂缓。",
            hint="请与提供部门核对；确认应为空时，以 allow_empty 重跑。",
            feed=task.plan.name,
            read=result.read,
            before=rows,
            by_rule=dict(result.by_rule),
        )


def _balance(plan: FeedPlan, result: Collection, written: tuple[int, int]) -> None:
    if (result.accepted, result.rejected) != written:
        raise CountsDoNotBalance(
            f"{plan.name} 的行数不平：读 {result.read}，收 {written[0]}，拒 {written[1]}，未提交。",
            hint="请把来源与这条消息交给维护者；原有快照不变。",
            feed=plan.name,
        )


def _facts(result: Collection) -> dict[str, str]:
    kept = {k: v for k, v in asdict(result).items() if k not in ("snapshot", "repeated")}
    kept["at"] = result.at.isoformat()
    return {
        "yiwang.at": result.at.isoformat(),
        "yiwang.rows": str(result.accepted),
        "yiwang.run": result.run,
        "yiwang.collection": json.dumps(kept, ensure_ascii=False),
    }
