"""Where each column of a query comes from, and with what grade: read off the parse.

A column inherits the highest grade of the columns it is computed from. Only an aggregate over
at least ``THRESHOLD`` rows (``HAVING COUNT(*) >= 3``) tells about nobody in particular and
becomes grade 1; MIN, MAX and plain columns repeat somebody's value and keep their grade.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

THRESHOLD = 3
LOWERED = (exp.Count, exp.Sum, exp.Avg)
KEY_GRADE = 2
"""A group's key is lowered too, unless it is graded above this: an id names its holder."""

Source = tuple[str, str]
"""``("pack.table", column)``"""
GradeOf = Callable[[str, str], int]


@dataclass(frozen=True)
class Origin:
    """One column that an output reads; ``is_lowered`` when only an aggregate of it is shown."""

    source: Source
    is_lowered: bool = False
    is_key: bool = False

    def grade(self, grade_of: GradeOf) -> int:
        """What this origin contributes to the grade of the output."""
        grade = grade_of(*self.source)
        if self.is_lowered or (self.is_key and grade <= KEY_GRADE):
            return 1
        return grade


def origins(scope: Scope, *, lookups: Container[str] = ()) -> dict[str, frozenset[Origin]]:
    """Output column to the columns it is computed from.

    A label looked up in one of ``lookups`` (code tables) repeats the code it was looked up with,
    so it also comes from the columns that it is joined by.
    """
    return _Tracing(scope, lookups).outputs(scope)


class _Tracing:
    """Follows columns through subqueries, unions and common table expressions."""

    def __init__(self, root: Scope, lookups: Container[str]) -> None:
        self.lookups = lookups
        self.scope_of = {
            id(column): scope
            for scope in traverse_scope(root.expression)
            for column in scope.columns
        }
        self.scopes = {id(scope.expression): scope for scope in traverse_scope(root.expression)}

    def outputs(self, scope: Scope) -> dict[str, frozenset[Origin]]:
        tree = scope.expression
        if isinstance(tree, exp.SetOperation):
            left, right = (self.outputs(one) for one in scope.set_operation_scopes)
            pairs = zip(left.items(), right.values(), strict=False)
            return {name: found | other for (name, found), other in pairs}
        is_large = _has_threshold(tree)
        keys = {_bare(key) for key in _group_keys(tree)}
        found = {}
        for output in tree.selects if isinstance(tree, exp.Query) else ():
            inner = output.unalias()
            is_key = is_large and _bare(inner) in keys
            found[output.alias_or_name] = frozenset(self.read(inner, is_large, is_key))
        return found

    def read(self, node: exp.Expr, is_large: bool, is_key: bool) -> Iterator[Origin]:
        for column in node.find_all(exp.Column):
            is_lowered = is_large and isinstance(
                column.find_ancestor(exp.AggFunc, exp.Select), LOWERED
            )
            for origin in self.behind(column):
                yield Origin(
                    origin.source, origin.is_lowered or is_lowered, origin.is_key or is_key
                )

    def behind(self, column: exp.Column) -> frozenset[Origin]:
        scope = self.scope_of.get(id(column)) or self.scopes.get(id(column.parent_select))
        while scope is not None and column.table not in scope.sources:
            scope = scope.parent
        source = scope.sources[column.table] if scope is not None else None
        if isinstance(source, exp.Table):
            name = f"{source.db}.{source.name}"
            own = frozenset({Origin((name, column.name))})
            if scope is None or name not in self.lookups:
                return own
            return own.union(*(self.behind(key) for key in _joined_by(scope, column.table)))
        if isinstance(source, Scope):
            return self.outputs(source).get(column.name, frozenset())
        return frozenset()


def _joined_by(scope: Scope, alias: str) -> Iterator[exp.Column]:
    """The other sides' columns in the condition under which ``alias`` is joined."""
    for join in scope.expression.args.get("joins") or ():
        condition = join.args.get("on")
        if join.alias_or_name == alias and condition is not None:
            yield from (one for one in condition.find_all(exp.Column) if one.table != alias)


def _group_keys(tree: exp.Expr) -> list[exp.Expr]:
    group = tree.args.get("group")
    return list(group.expressions) if group else []


def _bare(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb")


def _has_threshold(tree: exp.Expr) -> bool:
    """Whether ``HAVING COUNT(*) >= n`` with n of at least the threshold stands in conjunction."""
    having = tree.args.get("having")
    if having is None:
        return False
    parts = list(having.this.flatten()) if isinstance(having.this, exp.And) else [having.this]
    return any(_is_threshold(part.unnest()) for part in parts)


def _is_threshold(part: exp.Expr) -> bool:
    if not isinstance(part, exp.GTE | exp.GT) or not isinstance(part.this, exp.Count):
        return False
    least = part.expression
    if not isinstance(part.this.this, exp.Star) or not isinstance(least, exp.Literal):
        return False
    if least.is_string or not least.name.isdigit():
        return False
    return int(least.name) + isinstance(part, exp.GT) >= THRESHOLD
