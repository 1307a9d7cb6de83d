"""The closure back end: one subject in plain Python, with the reason of every condition.

A tree becomes nested closures, never text that is evaluated. ``None`` is unknown; what an unknown
is missing is asked afterwards, by a second closure, and only then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yiwang.rules import tree as t
from yiwang.rules.binding import bind
from yiwang.rules.dated import Value
from yiwang.rules.functions import is_partial
from yiwang.rules.meaning import MEANING, widened
from yiwang.rules.reading import Expression
from yiwang.rules.reasons import Reason, Result, parts_of
from yiwang.rules.values import read_value
from yiwang.rules.wording import worded

Row = Mapping[Any, Any]
Evaluate = Callable[[Row], Any]
Blame = Callable[[Row], frozenset[str]]
Roots = Mapping[str, frozenset[str]]

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """A value, what is missing when it is unknown (None), and the reason of every condition."""

    value: Any | None
    unknown: frozenset[str]
    because: tuple[Reason, ...]


def compile(  # noqa: A001 - the door's word
    expression: Expression, *, values: Mapping[str, Value] | None = None, as_of: date
) -> Callable[[Mapping[str, Any]], Answer]:
    """A function from a row to an ``Answer``.

    A row maps column names to Python values; a name that is absent, None, or not a value of its
    type counts as missing.
    """
    tree = bind(expression.tree, values=values or {}, as_of=as_of)
    kinds = {node.name: node.type for node in t.walk(tree) if isinstance(node, t.Column)}
    value, missing = evaluation(tree), missing_of(tree)
    parts = [(part, worded(part), evaluation(part), missing_of(part)) for part in parts_of(tree)]

    def answer(row: Mapping[str, Any]) -> Answer:
        known = {name: read_value(row.get(name), kind) for name, kind in kinds.items()}
        found = value(known)
        reasons = tuple(
            _reason(part, title, result, frozenset() if result is not None else lacking(known))
            for part, title, test, lacking in parts
            for result in (test(known),)
        )
        return Answer(found, NOTHING if found is not None else missing(known), reasons)

    return answer


def valued(
    expression: Expression,
    *,
    values: Mapping[str, Value] | None = None,
    as_of: date,
    is_read: bool = False,
) -> Callable[[Mapping[str, Any]], Any]:
    """Like ``compile``, for who asks many rows and never why: a row's value, None when unknown.

    ``is_read`` says that every row holds values as ``read_value`` gives them.
    """
    tree = bind(expression.tree, values=values or {}, as_of=as_of)
    if is_read:
        return evaluation(tree)
    kinds = {node.name: node.type for node in t.walk(tree) if isinstance(node, t.Column)}
    value, read = evaluation(tree), list(kinds.items())
    return lambda row: value({name: read_value(row.get(name), kind) for name, kind in read})


def _reason(part: t.Node, title: str, value: Any, missing: frozenset[str]) -> Reason:
    result: Result = "unknown" if value is None else "yes" if value else "no"
    names = tuple(sorted(t.columns_of(part)))
    return Reason(id="", title=title, result=result, names=names, missing=tuple(sorted(missing)))


def evaluation(node: t.Node) -> Evaluate:
    """A closure that gives the value of a bound tree for a row of read values."""
    match node:
        case t.Literal():
            constant = node.value
            return lambda row: constant
        case t.Column():
            name = node.name
            return lambda row: row.get(name)
        case t.Not():
            of = evaluation(node.of)
            return lambda row: None if (value := of(row)) is None else not value
        case t.And():
            return _connected([evaluation(part) for part in node.parts], decisive=False)
        case t.Or():
            return _connected([evaluation(part) for part in node.parts], decisive=True)
        case t.Compare():
            return _compared(node.op, evaluation(node.left), evaluation(node.right))
        case t.Call():
            return _called(MEANING[node.name], [evaluation(arg) for arg in node.args])
        case t.Case():
            branches = [(evaluation(when), evaluation(then)) for when, then in node.branches]
            return _chosen(branches, evaluation(node.otherwise))
        case _:
            return _simple(node)


def _simple(node: t.Node) -> Evaluate:
    match node:
        case t.IsNull():
            of = evaluation(node.of)
            return lambda row: of(row) is None
        case t.IsTruth():
            of, truth = evaluation(node.of), node.truth
            return lambda row: of(row) is truth
        case t.In():
            of = evaluation(node.of)
            items = frozenset(item.value for item in node.items if isinstance(item, t.Literal))
            return lambda row: None if (value := of(row)) is None else value in items
        case t.Coalesce():
            return _first([evaluation(part) for part in node.parts])
        case t.Widen():
            return _called(widened, [evaluation(node.of)])
        case t.AgeReached():
            return _age_reached(evaluation(node.birth), node.on, node.bound)
        case _:
            raise TypeError(f"unbound node: {type(node).__name__}")


def _connected(parts: list[Evaluate], *, decisive: bool) -> Evaluate:
    def connected(row: Row) -> bool | None:
        unknown = False
        for part in parts:
            value = part(row)
            if value is decisive:
                return decisive
            unknown = unknown or value is None
        return None if unknown else not decisive

    return connected


def _compared(op: t.Op, left: Evaluate, right: Evaluate) -> Evaluate:
    compare: Callable[[Any, Any], bool] = {
        "=": lambda a, b: a == b,
        "<>": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }[op]

    def compared(row: Row) -> bool | None:
        a, b = left(row), right(row)
        return None if a is None or b is None else compare(a, b)

    return compared


def _called(meaning: Callable[..., Any], args: list[Evaluate]) -> Evaluate:
    if len(args) == 1:
        only = args[0]
        return lambda row: None if (value := only(row)) is None else meaning(value)

    def called(row: Row) -> Any:
        values = [arg(row) for arg in args]
        return None if None in values else meaning(*values)

    return called


def _chosen(branches: list[tuple[Evaluate, Evaluate]], otherwise: Evaluate) -> Evaluate:
    def chosen(row: Row) -> Any:
        for when, then in branches:
            if when(row):
                return then(row)
        return otherwise(row)

    return chosen


def _first(parts: list[Evaluate]) -> Evaluate:
    def first(row: Row) -> Any:
        for part in parts:
            value = part(row)
            if value is not None:
                return value
        return None

    return first


def _age_reached(birth: Evaluate, on: date, bound: date | None) -> Evaluate:
    def reached(row: Row) -> bool | None:
        born = birth(row)
        if born is None or born > on:
            return None
        return bound is not None and born <= bound

    return reached


def missing_of(node: t.Node, roots: Roots | None = None) -> Blame:
    """A closure that names what is missing for a row on which ``node`` is unknown.

    ``roots`` are the columns behind each derived value.
    """
    blame, everything = _blame(node, roots or {}), _names(node, roots or {})
    return lambda row: blame(row) or everything


def _names(node: t.Node, roots: Roots) -> frozenset[str]:
    names = t.columns_of(node)
    return NOTHING.union(*(roots.get(name, frozenset({name})) for name in names))


def _blame(node: t.Node, roots: Roots) -> Blame:
    """Names to blame when the node is unknown, nothing when it is known."""
    match node:
        case t.Column():
            name, alone = node.name, frozenset({node.name})
            return lambda row: (
                NOTHING if row.get(name) is not None else row.get(("missing", name), alone)
            )
        case t.Literal() | t.IsNull() | t.IsTruth():
            return lambda row: NOTHING
        case t.Not():
            return _blame(node.of, roots)
        case t.Case():
            return _blame_case(node, roots)
        case _:
            return _blame_parts(node, roots)


def _blame_parts(node: t.Node, roots: Roots) -> Blame:
    value, names = evaluation(node), _names(node, roots)
    parts = [_blame(child, roots) for child in t.children(node)]
    partial = is_partial(node)

    def blame(row: Row) -> frozenset[str]:
        if value(row) is not None:
            return NOTHING
        found = NOTHING.union(*(part(row) for part in parts))
        return found or (names if partial else NOTHING)

    return blame


def _blame_case(node: t.Case, roots: Roots) -> Blame:
    branches = [(evaluation(when), _blame(then, roots)) for when, then in node.branches]
    otherwise = _blame(node.otherwise, roots)

    def blame(row: Row) -> frozenset[str]:
        for when, then in branches:
            if when(row):
                return then(row)
        return otherwise(row)

    return blame
