"""SQLite SQL for stored rows, from 3.35 on, without any function registered from Python.

SQLite has no decimals: inside an expression a decimal is an integer of millionths, and products
and quotients are worked out by halves so that no step leaves 64 bits unnoticed (an overflow turns
into a REAL beyond every limit, and is NULL). Stored decimals may be TEXT (exact) or numbers (exact
up to 15 digits). Dates are TEXT ``YYYY-MM-DD``, instants TEXT of one fixed form.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from yiwang.rules import tree as t
from yiwang.rules.meaning import TRIMMED
from yiwang.rules.named_sql import Named
from yiwang.rules.refusals import ExpressionRefused
from yiwang.rules.values import LIMIT, PLACES, SCALE, scaled

_HALF = 10**9
_MOST_STEPS = 120


class SQLite(Named):
    """SQLite's dialect."""

    types = {
        "text": "TEXT",
        "integer": "INTEGER",
        "decimal": "INTEGER",
        "boolean": "INTEGER",
        "date": "TEXT",
        "instant": "TEXT",
    }

    def __init__(self, table: str = "") -> None:
        super().__init__(table)
        self._steps: dict[str, str] = {}
        self._depth = 0

    def whole(self, node: t.Node) -> str:
        """The steps as a chain of tables of one row, then the expression over the last.

        LIMIT keeps SQLite from repeating a step wherever its name stands.
        """
        return self._chained(self.shown(node) if node.type == "decimal" else self.expression(node))

    def _chained(self, printed: str) -> str:
        if not self._steps:
            return printed
        steps, before = [], ""
        for place, (text, name) in enumerate(self._steps.items()):
            source = f"*, {text} AS {name} FROM {before}" if before else f"{text} AS {name}"
            before = f'"step {place}"'
            steps.append(f"{before} AS (SELECT {source} LIMIT 1)")
        return f"(WITH {', '.join(steps)} SELECT {printed} FROM {before} LIMIT 1)"

    def expression(self, node: t.Node) -> str:
        """As every printer, but deep parts are named: SQLite's parser has a stack of 100."""
        self._depth += 1
        printed = super().expression(node)
        self._depth -= 1
        if self._depth and self._depth % 6 == 0 and t.children(node):
            return self._step(printed)
        return printed

    def let(self, named: Sequence[tuple[str, str]], body: Callable[..., str]) -> str:
        return f"({body(*(self._step(text) for _, text in named))})"

    def _step(self, text: str) -> str:
        if len(self._steps) > _MOST_STEPS:  # SQLite's time to prepare grows with their square
            raise ExpressionRefused("表达式展开后太长。", hint="拆成几个 derived 派生值。")
        return self._steps.setdefault(text, f'"let {len(self._steps)}"')

    def column(self, name: str, kind: t.Type) -> str:
        if kind != "decimal":
            return name
        after = f"substr(substr({name}, instr({name} || '.', '.') + 1) || '000000', 1, {PLACES})"
        exact = f"CAST(substr({name}, 1, instr({name} || '.', '.') - 1) || {after} AS INTEGER)"
        rounded = f"CAST(round({name} * {SCALE}) AS INTEGER)"
        return f"(CASE typeof({name}) WHEN 'text' THEN {exact} ELSE {rounded} END)"

    def decimal(self, value: Decimal) -> str:
        return self.literal(scaled(value), "integer")

    def date(self, value: date) -> str:
        return f"'{value.isoformat()}'"

    def instant(self, value: datetime) -> str:
        return f"'{value.isoformat(sep=' ')}'"

    def shown(self, node: t.Node) -> str:
        """A decimal as text with six digits behind the point, for a result."""
        return self.let(
            [("v", self.expression(node))],
            lambda v: (
                f"CASE WHEN {v} IS NOT NULL THEN CASE WHEN {v} < 0 THEN '-' ELSE '' END || "
                f"printf('%d.%0{PLACES}d', abs({v}) / {SCALE}, abs({v}) % {SCALE}) END"
            ),
        )

    def widened(self, node: t.Node) -> str:
        return self.within(f"{self.expression(node)} * {SCALE}", "decimal")

    def call_add(self, a: t.Node, b: t.Node) -> str:
        return self.within(f"{self.expression(a)} + {self.expression(b)}", a.type)

    def call_subtract(self, a: t.Node, b: t.Node) -> str:
        return self.within(f"{self.expression(a)} - {self.expression(b)}", a.type)

    def call_multiply(self, a: t.Node, b: t.Node) -> str:
        if a.type == "integer":
            return self.within(f"{self.expression(a)} * {self.expression(b)}", "integer")

        def product(x: str, y: str) -> str:
            # |x·y| / 10⁶ from the halves of both, 10⁹ apart; every term is positive.
            high = f"(abs({x}) / {_HALF}) * (abs({y}) / {_HALF}) * 1000000000000"
            middle = (
                f"((abs({x}) / {_HALF}) * (abs({y}) % {_HALF})"
                f" + (abs({x}) % {_HALF}) * (abs({y}) / {_HALF})) * 1000"
            )
            low = f"((abs({x}) % {_HALF}) * (abs({y}) % {_HALF}) + {SCALE // 2}) / {SCALE}"
            size = self.let([("size", f"{high} + {middle} + {low}")], self._limited)
            return f"{size} * CASE WHEN ({x} < 0) = ({y} < 0) THEN 1 ELSE -1 END"

        return self.let([("x", self.expression(a)), ("y", self.expression(b))], product)

    def _limited(self, size: str) -> str:
        return f"CASE WHEN {size} < {LIMIT} THEN {size} END"

    def call_divide(self, a: t.Node, b: t.Node) -> str:
        def quotient(x: str, y: str) -> str:
            # Long division: ×10⁶ in steps that keep remainder × step within 64 bits.
            divisor = self._step(f"abs({y})")
            size, rest = f"abs({x}) / {divisor}", f"abs({x}) % {divisor}"
            for step in (8, 8, 5, 5, 5, 5, 5, 5):
                q, r = self._step(size), self._step(rest)
                size = f"{q} * {step} + {r} * {step} / {divisor}"
                rest = f"{r} * {step} % {divisor}"
            q, r = self._step(size), self._step(rest)
            rounded = self.let([("size", f"{q} + ({r} >= {divisor} - {r})")], self._limited)
            return f"{rounded} * CASE WHEN ({x} < 0) = ({y} < 0) THEN 1 ELSE -1 END"

        return self.let([("x", self.expression(a)), ("y", self.expression(b))], quotient)

    def call_quotient(self, a: t.Node, b: t.Node) -> str:
        return f"({self.expression(a)} / {self.expression(b)})"

    def call_remainder(self, a: t.Node, b: t.Node) -> str:
        return f"({self.expression(a)} % {self.expression(b)})"

    def call_round(self, a: t.Node, places: t.Node | None = None) -> str:
        digits = places.value if isinstance(places, t.Literal) else 0
        unit = 10 ** (PLACES - int(str(digits)))
        shown = self.expression(a) if a.type == "decimal" else self.widened(a)
        rounded = self.let(
            [("v", shown)],
            lambda v: (
                f"(abs({v}) + {unit // 2}) / {unit} * {unit} * CASE WHEN {v} < 0 THEN -1 ELSE 1 END"
            ),
        )
        return self.within(rounded, "decimal")

    def call_replace(self, a: t.Node, old: t.Node, new: t.Node) -> str:
        # SQLite's own replace() of nothing by NULL gives the text back.
        def replaced(text: str) -> str:
            call = f"replace({self.expression(a)}, {self.expression(old)}, {text})"
            return f"CASE WHEN {text} IS NOT NULL THEN {call} END"

        return self.let([("new", self.expression(new))], replaced)

    def call_upper(self, a: t.Node) -> str:
        return f"upper({self.expression(a)})"

    def call_lower(self, a: t.Node) -> str:
        return f"lower({self.expression(a)})"

    def call_trim(self, a: t.Node) -> str:
        return f"trim({self.expression(a)}, {self.text(TRIMMED)})"

    def call_contains(self, a: t.Node, b: t.Node) -> str:
        return f"(instr({self.expression(a)}, {self.expression(b)}) > 0)"

    def matches(self, text: str, form: str) -> str:
        if form == "[0-9]+":
            return f"({text} <> '' AND {text} NOT GLOB '*[^0-9]*')"
        return f"({' OR '.join(f'{text} GLOB {self.text(glob)}' for glob in globs(form))})"

    def position(self, within: str, part: str) -> str:
        return f"instr({within}, {part})"

    def number(self, digits: str) -> str:
        return f"CAST({digits} AS INTEGER)"

    def real_date(self, digits: str) -> str:
        written = (
            f"substr({digits}, 1, 4) || '-' || substr({digits}, 5, 2)"
            f" || '-' || substr({digits}, 7, 2)"
        )
        return self.let(
            [("day", written)],
            lambda day: f"CASE WHEN date({day}) = {day} AND {day} >= '0001' THEN {day} END",
        )

    def call_days_between(self, a: t.Node, b: t.Node) -> str:
        days = f"julianday({self.expression(b)}) - julianday({self.expression(a)})"
        return f"CAST({days} AS INTEGER)"

    def call_add_days(self, a: t.Node, days: t.Node) -> str:
        moved = f"date({self.expression(a)}, {self.expression(days)} || ' days')"
        return self.let(
            [("day", moved)],
            lambda day: f"CASE WHEN {day} >= '0001-01-01' AND length({day}) = 10 THEN {day} END",
        )

    def call_add_months(self, a: t.Node, months: t.Node) -> str:
        def moved(day: str, count: str) -> str:
            index = (
                f"CAST(substr({day}, 1, 4) AS INTEGER) * 12"
                f" + CAST(substr({day}, 6, 2) AS INTEGER) - 1 + {count}"
            )
            return self.let(
                [("i", index), ("d", f"CAST(substr({day}, 9, 2) AS INTEGER)")],
                lambda i, d: self.let(
                    [("y", f"{i} / 12"), ("m", f"{i} % 12 + 1"), ("d", d)], self._clamped
                ),
            )

        return self.let([("day", self.expression(a)), ("n", self.expression(months))], moved)

    def _clamped(self, year: str, month: str, day: str) -> str:
        last = (
            f"CASE WHEN {month} = 2 THEN 28 + {self.leap(year)}"
            f" ELSE 30 + ({month} + ({month} > 7)) % 2 END"
        )
        return (
            f"CASE WHEN {year} BETWEEN 1 AND 9999 "
            f"THEN printf('%04d-%02d-%02d', {year}, {month}, min({day}, {last})) END"
        )

    def call_date_of(self, a: t.Node) -> str:
        return f"date({self.expression(a)}, '+8 hours')"

    def call_year_of(self, a: t.Node) -> str:
        return f"CAST(substr({self.expression(a)}, 1, 4) AS INTEGER)"

    def call_month_of(self, a: t.Node) -> str:
        return f"CAST(substr({self.expression(a)}, 6, 2) AS INTEGER)"

    def call_day_of(self, a: t.Node) -> str:
        return f"CAST(substr({self.expression(a)}, 9, 2) AS INTEGER)"

    def day_number(self, day: str) -> str:
        return f"CAST(replace({day}, '-', '') AS INTEGER)"

    def day_before(self, day: str) -> str:
        return f"date({day}, '-1 day')"


def globs(form: str) -> list[str]:
    """The GLOB patterns of a form made of characters, classes and counts."""
    patterns = [""]
    for piece, low, high in re.findall(r"(\[[^\]]+\]|.)(?:\{(\d+)(?:,(\d+))?\})?", form):
        least = int(low or 1)
        counts = range(least, int(high or least) + 1)
        patterns = [pattern + piece * count for pattern in patterns for count in counts]
    return patterns
