"""The typed tree of an expression: the only thing the back ends ever see.

Every node carries its type and ``at``, the offset of its text, for errors. Arithmetic, string and
date operations are ``Call`` nodes named as in ``functions.FUNCTIONS``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal as OneOf

Type = OneOf["text", "integer", "decimal", "boolean", "date", "instant", "json", "null"]
"""``null`` is the type of the bare word NULL, which fits every other type."""

Scalar = str | int | Decimal | bool | date | datetime | None
Op = OneOf["=", "<>", "<", "<=", ">", ">="]

TYPE_TITLES: dict[Type, str] = {
    "text": "文本",
    "integer": "整数",
    "decimal": "小数",
    "boolean": "是否",
    "date": "日期",
    "instant": "时刻",
    "json": "结构",
    "null": "空",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every node has."""

    type: Type
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A constant; ``value is None`` is unknown."""

    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Node):
    """A value of the row: a column of the table, or a derived value."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Node):
    """A dated value, replaced by a literal before any back end sees the tree."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf(Node):
    """The day of the judgement; replaced by a literal before any back end sees the tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """Kleene negation."""

    of: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Node):
    """Kleene conjunction: no as soon as one part is no."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Node):
    """Kleene disjunction: yes as soon as one part is yes."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """A comparison of two values of one type; text compares by code point."""

    op: Op
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull(Node):
    """Whether a value is missing; never unknown."""

    of: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class IsTruth(Node):
    """``x IS TRUE`` / ``x IS FALSE``; never unknown."""

    of: Node
    truth: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    """Membership in a list of constants."""

    of: Node
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Node):
    """Membership in a code table, ``is_code(x, 'pack.register')``."""

    of: Node
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Node):
    """The value of the first branch whose condition is yes, else ``otherwise``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce(Node):
    """The first value that is not missing."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Widen(Node):
    """An integer as a decimal."""

    of: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeReached(Node):
    """An age test as a bound on the birth date: ``birth <= bound``, unknown when born after ``on``.

    ``bound`` None means that nobody is that old.
    """

    birth: Node
    on: date
    bound: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A function or operator of ``functions.FUNCTIONS``: unknown when an argument is."""

    name: str
    args: tuple[Node, ...]


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Not() | IsNull() | IsTruth() | Code() | Widen():
            return (node.of,)
        case And() | Or() | Coalesce():
            return node.parts
        case Compare():
            return (node.left, node.right)
        case In():
            return (node.of, *node.items)
        case Case():
            return (*(part for branch in node.branches for part in branch), node.otherwise)
        case AgeReached():
            return (node.birth,)
        case Call():
            return node.args
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def columns_of(node: Node) -> frozenset[str]:
    """The names of the row that a tree reads."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Column))
