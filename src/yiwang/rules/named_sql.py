"""What SQLite and PostgreSQL share: a computed value can be given a name inside an expression."""

from yiwang.rules import tree as t
from yiwang.rules.identifiers_sql import Identifiers
from yiwang.rules.printing import in_range


class Named(Identifiers):
    """Dialects for stored rows: one row at a time."""

    def within(self, value: str, kind: t.Type) -> str:
        return self.let([("v", value)], lambda v: f"CASE WHEN {in_range(v)} THEN {v} END")

    def call_ends_with(self, a: t.Node, b: t.Node) -> str:
        return self.let(
            [("a", self.expression(a)), ("b", self.expression(b))],
            lambda a, b: (
                f"length({a}) >= length({b}) AND substr({a}, length({a}) - length({b}) + 1) = {b}"
            ),
        )

    def call_starts_with(self, a: t.Node, b: t.Node) -> str:
        return self.let(
            [("a", self.expression(a)), ("b", self.expression(b))],
            lambda a, b: f"substr({a}, 1, length({b})) = {b}",
        )
