"""Collection: read a source once, judge every row, commit accepted and rejected together."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict
from yiwang.lake.backends.duck import SPLIT, Connection, copy_out, copy_split, fetch, parquet
from yiwang.lake.backends.iceberg import State
from yiwang.lake.backends.windows import condition, moving_column, newest_sql
from yiwang.lake.changing import changes
from yiwang.lake.extracts import Extract
from yiwang.lake.gathering import Gathered, gathered
from yiwang.lake.holding import hold
from yiwang.lake.loading import OWN_COLUMNS, Load, commit_load
from yiwang.lake.outcomes import Changes, Collection
from yiwang.lake.plans import FeedPlan, Source, Window
from yiwang.lake.portions import portions
from yiwang.lake.quality import Judgement, judgement
from yiwang.lake.staging import Staging
from yiwang.lake.store import Store

Verdict = Literal["commit", "skip"] | tuple[str, ...]
"""What is to be done with what was read: commit it, skip it (nothing new), or hold it, and why."""
Gate = Callable[[Collection], Verdict]
Say = Callable[[str], object]
"""Told what the run is doing; may raise to stop it before anything is committed."""


class SourceEmpty(Conflict):
    """The source has no acceptable row although the table had rows: held until somebody looks."""

    code = "lake.source_empty"


class CountsDoNotBalance(Conflict):
    """Rows read, accepted and rejected do not add up; nothing was committed."""

    code = "lake.counts_do_not_balance"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a run is to be done beyond its plan. See ``Lake.collect``."""

    allow_empty: bool = False
    window: Window | None = None
    merge: bool = False
    gate: Gate | None = None
    say: Say = str


@dataclass(frozen=True)
class _Task:
    store: Store
    plan: FeedPlan
    at: datetime
    run: str
    wish: Wish
    began: float

    @property
    def before(self) -> State | None:
        """The snapshot that stands."""
        states = self.store.tables.states(self.plan.name)
        return states[-1] if states else None


def collect(
    store: Store, plan: FeedPlan, source: Source, *, at: datetime, run: str, wish: Wish
) -> Collection:
    """See ``Lake.collect``."""
    if done := store.find_run(plan.name, run):
        return recall(done)
    task = _Task(store, plan, at, run, wish, time.monotonic())
    judged = judgement(plan, as_of=local_date(at), is_trimmed=source.kind == "folder")
    wish.say("打开来源")
    with (
        store.run() as work,
        gathered(
            plan, source, work=work.folder, tables=store.root / "tables", window=wish.window
        ) as found,
    ):
        within = condition(plan, wish.window) if source.kind != "folder" else ""
        wish.say("逐行判定")
        judging = _Judging(task, judged, found, work.folder)
        result = judging.run(window=within)
        if wish.gate is None:
            _hold_if_empty(task, result)
        load, result = _written(task, judging, found.engine, result, work.folder)
        verdict = wish.gate(result) if wish.gate else "commit"
        if verdict == "skip":
            return replace(result, skipped=True)
        if verdict != "commit":
            hold(store, load, facts=_facts(result))
            return replace(result, held=tuple(verdict))
        wish.say("提交")
        state, is_ours = commit_load(
            store, work, load, facts=lambda total: _facts(replace(result, total=total))
        )
    return recall(state, repeated=not is_ours)


def recall(state: State, *, repeated: bool = True) -> Collection:
    """The collection that a snapshot remembers."""
    return replace(
        remembered(state.facts["yiwang.collection"]), snapshot=state.id, repeated=repeated
    )


def remembered(text: str) -> Collection:
    """A collection from its facts."""
    kept: dict[str, Any] = json.loads(text)
    kept["at"] = datetime.fromisoformat(kept["at"])
    for name in ("files", "notes", "unused", "held"):
        kept[name] = tuple(kept.get(name, ()))
    kept["changes"] = Changes(**kept["changes"]) if kept.get("changes") else None
    return Collection(**kept)


class _Judging:
    """The rows of a delivery judged portion by portion, accepted and rejected ones written."""

    def __init__(self, task: _Task, judged: Judgement, found: Gathered, folder: Path) -> None:
        self._task, self._judged = task, judged
        self._found, self._folder = found, folder
        self._by_rule: Counter[str] = Counter()
        self._staged = self._flagged = self._rejected = 0
        self._read: list[Extract] = []
        self.rows: list[Path] = []
        self.rejected: list[Path] = []
        self.written = [0, 0]
        """Rows that lie in the files: accepted and rejected."""

    def run(self, *, window: str) -> Collection:
        """Judge and write everything; the result is not committed yet."""
        groups = portions(self._task.plan, self._found.extracts)
        for number, extracts in enumerate(groups):
            if number:
                self._task.wish.say(f"逐行判定：已读 {self._staged} 行")
            staging = Staging(
                self._found.engine,
                self._task.store,
                self._task.plan,
                self._judged,
                window=window,
                is_first=number == 0,
                is_last=number == len(groups) - 1,
            )
            staging.fill(extracts)
            self._count(staging)
            self._write(staging, number)
            staging.drop()
        return self._result()

    def _count(self, staging: Staging) -> None:
        for masks, rows in staging.tally():
            failed = self._judged.failed(masks)
            self._by_rule.update({rule.id: rows for rule in failed})
            self._rejected += rows if any(rule.rejects for rule in failed) else 0
            self._flagged += rows if failed and not any(rule.rejects for rule in failed) else 0
            self._staged += rows
        self._read += staging.extracts

    def _write(self, staging: Staging, number: int) -> None:
        self.rows.append(self._folder / f"rows{number}.parquet")
        self.rejected.append(self._folder / f"rejected{number}.parquet")
        self.written[0] += staging.write_accepted(self.rows[-1])
        self.written[1] += staging.write_rejected(self.rejected[-1])

    def _result(self) -> Collection:
        broken = sum(len(extract.broken) for extract in self._read)
        if broken:
            self._by_rule["line.broken"] = broken
        return Collection(
            run=self._task.run,
            feed=self._task.plan.name,
            read=self._staged + broken,
            accepted=self._staged - self._rejected,
            rejected=self._rejected + broken,
            flagged=self._flagged,
            by_rule=dict(sorted(self._by_rule.items())),
            snapshot="",
            at=self._task.at,
            seconds=0.0,
            broken=broken,
            files=tuple(dict.fromkeys(extract.file for extract in self._read)),
            notes=tuple(note for extract in self._read for note in extract.notes),
            columns=self._read[0].names,
            unused=tuple(dict.fromkeys(n for extract in self._read for n in extract.unused)),
        )


