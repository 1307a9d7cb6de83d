"""``$filter`` and ``$orderby``: text → tree → a function over one entity. Three-valued like SQL.

A tree is small enough to be read apart as well: the observations take the bounds of time and the
datastreams out of it before they read anything (``bounds``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from yiwang.faces.api.sensorthings.functions import ARITHMETIC, COMPARE, FUNCTIONS, geometry_of
from yiwang.faces.api.sensorthings.refusals import NotOffered, malformed
from yiwang.faces.api.sensorthings.tokens import Token, tokens_of

DEEPEST = 40
LEVELS = (("add", "sub"), ("mul", "div", "mod"))


@dataclass(frozen=True, slots=True)
class Value:
    """A constant."""

    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """A property, perhaps of a related entity: ``Thing/properties/river``."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator with its arguments."""

    name: str
    args: tuple["Node", ...]


class Several(tuple[Any, ...]):
    """The values of a path through a link to many: a test holds if it holds for any."""


Node = Value | Path | Call
Get = Callable[[Any, tuple[str, ...]], Any]
"""Reads a path off an entity."""


def parse_filter(text: str) -> Node:
    """The tree of a filter, or ``RequestMalformed``."""
    reader = _Reader(tokens_of(text))
    node = reader.either(0)
    reader.end()
    return node


def parse_order(text: str) -> tuple[tuple[Node, bool], ...]:
    """Each key of ``$orderby`` and whether it is descending."""
    reader = _Reader(tokens_of(text))
    found = []
    while True:
        node = reader.sum(0)
        is_descending = reader.takes("desc")
        if not is_descending:
            reader.takes("asc")
        found.append((node, is_descending))
        if not reader.takes_sign(","):
            reader.end()
            return tuple(found)


def evaluate(node: Node, entity: Any, get: Get) -> Any:
    """The value of a tree for an entity; None is unknown."""
    if isinstance(node, Value):
        return node.value
    if isinstance(node, Path):
        return get(entity, node.steps)
    if node.name in ("and", "or"):
        return _connected(node, entity, get)
    args = [evaluate(one, entity, get) for one in node.args]
    for at, one in enumerate(args):
        if isinstance(one, Several):
            found = [_applied(node.name, [*args[:at], each, *args[at + 1 :]]) for each in one]
            is_test = all(value is None or isinstance(value, bool) for value in found)
            return any(value is True for value in found) if is_test else Several(found)
    return _applied(node.name, args)


def _applied(name: str, args: list[Any]) -> Any:
    """An operator or function on values."""
    if name == "not":
        return None if args[0] is None else not args[0]
    if name in COMPARE:
        return _compared(name, args[0], args[1])
    if any(one is None for one in args):
        return None
    try:
        return (ARITHMETIC.get(name) or FUNCTIONS[name][1])(*args)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError):
        return None


def conjuncts(node: Node | None) -> Iterator[Node]:
    """The parts that must all be yes."""
    if isinstance(node, Call) and node.name == "and":
        for part in node.args:
            yield from conjuncts(part)
    elif node is not None:
        yield node


def _connected(node: Call, entity: Any, get: Get) -> bool | None:
    decisive = node.name == "or"
    unknown = False
    for part in node.args:
        value = evaluate(part, entity, get)
        if value is None:
            unknown = True
        elif bool(value) is decisive:
            return decisive
    return None if unknown else not decisive


def _compared(name: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        if name in ("eq", "ne"):
            return (left is right) if name == "eq" else (left is not right)
        return None
    if isinstance(left, bool) is not isinstance(right, bool):
        return name == "ne"
    try:
        return COMPARE[name](left, right)
    except TypeError:
        return name == "ne"


class _Reader:
    """Recursive descent over the tokens; precedence as in OData."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at = tokens, 0

    def either(self, depth: int) -> Node:
        return self._joined("or", depth, lambda d: self._joined("and", d, self._compared))

    def end(self) -> None:
        if self._at < len(self._tokens):
            self._fail()

    def takes(self, word: str) -> bool:
        return self._take("name", word)

    def takes_sign(self, sign: str) -> bool:
        return self._take("sign", sign)

    def _take(self, kind: str, value: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind or token.value != value:
            return False
        self._at += 1
        return True

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _fail(self) -> None:
        token = self._peek()
        where = f"第 {token.at + 1} 个字符处的 {token.value}" if token else "结尾"
        raise malformed(f"筛选的{where}不合写法。")

    def _joined(self, word: str, depth: int, part: Callable[[int], Node]) -> Node:
        if depth > DEEPEST:
            raise malformed("筛选嵌套太深。")
        parts = [part(depth + 1)]
        while self.takes(word):
            parts.append(part(depth + 1))
        return parts[0] if len(parts) == 1 else Call(word, tuple(parts))

    def _compared(self, depth: int) -> Node:
        if self.takes("not"):
            return Call("not", (self._compared(depth + 1),))
        left = self.sum(depth)
        token = self._peek()
        if token is not None and token.kind == "name" and token.value in COMPARE:
            self._at += 1
            return Call(token.value, (left, self.sum(depth)))
        return left

    def sum(self, depth: int, level: int = 0) -> Node:
        if level == len(LEVELS):
            return self._primary(depth + 1)
        node = self.sum(depth, level + 1)
        while (token := self._peek()) and token.kind == "name" and token.value in LEVELS[level]:
            self._at += 1
            node = Call(token.value, (node, self.sum(depth, level + 1)))
        return node

    def _primary(self, depth: int) -> Node:
        token = self._peek()
        if token is None or depth > 3 * DEEPEST:
            self._fail()
        assert token is not None
        self._at += 1
        if token.kind == "value":
            return Value(token.value)
        if token.kind == "geography":
            return Value(geometry_of(token.value))
        if token.kind == "sign" and token.value == "(":
            node = self.either(depth)
            if not self.takes_sign(")"):
                self._fail()
            return node
        if token.kind == "name":
            return self._call(token, depth) if self.takes_sign("(") else Path(_steps(token.value))
        self._at -= 1
        self._fail()
        raise AssertionError

    def _call(self, token: Token, depth: int) -> Node:
        args: list[Node] = []
        if not self.takes_sign(")"):
            args.append(self.either(depth))
            while self.takes_sign(","):
                args.append(self.either(depth))
            if not self.takes_sign(")"):
                self._fail()
        if token.value not in FUNCTIONS:
            raise NotOffered(
                f"没有函数 {token.value}。", hint="可用的函数见 docs/reference/sensorthings.md。"
            )
        if len(args) not in FUNCTIONS[token.value][0]:
            raise malformed(f"函数 {token.value} 的参数个数不对。")
        return Call(token.value, tuple(args))


def _steps(text: str) -> tuple[str, ...]:
    return tuple(text.split("/"))
