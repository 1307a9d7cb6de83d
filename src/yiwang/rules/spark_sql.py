"""Spark SQL, so that nothing engine-bound creeps in; the meaning is held by the DuckDB printer."""

from collections.abc import Callable, Sequence
from datetime import datetime

from yiwang.rules import tree as t
from yiwang.rules.duckdb_sql import DuckDB
from yiwang.rules.identifiers_sql import Identifiers
from yiwang.rules.meaning import TRIMMED
from yiwang.rules.printing import Printer


class Spark(DuckDB):
    """Spark 3.5 in ANSI mode."""

    types = {
        "text": "STRING",
        "integer": "BIGINT",
        "decimal": "DECIMAL(18, 6)",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "instant": "TIMESTAMP",
    }
    big = "DECIMAL(30, 0)"

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def instant(self, value: datetime) -> str:
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"

    def let(self, named: Sequence[tuple[str, str]], body: Callable[..., str]) -> str:
        return f"({body(*(text for _, text in named))})"

    def tried(self, value: str, kind: str) -> str:
        return f"TRY_CAST({value} AS {kind})"

    def call_quotient(self, a: t.Node, b: t.Node) -> str:
        return f"({self.operand(a)} DIV nullif({self.operand(b)}, 0))"

    def quotient(self, a: str, b: str) -> str:
        return f"({a} DIV {b})"

    def weighed(self, n: str) -> str:
        return Identifiers.weighed(self, n)  # its DIV stands in no index

    def leap(self, year: str) -> str:
        return super().leap(year).replace(" // ", " DIV ")

    def membership(self, node: t.In) -> str:
        return Printer.membership(self, node)

    def call_trim(self, a: t.Node) -> str:
        return f"trim(BOTH {self.text(TRIMMED)} FROM {self.expression(a)})"

    def call_starts_with(self, a: t.Node, b: t.Node) -> str:
        return f"startswith({self.expression(a)}, {self.expression(b)})"

    def call_ends_with(self, a: t.Node, b: t.Node) -> str:
        return f"endswith({self.expression(a)}, {self.expression(b)})"

    def matches(self, text: str, form: str) -> str:
        return f"({text} RLIKE '^{form}$')"

    def id_form(self, text: str, number: str, check: str) -> str:
        return self.matches(text, "[0-9]{17}[0-9X]")

    def born(self, text: str) -> str:
        return self.real_date(f"substr({text}, 7, 8)")

    def call_days_between(self, a: t.Node, b: t.Node) -> str:
        return f"CAST(datediff({self.expression(b)}, {self.expression(a)}) AS BIGINT)"

    def call_add_days(self, a: t.Node, days: t.Node) -> str:
        return f"date_add({self.expression(a)}, CAST({self.expression(days)} AS INT))"

    def call_add_months(self, a: t.Node, months: t.Node) -> str:
        return f"add_months({self.expression(a)}, CAST({self.expression(months)} AS INT))"

    def call_date_of(self, a: t.Node) -> str:
        return f"CAST(from_utc_timestamp({self.expression(a)}, '+08:00') AS DATE)"

    def day_before(self, day: str) -> str:
        return f"date_sub({day}, 1)"
