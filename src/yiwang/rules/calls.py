"""Calls: the arguments of each function and operator, checked against the allow-list."""

from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from yiwang.rules.fitting import fit_all, refuse, want
from yiwang.rules.functions import FUNCTIONS, Function
from yiwang.rules.tree import Call, Code, Compare, Literal, Node
from yiwang.rules.values import PLACES

LONGEST_TEXT = 1_000_000


def named(name: str, args: list[Node], at: int) -> Node:
    """The typed call of a function written by name, or a refusal."""
    if name == "is_code":
        return _code(args, at)
    function = FUNCTIONS.get(name)
    if function is None or function.shown:  # operators have no name in the language
        near = get_close_matches(name, [*FUNCTIONS, "is_code", "coalesce"], n=3, cutoff=0.5)
        hint = (
            f"是不是 {'、'.join(near)}？"
            if near
            else "可用的函数见 docs/reference/expressions.md。"
        )
        raise refuse(at, f"没有名为“{name}”的函数。", hint)
    return call(name, args, at)


def call(name: str, args: list[Node], at: int) -> Node:
    """The typed call of an admitted function or operator, or a refusal."""
    function = FUNCTIONS[name]
    if not (function.least or len(function.takes)) <= len(args) <= len(function.takes):
        raise refuse(
            at, f"{name} 需要 {len(function.takes)} 个参数，写了 {len(args)} 个。", function.title
        )
    fitted = _fitted(name, function, args)
    first = fitted[0]
    if name == "negative" and isinstance(first, Literal) and isinstance(first.value, int | Decimal):
        return replace(first, value=-first.value)
    kind = function.result or fitted[0].type
    return Call(type=kind, at=at, name=name, args=fitted)


def pattern(of: Node, like: Node, at: int) -> Node:
    """``x LIKE '张%'``: only % at the ends of a written pattern."""
    written = like.value if isinstance(like, Literal) else None
    if not isinstance(written, str):
        raise refuse(at, "like 之后只能是写明的文本。", "其他情形用 starts_with、contains。")
    middle = written.strip("%")
    if "%" in middle or "_" in middle or "\\" in middle:
        raise refuse(
            at, "like 只能在两端用 %。", "写作 like '张%'，或用 starts_with、contains、substr。"
        )
    part = Literal(type="text", at=like.at, value=middle)
    if written.startswith("%") and written.endswith("%"):
        return call("contains", [of, part], at)
    if written.startswith("%"):
        return call("ends_with", [of, part], at)
    if written.endswith("%"):
        return call("starts_with", [of, part], at)
    return Compare(type="boolean", at=at, op="=", left=want(of, "text"), right=part)


def _fitted(name: str, function: Function, args: list[Node]) -> tuple[Node, ...]:
    fitted: list[Node] = []
    for node, kind in zip(args, function.takes, strict=False):
        if kind == "number":
            if node.type not in ("integer", "decimal"):
                node = want(node, "decimal" if node.type == "null" else "integer")
            fitted.append(node)
        elif kind == "constant":
            fitted.append(_constant(name, node, first=len(fitted) == 1))
        else:
            fitted.append(want(node, kind))
    if function.takes[:2] == ("number", "number"):
        return fit_all(fitted)
    return tuple(fitted)


def _constant(name: str, node: Node, *, first: bool) -> Node:
    value = node.value if isinstance(node, Literal) else None
    low, high = (0, PLACES) if name == "round" else (1 if first else 0, LONGEST_TEXT)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise refuse(node.at, f"{name} 的这个参数要写成 {low} 至 {high} 的整数。", "直接写数。")
    return node


def _code(args: list[Node], at: int) -> Node:
    table = args[1].value if len(args) == 2 and isinstance(args[1], Literal) else None
    if not isinstance(table, str) or not table:
        raise refuse(at, "is_code 需要一列和代码表的名字。", "写作 is_code(sex, 'base.sex')。")
    return Code(type="boolean", at=at, of=want(args[0], "text"), table=table)
