"""A typed tree written back as text of the language: for reasons, and for the manual."""

from yiwang.rules import tree as t
from yiwang.rules.functions import FUNCTIONS


def worded(node: t.Node) -> str:
    """The text of a tree, which parses to the same tree."""
    match node:
        case t.Literal():
            return constant(node.value)
        case t.Column() | t.Parameter():
            return node.name if node.name.isidentifier() else '"' + node.name + '"'
        case t.AsOf():
            return "as_of"
        case t.Not():
            return f"not {_inside(node.of)}"
        case t.And():
            return " and ".join(_inside(part) for part in node.parts)
        case t.Or():
            return " or ".join(_inside(part) for part in node.parts)
        case t.Compare():
            return f"{_inside(node.left)} {node.op} {_inside(node.right)}"
        case t.Widen():
            return worded(node.of)
        case t.Call():
            return _call(node)
        case _:
            return _worded(node)


def _worded(node: t.Node) -> str:
    match node:
        case t.IsNull():
            return f"{_inside(node.of)} is null"
        case t.IsTruth():
            return f"{_inside(node.of)} is {'true' if node.truth else 'false'}"
        case t.In():
            return f"{_inside(node.of)} in ({', '.join(worded(item) for item in node.items)})"
        case t.Code():
            return f"is_code({worded(node.of)}, '{node.table}')"
        case t.Coalesce():
            return f"coalesce({', '.join(worded(part) for part in node.parts)})"
        case t.AgeReached():
            bound = constant(node.bound) if node.bound else "null"
            return f"{worded(node.birth)} <= {bound}"
        case t.Case():
            branches = [f"when {worded(when)} then {worded(then)}" for when, then in node.branches]
            return f"case {' '.join(branches)} else {worded(node.otherwise)} end"
        case _:
            raise TypeError(type(node).__name__)


def constant(value: t.Scalar) -> str:
    """A constant as it is written."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case int():
            return str(value)
        case _ if hasattr(value, "isoformat"):
            return f"date '{value}'"
        case _:
            return f"{value:f}"


def _call(node: t.Call) -> str:
    shown = FUNCTIONS[node.name].shown
    if not shown:
        return f"{node.name}({', '.join(worded(arg) for arg in node.args)})"
    if len(node.args) == 1:
        return f"- {_inside(node.args[0])}"
    left, right = node.args
    return f"{_inside(left)} {shown.split()[1]} {_inside(right)}"


def _inside(node: t.Node) -> str:
    match node:
        case t.Literal() if str(node.value).startswith("-"):
            return f"({worded(node)})"
        case t.Literal() | t.Column() | t.Parameter() | t.AsOf() | t.Case() | t.Coalesce():
            return worded(node)
        case t.Call() if not FUNCTIONS[node.name].shown:
            return worded(node)
        case t.Widen():
            return _inside(node.of)
        case _:
            return f"({worded(node)})"
