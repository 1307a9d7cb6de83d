"""Quarantine: the rows that were not accepted, as they were read."""

from __future__ import annotations

import json

from yiwang.kernel.errors import NotFound
from yiwang.lake.backends.duck import fetch, open_engine, parquet
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
    """Rows of one run's quarantine that stand in another's too, by key (by text without a key)."""
    files = []
    for run in (before, after):
        state = store.find_run(feed, run)
        file = store.rejected_file(feed, state) if state else None
        if file is None:
            return 0
        files.append(file)
    same = "coalesce(nullif(key, ''), content)"
    old, new = (f"SELECT {same} AS k FROM {parquet([file])}" for file in files)
    engine = open_engine(folders=[files[0].parent], scratch=store.root / "scratch")
    try:
        found = fetch(engine, f"SELECT count(*) AS n FROM ({old}) WHERE k IN ({new})")
    finally:
        engine.close()
    return int(found[0]["n"])
