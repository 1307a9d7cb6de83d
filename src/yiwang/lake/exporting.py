"""Many rows on their way out: a table, or what changed in it, batch by batch in four forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from yiwang.lake.backends.duck import Connection, quoted
from yiwang.lake.backends.iceberg import State
from yiwang.lake.backends.streams import Mask, Part, stream
from yiwang.lake.masks_sql import masked, types_shown
from yiwang.lake.selecting import Selection, SelectionRefused, sql_of
from yiwang.lake.store import SnapshotUnknown, Store

Format = Literal["json", "csv", "arrow", "parquet"]
CHANGE = "_change"
"""The column that says what happened to a row: added, changed or removed."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """What leaves, and how.

    ``told`` goes into the metadata of Arrow and Parquet; a JSON answer stands between ``head`` and
    ``tail``. With ``since``, only rows that differ from that snapshot leave, by ``key``.
    """

    selection: Selection
    format: Format
    masks: Mapping[str, Mask] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    head: bytes = b""
    tail: bytes = b""
    since: str = ""
    key: tuple[str, ...] = ()


def parts(store: Store, cursor: Connection, state: State, export: Export) -> Iterator[Part]:
    """The bytes of an export, in parts of about a megabyte, each with its number of rows."""
    columns = export.selection.columns
    types = {name: state.columns[name] for name in columns}
    sql = _source(store, state, export)
    clear = [n for n in columns if n in export.masks and export.masks[n].is_in_strides(types[n])]
    shown = ", ".join(
        f"{masked(name, types[name], export.masks[name])} AS {quoted(name)}"
        if name in export.masks and name not in clear
        else quoted(name)
        for name in columns
    )
    out = types_shown(types, export.masks)
    if export.since:
        shown, out = f"{shown}, {quoted(CHANGE)}", {**out, CHANGE: "text"}
    yield from stream(
        cursor,
        f"SELECT {shown} FROM ({sql}) AS chosen",
        types=out,
        masks=export.masks,
        clear=clear,
        form=export.format,
        told=export.told,
        head=export.head,
        tail=export.tail,
    )


def is_comparable(store: Store, selection: Selection, *, since: str, key: tuple[str, ...]) -> bool:
    """Whether the snapshot is kept and has all columns that a comparison reads."""
    try:
        sql_of(store, store.state(selection.table, since), _with_key(selection, key))
    except (SnapshotUnknown, SelectionRefused):
        return False
    return True


def _with_key(selection: Selection, key: tuple[str, ...]) -> Selection:
    return replace(selection, columns=tuple(dict.fromkeys((*selection.columns, *key))))


def _source(store: Store, state: State, export: Export) -> str:
    if not export.since:
        return sql_of(store, state, export.selection)
    wide = _with_key(export.selection, export.key)
    old_state = store.state(wide.table, export.since)
    old, new = sql_of(store, old_state, wide), sql_of(store, state, wide)
    both = [quoted(name) for name in wide.columns]
    chosen = ", ".join(
        f"CASE WHEN n.is_there THEN n.{one} ELSE o.{one} END AS {one}" for one in both
    )
    same_key = " AND ".join(
        f"n.{quoted(name)} IS NOT DISTINCT FROM o.{quoted(name)}" for name in export.key
    )
    differs = " OR ".join(f"n.{one} IS DISTINCT FROM o.{one}" for one in both)
    return (
        f"SELECT {chosen}, CASE WHEN o.is_there IS NULL THEN 'added' WHEN n.is_there IS NULL "
        f"THEN 'removed' ELSE 'changed' END AS {quoted(CHANGE)} "
        f"FROM (SELECT *, TRUE AS is_there FROM ({new})) AS n "
        f"FULL JOIN (SELECT *, TRUE AS is_there FROM ({old})) AS o ON {same_key} "
        f"WHERE n.is_there IS NULL OR o.is_there IS NULL OR {differs}"
    )
