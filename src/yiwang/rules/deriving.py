"""Derived values: put in the order of their dependence; a cycle is refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import expressions as sql
from sqlglot.errors import SqlglotError

from yiwang.kernel.errors import Invalid
from yiwang.rules.reading import Expression, parse
from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.tree import Type


class DerivedInCycle(Invalid):
    """Derived values depend on each other in a circle."""

    code = "rules.derived_in_cycle"


@dataclass(frozen=True, kw_only=True)
class Derived:
    """A derived value; ``level`` 0 reads columns only, ``roots`` are the columns behind it."""

    name: str
    expression: Expression
    level: int
    roots: frozenset[str]


def derive(
    texts: Mapping[str, str], *, columns: Mapping[str, Type], parameters: Mapping[str, Type]
) -> tuple[Derived, ...]:
    """The derived values, each after those it reads, or ``DerivedInCycle``."""
    done: dict[str, Derived] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " → ".join((*path[path.index(name) :], name))
            raise DerivedInCycle(
                f"派生值互相依赖成环：{circle}。",
                hint="去掉其中一处引用，改为直接引用表中的列。",
                cycle=circle,
                part=f"derived.{name}",
            )
        if name in done:
            return
        for needed in _mentioned(texts[name]):
            if needed in texts:
                visit(needed, (*path, name))
        done[name] = _derived(name, texts[name], done, columns, parameters)

    for name in texts:
        visit(name, ())
    return tuple(done.values())


def _derived(
    name: str,
    text: str,
    done: Mapping[str, Derived],
    columns: Mapping[str, Type],
    parameters: Mapping[str, Type],
) -> Derived:
    known = {each.name: each.expression.type for each in done.values()}
    try:
        expression = parse(text, columns={**columns, **known}, parameters=parameters)
    except ExpressionRefused as error:
        error.data["part"] = f"derived.{name}"
        raise
    below = [done[each] for each in expression.columns if each in done]
    return Derived(
        name=name,
        expression=expression,
        level=max((each.level + 1 for each in below), default=0),
        roots=(expression.columns - set(known)).union(*(each.roots for each in below)),
    )


def _mentioned(text: str) -> list[str]:
    """The names in a text; whether they are admitted is decided when it is parsed."""
    try:
        found = sqlglot.parse_one(text, dialect="duckdb")
    except (SqlglotError, ValueError, RecursionError):
        return []
    return [column.name for column in found.find_all(sql.Column)]
