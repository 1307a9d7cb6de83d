"""The lake's door for SQL: one SELECT over known tables; never files, hosts or settings.

The text is parsed, checked and written anew; what reaches the engine is our own rendering with
each table replaced by the files of the snapshot that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import cycle

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from yiwang.kernel.errors import Invalid
from yiwang.kernel.ids import new_id

_STATEMENTS = (
    exp.DDL,
    exp.DML,
    exp.Into,
    exp.Command,
    exp.Copy,
    exp.Attach,
    exp.Set,
    exp.Pragma,
    exp.Use,
    exp.Describe,
    exp.Show,
    exp.Install,
    exp.ReadCSV,
    exp.ReadParquet,
)
_ROW_MAKERS = (exp.GenerateSeries, exp.Unnest, exp.Values)

_FUNCTIONS = frozenset(
    {
        "age",
        "bit_count",
        "contains",
        "damerau_levenshtein",
        "date_diff",
        "date_part",
        "date_sub",
        "datediff",
        "datepart",
        "ends_with",
        "epoch",
        "epoch_ms",
        "format",
        "hash",
        "instr",
        "isfinite",
        "isinf",
        "isnan",
        "jaccard",
        "last_day",
        "levenshtein",
        "list_aggregate",
        "list_concat",
        "list_contains",
        "list_distinct",
        "list_extract",
        "list_filter",
        "list_has_any",
        "list_position",
        "list_sort",
        "list_sum",
        "list_transform",
        "list_value",
        "list_where",
        "make_date",
        "md5",
        "prefix",
        "printf",
        "regexp_extract",
        "regexp_full_match",
        "regexp_matches",
        "starts_with",
        "str_split",
        "string_split",
        "strip_accents",
        "strlen",
        "strptime",
        "struct_pack",
        "substr",
        "suffix",
        "translate",
        "trunc",
        "try_strptime",
        "unicode",
        "array_agg",
        "bool_and",
        "bool_or",
        "median",
        "mode",
        "quantile_cont",
    }
)


class SqlRefused(Invalid):
    """SQL that does more than read known tables of the lake."""

    code = "lake.sql_refused"


@lru_cache(maxsize=64)
def parse_query(sql: str) -> exp.Query:
    """``sql`` as a tree, if it is one SELECT that only reads; ``SqlRefused`` otherwise.

    Long queries take a second and are asked again: the tree is kept, and whoever changes it copies.
    """
    try:
        statements = [tree for tree in sqlglot.parse(sql, dialect=DuckDB) if tree is not None]
    except SqlglotError as error:
        raise SqlRefused("SQL 无法解析。", hint=f"请检查写法：{str(error)[:200]}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        raise SqlRefused("只接受一条 SELECT 查询。", hint="请去掉其他语句。")
    query = statements[0]
    for node in query.walk():
        _check_node(node)
    return query


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, _STATEMENTS) and not isinstance(node, exp.Query):
        raise SqlRefused(
            f"SQL 中不允许出现 {node.key.upper()}。", hint="数据湖的查询只读已有的表。"
        )
    if isinstance(node, exp.Anonymous) and node.name.lower() not in _FUNCTIONS:
        raise SqlRefused(
            f"SQL 中不允许使用函数 {node.name}。", hint="请改用允许的函数。", function=node.name
        )


def table_names(query: exp.Query) -> set[str]:
    """The ``pack.table`` names that a query reads."""
    return {name for table in query.find_all(exp.Table) if (name := _name(query, table))}


_MARK = f"yiwang_{new_id()}_"
"""Stands in a rendering where a table's rows go; no text from outside can know it."""


def tables_of(sql: str) -> list[str]:
    """The ``pack.table`` names that a query reads, in order; ``SqlRefused`` if it does more."""
    return sorted({*_rendered(sql)[0]})


def bind(sql: str, relation: Callable[[str], str]) -> str:
    """The query for the engine, each table replaced by the SELECT that ``relation`` gives."""
    names, parts = _rendered(sql)
    rows = {name: relation(name) for name in tables_of(sql)}
    return "".join(
        rows[names[int(part)]] if is_place else part
        for part, is_place in zip(parts, cycle((False, True)), strict=False)
    )


@lru_cache(maxsize=512)
def _rendered(sql: str) -> tuple[list[str], list[str]]:
    """The tables of a query, and its rendering: text, number of a table, text, and so on.

    Writing a tree anew costs more than running it on a small table, and it is asked again.
    """
    query = parse_query(sql).copy()
    names: list[str] = []
    for table in list(query.find_all(exp.Table)):
        name = _name(query, table)
        if name is None:
            continue
        rows = exp.Var(this=f"{_MARK}{len(names)}")
        names.append(name)
        subquery = exp.Subquery(this=rows, alias=table.args.get("alias") or _alias(table))
        for part in ("joins", "pivots", "sample"):
            if table.args.get(part):
                subquery.set(part, table.args[part])
        table.replace(subquery)
    for column in query.find_all(exp.Column):
        column.set("db", None)
    return names, re.split(f"{_MARK}([0-9]+)", query.sql(dialect=DuckDB))


def _alias(table: exp.Table) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))


def _name(query: exp.Query, table: exp.Table) -> str | None:
    """``pack.table``, or None for a common table expression or rows made on the spot."""
    if isinstance(table.this, _ROW_MAKERS):
        return None
    if not isinstance(table.this, exp.Identifier) or table.args.get("catalog"):
        raise SqlRefused("查询只能读数据湖里的表。", hint="请写成 包.表。")
    if table.db:
        return f"{table.db}.{table.name}".lower()
    if table.name.lower() in {with_.alias.lower() for with_ in query.find_all(exp.CTE)}:
        return None
    raise SqlRefused(
        f"查询里的表 {table.name} 没有写明是哪个包的。", hint="请写成 包.表。", table=table.name
    )