def _written(
    task: _Task, judging: _Judging, engine: Connection, result: Collection, folder: Path
) -> tuple[Load, Collection]:
    """Balance what was written, and look at what it changes."""
    plan, merge = task.plan, task.wish.merge
    _balance(plan, result, judging.written)
    rejected = folder / "rejected.parquet"
    if len(judging.rejected) == 1:
        judging.rejected[0].rename(rejected)
    else:
        copy_out(engine, f"SELECT * FROM {parquet(judging.rejected)}", rejected)
    files = judging.rows
    if merge and len(files) > 1:  # an increment is one file
        files = [folder / "rows.parquet"]
        copy_out(engine, f"SELECT * FROM {parquet(judging.rows)}", files[0])
    elif plan.increment and not merge and result.accepted > 2 * SPLIT:
        (folder / "rows").mkdir()  # a table that is changed in parts lies in parts
        files = copy_split(engine, f"SELECT * FROM {parquet(files)}", folder / "rows", rows=SPLIT)
    newest: Mapping[str, Any] = {"newest": "", "ahead": 0}
    if moving_column(plan):
        newest = fetch(engine, newest_sql(plan, at=task.at, relation=parquet(files)))[0]
    result = replace(
        result,
        changes=_changes(task, engine, files) if task.wish.gate else None,
        newest=newest["newest"] or "",
        ahead=int(newest["ahead"] or 0),
        seconds=time.monotonic() - task.began,
        total=result.accepted,
        rejected_mark=_mark(engine, rejected) if result.rejected else "",
    )
    load = Load(
        plan=plan, run=task.run, files=files, rejected=rejected, rows=result.accepted, merge=merge
    )
    return load, result


def _mark(engine: Connection, rejected: Path) -> str:
    mark = "CAST(sum(hash(key, rules, content)) AS VARCHAR)"
    return str(fetch(engine, f"SELECT {mark} AS mark FROM {parquet([rejected])}")[0]["mark"])


def _changes(task: _Task, engine: Connection, rows: Sequence[Path]) -> Changes:
    before = task.before
    return changes(
        engine,
        task.plan,
        before=task.store.files(task.plan.name, before) if before else (),
        columns=before.columns if before else {},
        after=rows,
        is_whole=not task.wish.merge,
    )


def _hold_if_empty(task: _Task, result: Collection) -> None:
    rows = int(task.before.facts["yiwang.rows"]) if task.before else 0
    if rows and not result.accepted and not task.wish.allow_empty and not task.wish.merge:
        raise SourceEmpty(
            f"{task.plan.name} 读到 {result.read} 行、可接收 0 行，现有快照有 {rows} 行，已暂缓。",
            hint="请与提供部门核对；确认应为空时，以 allow_empty 重跑。",
            feed=task.plan.name,
            read=result.read,
            before=rows,
            by_rule=dict(result.by_rule),
        )


def _balance(plan: FeedPlan, result: Collection, written: Sequence[int]) -> None:
    if (result.accepted, result.rejected) != tuple(written):
        raise CountsDoNotBalance(
            f"{plan.name} 的行数不平：读 {result.read}，收 {written[0]}，拒 {written[1]}，未提交。",
            hint="请把来源与这条消息交给维护者；原有快照不变。",
            feed=plan.name,
        )


def _facts(result: Collection) -> dict[str, str]:
    dropped = ("snapshot", "repeated", "held", "skipped")
    kept = {k: v for k, v in asdict(result).items() if k not in dropped} | {"snapshot": ""}
    kept["at"] = result.at.isoformat()
    return {
        "yiwang.at": result.at.isoformat(),
        "yiwang.rows": str(result.total),
        "yiwang.run": result.run,
        "yiwang.newest": result.newest,
        "yiwang.collection": json.dumps(kept, ensure_ascii=False),
    }


__all__ = ["OWN_COLUMNS", "Gate", "Verdict", "Wish", "collect", "recall", "remembered"]
