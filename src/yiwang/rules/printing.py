"""What the SQL back ends share: one method per node, and the primitives a dialect must say.

``let`` gives a computed value a name where a dialect can do so within an expression; DuckDB
repeats the text instead, because it works out equal parts once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from yiwang.rules import tree as t
from yiwang.rules.ages import plain, reckoned
from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.values import LIMIT

LONGEST_SQL = 60_000

NAMES = dict[t.Type, str]


class Printer(ABC):
    """Prints a bound tree; subclasses know a dialect. ``table`` qualifies columns."""

    types: NAMES

    def __init__(self, table: str = "", renamed: Callable[[str], str] | None = None) -> None:
        self._prefix = self.quoted(table) + "." if table else ""
        self._renamed = renamed or (lambda name: name)

    def quoted(self, name: str) -> str:
        """A name that cannot be mistaken for anything else."""
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """A text constant."""
        return "'" + value.replace("'", "''") + "'"

    def whole(self, node: t.Node) -> str:
        """The SQL of a bound tree that stands on its own."""
        return self.expression(node)

    def expression(self, node: t.Node) -> str:
        """The SQL of a bound tree, as part of what is being printed; refused when it grows."""
        printed = self._printed(node)
        if len(printed) > LONGEST_SQL:
            raise ExpressionRefused("表达式展开后太长。", hint="拆成几个 derived 派生值。")
        return printed

    def _printed(self, node: t.Node) -> str:
        match node:
            case t.Literal():
                return self.literal(node.value, node.type)
            case t.Column():
                return self.column(self._prefix + self.quoted(self._renamed(node.name)), node.type)
            case t.Not():
                return f"(NOT {self.expression(node.of)})"
            case t.And() | t.Or():
                word = " AND " if isinstance(node, t.And) else " OR "
                return f"({word.join(self.expression(part) for part in node.parts)})"
            case t.Compare():
                return self.compare(node)
            case t.Call():
                method = getattr(self, f"call_{node.name}")
                return str(method(*node.args))
            case _:
                return self._expression(node)

    def _expression(self, node: t.Node) -> str:
        match node:
            case t.IsNull():
                return f"({self.expression(node.of)} IS NULL)"
            case t.IsTruth():
                return f"({self.expression(node.of)} IS {'TRUE' if node.truth else 'FALSE'})"
            case t.In():
                return self.membership(node)
            case t.Case():
                whens = " ".join(
                    f"WHEN {self.expression(when)} THEN {self.expression(then)}"
                    for when, then in node.branches
                )
                return f"(CASE {whens} ELSE {self.expression(node.otherwise)} END)"
            case t.Coalesce():
                return f"coalesce({', '.join(self.expression(part) for part in node.parts)})"
            case t.Widen():
                return self.widened(node.of)
            case t.AgeReached():
                return self.age_reached(node)
            case _:
                raise TypeError(f"unbound node: {type(node).__name__}")

    def literal(self, value: t.Scalar, kind: t.Type) -> str:
        """A constant of a type."""
        match value:
            case None:
                return f"CAST(NULL AS {self.types[kind]})"
            case bool():
                return "TRUE" if value else "FALSE"
            case str():
                return self.text(value)
            case int():
                return str(value) if value >= 0 else f"({value})"
            case Decimal():
                return self.decimal(value)
            case datetime():
                return self.instant(value)
            case date():
                return self.date(value)

    def compare(self, node: t.Compare) -> str:
        """A comparison; text orders by code point."""
        return f"({self.expression(node.left)} {node.op} {self.expression(node.right)})"

    def membership(self, node: t.In) -> str:
        """Membership in constants; in nothing it is no, or unknown."""
        of = self.expression(node.of)
        if not node.items:
            return f"({of} <> {of})"
        return f"({of} IN ({', '.join(self.expression(item) for item in node.items)}))"

    def age_reached(self, node: t.AgeReached) -> str:
        """The birth-date bound, unknown for who was not yet born."""
        birth = self.expression(node.birth)
        bound = "FALSE" if node.bound is None else f"{birth} <= {self.date(node.bound)}"
        return f"(CASE WHEN {birth} <= {self.date(node.on)} THEN {bound} END)"

    @abstractmethod
    def column(self, name: str, kind: t.Type) -> str:
        """A column, as the dialect represents its type."""

    @abstractmethod
    def decimal(self, value: Decimal) -> str:
        """A decimal constant."""

    def date(self, value: date) -> str:
        """A date constant."""
        return f"DATE '{value:%Y-%m-%d}'" if value.year > 999 else f"DATE '{value.isoformat()}'"

    def instant(self, value: datetime) -> str:
        """An instant constant."""
        return f"TIMESTAMPTZ '{value.isoformat(sep=' ')}'"

    @abstractmethod
    def widened(self, node: t.Node) -> str:
        """An integer as a decimal."""

    @abstractmethod
    def let(self, named: Sequence[tuple[str, str]], body: Callable[..., str]) -> str:
        """``body`` over the names given to some expressions."""

    @abstractmethod
    def within(self, value: str, kind: t.Type) -> str:
        """A number, or NULL when it is out of range."""

    # Text that all dialects say alike.

    def call_concat(self, a: t.Node, b: t.Node) -> str:
        return f"({self.expression(a)} || {self.expression(b)})"

    def call_length(self, a: t.Node) -> str:
        return f"length({self.expression(a)})"

    def call_substr(self, a: t.Node, start: t.Node, length: t.Node | None = None) -> str:
        count = f", {self.expression(length)}" if length else ""
        return f"substr({self.expression(a)}, {self.expression(start)}{count})"

    def call_replace(self, a: t.Node, old: t.Node, new: t.Node) -> str:
        return f"replace({self.expression(a)}, {self.expression(old)}, {self.expression(new)})"

    def call_negative(self, a: t.Node) -> str:
        return f"(- {self.expression(a)})"

    def call_abs(self, a: t.Node) -> str:
        return f"abs({self.expression(a)})"

    def call_least(self, a: t.Node, b: t.Node) -> str:
        return self._chosen(a, "<=", b)

    def call_greatest(self, a: t.Node, b: t.Node) -> str:
        return self._chosen(a, ">=", b)

    def _chosen(self, a: t.Node, op: str, b: t.Node) -> str:
        return self.let(
            [("a", self.expression(a)), ("b", self.expression(b))],
            lambda a, b: f"CASE WHEN {a} {op} {b} THEN {a} WHEN NOT {a} {op} {b} THEN {b} END",
        )

    # Ages against a day that is not constant, or as a number.

    def call_age_on_birthday(self, birth: t.Node, on: t.Node) -> str:
        return self._age(birth, on, after=False)

    def call_age_after_birthday(self, birth: t.Node, on: t.Node) -> str:
        return self._age(birth, on, after=True)

    def _age(self, birth: t.Node, on: t.Node, *, after: bool) -> str:
        def body(born: str, day: str, reckoned_day: str) -> str:
            # Born today and counted from tomorrow is -1 day, which rounds towards zero.
            return (
                f"CASE WHEN {born} <= {day} THEN "
                f"{self.quotient(f'({reckoned_day} - {self.day_number(born)})', '10000')} END"
            )

        if isinstance(on, t.Literal) and isinstance(on.value, date):
            day = on.value
            counted = str(reckoned(_before(day)) if after else reckoned(day))
            named = [("born", self.expression(birth)), ("day", self.date(day))]
            return self.let(named, lambda born, day: body(born, day, counted))
        shown = self.expression(on)
        counted = self.reckoned(self.day_before(shown) if after else shown)
        named = [("born", self.expression(birth)), ("day", shown), ("counted", counted)]
        return self.let(named, body)

    def reckoned(self, day: str) -> str:
        """``ages.reckoned`` of a day: the end of February always counts as the 29th."""
        return self.let(
            [("number", self.day_number(day))],
            lambda n: (
                f"{n} + CASE WHEN {n} % 10000 = 228 AND NOT {self.leap(n + ' / 10000')}"
                " THEN 1 ELSE 0 END"
            ),
        )

    def leap(self, year: str) -> str:
        """Whether a year (an integer expression) is a leap year."""
        return f"(({year}) % 4 = 0 AND (({year}) % 100 <> 0 OR ({year}) % 400 = 0))"

    def quotient(self, a: str, b: str) -> str:
        """An integer quotient towards zero, ``b`` a positive constant."""
        return f"({a} / {b})"

    @abstractmethod
    def day_number(self, day: str) -> str:
        """A date as the number yyyymmdd."""

    @abstractmethod
    def day_before(self, day: str) -> str:
        """The day before a date."""


def _before(day: date) -> date:
    return date.fromordinal(max(day.toordinal() - 1, 1))


def in_range(value: str) -> str:
    """SQL that says whether an integer has at most 18 digits."""
    return f"{value} BETWEEN {1 - LIMIT} AND {LIMIT - 1}"


__all__ = ["Printer", "in_range", "plain"]
