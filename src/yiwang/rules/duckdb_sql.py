"""DuckDB SQL: whole populations. Decimals are DECIMAL(18, 6), sums are tried and NULL beyond."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from yiwang.rules import tree as t
from yiwang.rules.identifiers_sql import Identifiers
from yiwang.rules.meaning import TRIMMED
from yiwang.rules.printing import Printer

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()


_WORTH_REPEATING = 2000
_LISTED = 100
"""Beyond so many constants the engine's join with a table of them is better."""
_BORN = ((10_000_000, 10_000), (100_000, 100), (1_000, 100))
"""Where year, month and day stand in the first 17 digits of a citizen's number."""


def _sooner(small: str, quick: str, exact: str) -> str:
    """64-bit arithmetic where it is safe, 128-bit (30 × slower) for the rest.

    It repeats its operands, so it is only for those that are short.
    """
    if len(quick) > _WORTH_REPEATING:
        return exact
    return f"(CASE WHEN {small} THEN {quick} WHEN NOT ({small}) THEN {exact} END)"


_TRIPLES = " ".join(str((4 * (n // 100) + 2 * (n // 10 % 10) + n % 10) % 11) for n in range(1000))
"""Of three digits, as the integer they write, the sum by the weights 4, 2 and 1 mod 11."""


class DuckDB(Identifiers, Printer):
    """Also the base of Spark, which differs in a few words."""

    types = {
        "text": "VARCHAR",
        "integer": "BIGINT",
        "decimal": "DECIMAL(18, 6)",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "instant": "TIMESTAMPTZ",
    }
    big = "HUGEINT"

    def column(self, name: str, kind: t.Type) -> str:
        return f"TRY_CAST({name} AS DECIMAL(18, 6))" if kind == "decimal" else name

    def decimal(self, value: Decimal) -> str:
        return f"CAST({value:f} AS DECIMAL(18, 6))"

    def widened(self, node: t.Node) -> str:
        return self.tried(self.expression(node), "DECIMAL(18, 6)")

    def tried(self, value: str, kind: str) -> str:
        """The value in a narrower type, NULL when it does not fit.

        Not TRY_CAST: comparing one with a constant, DuckDB's optimizer compares what was cast.
        """
        return f"TRY(CAST({value} AS {kind}))"

    def let(self, named: Sequence[tuple[str, str]], body: Callable[..., str]) -> str:
        return f"({body(*(f'({text})' for _, text in named))})"

    def within(self, value: str, kind: t.Type) -> str:
        if kind == "decimal":
            return self.tried(value, "DECIMAL(18, 6)")
        return f"CAST({self.tried(value, 'DECIMAL(18, 0)')} AS BIGINT)"

    def wide(self, node: t.Node) -> str:
        """An integer in a type that holds any sum or product of two."""
        return f"CAST({self.expression(node)} AS {self.big})"

    def call_add(self, a: t.Node, b: t.Node) -> str:
        return self.within(f"{self._sum(a)} + {self._sum(b)}", a.type)

    def call_subtract(self, a: t.Node, b: t.Node) -> str:
        return self.within(f"{self._sum(a)} - {self._sum(b)}", a.type)

    def _sum(self, node: t.Node) -> str:
        # The sum of two DECIMAL(18, 6) would be one, and an overflow an error.
        if node.type == "integer":
            return self.operand(node)
        return f"CAST({self.expression(node)} AS DECIMAL(20, 6))"

    def operand(self, node: t.Node) -> str:
        """A number for arithmetic: constants and columns may be of a narrower integer type."""
        shown = self.expression(node)
        return f"CAST({shown} AS BIGINT)" if node.type == "integer" else shown

    def call_negative(self, a: t.Node) -> str:
        return f"(- {self.operand(a)})"

    def call_abs(self, a: t.Node) -> str:
        return f"abs({self.operand(a)})"

    def call_multiply(self, a: t.Node, b: t.Node) -> str:
        x, y = self.operand(a), self.operand(b)
        product = f"abs(CAST({x} AS DOUBLE) * CAST({y} AS DOUBLE))"
        if a.type == "integer":
            exact = self.within(f"{self.wide(a)} * {self.wide(b)}", "integer")
            return _sooner(f"{product} < 900000000000000000", f"{x} * {y}", exact)
        factors = [f"CAST({each} AS DECIMAL(20, 6))" for each in (x, y)]
        exact = self.within(" * ".join(factors), "decimal")
        return _sooner(f"{product} < 999999", f"CAST({x} * {y} AS DECIMAL(18, 6))", exact)

    def call_divide(self, a: t.Node, b: t.Node) -> str:
        x, y = self.operand(a), self.operand(b)
        if a.type == "integer":
            small, counted = f"abs({x}) < 1000000000000", (x, y)
            exact = self._divided(self.wide(a), self.wide(b))
        else:
            small = f"abs({x}) < 999999 AND abs({y}) < 999999"
            counted = (f"CAST({x} * 1000000 AS BIGINT)", f"CAST({y} * 1000000 AS BIGINT)")
            exact = self._divided(self.millionths(a), self.millionths(b))
        millionths = f"CAST(CAST({self._divided(*counted)} AS BIGINT) AS DECIMAL(18, 0))"
        quick = f"CAST({millionths} * CAST(0.000001 AS DECIMAL(6, 6)) AS DECIMAL(18, 6))"
        return _sooner(small, quick, self.from_millionths(exact))

    def _divided(self, x: str, y: str) -> str:
        """A quotient in millionths, rounded half away from zero, NULL by zero."""
        size = self.quotient(f"(2000000 * abs({x}) + abs({y}))", f"nullif(2 * abs({y}), 0)")
        return f"{size} * sign({x}) * sign({y})"

    def millionths(self, node: t.Node) -> str:
        """A decimal counted in millionths, in the wide type."""
        return f"CAST(CAST({self.expression(node)} AS DECIMAL(20, 6)) * 1000000 AS {self.big})"

    def from_millionths(self, size: str) -> str:
        """A decimal from a wide count of millionths."""
        counted = self.tried(size, "DECIMAL(18, 0)")
        exact = f"CAST({counted} AS DECIMAL(20, 0)) * CAST(0.000001 AS DECIMAL(6, 6))"
        return f"CAST({exact} AS DECIMAL(18, 6))"

    def call_quotient(self, a: t.Node, b: t.Node) -> str:
        return f"({self.operand(a)} // nullif({self.operand(b)}, 0))"

    def call_remainder(self, a: t.Node, b: t.Node) -> str:
        return f"({self.operand(a)} % nullif({self.operand(b)}, 0))"

    def quotient(self, a: str, b: str) -> str:
        return f"({a} // {b})"

    def leap(self, year: str) -> str:
        return super().leap(year.replace(" / ", " // "))

    def call_round(self, a: t.Node, places: t.Node | None = None) -> str:
        digits = self.expression(places) if places else "0"
        shown = self.expression(a) if a.type == "decimal" else self.widened(a)
        return self.tried(f"round(CAST({shown} AS DECIMAL(20, 6)), {digits})", "DECIMAL(18, 6)")

    def call_upper(self, a: t.Node) -> str:
        return f"translate({self.expression(a)}, '{LOWER}', '{UPPER}')"

    def call_lower(self, a: t.Node) -> str:
        return f"translate({self.expression(a)}, '{UPPER}', '{LOWER}')"

    def call_trim(self, a: t.Node) -> str:
        """``trim`` with a list of signs is slow: only texts that begin or end with one pay."""
        text, signs = self.expression(a), TRIMMED
        edge = self.text(f"^[{signs}]|[{signs}]$")
        return (
            f"(CASE WHEN regexp_matches({text}, {edge}) "
            f"THEN trim({text}, {self.text(signs)}) ELSE {text} END)"
        )

    def call_starts_with(self, a: t.Node, b: t.Node) -> str:
        return f"starts_with({self.expression(a)}, {self.expression(b)})"

    def call_ends_with(self, a: t.Node, b: t.Node) -> str:
        return f"ends_with({self.expression(a)}, {self.expression(b)})"

    def call_contains(self, a: t.Node, b: t.Node) -> str:
        return f"contains({self.expression(a)}, {self.expression(b)})"

    def membership(self, node: t.In) -> str:
        # IN compares with every constant, a list only until one is found: 5 × cheaper for codes.
        if node.of.type == "text" and 3 < len(node.items) <= _LISTED:
            items = ", ".join(self.expression(item) for item in node.items)
            return f"list_contains([{items}], {self.expression(node.of)})"
        return super().membership(node)

    def matches(self, text: str, form: str) -> str:
        return f"regexp_full_match({text}, '{form}')"

    def position(self, within: str, part: str) -> str:
        return f"instr({within}, {part})"

    def number(self, digits: str) -> str:
        return f"TRY_CAST({digits} AS BIGINT)"

    def id_form(self, text: str, number: str, check: str) -> str:
        # A number that writes the same 17 signs is cheaper than the regular expression.
        same = f"TRY_CAST({number} AS VARCHAR) = substr({text}, 1, 17)"
        return (
            f"CASE WHEN strlen({text}) = 18 AND {same} AND {check} > 0 THEN TRUE "
            f"ELSE {super().id_form(text, number, check)} END"
        )

    def weighed(self, n: str) -> str:
        # Three digits at once, from a table: two thirds of the cost of sixteen divisions.
        table = f"CAST(string_split('{_TRIPLES}', ' ') AS SMALLINT[])"
        terms = (f"{8**k % 11} * {table}[{n} // {1000**k} % 1000 + 1]" for k in range(6))
        return f"(2 * ({' + '.join(terms)}) % 11)"

    def born(self, text: str) -> str:
        # Most days need no parser.
        number = f"({self.first_digits(text)})"
        year, month, day = (f"{number} // {at} % {size}" for at, size in _BORN)
        return (
            f"(CASE WHEN {month} >= 1 AND {month} <= 12 AND {day} >= 1 AND {day} <= 28 "
            f"AND {year} > 0 THEN make_date({year}, {month}, {day}) "
            f"ELSE {super().born(text)} END)"
        )

    def real_date(self, digits: str) -> str:
        day = f"TRY_CAST(try_strptime({digits}, '%Y%m%d') AS DATE)"  # thrice as fast as from y-m-d
        return f"nullif(greatest({day}, DATE '0000-12-31'), DATE '0000-12-31')"

    def call_days_between(self, a: t.Node, b: t.Node) -> str:
        return f"({self.expression(b)} - {self.expression(a)})"

    def call_add_days(self, a: t.Node, days: t.Node) -> str:
        return self._moved(a, days, 7, "to_days")

    def call_add_months(self, a: t.Node, months: t.Node) -> str:
        return self._moved(a, months, 6, "to_months")

    def _moved(self, a: t.Node, count: t.Node, digits: int, unit: str) -> str:
        # Bounds by tried casts: DuckDB repeats the operands of CASE and nullif when it plans.
        steps = f"CAST(TRY_CAST({self.operand(count)} AS DECIMAL({digits}, 0)) AS INTEGER)"
        moved = f"CAST({self.expression(a)} + {unit}({steps}) AS DATE)"
        since = self.tried(f"{moved} - DATE '0001-01-01'", "UINTEGER")
        last = date.max.toordinal() - 1
        left = self.tried(f"{last} - CAST({since} AS BIGINT)", "UINTEGER")
        return f"(DATE '9999-12-31' - CAST({left} AS INTEGER))"

    def call_date_of(self, a: t.Node) -> str:
        return f"CAST(make_timestamp(epoch_us({self.expression(a)}) + 28800000000) AS DATE)"

    def call_year_of(self, a: t.Node) -> str:
        return f"year({self.expression(a)})"

    def call_month_of(self, a: t.Node) -> str:
        return f"month({self.expression(a)})"

    def call_day_of(self, a: t.Node) -> str:
        return f"day({self.expression(a)})"

    def day_number(self, day: str) -> str:
        return f"(year({day}) * 10000 + month({day}) * 100 + day({day}))"

    def day_before(self, day: str) -> str:
        return f"({day} - 1)"
