"""Rule sets over a whole table: one DuckDB SELECT with verdict, reasons and outputs per row.

Shared values are worked out once in inner SELECTs; failed conditions, unknown conditions and
missing columns travel as bits of one integer each. For one rule set they are spelled out at the
end; many rule sets side by side leave them as bits, which ``spelled`` reads.
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


def judgements(
    rule_sets: Mapping[str, RuleParts], *, as_of: date, table: str, keep: Sequence[str]
) -> str:
    """One SELECT that judges every row of ``table`` by several rule sets at once.

    Its columns: ``keep``, then for each rule set by its name in the mapping ``<name>_failed``,
    ``<name>_unknown``, ``<name>_missing`` (bits, see ``spelled``), ``<name>_decided`` and
    ``<name>_<output>``. The verdict is no where anything failed, else unknown where anything is
    unknown, else yes. What several rule sets ask is worked out once.
    """
    sets: list[_Population] = []
    shared: dict[str, str] = {}
    for name, rules in rule_sets.items():
        _check(rules, table, keep)
        sets.append(_Population(rules, as_of, keep, name=name, shared=shared))
    source = sets[0].columns(table, sets)
    for level in sorted({each.level for one in sets for each in one.rules.derived}):
        source = _layer(source, [part for one in sets for part in one.derived(level)])
        source = _layer(source, [part for one in sets for part in one.lacks(level)])
    for parts in ("conditions", "masks", "decision", "outputs"):
        source = _layer(source, [part for one in sets for part in getattr(one, parts)()])
    kept = [f"{sets[0].quoted('keep ' + name)} AS {sets[0].quoted(name)}" for name in keep]
    shown = [*kept, *(part for one in sets for part in one.shown())]
    return f"SELECT {', '.join(shown)} FROM ({source})"  # noqa: S608 - quoted names


def spelled(mask: int, names: Sequence[str]) -> tuple[str, ...]:
    """The names whose bits are set: ids of conditions, or the columns a rule set reads."""
    return tuple(name for place, name in enumerate(names) if mask >> place & 1)


Columns = list[tuple[str, str]]
"""SQL by the name it gets."""


def _layer(source: str, added: Sequence[tuple[str, str]]) -> str:
    if not added:
        return source
    shown = "".join(f', {sql} AS "{name}"' for name, sql in added)
    return f"SELECT *{shown} FROM ({source})"  # noqa: S608 - printed from typed trees


class _Population:
    def __init__(
        self,
        rules: RuleParts,
        as_of: date,
        keep: Sequence[str],
        *,
        name: str = "",
        shared: dict[str, str] | None = None,
    ) -> None:
        self.rules, self.as_of, self.keep = rules, as_of, keep
        self.name, self.prefix = name, f"{name} " if name else ""
        self.shared = {} if shared is None else shared
        self.names = {name: f"is {name}" for name in rules.reads}
        self.checks: list[str] = []
        self.printer = DuckDB(renamed=lambda name: self.names[name])
        self.quoted = self.printer.quoted
        self.bits = {name: 1 << place for place, name in enumerate(rules.reads)}

    def once(self, name: str, sql: str, added: Columns) -> str:
        """The column that holds ``sql``: one that is there already, or ``name``, now added."""
        if sql not in self.shared:
            self.shared[sql] = name
            added.append((name, sql))
        return self.shared[sql]

    def called(self, name: str) -> str:
        """A column of an inner SELECT that belongs to this rule set."""
        return self.quoted(self.prefix + name)

    def select(self, table: str) -> str:
        """Layer by layer, from the table outwards."""
        source = self.columns(table, [self])
        for level in sorted({each.level for each in self.rules.derived}):
            source = _layer(_layer(source, self.derived(level)), self.lacks(level))
        for parts in (self.conditions(), self.masks(), self.decision(), self.outputs()):
            source = _layer(source, parts)
        return self._spelled(source)

    def columns(self, table: str, sets: Sequence["_Population"]) -> str:
        """What all sets read, and what is kept, straight from the table."""
        quoted = ".".join(self.quoted(part) for part in table.split("."))
        kept = [f"{self.quoted(name)} AS {self.quoted('keep ' + name)}" for name in self.keep]
        reads = {name: one for one in sets for name in one.rules.reads}
        read = [
            f"{self.printer.column(self.quoted(name), one.rules.columns[name])}"
            f" AS {self.quoted('is ' + name)}"
            for name, one in reads.items()
        ]
        return f"SELECT {', '.join([*kept, *read, '1'])} FROM {quoted}"  # noqa: S608 - quoted names

    def derived(self, level: int) -> Columns:
        """The derived values of one level."""
        added: Columns = []
        for each in self.rules.derived:
            if each.level == level:
                sql = self.printer.expression(self._bound(each.expression))
                name = f"{self.prefix}is {each.name}"
                self.names[each.name] = self.once(name, sql, added)
        return added

    def lacks(self, level: int) -> Columns:
        """What the derived values of one level lack, where they are unknown."""
        masks = []
        for each in self.rules.derived:
            if each.level == level:
                tree = self._bound(each.expression)
                alone = t.Column(type=tree.type, name=each.name)
                missing = self._missing(tree, self.printer.expression(alone))
                masks.append((f"{self.prefix}lack {each.name}", missing))
        return masks

    def conditions(self) -> Columns:
        """Whether each condition holds."""
        added: Columns = []
        for place, (_, check) in enumerate(self.rules.conditions):
            sql = self.printer.expression(self._bound(check))
            self.checks.append(self.quoted(self.once(f"{self.prefix}check {place}", sql, added)))
        return added

    def masks(self) -> Columns:
        """Failed and unknown conditions, as bits."""
        failed = [f"CASE WHEN NOT {c} THEN {1 << n} ELSE 0 END" for n, c in enumerate(self.checks)]
        unknown = [
            f"CASE WHEN {c} IS NULL THEN {1 << n} ELSE 0 END" for n, c in enumerate(self.checks)
        ]
        return [
            (f"{self.prefix}failed", f"CAST({' + '.join(failed)} AS BIGINT)"),
            (f"{self.prefix}unknown", f"CAST({' + '.join(unknown)} AS BIGINT)"),
        ]

    def decision(self) -> Columns:
        """The row of the decision table: its place, or minus the place of one unknown.

        Only who fulfils everything is looked at, so that it costs little for the others.
        """
        whens = []
        for place, (_, when, _) in enumerate(self.rules.decision, start=1):
            sql = self.printer.expression(self._bound(when))
            whens.append(f"WHEN {sql} THEN {place} WHEN ({sql}) IS NULL THEN {-place}")
        yes = f"{self.called('failed')} = 0 AND {self.called('unknown')} = 0"
        chosen = f"CASE {' '.join(whens)} ELSE 0 END" if whens else "0"
        return [(f"{self.prefix}row", f"CASE WHEN {yes} THEN {chosen} ELSE 0 END")]

    def outputs(self) -> Columns:
        """The output columns, and the mask of everything that is lacking."""
        row = self.called("row")
        added, lacking = [], []
        for name, kind in self.rules.outputs.items():
            branches = []
            for place, (_, _, then) in enumerate(self.rules.decision, start=1):
                tree = self._bound(then[name])
                sql = self.printer.expression(tree)
                branches.append(f"WHEN {place} THEN {sql}")
                mask = self._missing(tree, sql)
                if mask != "0":
                    lacking.append(f"CASE {row} WHEN {place} THEN {mask} ELSE 0 END")
            value = f"CASE {row} {' '.join(branches)} END" if branches else "NULL"
            cast = f"CAST({value} AS {self.printer.types[kind]})"
            added.append((f"{self.prefix}output {name}", cast))
        for place, (_, when, _) in enumerate(self.rules.decision, start=1):
            tree = self._bound(when)
            mask = self._missing(tree, f"({self.printer.expression(tree)})")
            if mask != "0":
                lacking.append(f"CASE {row} WHEN {-place} THEN {mask} ELSE 0 END")
        return [*added, (f"{self.prefix}lacking", self._lacking(lacking))]

    def _lacking(self, of_outputs: list[str]) -> str:
        """The mask of what conditions lack, where unknown, and outputs, where given."""
        missing = [
            f"({self._missing(self._bound(expression), check)})"
            for (_, expression), check in zip(self.rules.conditions, self.checks, strict=True)
        ]
        branches = [f"WHEN {self.called('unknown')} <> 0 THEN {' | '.join(missing)}"]
        if of_outputs:
            branches.append(f"WHEN {self.called('row')} <> 0 THEN {' | '.join(of_outputs)}")
        return f"CAST(CASE {' '.join(branches)} ELSE 0 END AS BIGINT)"

    def shown(self) -> list[str]:
        """The result columns of one rule set among many: verdict, bits, row, outputs."""
        parts = [
            (self.called("failed"), "failed"),
            (self.called("unknown"), "unknown"),
            (self.called("lacking"), "missing"),
            (self._decided(), "decided"),
            *((self.called(f"output {name}"), name) for name in self.rules.outputs),
        ]
        return [f"{sql} AS {self.quoted(f'{self.name}_{name}')}" for sql, name in parts]

    def _verdict(self) -> str:
        failed, unknown = self.called("failed"), self.called("unknown")
        return (
            f"CASE WHEN {failed} <> 0 THEN 'no' WHEN {unknown} <> 0 THEN 'unknown' ELSE 'yes' END"
        )

    def _decided(self) -> str:
        return f"CASE WHEN {self.called('row')} > 0 THEN {self.called('row')} END"

    def _spelled(self, source: str) -> str:
        ids = [condition.id for condition, _ in self.rules.conditions]
        shown = [f"{self.quoted('keep ' + name)} AS {self.quoted(name)}" for name in self.keep]
        shown += [
            f"{self._verdict()} AS verdict",
            f"{self._listed('failed', ids)} AS failed",
            f"{self._listed('unknown', ids)} AS unknown",
            f"{self._listed('lacking', list(self.rules.reads))} AS missing",
            f"{self._decided()} AS decided",
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
                return self.called(f"lack {node.name}")
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
