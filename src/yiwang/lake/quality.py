"""The rules of a feed as one pass of SQL: cast, judge, and note the failures as bits of a mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yiwang.lake.backends.duck import quoted
from yiwang.lake.casts import cast, folded, quick
from yiwang.lake.conditions import failing
from yiwang.lake.hoisting import hoist
from yiwang.lake.plans import Check, FeedColumn, FeedPlan, Type

_BITS = 60
"""Rules per mask: a BIGINT has 63 usable bits."""


@dataclass(frozen=True)
class Rule:
    """One bit. ``condition`` is SQL that is true for a failing row; empty for checks that look
    beyond the row, which are judged once all rows are in."""

    id: str
    rejects: bool
    condition: str = ""
    check: Check | None = None


@dataclass(frozen=True)
class Judgement:
    """All rules of a feed, in order, and where their bits are."""

    rules: tuple[Rule, ...]

    @property
    def masks(self) -> list[str]:
        """The mask columns."""
        return [f"_m{n}" for n in range(max(1, -(-len(self.rules) // _BITS)))]

    def bit(self, index: int) -> tuple[str, int]:
        """Mask column and bit value of a rule."""
        return f"_m{index // _BITS}", 1 << index % _BITS

    def masked(self, source: str) -> str:
        """A SELECT that adds the mask columns to ``source``, with shared work done once."""
        layers, conditions = hoist([rule.condition for rule in self.rules])
        for layer in layers:
            named = ", ".join(f"{text} AS {name}" for name, text in layer)
            source = f"SELECT *, {named} FROM ({source})"
        terms: dict[str, list[str]] = {mask: [] for mask in self.masks}
        for index, condition in enumerate(conditions):
            if condition:
                mask, bit = self.bit(index)
                terms[mask].append(f"CASE WHEN {condition} THEN {bit} ELSE 0 END")
        masks = ", ".join(
            f"CAST({' + '.join(parts) or '0'} AS BIGINT) AS {mask}" for mask, parts in terms.items()
        )
        hidden = ", ".join(name for layer in layers for name, _ in layer)
        kept = f"* EXCLUDE ({hidden})" if hidden else "*"
        return f"SELECT {kept}, {masks} FROM ({source})"

    def failed(self, masks: Sequence[int]) -> list[Rule]:
        """The rules whose bits are set."""
        return [
            rule
            for index, rule in enumerate(self.rules)
            if masks[index // _BITS] >> index % _BITS & 1
        ]

    def rejecting(self) -> str:
        """SQL that is true for a row that some rule rejects."""
        sums: dict[str, int] = {}
        for index, rule in enumerate(self.rules):
            mask, bit = self.bit(index)
            sums[mask] = sums.get(mask, 0) + (bit if rule.rejects else 0)
        return " OR ".join(f"({mask} & {bits}) <> 0" for mask, bits in sums.items()) or "false"


def judgement(plan: FeedPlan, *, as_of: date, is_trimmed: bool = False) -> Judgement:
    """The rules of a feed: values that fit their type, required values, its checks, its key.

    ``is_trimmed``: no text of the source begins or ends with white space.
    """
    rules = [
        Rule(
            id=f"{column.name}.type",
            rejects=True,
            condition=f"{quoted(column.name)} IS NULL AND {raw(column.name)} IS NOT NULL",
        )
        for column in plan.columns
        if column.type != "text"
    ]
    required = {*plan.key, *(column.name for column in plan.columns if column.required)}
    rules += [
        Rule(
            id=f"{column.name}.required",
            rejects=True,
            condition=f"{text_column(column)} IS NULL",
        )
        for column in plan.columns
        if column.name in required
    ]
    for check in plan.checks:
        condition = failing(plan, check, as_of=as_of, is_trimmed=is_trimmed) if check.check else ""
        rules.append(
            Rule(
                id=check.id,
                rejects=check.otherwise == "reject",
                condition=condition,
                check=None if check.check else check,
            )
        )
    if plan.key and not any(set(check.unique) == set(plan.key) for check in plan.checks):
        rules.append(
            Rule(id="key.unique", rejects=True, check=Check(id="key.unique", unique=plan.key))
        )
    return Judgement(tuple(rules))


def text_column(column: FeedColumn) -> str:
    """Where the text of a column as read is found."""
    return quoted(column.name) if column.type == "text" else raw(column.name)


def raw(column: str) -> str:
    """The column that keeps a typed column's text as it was read."""
    return quoted(f"_raw_{column}")


def stage_select(
    plan: FeedPlan,
    judged: Judgement,
    *,
    relation: str,
    text_of: Callable[[str], str],
    kept: str = "",
) -> str:
    """The pass over one extract. ``text_of`` gives the SQL of a kept column's text in it.

    ``kept`` is a condition over the cast columns; rows that do not meet it are not staged.
    """
    inner = ", ".join(f"{text_of(column.name)} AS {text_column(column)}" for column in plan.columns)
    typed = [column for column in plan.columns if column.type != "text"]
    source = f"SELECT _line, _file, {inner} FROM ({relation})"
    for layer in (
        [(_folded(column.name), folded(raw(column.name))) for column in typed],
        [pair for column in typed for pair in _quick(column.name)],
    ):
        source = f"SELECT *{''.join(f', {text} AS {name}' for name, text in layer)} FROM ({source})"
    columns = ", ".join(
        quoted(column.name)
        if column.type == "text"
        else f"{raw(column.name)}, "
        f"{cast(column, _folded(column.name), *dict(_quick(column.name)))} AS {quoted(column.name)}"
        for column in plan.columns
    )
    cast_rows = f"SELECT _line, _file, {columns} FROM ({source})"
    return judged.masked(f"SELECT * FROM ({cast_rows}) WHERE {kept}" if kept else cast_rows)


def _folded(column: str) -> str:
    return quoted(f"_folded_{column}")


def _quick(column: str) -> list[tuple[str, str]]:
    """What is worked out once of a typed column: names and SQL."""
    number, iso = quick(_folded(column))
    return [(quoted(f"_number_{column}"), number), (quoted(f"_iso_{column}"), iso)]


def staging_columns(plan: FeedPlan, judged: Judgement, types: Mapping[Type, str]) -> str:
    """The columns of the staging table, in the order of ``stage_select``."""
    columns = ["_line BIGINT", "_file SMALLINT"]
    for column in plan.columns:
        if column.type != "text":
            columns.append(f"{raw(column.name)} VARCHAR")
        columns.append(f"{quoted(column.name)} {types[column.type]}")
    columns += [f"{mask} BIGINT" for mask in judged.masks]
    return ", ".join(columns)
