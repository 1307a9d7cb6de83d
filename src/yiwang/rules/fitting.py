"""Types that must fit: widening integers, giving NULL a type, refusing the rest."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.tree import TYPE_TITLES, Literal, Node, Type, Widen
from yiwang.rules.values import LIMIT, SCALE


def want(node: Node, kind: Type) -> Node:
    """The node as a value of the type, or a refusal."""
    if node.type == kind or node.type == "null" or (node.type, kind) == ("integer", "decimal"):
        return fit(node, kind)
    hint = "条件写作比较，例如 x = '1'。" if kind == "boolean" else "核对列的类型或加引号。"
    if kind == "date" and node.type == "text":
        hint = "日期写作 date '2026-01-31'。"
    raise refuse(node.at, f"这里需要{TYPE_TITLES[kind]}，得到的是{TYPE_TITLES[node.type]}。", hint)


def fit(node: Node, kind: Type) -> Node:
    """The node as that type, which it is known to fit."""
    if node.type == kind:
        return node
    if isinstance(node, Literal):
        value = node.value
        if kind == "decimal" and isinstance(value, int):
            if abs(value) * SCALE >= LIMIT:
                raise refuse(node.at, "小数最多 12 位整数。", "减少位数。")
            value = Decimal(value)
        return replace(node, type=kind, value=value)
    return Widen(type="decimal", at=node.at, of=node)


def fit_all(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """All as their one common type, or a refusal."""
    kinds = {node.type for node in nodes} - {"null"}
    if not kinds:
        raise refuse(nodes[0].at, "全是 null，没有类型。", "至少写一个值。")
    if kinds == {"integer", "decimal"}:
        kinds = {"decimal"}
    if len(kinds) > 1:
        raise _mixed(nodes)
    return tuple(fit(node, next(iter(kinds))) for node in nodes)


def refuse(at: int, message: str, hint: str) -> ExpressionRefused:
    """A refusal at a position."""
    return ExpressionRefused(message, hint=hint, position=at)


def _mixed(nodes: Sequence[Node]) -> ExpressionRefused:
    first = next(node for node in nodes if node.type != "null")
    other = next(node for node in nodes if node.type not in ("null", first.type))
    hint = "同类才能比较；代码和号码是文本，要加引号。"
    if {first.type, other.type} == {"text", "date"}:
        hint = "日期写作 date '2026-01-31'。"
    return refuse(
        other.at or first.at,
        f"{TYPE_TITLES[first.type]}与{TYPE_TITLES[other.type]}不能放在一起。",
        hint,
    )
