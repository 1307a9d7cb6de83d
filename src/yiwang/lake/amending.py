"""Amending: single values of a committed table changed, as one new snapshot.

A collection replaces a feed as a whole, so an amendment lasts until the next one; whoever decided
it makes it again. What the snapshot remembers of its collection, and its quarantine, stay.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yiwang.kernel.errors import Invalid
from yiwang.lake.backends.duck import (
    SQL_TYPES,
    copy_out,
    literal,
    open_engine,
    parquet,
    quoted,
)
from yiwang.lake.plans import Type
from yiwang.lake.store import BaseMoved, Store

_CARRIED = ("yiwang.rows", "yiwang.collection", "yiwang.inputs")


class AmendmentMalformed(Invalid):
    """An amendment names a column that the table lacks, or a value that is not of its type."""

    code = "lake.amendment_malformed"


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """One value to set: in the rows whose ``key`` columns say this; ``value`` None empties it."""

    key: Mapping[str, str]
    column: str
    value: str | None


def amend(store: Store, name: str, amendments: Sequence[Amendment], *, at: datetime) -> str:
    """Commit the latest snapshot with the values set; returns the new snapshot's id."""
    while True:
        try:
            return _amend(store, name, amendments, at=at)
        except BaseMoved:  # a collection was faster: the values are set in what it brought
            continue


def _amend(store: Store, name: str, amendments: Sequence[Amendment], *, at: datetime) -> str:
    state = store.state(name)
    changes = ", ".join(
        f"CASE {' '.join(whens)} ELSE {quoted(column)} END AS {quoted(column)}"
        for column, whens in _whens(name, state.columns, amendments).items()
    )
    with store.run() as work:
        engine = open_engine(
            folders=[store.root / "tables", work.folder], scratch=work.folder / "scratch"
        )
        try:
            file = work.folder / "rows.parquet"
            source = parquet(store.files(name, state))
            copy_out(engine, f"SELECT * REPLACE ({changes}) FROM {source}", file)
        finally:
            engine.close()
        rejected = store.rejected_file(name, state)
        if rejected is not None:
            rejected = shutil.copyfile(rejected, work.folder / "rejected.parquet")
        carried = {fact: state.facts[fact] for fact in _CARRIED if fact in state.facts}
        facts = {**carried, "yiwang.at": at.isoformat(), "yiwang.amended": str(len(amendments))}
        committed = store.commit(
            work,
            name,
            columns=state.columns,
            files=[file],
            base=state.id,
            rejected=rejected,
            facts=facts,
        )
    return committed.id


def _whens(
    name: str, columns: Mapping[str, Type], amendments: Sequence[Amendment]
) -> dict[str, list[str]]:
    """The WHEN … THEN of each changed column."""
    whens: dict[str, list[str]] = {}
    for one in amendments:
        if not one.key or {*one.key, one.column} - columns.keys():
            raise AmendmentMalformed(
                f"更正所指的列不在表 {name} 里。", hint="请核对表、主键与列名。", table=name
            )
        condition = " AND ".join(
            f"UPPER(CAST({quoted(column)} AS VARCHAR)) = UPPER({literal(value)})"
            for column, value in one.key.items()
        )
        whens.setdefault(one.column, []).append(
            f"WHEN {condition} THEN {_value(one.value, columns[one.column])}"
        )
    return whens


def _value(value: str | None, type_: Type) -> str:
    return "NULL" if value is None else f"CAST({literal(value)} AS {SQL_TYPES[type_]})"


def as_stored(value: str, type_: Type) -> Any:
    """``value`` as the lake gives it back, or ``AmendmentMalformed``."""
    try:
        return _READ[type_](value)
    except (ValueError, ArithmeticError, KeyError) as error:
        raise AmendmentMalformed(
            "所填的值不符合该字段的类型。",
            hint="日期写成 2026-11-02，数字不带单位，是否写成 true 或 false。",
            type=type_,
        ) from error


_READ: Mapping[Type, Callable[[str], Any]] = {
    "text": str,
    "json": str,
    "integer": int,
    "decimal": Decimal,
    "boolean": lambda text: {"true": True, "false": False}[text],
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
}
