"""The manual page of the language: functions and spec tables, printed for ``docs/reference``."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from yiwang.rules.functions import FUNCTIONS, Function
from yiwang.rules.spec import Chapter, Table, chapters
from yiwang.rules.tree import TYPE_TITLES

_HEAD = """# 表达式

<!-- 由 `yiwang docs` 从 src/yiwang/rules 打印；请勿手改。 -->

规则、质量检查、授权行范围、表单、预警里的条件都用同一种表达式：SQL 表达式的一个子集。同一条表达式
可对整表（DuckDB）、对存储的行（SQLite、PostgreSQL）、对一个人（Python，并给出每个条件的理由）求值，
结果必须一致；下面每张表都在全部后端上作为测试运行。

写法：列名和参数名直接写；文本 `'01'`；日期 `date '2026-01-31'`；判定日 `as_of`；
`and or not`、`= <> < <= > >=`、`between … and …`、`in (…)`、`like '张%'`、
`is [not] null`、`is [not] true`、`case when … then … else … end`、`coalesce(…)`。
没有子查询、类型转换、汇总、注释；最长 4000 个字符。不在这一页上的写法都会被拒绝，并说明位置和改法。
"""
_KINDS = {"number": "整数或小数", "constant": "写明的整数"}


def manual() -> str:
    """The whole page, as Markdown."""
    parts = [_HEAD, "## 函数与运算\n", "| 写法 | 得到 | 含义 |\n|---|---|---|"]
    parts += [_function(name, function) for name, function in FUNCTIONS.items()]
    parts.append("| `is_code(文本, '包名.代码表')` | 是否 | 是代码表中的代码 |")
    for chapter in chapters():
        parts += _chapter(chapter)
    return "\n".join(parts) + "\n"


def _function(name: str, function: Function) -> str:
    taken = ", ".join(_KINDS.get(kind) or _title(kind) for kind in function.takes)
    shown = function.shown or f"{name}({taken})"
    result = TYPE_TITLES[function.result] if function.result else "同参数"
    source = f"（{function.source}）" if function.source else ""
    return f"| `{shown.replace('|', chr(92) + '|')}` | {result} | {function.title}{source} |"


def _title(kind: str) -> str:
    return next(title for type_, title in TYPE_TITLES.items() if type_ == kind)


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f"\n## {chapter.title}\n\n{chapter.about}"
    for table in chapter.tables:
        yield f"\n### {table.title}\n"
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    names = [f"{name}（{_title(kind)}）" for name, kind in table.given.items()]
    yield f"| 表达式 | {' | '.join(names)} | 结果 |"
    yield "|---" * (len(names) + 2) + "|"
    for case in table.cases:
        shown = f"`{case.expression.replace('|', chr(92) + '|')}`"
        for row in case.rows:
            result = _value(row.expected)
            if row.missing:
                result = f"不明（缺 {'、'.join(row.missing)}）"
            cells = [_value(value) for value in row.given.values()]
            yield f"| {shown} | {' | '.join(cells)} | {result} |"


def _value(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "是" if value else "否"
        case date() | int():
            return str(value)
        case _:
            return f"`{_visible(str(value))}`" if value else "（空文本）"


def _visible(text: str) -> str:
    shown = text.replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
    return shown.replace("\u3000", "␣").replace("|", "\\|")
