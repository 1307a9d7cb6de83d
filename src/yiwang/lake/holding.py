"""Loads held back: read and judged, kept until somebody decides, then committed or thrown away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from yiwang.kernel.errors import NotFound
from yiwang.lake.backends.iceberg import State
from yiwang.lake.loading import Load, commit_load
from yiwang.lake.plans import FeedPlan, check_name
from yiwang.lake.store import Store


class NothingHeld(NotFound):
    """No load of this run is held back."""

    code = "lake.nothing_held"


def hold(store: Store, load: Load, *, facts: Mapping[str, str]) -> None:
    """Keep a load's files beside the tables; they are complete once ``load.json`` stands."""
    folder = _folder(store, load.plan.name, load.run)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, file in enumerate(load.files):
        file.rename(folder / f"rows{number}.parquet")
    load.rejected.rename(folder / "rejected.parquet")
    kept = {"files": len(load.files), "rows": load.rows, "merge": load.merge, "facts": dict(facts)}
    fresh = folder / "load.new"
    fresh.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / "load.json")


def release(store: Store, plan: FeedPlan, run: str) -> State:
    """Commit a load that was held back, as it was read.

    ``BaseMoved`` when another load was committed while this one was on its way.
    """
    if done := store.find_run(plan.name, run):
        discard(store, plan.name, run)
        return done
    folder = _folder(store, plan.name, run)
    kept = _kept(folder, plan.name, run)
    states = store.tables.states(plan.name)
    with store.run() as work:
        files = [folder / f"rows{n}.parquet" for n in range(kept["files"])]
        own = work.folder / "held"
        shutil.copytree(folder, own)  # a kill leaves the held load as it was
        load = Load(
            plan=plan,
            run=run,
            files=[own / file.name for file in files],
            rejected=own / "rejected.parquet",
            rows=kept["rows"],
            merge=kept["merge"],
            base=states[-1].id if states else None,
        )

        def facts(total: int) -> dict[str, str]:
            told = json.loads(kept["facts"]["yiwang.collection"]) | {"total": total}
            text = json.dumps(told, ensure_ascii=False)
            return {**kept["facts"], "yiwang.rows": str(total), "yiwang.collection": text}

        state, _ = commit_load(store, work, load, facts=facts)
    discard(store, plan.name, run)
    return state


def discard(store: Store, name: str, run: str) -> None:
    """Throw a held load away."""
    shutil.rmtree(_folder(store, name, run), ignore_errors=True)


def rejected_of(store: Store, name: str, run: str) -> Path | None:
    """The rejected rows of a held load, if it is held."""
    file = _folder(store, name, run) / "rejected.parquet"
    return file if file.exists() else None


def _kept(folder: Path, name: str, run: str) -> dict:  # type: ignore[type-arg]
    file = folder / "load.json"
    if not file.exists():
        raise NothingHeld(
            f"{name} 没有暂缓的批次 {run}。",
            hint="它可能已经发布或作废；请重新归集。",
            feed=name,
            run=run,
        )
    return json.loads(file.read_text(encoding="utf-8"))


def _folder(store: Store, name: str, run: str) -> Path:
    pack, table = check_name(name)
    return store.root / "held" / pack / table / sha256(run.encode()).hexdigest()[:24]
