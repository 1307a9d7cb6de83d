"""What SQLite and PostgreSQL share: a scalar subquery gives a computed value its name."""

from collections.abc import Callable, Sequence

from yiwang.rules import tree as t
from yiwang.rules.identifiers_sql import Identifiers
from yiwang.rules.printing import in_range


class Named(Identifiers):
    """Dialects for stored rows: one row at a time, so a subquery over no table is cheap."""

    _named = 0

    def let(self, named: Sequence[tuple[str, str]], body: Callable[..., str]) -> str:
        names = []
        for name, _ in named:
            self._named += 1
            names.append(f"{name}_{self._named}")
        bound = ", ".join(f"{text} AS {name}" for (_, text), name in zip(named, names, strict=True))
        return f"(SELECT {body(*names)} FROM (SELECT {bound}) AS let_{self._named})"

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
