"""Admission of syntax: each sqlglot node is either turned into a typed node or refused.

The tables below are the allow-list of nodes; ``functions.FUNCTIONS`` is that of functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from sqlglot import expressions as sql

from yiwang.rules import tree as t
from yiwang.rules.calls import call, named, pattern
from yiwang.rules.fitting import fit_all, refuse, want
from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.values import LIMIT, PLACES, scaled

_COMPARE: dict[type[sql.Expr], t.Op] = {
    sql.EQ: "=",
    sql.NEQ: "<>",
    sql.LT: "<",
    sql.LTE: "<=",
    sql.GT: ">",
    sql.GTE: ">=",
}
_FUNCTIONS: dict[type[sql.Expr], tuple[str, tuple[str, ...]]] = {
    sql.Add: ("add", ("this", "expression")),
    sql.Sub: ("subtract", ("this", "expression")),
    sql.Mul: ("multiply", ("this", "expression")),
    sql.Div: ("divide", ("this", "expression")),
    sql.IntDiv: ("quotient", ("this", "expression")),
    sql.Mod: ("remainder", ("this", "expression")),
    sql.Neg: ("negative", ("this",)),
    sql.DPipe: ("concat", ("this", "expression")),
    sql.Length: ("length", ("this",)),
    sql.Substring: ("substr", ("this", "start", "length")),
    sql.Upper: ("upper", ("this",)),
    sql.Lower: ("lower", ("this",)),
    sql.Trim: ("trim", ("this",)),
    sql.Replace: ("replace", ("this", "expression", "replacement")),
    sql.StartsWith: ("starts_with", ("this", "expression")),
    sql.EndsWith: ("ends_with", ("this", "expression")),
    sql.Contains: ("contains", ("this", "expression")),
    sql.Abs: ("abs", ("this",)),
    sql.Round: ("round", ("this", "decimals")),
    sql.Least: ("least", ("this", "expressions")),
    sql.Greatest: ("greatest", ("this", "expressions")),
    sql.AddMonths: ("add_months", ("this", "expression")),
}
_FLAGS = frozenset({"typed", "safe", "ignore_nulls"})
"""Arguments that the parser sets by itself and that say nothing about the text."""

_INSTEAD: dict[type[sql.Expr], str] = {
    sql.Query: "表达式里不能有子查询；跨表的内容写到 sql/ 的表里。",
    sql.Cast: "不能转换类型；日期写作 date '2026-01-31'，列的类型在表的契约中声明。",
    sql.CurrentDate: "判定日写作 as_of。",
    sql.CurrentTimestamp: "判定日写作 as_of。",
    sql.AggFunc: "汇总写到 sql/ 的表里，这里只看一行。",
    sql.Window: "汇总写到 sql/ 的表里，这里只看一行。",
    sql.If: "写作 case when 条件 then 值 else 值 end。",
    sql.Concat: "连接文本写作 a || b。",
    sql.ILike: "大小写不分时先写 lower(x)。",
    sql.NullSafeEQ: "写作 a = b 或 a is null。",
    sql.NullSafeNEQ: "写作 a <> b 或 a is null。",
    sql.Alias: "检查两个词之间是否漏了运算符。",
    sql.Placeholder: "参数直接写名字，不写 ? 或 :。",
}


@dataclass(frozen=True)
class _Names:
    text: str
    columns: Mapping[str, t.Type]
    parameters: Mapping[str, t.Type]


def typed(
    syntax: sql.Expr, text: str, *, columns: Mapping[str, t.Type], parameters: Mapping[str, t.Type]
) -> t.Node:
    """The typed tree of parsed syntax, or ``ExpressionRefused``."""
    node = _admit(syntax, _Names(text, columns, parameters))
    if node.type == "null":
        raise ExpressionRefused("表达式只有 null，没有类型。", hint="写一个值或条件。")
    return node


def _admit(node: sql.Expr, names: _Names) -> t.Node:
    kind = type(node)
    at = _position(node)
    if kind is sql.Paren:
        return _admit(node.this, names)
    if kind in _COMPARE:
        left, right = _admit(node.this, names), _admit(node.expression, names)
        return _compare(_COMPARE[kind], left, right, at)
    if kind in _FUNCTIONS:
        name, keys = _FUNCTIONS[kind]
        _check_arguments(node, keys, at)
        return call(name, [_admit(each, names) for each in _arguments(node, keys)], at)
    match node:
        case sql.Anonymous():
            arguments = [_admit(each, names) for each in node.expressions]
            return named(str(node.this).lower(), arguments, at)
        case sql.And() | sql.Or():
            return _connected(node, names, at)
        case sql.Not():
            return t.Not(type="boolean", at=at, of=want(_admit(node.this, names), "boolean"))
        case sql.Column():
            return _named(node, names, at)
        case sql.Literal() | sql.Null() | sql.Boolean():
            return _literal(node, at)
        case sql.Cast():
            return _dated(node, at)
        case _:
            return _predicate(node, names, at)


def _predicate(node: sql.Expr, names: _Names, at: int) -> t.Node:
    match node:
        case sql.Is():
            return _is(node, names, at)
        case sql.In():
            return _in(node, names, at)
        case sql.Between():
            _check_arguments(node, ("this", "low", "high"), at)
            of, low, high = (_admit(node.args[key], names) for key in ("this", "low", "high"))
            both = (_compare(">=", of, low, at), _compare("<=", of, high, at))
            return t.And(type="boolean", at=at, parts=both)
        case sql.Like():
            return pattern(_admit(node.this, names), _admit(node.expression, names), at)
        case sql.Case():
            return _case(node, names, at)
        case sql.Coalesce():
            _check_arguments(node, ("this", "expressions"), at)
            parts = fit_all([_admit(x, names) for x in _arguments(node, ("this", "expressions"))])
            return t.Coalesce(type=parts[0].type, at=at, parts=parts)
        case _:
            hint = next((say for kind, say in _INSTEAD.items() if isinstance(node, kind)), "")
            raise refuse(
                at,
                f"表达式语言里没有 {type(node).__name__} 这种写法。",
                hint or "可用的写法见 docs/reference/expressions.md。",
            )


def _connected(node: sql.Expr, names: _Names, at: int) -> t.Node:
    kind = type(node)
    parts: list[t.Node] = []
    waiting: list[sql.Expr] = [node]
    while waiting:
        part = waiting.pop()
        if type(part) is kind:
            waiting += [part.args["expression"], part.this]
        else:
            parts.append(want(_admit(part, names), "boolean"))
    build = t.And if kind is sql.And else t.Or
    return build(type="boolean", at=at, parts=tuple(parts))


def _compare(op: t.Op, left: t.Node, right: t.Node, at: int) -> t.Node:
    for side in (left, right):
        if side.type == "null":
            raise refuse(at, "与 null 比较永远不明。", "写作 x is null 或 x is not null。")
        if side.type == "json":
            raise refuse(side.at, "结构（json）不能比较。", "在 sql/ 的表里先取出其中的值。")
    left, right = fit_all([left, right])
    if left.type == "boolean" and op not in ("=", "<>"):
        raise refuse(at, "是否值没有大小。", "写作 x、not x 或 x = y。")
    return t.Compare(type="boolean", at=at, op=op, left=left, right=right)


def _named(node: sql.Column, names: _Names, at: int) -> t.Node:
    name = f"{node.table}.{node.name}" if node.table else node.name
    if node.args.get("db") or not isinstance(node.this, sql.Identifier):
        raise refuse(at, f"“{node.sql(dialect='duckdb')}”带了表名。", "只写列名。")
    if name == "as_of" and not node.this.quoted:
        return t.AsOf(type="date", at=at)
    if name in names.parameters:
        return t.Parameter(type=names.parameters[name], at=at, name=name)
    if name in names.columns:
        return t.Column(type=names.columns[name], at=at, name=name)
    known = [*names.columns, *names.parameters, "as_of"]
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    hint = f"是不是 {'、'.join(near)}？" if near else f"可用的名字：{'、'.join(known[:12])}。"
    raise refuse(at, f"没有名为“{name}”的列或参数。", hint)


def _literal(node: sql.Expr, at: int) -> t.Literal:
    if isinstance(node, sql.Null):
        return t.Literal(type="null", at=at, value=None)
    if isinstance(node, sql.Boolean):
        return t.Literal(type="boolean", at=at, value=bool(node.this))
    written = str(node.this)
    if node.args.get("is_string"):
        return t.Literal(type="text", at=at, value=written)
    if written.isascii() and written.isdigit():
        if int(written) >= LIMIT:
            raise refuse(at, "整数超过 18 位。", "证件号、账号是文本，请加引号。")
        return t.Literal(type="integer", at=at, value=int(written))
    before, _, after = written.partition(".")
    if not (before + after).isdigit() or not written.isascii():
        raise refuse(at, f"“{written}”不是普通写法的数。", "写作 1200 或 1200.50。")
    value = Decimal(written)
    if len(after) > PLACES or abs(scaled(value)) >= LIMIT:
        raise refuse(at, f"小数最多 12 位整数、{PLACES} 位小数。", "减少位数。")
    return t.Literal(type="decimal", at=at, value=value)


def _dated(node: sql.Cast, at: int) -> t.Literal:
    literal, to = node.this, node.args["to"]
    if to.this == sql.DataType.Type.DATE and isinstance(literal, sql.Literal) and literal.is_string:
        try:
            if len(literal.this) != 10:
                raise ValueError
            return t.Literal(type="date", at=at, value=date.fromisoformat(literal.this))
        except ValueError:
            raise refuse(
                at, f"“{literal.this}”不是日期。", "写作 date '2026-01-31'，且当天存在。"
            ) from None
    raise refuse(at, "不能转换类型。", _INSTEAD[sql.Cast])


def _is(node: sql.Is, names: _Names, at: int) -> t.Node:
    of = _admit(node.this, names)
    if isinstance(node.expression, sql.Null):
        return t.IsNull(type="boolean", at=at, of=of)
    if isinstance(node.expression, sql.Boolean):
        truth = bool(node.expression.this)
        return t.IsTruth(type="boolean", at=at, of=want(of, "boolean"), truth=truth)
    raise refuse(at, "is 之后只能是 null、true、false。", "写作 x is null 或 x = y。")


def _in(node: sql.In, names: _Names, at: int) -> t.Node:
    _check_arguments(node, ("this", "expressions"), at)
    of = _admit(node.this, names)
    items = [_admit(each, names) for each in node.expressions]
    for item in items:
        if not isinstance(item, t.Literal | t.Parameter) or item.type == "null":
            raise refuse(item.at or at, "in 的括号里只能是常量或参数。", "其他情形用 or 连接。")
    if not items or of.type in ("null", "json"):
        raise refuse(at, "in 的写法不完整。", "写作 x in ('01', '02')。")
    of, *fitted = fit_all([of, *items])
    return t.In(type="boolean", at=at, of=of, items=tuple(fitted))


def _case(node: sql.Case, names: _Names, at: int) -> t.Node:
    otherwise = node.args.get("default")
    if node.this is not None or otherwise is None:
        raise refuse(
            at, "case 要写条件，并写明 else。", "写作 case when 条件 then 值 else 值 end。"
        )
    conditions = [want(_admit(branch.this, names), "boolean") for branch in node.args["ifs"]]
    values = [_admit(branch.args["true"], names) for branch in node.args["ifs"]]
    *fitted, last = fit_all([*values, _admit(otherwise, names)])
    branches = tuple(zip(conditions, fitted, strict=True))
    return t.Case(type=last.type, at=at, branches=branches, otherwise=last)


def _arguments(node: sql.Expr, keys: tuple[str, ...]) -> list[sql.Expr]:
    found: list[sql.Expr] = []
    for key in keys:
        value = node.args.get(key)
        if value is not None:
            found += value if isinstance(value, list) else [value]
    return found


def _check_arguments(node: sql.Expr, keys: tuple[str, ...], at: int) -> None:
    extra = [key for key, value in node.args.items() if value and key not in {*keys, *_FLAGS}]
    if "query" in extra:
        raise refuse(at, "in 的括号里不能是查询。", _INSTEAD[sql.Query])
    if extra:
        raise refuse(at, f"{type(node).__name__} 带了不认识的部分。", "见 docs/reference 的写法。")


def _position(node: sql.Expr) -> int:
    """Characters from 1 of the first part that the parser has marked, 0 when none is."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return int(min(starts)) + 1 if starts else 0
