"""What a load changes: rows compared by key, and an increment merged into the files of a table.

Comparing hashes of 64 bits costs a fraction of comparing values; counts of some million rows are
exact but for a chance of one in a million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from yiwang.lake.backends.duck import (
    SPLIT,
    Connection,
    copy_out,
    copy_split,
    fetch,
    literal,
    parquet,
    quoted,
)
from yiwang.lake.outcomes import Changes
from yiwang.lake.plans import FeedPlan, Type

_MANY = 40
"""So many files of a table are merged with the next increment, smallest first."""


def changes(
    engine: Connection,
    plan: FeedPlan,
    *,
    before: Sequence[Path],
    columns: Mapping[str, Type],
    after: Sequence[Path],
    is_whole: bool,
) -> Changes:
    """``after`` against ``before`` (whose columns are ``columns``), by the plan's key."""
    new_gone = _gone(plan)
    if not before:
        count = fetch(engine, f"SELECT count(*) AS n FROM {parquet(after)} WHERE NOT {new_gone}")
        return Changes(inserted=int(count[0]["n"]))
    key = ", ".join(quoted(name) for name in plan.key)
    shared = [name for name, type_ in plan.types.items() if columns.get(name) == type_]
    row = ", ".join(quoted(name) for name in shared)

    def hashed(files: Sequence[Path], gone: str) -> str:
        return f"(SELECT hash({key}) AS k, hash({row}) AS h, {gone} AS gone FROM {parquet(files)})"

    deleted = "n.k IS NULL" if is_whole else "o.k IS NOT NULL AND n.gone"
    found = fetch(
        engine,
        f"SELECT count(*) FILTER (o.k IS NULL AND NOT n.gone) AS inserted, "
        f"count(*) FILTER (n.k = o.k AND NOT n.gone AND n.h <> o.h) AS changed, "
        f"count(*) FILTER ({deleted}) AS deleted, "
        f"count(*) FILTER (n.k = o.k AND NOT n.gone AND n.h = o.h) AS same "
        f"FROM {hashed(after, new_gone)} n {'FULL' if is_whole else 'LEFT'} JOIN "
        f"{hashed(before, 'false')} o ON n.k = o.k",
    )[0]
    return Changes(**{name: int(n) for name, n in found.items()})


def merged(
    engine: Connection, plan: FeedPlan, *, before: Sequence[Path], delta: Path, to: Path
) -> tuple[list[Path], list[Path]]:
    """Rewrite the files that hold keys of ``delta``; returns the new files and those that stay."""
    key = ", ".join(quoted(name) for name in plan.key)
    touched = {
        Path(row["filename"])
        for row in fetch(
            engine,
            f"SELECT DISTINCT filename FROM read_parquet([{_list(before)}], filename = true) "
            f"SEMI JOIN (SELECT {key} FROM {parquet([delta])}) USING ({key})",
        )
    }
    if len(before) > _MANY:
        touched |= set(sorted(before, key=lambda file: file.stat().st_size)[: _MANY // 2])
    fresh = f"SELECT * FROM {parquet([delta])} WHERE NOT {_gone(plan)}"
    if touched:
        kept = (
            f"SELECT * FROM read_parquet([{_list(sorted(touched))}]) "
            f"ANTI JOIN (SELECT {key} FROM {parquet([delta])}) USING ({key})"
        )
        fresh = f"({kept}) UNION ALL BY NAME ({fresh})"
    to.mkdir()
    size = sum(file.stat().st_size for file in (*touched, delta))
    smallest = min((file.stat().st_size for file in before), default=size)
    if size > 3 * max(smallest, 1 << 20):
        new = copy_split(engine, fresh, to, rows=SPLIT)
    else:
        new = [to / "rows.parquet"]
        copy_out(engine, fresh, new[0])
    return new, [file for file in before if file not in touched]


def _gone(plan: FeedPlan) -> str:
    if plan.increment is None or not plan.increment.gone:
        return "false"
    values = ", ".join(literal(value) for value in plan.increment.gone_values)
    column = f"CAST({quoted(plan.increment.gone)} AS VARCHAR)"
    return f"coalesce({column} IN ({values}), false)"


def _list(files: Sequence[Path]) -> str:
    return ", ".join(literal(str(file)) for file in files)
