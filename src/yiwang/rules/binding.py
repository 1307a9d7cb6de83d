"""Binding: parameters, the day of judgement and code tables become constants of the tree.

Calls of constants are worked out here once, and an age test against a constant becomes a literal
bound on the birth date: engines' own date functions disagree about ages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from yiwang.rules import tree as t
from yiwang.rules.ages import birth_bound
from yiwang.rules.dated import Value, codes, constant
from yiwang.rules.meaning import MEANING, widened

_AGES = {"age_on_birthday": False, "age_after_birthday": True}
_MIRRORED: dict[t.Op, t.Op] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class _Given:
    values: Mapping[str, Value]
    as_of: date


def bind(node: t.Node, *, values: Mapping[str, Value], as_of: date) -> t.Node:
    """The tree with every name but columns replaced by what it stands for on ``as_of``."""
    return _bind(node, _Given(values, as_of))


def rebuild(node: t.Node, change: Callable[[t.Node], t.Node]) -> t.Node:
    """The node with each child changed."""
    match node:
        case t.Not() | t.IsNull() | t.IsTruth() | t.Widen() | t.Code():
            return replace(node, of=change(node.of))
        case t.And() | t.Or() | t.Coalesce():
            return replace(node, parts=tuple(change(part) for part in node.parts))
        case t.Compare():
            return replace(node, left=change(node.left), right=change(node.right))
        case t.In():
            items = tuple(change(item) for item in node.items)
            return replace(node, of=change(node.of), items=items)
        case t.Case():
            branches = tuple((change(when), change(then)) for when, then in node.branches)
            return replace(node, branches=branches, otherwise=change(node.otherwise))
        case t.AgeReached():
            return replace(node, birth=change(node.birth))
        case t.Call():
            return replace(node, args=tuple(change(arg) for arg in node.args))
        case _:
            return node


def _bind(node: t.Node, given: _Given) -> t.Node:
    match node:
        case t.Parameter():
            value = constant(node.name, node.type, values=given.values, as_of=given.as_of)
            return t.Literal(type=node.type, at=node.at, value=value)
        case t.AsOf():
            return t.Literal(type="date", at=node.at, value=given.as_of)
        case t.Code():
            of = _bind(node.of, given)
            listed = sorted(codes(node.table, values=given.values))
            items = tuple(t.Literal(type="text", value=code) for code in listed)
            return t.In(type="boolean", at=node.at, of=of, items=items)
        case _:
            bound = rebuild(node, lambda child: _bind(child, given))
            return _age_test(bound) if isinstance(bound, t.Compare) else _folded(bound)


def _folded(node: t.Node) -> t.Node:
    """A call of constants as its value."""
    if isinstance(node, t.Widen) and isinstance(node.of, t.Literal):
        value = node.of.value
        known = widened(value) if isinstance(value, int) else None
        return t.Literal(type="decimal", at=node.at, value=known)
    if isinstance(node, t.Call) and all(isinstance(arg, t.Literal) for arg in node.args):
        values = [arg.value for arg in node.args if isinstance(arg, t.Literal)]
        known_call = None if None in values else MEANING[node.name](*values)
        return t.Literal(type=node.type, at=node.at, value=known_call)
    return node


def _age_test(node: t.Compare) -> t.Node:
    op, left, right = node.op, node.left, node.right
    if isinstance(left, t.Literal):
        op, left, right = _MIRRORED[op], right, left
    if not (isinstance(left, t.Call) and left.name in _AGES and isinstance(right, t.Literal)):
        return node
    birth, on = left.args
    years = right.value
    if not isinstance(on, t.Literal) or not isinstance(on.value, date) or type(years) is not int:
        return node
    day, after = on.value, _AGES[left.name]

    def at_least(age: int) -> t.Node:
        bound = birth_bound(age, day, after=after)
        return t.AgeReached(type="boolean", at=node.at, birth=birth, on=day, bound=bound)

    def negated(of: t.Node) -> t.Node:
        return t.Not(type="boolean", at=node.at, of=of)

    match op:
        case ">=":
            return at_least(years)
        case ">":
            return at_least(years + 1)
        case "<":
            return negated(at_least(years))
        case "<=":
            return negated(at_least(years + 1))
    parts = (at_least(years), negated(at_least(years + 1)))
    exactly = t.And(type="boolean", at=node.at, parts=parts)
    return exactly if op == "=" else negated(exactly)
