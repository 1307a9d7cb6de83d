"""A rule set over a whole table: one DuckDB SELECT with verdict, reasons and outputs per row.

Shared values are worked out once in inner SELECTs; failed conditions, unknown conditions and
missing columns travel as bits of one integer each and are spelled out only at the end.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from yiwang.kernel.errors import Invalid
from yiwang.rules import tree as t
from yiwang.rules.binding import bind
from yiwang.rules.duckdb_sql import DuckDB
from yiwang.rules.functions import is_partial
from yiwang.rules.reading import Expression
from yiwang.rules.rule_parts import RuleParts

_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
_CHUNK = 5
RESULT_COLUMNS = ("verdict", "failed", "unknown", "missing", "decided")


class PopulationRefused(Invalid):
    """The table or a kept column cannot be read as asked."""

    code = "rules.population_refused"


def population(rules: RuleParts, *, as_of: date, table: str, keep: Sequence[str]) -> str:
    """The SELECT of ``RuleSet.population_sql``."""
    _check(rules, table, keep)
    return _Population(rules, as_of, keep).select(table)


def _check(rules: RuleParts, table: str, keep: Sequence[str]) -> None:
    if not _TABLE.fullmatch(table):
        raise PopulationRefused(f"“{table}”不是表名。", hint="写作 包名.表名。")
    taken = {*RESULT_COLUMNS, *rules.outputs}
    for name in keep:
        if name not in rules.columns or name in taken or list(keep).count(name) > 1:
            raise PopulationRefused(
                f"不能保留列“{name}”。", hint="只能保留表中的列，且不与结果列、outputs 重名。"
            )


class _Population:
    def __init__(self, rules: RuleParts, as_of: date, keep: Sequence[str]) -> None:
        self.rules, self.as_of, self.keep = rules, as_of, keep
        self.names = {name: f"is {name}" for name in rules.reads}
        self.names.update({each.name: f"is {each.name}" for each in rules.derived})
        self.printer = DuckDB(renamed=lambda name: self.names[name])
        self.quoted = self.printer.quoted
        self.bits = {name: 1 << place for place, name in enumerate(rules.reads)}

    def select(self, table: str) -> str:
        """Layer by layer, from the table outwards."""
        source = self._columns(table)
        for level in sorted({each.level for each in self.rules.derived}):
            source = self._derived(source, level)
        source = self._layer(source, self._conditions())
        source = self._layer(source, self._masks())
        source = self._layer(source, self._decision())
        source = self._layer(source, self._outputs())
        return self._spelled(source)

    def _layer(self, source: str, added: Sequence[tuple[str, str]]) -> str:
        shown = "".join(f", {sql} AS {self.quoted(name)}" for name, sql in added)
        return f"SELECT *{shown} FROM ({source})"  # noqa: S608 - printed from typed trees

    def _columns(self, table: str) -> str:
        quoted = ".".join(self.quoted(part) for part in table.split("."))
        kept = [f"{self.quoted(name)} AS {self.quoted('keep ' + name)}" for name in self.keep]
        read = [
            f"{self.printer.column(self.quoted(name), self.rules.columns[name])}"
            f" AS {self.quoted(self.names[name])}"
            for name in self.rules.reads
        ]
        return f"SELECT {', '.join([*kept, *read, '1'])} FROM {quoted}"  # noqa: S608 - quoted names

    def _derived(self, source: str, level: int) -> str:
        here = [each for each in self.rules.derived if each.level == level]
        trees = [(each.name, self._bound(each.expression)) for each in here]
        source = self._layer(
            source, [(self.names[name], self.printer.expression(tree)) for name, tree in trees]
        )
        masks = []
        for name, tree in trees:
            alone = t.Column(type=tree.type, name=name)
            masks.append((f"lack {name}", self._missing(tree, self.printer.expression(alone))))
        return self._layer(source, masks)

    def _conditions(self) -> list[tuple[str, str]]:
        checks = [expression for _, expression in self.rules.conditions]
        rows = [when for _, when, _ in self.rules.decision]
        printed = [self.printer.expression(self._bound(each)) for each in checks]
        added = [(f"check {place}", sql) for place, sql in enumerate(printed)]
        for place, when in enumerate(rows):
            added.append((f"when {place}", self.printer.expression(self._bound(when))))
        return added

    def _masks(self) -> list[tuple[str, str]]:
        failed, unknown, missing = [], [], []
        for place, (_, expression) in enumerate(self.rules.conditions):
            check, bit = self.quoted(f"check {place}"), 1 << place
            failed.append(f"CASE WHEN NOT {check} THEN {bit} ELSE 0 END")
            unknown.append(f"CASE WHEN {check} IS NULL THEN {bit} ELSE 0 END")
            missing.append(f"({self._missing(self._bound(expression), check)})")
        return [
            ("failed", f"CAST({' + '.join(failed)} AS BIGINT)"),
            ("unknown", f"CAST({' + '.join(unknown)} AS BIGINT)"),
            ("missing", f"CAST({' | '.join(missing)} AS BIGINT)"),
        ]

    def _decision(self) -> list[tuple[str, str]]:
        whens = []
        for place in range(len(self.rules.decision)):
            when = self.quoted(f"when {place}")
            whens.append(f"WHEN {when} THEN {place + 1} WHEN {when} IS NULL THEN {-place - 1}")
        yes = "failed = 0 AND unknown = 0"
        chosen = f"CASE {' '.join(whens)} ELSE 0 END" if whens else "0"
        return [("row", f"CASE WHEN {yes} THEN {chosen} ELSE 0 END")]

    def _outputs(self) -> list[tuple[str, str]]:
        """The output columns, and the mask of everything that is lacking."""
        added, lacking = [], ["missing"]
        for name, kind in self.rules.outputs.items():
            branches = []
            for place, (_, _, then) in enumerate(self.rules.decision, start=1):
                tree = self._bound(then[name])
                sql = self.printer.expression(tree)
                branches.append(f"WHEN {place} THEN {sql}")
                mask = self._missing(tree, sql)
                if mask != "0":
                    lacking.append(f'CASE "row" WHEN {place} THEN {mask} ELSE 0 END')
            value = f'CASE "row" {" ".join(branches)} END' if branches else "NULL"
            added.append((f"output {name}", f"CAST({value} AS {self.printer.types[kind]})"))
        for place, (_, when, _) in enumerate(self.rules.decision):
            mask = self._missing(self._bound(when), self.quoted(f"when {place}"))
            lacking.append(f'CASE "row" WHEN {-place - 1} THEN {mask} ELSE 0 END')
        return [*added, ("lacking", f"CAST({' | '.join(lacking)} AS BIGINT)")]

    def _spelled(self, source: str) -> str:
        ids = [condition.id for condition, _ in self.rules.conditions]
        shown = [f"{self.quoted('keep ' + name)} AS {self.quoted(name)}" for name in self.keep]
        shown += [
            "CASE WHEN failed <> 0 THEN 'no' WHEN unknown <> 0 THEN 'unknown' ELSE 'yes' END"
            " AS verdict",
            f"{self._listed('failed', ids)} AS failed",
            f"{self._listed('unknown', ids)} AS unknown",
            f"{self._listed('lacking', list(self.rules.reads))} AS missing",
            'CASE WHEN "row" > 0 THEN "row" END AS decided',
        ]
        for name in self.rules.outputs:
            shown.append(f"{self.quoted('output ' + name)} AS {self.quoted(name)}")
        return f"SELECT {', '.join(shown)} FROM ({source})"  # noqa: S608 - quoted names

    def _listed(self, mask: str, names: list[str]) -> str:
        """A mask spelled out as a list of names: five bits at a time through a written table."""
        lists = []
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            table = ", ".join(
                "["
                + ", ".join(self.printer.text(n) for i, n in enumerate(chunk) if bits >> i & 1)
                + "]"
                for bits in range(1 << len(chunk))
            )
            place = f"(({mask} >> {start}) & {(1 << len(chunk)) - 1}) + 1"
            lists.append(f"list_extract([{table}], {place})")
        listed = f"list_concat([], {', '.join(lists)})" if lists else "[]"
        return f"CAST({listed} AS VARCHAR[])"

    def _bound(self, expression: Expression) -> t.Node:
        return bind(expression.tree, values=self.rules.values, as_of=self.as_of)

    def _missing(self, tree: t.Node, value: str) -> str:
        """The bits of what a tree lacks, 0 when ``value``, its SQL, is known."""
        mask, every = self._mask(tree), self._every(tree)
        if mask == "0" and every == 0:
            return "0"
        if mask == "0" or len(self._roots(tree)) == 1:
            return f"CASE WHEN {value} IS NULL THEN {every} ELSE 0 END"
        return f"CASE WHEN {value} IS NULL THEN coalesce(nullif({mask}, 0), {every}) ELSE 0 END"

    def _roots(self, tree: t.Node) -> frozenset[str]:
        roots: Mapping[str, frozenset[str]] = {e.name: e.roots for e in self.rules.derived}
        return frozenset[str]().union(
            *(roots.get(name, frozenset({name})) for name in t.columns_of(tree))
        )

    def _every(self, tree: t.Node) -> int:
        return sum(self.bits[name] for name in self._roots(tree))

    def _mask(self, node: t.Node) -> str:
        match node:
            case t.Column():
                if node.name in self.bits:
                    name = self.quoted(self.names[node.name])
                    return f"CASE WHEN {name} IS NULL THEN {self.bits[node.name]} ELSE 0 END"
                return self.quoted(f"lack {node.name}")
            case t.Literal() | t.IsNull() | t.IsTruth():
                return "0"
            case t.Not():
                return self._mask(node.of)
            case t.Case():
                whens = " ".join(
                    f"WHEN {self.printer.expression(when)} THEN {self._mask(then)}"
                    for when, then in node.branches
                )
                return f"CASE {whens} ELSE {self._mask(node.otherwise)} END"
            case _:
                return self._parts_mask(node)

    def _parts_mask(self, node: t.Node) -> str:
        masks = dict.fromkeys(self._mask(child) for child in t.children(node))
        masks.pop("0", None)
        union = " | ".join(f"({mask})" for mask in masks) or "0"
        if is_partial(node):
            union = f"coalesce(nullif({union}, 0), {self._every(node)})"
        elif not isinstance(node, t.And | t.Or | t.Coalesce):
            return union
        return f"CASE WHEN {self.printer.expression(node)} IS NULL THEN {union} ELSE 0 END"
