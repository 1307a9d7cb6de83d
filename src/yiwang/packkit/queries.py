"""The SQL of packs: one SELECT of a portable subset, parsed against an allow-list.

What is allowed means the same on every engine that a place may outgrow into. Nothing here runs
a query; the lake does, after its own guard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

LONGEST = 20_000
MOST_NODES = 4_000

NODES: tuple[type[exp.Expr], ...] = (
    *(exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.With, exp.CTE),
    *(exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit),
    *(exp.Table, exp.TableAlias, exp.Column, exp.Alias, exp.Identifier, exp.Star, exp.Distinct),
    *(exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple, exp.DataType, exp.DataTypeParam),
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is),
    *(exp.In, exp.Between, exp.Like, exp.Exists, exp.Case, exp.If, exp.Cast, exp.TryCast),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.DPipe, exp.Concat, exp.Coalesce),
    *(exp.Nullif, exp.Upper, exp.Lower, exp.Trim, exp.Length, exp.Substring, exp.Replace),
    *(exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Least, exp.Greatest, exp.Extract, exp.Var),
    *(exp.Year, exp.Month, exp.Day, exp.DateDiff, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max),
    *(exp.Window, exp.RowNumber, exp.Rank, exp.DenseRank, exp.WindowSpec),
)
INSTEAD: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "结果会随运行日期改变、不可重现；与日期有关的判断写在 rules/ 里，用 as_of",
    exp.CurrentTimestamp: "结果会随运行时刻改变、不可重现；判断写在 rules/ 里，用 as_of",
    exp.Rand: "结果不可重现；删去随机数",
    exp.AnyValue: "取到哪个值不确定；改用 MIN 或 MAX",
    exp.Anonymous: "只用各种引擎含义一致的函数；复杂的判断写在 rules/ 里",
}


class QueryRefused(Exception):
    """The SQL is not of the subset; caught by the checker and told as a finding."""

    def __init__(self, what: str, write: str, *, line: int = 1) -> None:
        super().__init__(what)
        self.what, self.write, self.line = what, write, line


@dataclass(frozen=True)
class Query:
    """A parsed query: what it reads and what it gives."""

    tree: exp.Query
    reads: dict[str, int]
    """``pack.table`` to the line where it first stands."""


def parse_query(sql: str) -> Query:
    """The query, or ``QueryRefused`` with the line."""
    if len(sql) > LONGEST:
        raise QueryRefused(f"SQL 超过 {LONGEST} 个字符", "拆成几张表")
    try:
        found = [tree for tree in sqlglot.parse(sql, dialect="duckdb") if tree is not None]
    except (SqlglotError, RecursionError) as error:
        details: list[dict[str, int]] = getattr(error, "errors", None) or [{}]
        line = details[0].get("line", 1)
        raise QueryRefused("SQL 写法有误，无法解析", "检查括号、逗号和引号", line=line) from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise QueryRefused("只能写一条 SELECT 查询", "删去其他语句和多余的分号")
    tree = found[0]
    for count, node in enumerate(tree.walk()):
        if count > MOST_NODES:
            raise QueryRefused("SQL 过于复杂", "拆成几张表")
        _admit(node)
    return Query(tree, _reads(tree))


def standing_on(sql: str, views: Mapping[str, str]) -> str:
    """The query with every ``pack.table`` that ``views`` knows replaced by its own query."""
    return _standing_on(sql, views).sql(dialect="duckdb")


def _standing_on(sql: str, views: Mapping[str, str]) -> exp.Query:
    tree = parse_query(sql).tree
    for table in list(tree.find_all(exp.Table)):
        view = views.get(f"{table.db}.{table.name}")
        if view is not None:
            name = exp.TableAlias(this=exp.to_identifier(table.alias or table.name))
            table.replace(exp.Subquery(this=_standing_on(view, views), alias=name))
    return tree


def _admit(node: exp.Expr) -> None:
    if type(node) in NODES:
        return
    for kind, write in INSTEAD.items():
        if isinstance(node, kind):
            name = node.name.upper() if isinstance(node, exp.Anonymous) else node.key.upper()
            raise QueryRefused(f"不允许使用 {name}", write, line=line_of(node))
    raise QueryRefused(
        f"不允许使用 {node.key.upper()}", "只用 SELECT 的常用部分，见场景包手册", line=line_of(node)
    )


def _reads(tree: exp.Query) -> dict[str, int]:
    reads: dict[str, int] = {}
    names = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.catalog:
            raise QueryRefused(
                "只能读“包.表”，不能读文件或函数", "写成 base.resident", line=line_of(table)
            )
        if not table.db:
            if table.name in names:
                continue
            raise QueryRefused(
                f"表“{table.name}”没有写明属于哪个包", f"写成 包.{table.name}", line=line_of(table)
            )
        reads.setdefault(f"{table.db}.{table.name}", line_of(table))
    return reads


def line_of(node: exp.Expr) -> int:
    """The line of a node, or of the nearest part of it that knows its line."""
    for one in node.walk():
        if "line" in one.meta:
            return int(one.meta["line"])
    up = node.parent
    return line_of(up) if isinstance(up, exp.Expr) and up.parent is not None else 1


def resolved(query: Query, schema: Mapping[str, Mapping[str, str]]) -> Scope:
    """The query with every column bound to its source, stars written out.

    ``schema`` holds the columns and types of every ``pack.table`` that it may read.
    """
    nested: dict[str, Any] = {}
    for name, columns in schema.items():
        pack, _, table = name.partition(".")
        nested.setdefault(pack, {})[table] = {c: SQL_TYPES[t] for c, t in columns.items()}
    try:
        tree = qualify(
            query.tree.copy(),
            schema=nested,
            dialect="duckdb",
            quote_identifiers=False,
            identify=False,
        )
    except SqlglotError as error:
        raise QueryRefused(
            f"列对不上：{_plain(error)}", "核对列名；多张表时写“别名.列”", line=_line(query, error)
        ) from None
    scope = build_scope(tree)
    if scope is None:
        raise QueryRefused("只能写一条 SELECT 查询", "改写成 SELECT … FROM …")
    return scope


def _plain(error: Exception) -> str:
    return str(error).splitlines()[0][:160]


def _line(query: Query, error: Exception) -> int:
    words = {part.strip("'\"“”.,()") for part in str(error).replace(".", " ").split()}
    for column in query.tree.find_all(exp.Column):
        if column.name in words or column.table in words:
            return line_of(column)
    return 1


SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
    "json": "JSON",
}
