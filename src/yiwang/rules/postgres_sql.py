"""PostgreSQL SQL for stored rows (openGauss and Kingbase speak it too).

Numbers are worked out as ``numeric``; text orders by code point whatever the database's collation.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from yiwang.rules import tree as t
from yiwang.rules.duckdb_sql import LOWER, UPPER
from yiwang.rules.meaning import DAYS_MOST, MONTHS_MOST, TRIMMED
from yiwang.rules.named_sql import Named
from yiwang.rules.values import LIMIT, PLACES, SCALE

_WHOLE = LIMIT // SCALE


class Postgres(Named):
    """PostgreSQL's dialect."""

    types = {
        "text": "text",
        "integer": "bigint",
        "decimal": "numeric",
        "boolean": "boolean",
        "date": "date",
        "instant": "timestamptz",
    }

    def __init__(self, table: str = "") -> None:
        super().__init__(table)
        self._count = 0

    def let(self, named: Sequence[tuple[str, str]], body: Callable[..., str]) -> str:
        # OFFSET 0 keeps the planner from repeating the named text wherever the name stands.
        names = []
        for name, _ in named:
            self._count += 1
            names.append(f"{name}_{self._count}")
        bound = ", ".join(f"{text} AS {name}" for (_, text), name in zip(named, names, strict=True))
        return f"(SELECT {body(*names)} FROM (SELECT {bound} OFFSET 0) AS let_{self._count})"

    def column(self, name: str, kind: t.Type) -> str:
        match kind:
            case "decimal":
                return f"round(CAST({name} AS numeric), {PLACES})"
            case "integer":
                return f"CAST({name} AS bigint)"
            case "text":
                return f"CAST({name} AS text)"
            case _:
                return name

    def text(self, value: str) -> str:
        return "CAST(" + super().text(value) + " AS text)"

    def literal(self, value: t.Scalar, kind: t.Type) -> str:
        if kind == "integer" and value is not None:
            return f"CAST({value} AS bigint)"
        return super().literal(value, kind)

    def decimal(self, value: Decimal) -> str:
        return f"CAST({value:f} AS numeric)"

    def date(self, value: date) -> str:
        return f"CAST('{value.isoformat()}' AS date)"

    def compare(self, node: t.Compare) -> str:
        left, right = self.expression(node.left), self.expression(node.right)
        if node.left.type == "text":
            left = f'{left} COLLATE "C"'
        return f"({left} {node.op} {right})"

    def within(self, value: str, kind: t.Type) -> str:
        limit, type_ = (_WHOLE, "numeric") if kind == "decimal" else (LIMIT, "bigint")
        return self.let(
            [("v", value)],
            lambda v: f"CASE WHEN abs({v}) < {limit} THEN CAST({v} AS {type_}) END",
        )

    def _numeric(self, node: t.Node) -> str:
        return f"CAST({self.expression(node)} AS numeric)"

    def widened(self, node: t.Node) -> str:
        return self.within(self._numeric(node), "decimal")

    def call_add(self, a: t.Node, b: t.Node) -> str:
        return self.within(f"{self._numeric(a)} + {self._numeric(b)}", a.type)

    def call_subtract(self, a: t.Node, b: t.Node) -> str:
        return self.within(f"{self._numeric(a)} - {self._numeric(b)}", a.type)

    def call_multiply(self, a: t.Node, b: t.Node) -> str:
        product = f"{self._numeric(a)} * {self._numeric(b)}"
        return self.within(f"round({product}, {PLACES})", a.type)

    def call_divide(self, a: t.Node, b: t.Node) -> str:
        def quotient(x: str, y: str) -> str:
            # ``div`` cuts an exact quotient, so half of the last place is added before.
            doubled = f"2 * {SCALE} * abs({x}) + abs({y})"
            return (
                f"div({doubled}, nullif(2 * abs({y}), 0)) * sign({x}) * sign({y})"
                f" * CAST(0.000001 AS numeric)"
            )

        exact = self.let([("x", self._numeric(a)), ("y", self._numeric(b))], quotient)
        return self.within(exact, "decimal")

    def call_quotient(self, a: t.Node, b: t.Node) -> str:
        return f"({self.expression(a)} / nullif({self.expression(b)}, 0))"

    def call_remainder(self, a: t.Node, b: t.Node) -> str:
        return f"({self.expression(a)} % nullif({self.expression(b)}, 0))"

    def call_round(self, a: t.Node, places: t.Node | None = None) -> str:
        digits = places.value if isinstance(places, t.Literal) else 0
        return self.within(f"round({self._numeric(a)}, {digits})", "decimal")

    def call_upper(self, a: t.Node) -> str:
        return f"translate({self.expression(a)}, '{LOWER}', '{UPPER}')"

    def call_lower(self, a: t.Node) -> str:
        return f"translate({self.expression(a)}, '{UPPER}', '{LOWER}')"

    def call_length(self, a: t.Node) -> str:
        return f"CAST(length({self.expression(a)}) AS bigint)"

    def call_substr(self, a: t.Node, start: t.Node, length: t.Node | None = None) -> str:
        numbers = [node.value for node in (start, length) if isinstance(node, t.Literal)]
        return f"substr({self.expression(a)}, {', '.join(map(str, numbers))})"

    def call_trim(self, a: t.Node) -> str:
        return f"btrim({self.expression(a)}, {self.text(TRIMMED)})"

    def call_contains(self, a: t.Node, b: t.Node) -> str:
        return f"(strpos({self.expression(a)}, {self.expression(b)}) > 0)"

    def matches(self, text: str, form: str) -> str:
        return f"({text} ~ '^{form}$')"

    def position(self, within: str, part: str) -> str:
        return f"strpos({within}, {part})"

    def number(self, digits: str) -> str:
        return f"CAST('0' || regexp_replace({digits}, '[^0-9]', '', 'g') AS bigint)"

    def real_date(self, digits: str) -> str:
        def body(year: str, month: str, day: str) -> str:
            last = (
                f"CASE WHEN {month} = 2 THEN CASE WHEN {self.leap(year)} THEN 29 ELSE 28 END"
                f" WHEN {month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
            )
            real = f"{year} >= 1 AND {month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND {last}"
            numbers = ", ".join(f"CAST({number} AS int)" for number in (year, month, day))
            return f"CASE WHEN {real} THEN make_date({numbers}) END"

        named = [("y", 1, 4), ("m", 5, 2), ("d", 7, 2)]
        parts = [(n, self.number(f"substr({digits}, {i}, {k})")) for n, i, k in named]
        return self.let(parts, body)

    def call_days_between(self, a: t.Node, b: t.Node) -> str:
        return f"CAST({self.expression(b)} - {self.expression(a)} AS bigint)"

    def call_add_days(self, a: t.Node, days: t.Node) -> str:
        return self._moved(a, days, DAYS_MOST, "days")

    def call_add_months(self, a: t.Node, months: t.Node) -> str:
        return self._moved(a, months, MONTHS_MOST, "months")

    def _moved(self, a: t.Node, count: t.Node, most: int, unit: str) -> str:
        def moved(day: str, n: str) -> str:
            steps = f"CAST(CASE WHEN {n} BETWEEN {-most} AND {most} THEN {n} END AS int)"
            return f"CAST({day} + make_interval({unit} => {steps}) AS date)"

        day = self.let([("day", self.expression(a)), ("n", self.expression(count))], moved)
        low, high = self.date(date.min), self.date(date.max)
        return self.let(
            [("day", day)], lambda d: f"CASE WHEN {d} BETWEEN {low} AND {high} THEN {d} END"
        )

    def call_date_of(self, a: t.Node) -> str:
        return f"CAST({self.expression(a)} AT TIME ZONE INTERVAL '8 hours' AS date)"

    def call_year_of(self, a: t.Node) -> str:
        return self._extracted("year", self.expression(a))

    def call_month_of(self, a: t.Node) -> str:
        return self._extracted("month", self.expression(a))

    def call_day_of(self, a: t.Node) -> str:
        return self._extracted("day", self.expression(a))

    def _extracted(self, part: str, day: str) -> str:
        return f"CAST(extract({part} FROM {day}) AS bigint)"

    def day_number(self, day: str) -> str:
        year, month, dom = (self._extracted(part, day) for part in ("year", "month", "day"))
        return f"({year} * 10000 + {month} * 100 + {dom})"

    def day_before(self, day: str) -> str:
        return f"({day} - 1)"
