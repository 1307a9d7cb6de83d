"""Rows of one table by parsed conditions: the SQL is printed here, from checked names and trees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yiwang import rules
from yiwang.kernel.errors import Invalid
from yiwang.lake.backends.duck import literal, quoted
from yiwang.lake.backends.iceberg import State
from yiwang.lake.reading import relation
from yiwang.lake.store import Store


class SelectionRefused(Invalid):
    """A selection names a column that the table does not have, or a condition without a verdict."""

    code = "lake.selection_refused"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which rows and columns of a table, in which order.

    ``conditions`` must be *yes* (unknown is not delivered); ``order`` are columns, each with
    whether it falls; ``day`` is what ``as_of`` means in the conditions. Rows that are equal in the
    order are ``scattered`` by columns whose own order must not be told: stably, as only who knows
    the ``secret`` could foresee.
    """

    table: str
    columns: tuple[str, ...]
    conditions: tuple[rules.Expression, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    scattered: tuple[str, ...] = ()
    secret: str = ""
    day: date
    limit: int | None = None
    offset: int = 0


def sql_of(store: Store, state: State, selection: Selection) -> str:
    """The selection for the engine, over the files of one snapshot."""
    names = {*selection.columns, *selection.scattered, *(name for name, _ in selection.order)}
    names |= {name for one in selection.conditions for name in one.columns}
    if unknown := sorted(names - state.columns.keys()):
        raise SelectionRefused(
            f"表 {selection.table} 没有列 {'、'.join(unknown)}。",
            hint="请核对列名。",
            table=selection.table,
        )
    chosen = ", ".join(quoted(name) for name in selection.columns)
    text = f"SELECT {chosen} FROM ({relation(store, selection.table, state)}) AS t"
    if selection.conditions:
        text += f" WHERE {' AND '.join(_condition(one, selection) for one in selection.conditions)}"
    ordered = [f"{quoted(name)}{' DESC' if falls else ''}" for name, falls in selection.order]
    if selection.scattered:
        told = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in selection.scattered)
        ordered.append(f"hash(concat_ws(chr(31), {literal(selection.secret)}, {told}))")
    if ordered:
        text += f" ORDER BY {', '.join(ordered)}"
    if selection.limit is not None:
        text += f" LIMIT {int(selection.limit)} OFFSET {int(selection.offset)}"
    return text


def count_sql(store: Store, state: State, selection: Selection) -> str:
    """How many rows the selection's conditions leave."""
    where = [_condition(one, selection) for one in selection.conditions] or ["TRUE"]
    source = relation(store, selection.table, state)
    return f"SELECT count(*) AS n FROM ({source}) AS t WHERE {' AND '.join(where)}"


def _condition(expression: rules.Expression, selection: Selection) -> str:
    if expression.type != "boolean" or expression.parameters or expression.code_tables:
        raise SelectionRefused("筛选条件应是能判断是否的表达式。", hint="例如 sex = '2'。")
    printed = rules.to_sql(expression, dialect="duckdb", values={}, as_of=selection.day)
    return f"(({printed}) IS TRUE)"
