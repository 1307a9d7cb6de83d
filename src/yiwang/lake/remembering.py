"""Remembering: a table that keeps every row it ever held, and between which publications."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from yiwang.lake.backends.duck import (
    Connection,
    cast_column,
    copy_out,
    literal,
    parquet,
    quoted,
)
from yiwang.lake.plans import TableContract
from yiwang.lake.store import Store

SEEN = ("seen_from", "seen_until")


def remember(
    store: Store,
    engine: Connection,
    contract: TableContract,
    query: str,
    folder: Path,
    at: datetime,
) -> int:
    """Write what ``query`` gives now, and what earlier publications held, to ``rows.parquet``.

    A row is known by the contract's key. One that is there again keeps its first instant; one
    that is gone gets the instant of the first publication without it.
    """
    plain = [column for column in contract.columns if column.name not in SEEN]
    now = folder / "now.parquet"
    columns = ", ".join(cast_column(column) for column in plain)
    copy_out(engine, f"SELECT {columns} FROM ({query})", now)
    moment = f"CAST({literal(at.isoformat())} AS TIMESTAMPTZ)"
    states = store.tables.states(contract.name)
    files = store.files(contract.name, states[-1]) if states else []
    merged = (
        _merged(contract, parquet([now]), parquet(files), moment)
        if files
        else f"SELECT *, {moment} AS seen_from, CAST(NULL AS TIMESTAMPTZ) AS seen_until "
        f"FROM {parquet([now])}"
    )
    ordered = ", ".join(quoted(column.name) for column in contract.columns)
    return copy_out(engine, f"SELECT {ordered} FROM ({merged})", folder / "rows.parquet")


def _merged(contract: TableContract, now: str, before: str, moment: str) -> str:
    names = [column.name for column in contract.columns if column.name not in SEEN]
    chosen = ", ".join(
        f"CASE WHEN n.{quoted(contract.key[0])} IS NULL THEN b.{quoted(name)} "
        f"ELSE n.{quoted(name)} END AS {quoted(name)}"
        for name in names
    )
    same = " AND ".join(f"n.{quoted(name)} = b.{quoted(name)}" for name in contract.key)
    key = quoted(contract.key[0])
    return (
        f"SELECT {chosen}, COALESCE(b.seen_from, {moment}) AS seen_from, "
        f"CASE WHEN n.{key} IS NULL THEN COALESCE(b.seen_until, {moment}) END AS seen_until "
        f"FROM {now} AS n FULL JOIN {before} AS b ON {same}"
    )
