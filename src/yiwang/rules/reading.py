"""From text to typed tree: parsed by sqlglot, admitted node by node.

Whatever is not on the allow-list is refused, with its position and what to write instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import expressions as sql
from sqlglot.errors import SqlglotError

from yiwang.rules import admission
from yiwang.rules.refusals import ExpressionRefused, position_of
from yiwang.rules.tree import Code, Node, Parameter, Type, children, columns_of, walk

LONGEST = 4000
MOST_TOKENS = 1500
DEEPEST = 40


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A parsed, typed expression and the names it reads."""

    text: str
    tree: Node
    columns: frozenset[str]
    parameters: frozenset[str]
    code_tables: frozenset[str]

    @property
    def type(self) -> Type:
        """The type of its value."""
        return self.tree.type


def parse(
    text: str, *, columns: Mapping[str, Type], parameters: Mapping[str, Type] | None = None
) -> Expression:
    """The typed tree of an expression, or ``ExpressionRefused`` with the position.

    ``columns`` are the names of the row and their types, ``parameters`` the dated values. The
    word ``as_of`` is the day of the judgement.
    """
    try:
        tree = admission.typed(_syntax(text), text, columns=columns, parameters=parameters or {})
        depth = _depth(tree)
    except RecursionError:
        raise ExpressionRefused("表达式嵌套太深。", hint="拆成几个 derived 派生值。") from None
    if depth > DEEPEST:
        raise ExpressionRefused(f"表达式嵌套超过 {DEEPEST} 层。", hint="拆成几个 derived 派生值。")
    nodes = list(walk(tree))
    return Expression(
        text=text,
        tree=tree,
        columns=columns_of(tree),
        parameters=frozenset(node.name for node in nodes if isinstance(node, Parameter)),
        code_tables=frozenset(node.table for node in nodes if isinstance(node, Code)),
    )


def _syntax(text: str) -> sql.Expr:
    if not text.strip():
        raise ExpressionRefused("表达式是空的。", hint="写一个条件，例如 age >= 60。")
    if len(text) > LONGEST:
        raise ExpressionRefused(f"表达式超过 {LONGEST} 个字符。", hint="拆成几个 derived 派生值。")
    if "\0" in text or not _encodes(text):
        raise ExpressionRefused("表达式含有不能存储的字符。", hint="删去不可见字符。")
    _check_tokens(text)
    try:
        found = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, ValueError) as error:
        raise _unreadable(text, error) from None
    if len(found) != 1 or found[0] is None:
        raise ExpressionRefused("这里只能有一个表达式。", hint="删去分号之后的部分。")
    return found[0]


def _check_tokens(text: str) -> None:
    try:
        tokens = sqlglot.tokenize(text, dialect="duckdb")
    except (SqlglotError, ValueError) as error:
        raise _unreadable(text, error) from None
    if len(tokens) > MOST_TOKENS:
        raise ExpressionRefused(
            f"表达式超过 {MOST_TOKENS} 个词。", hint="拆成几个 derived 派生值。"
        )
    depth = 0
    for token in tokens:
        if token.comments:
            raise ExpressionRefused(
                "表达式里不能有注释。",
                hint="把说明写到 title。",
                position=position_of(text, "--/*#"),
            )
        if token.token_type is sqlglot.TokenType.SEMICOLON:
            raise ExpressionRefused(
                "表达式里不能有分号。", hint="删去分号。", position=token.start + 1
            )
        depth += {"(": 1, ")": -1}.get(text[token.start : token.end + 1], 0)
        if depth > DEEPEST:
            raise ExpressionRefused("括号嵌套太深。", hint="拆成几个 derived 派生值。")


def _unreadable(text: str, error: Exception) -> ExpressionRefused:
    details: list[dict[str, object]] = getattr(error, "errors", []) or [{}]
    line, column = details[0].get("line"), details[0].get("col")
    offset = 0
    if isinstance(line, int) and isinstance(column, int):
        before = text.splitlines(keepends=True)[: line - 1]
        offset = min(sum(map(len, before)) + column, len(text))
    return ExpressionRefused(
        "这不是一个完整的表达式。",
        hint="检查括号、引号是否成对，运算符两边是否都有内容。",
        position=offset or len(text),
    )


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(tree: Node) -> int:
    return max(depth for depth in _depths(tree, 1))


def _depths(node: Node, depth: int) -> Iterator[int]:
    yield depth
    for child in children(node):
        yield from _depths(child, depth + 1)
