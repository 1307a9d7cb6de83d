"""A load committed: as the whole of its table, or merged into it by key."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from yiwang.kernel.errors import Conflict
from yiwang.lake.backends.duck import COLLECTING, copy_out, fetch, open_engine, parquet, quoted
from yiwang.lake.backends.iceberg import State
from yiwang.lake.changing import merged
from yiwang.lake.plans import FeedPlan, Type
from yiwang.lake.store import BaseMoved, Store
from yiwang.lake.workspace import Workspace

OWN_COLUMNS: Mapping[str, Type] = {"_file": "text", "_line": "integer", "_flags": "text"}
"""Where an accepted row stood in its source, and the rules that flagged it."""


class ColumnsMoved(Conflict):
    """The plan has other columns than the table: some rows of it cannot be merged."""

    code = "lake.columns_moved"


Facts = Callable[[int], Mapping[str, str]]
"""The facts of the snapshot, given how many rows the table has after it."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a run has read and judged, not yet committed."""

    plan: FeedPlan
    run: str
    files: list[Path]
    rejected: Path
    rows: int
    merge: bool
    base: str | None = None
    """The snapshot that a whole load must replace; None for whichever stands."""


def commit_load(store: Store, work: Workspace, load: Load, *, facts: Facts) -> tuple[State, bool]:
    """Commit a load; whether it was this call that did (another may have had the same run)."""
    states = store.tables.states(load.plan.name)
    columns = {**load.plan.types, **OWN_COLUMNS}
    if load.merge and states and states[-1].columns != columns:
        raise ColumnsMoved(
            f"{load.plan.name} 的数据规范已更新，列与现有的表不同，变化的行不能并入。",
            hint="先全量归集一次，再继续增量、回补或推送。",
            feed=load.plan.name,
        )
    if not load.merge or not states:
        told = facts(load.rows)
        state = store.commit(
            work,
            load.plan.name,
            columns=columns,
            files=load.files,
            base=load.base,
            rejected=load.rejected,
            facts=told,
        )
        return state, state.facts["yiwang.collection"] == told["yiwang.collection"]
    while True:
        try:
            return _merge(store, work, load, columns, facts)
        except BaseMoved:  # another run was faster: its rows are merged with ours once more
            shutil.rmtree(work.folder / "merged", ignore_errors=True)


def _merge(
    store: Store, work: Workspace, load: Load, columns: Mapping[str, Type], facts: Facts
) -> tuple[State, bool]:
    base = store.state(load.plan.name)
    before = store.files(load.plan.name, base)
    engine = open_engine(
        folders=[store.root / "tables", work.folder, load.files[0].parent],
        scratch=work.folder / "scratch",
        threads=COLLECTING,
    )
    try:
        new, kept = merged(
            engine, load.plan, before=before, delta=load.files[0], to=work.folder / "merged"
        )
        count = fetch(engine, f"SELECT count(*) AS n FROM {parquet([*new, *kept])}")[0]["n"]
        accepted = work.folder / "accepted.parquet"
        copy_out(engine, f"SELECT {_key(load.plan)} AS key FROM {parquet(load.files)}", accepted)
    finally:
        engine.close()
    told = facts(int(count))
    state = store.commit(
        work,
        load.plan.name,
        columns=columns,
        files=new,
        kept=kept,
        base=base.id,
        rejected=load.rejected,
        accepted=accepted,
        facts=told,
    )
    return state, state.facts["yiwang.collection"] == told["yiwang.collection"]


def _key(plan: FeedPlan) -> str:
    """The key of an accepted row as the quarantine writes that of a rejected one."""
    texts = (f"CAST({quoted(n)} AS VARCHAR)" for n in plan.types if n in plan.key)
    return f"concat_ws('|', {', '.join(texts)})"
