"""Quarantine: the rows that were not accepted, as they were read."""

from __future__ import annotations

import json

from yiwang.kernel.errors import NotFound
from yiwang.lake.backends.duck import engine_errors, fetch, open_engine, parquet
from yiwang.lake.backends.iceberg import State
from yiwang.lake.outcomes import Rejected
from yiwang.lake.store import Store


class RunUnknown(NotFound):
    """No collection of this feed has this run id."""

    code = "lake.run_unknown"


def rejected_rows(
    store: Store, feed: str, *, run: str | None, offset: int, limit: int
) -> list[Rejected]:
    """See ``Lake.rejected``."""
    state = store.state(feed) if run is None else store.find_run(feed, run)
    if state is None:
        raise RunUnknown(
            f"{feed} 没有批次 {run}。", hint="请查看该数据集的归集记录。", feed=feed, run=run
        )
    file = store.rejected_file(feed, state)
    if file is None:
        return []
    engine = open_engine(folders=[file.parent], scratch=store.root / "scratch")
    try:
        rows = fetch(
            engine,
            f"SELECT * FROM {parquet([file])} LIMIT {int(limit)} OFFSET {int(offset)}",
        )
    finally:
        engine.close()
    return [
        Rejected(
            line=row["line"],
            key=row["key"],
            rules=tuple(row["rules"].split()),
            values=json.loads(row["content"]),
            file=row["file"],
        )
        for row in rows
    ]


def still_rejected(store: Store, feed: str, *, before: str, after: str) -> int:
    """Rows that run ``before`` rejected and that no run up to ``after`` has accepted since.

    A load of the whole source judges all of them: what it does not reject is right. A merged one
    judges only the keys that it read. Rows are told by their key, by their text without one.
    """
    runs = [state for state in store.tables.states(feed) if state.facts.get("yiwang.run")]
    names = [state.facts["yiwang.run"] for state in runs]
    if not {before, after} <= set(names):
        return 0
    first = store.rejected_file(feed, runs[names.index(before)])
    since = runs[names.index(before) + 1 : names.index(after) + 1]
    wholes = [n for n, state in enumerate(since) if not store.accepted_keys(feed, state)]
    since = since[wholes[-1] :] if wholes else since
    if first is None:
        return 0
    engine = open_engine(folders=[first.parent], scratch=store.root / "scratch")
    try:
        with engine_errors():
            rows = f"SELECT {_SAME}, true AS is_wrong FROM {parquet([first])}"
            engine.execute(f"CREATE TEMP TABLE wrong AS {rows}")
            for state in since:
                engine.execute(f"UPDATE wrong SET is_wrong = {_verdict(store, feed, state)}")
        found = fetch(engine, "SELECT count(*) AS n FROM wrong WHERE is_wrong")
    finally:
        engine.close()
    return int(found[0]["n"])


_SAME = "coalesce(nullif(key, ''), content) AS k"


def _verdict(store: Store, feed: str, state: State) -> str:
    """SQL of whether a row that was wrong is so after a run, too."""
    rejected, accepted = store.rejected_file(feed, state), store.accepted_keys(feed, state)
    again = f"k IN (SELECT {_SAME} FROM {parquet([rejected])})" if rejected else "false"
    if accepted is None:
        return again
    return f"{again} OR (is_wrong AND k NOT IN (SELECT key FROM {parquet([accepted])}))"
