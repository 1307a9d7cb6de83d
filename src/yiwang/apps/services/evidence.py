"""Frozen evidence: policies judged side by side over one table, kept as a snapshot of the lake.

One row per subject: every value that any of the policies looked at, and for each policy, under
its prefix, the conditions that failed or could not be judged, what was missing, and what was given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from yiwang.apps.services.frozen import FrozenPolicy
from yiwang.lake import ContractColumn, Lake, Publication, TableContract
from yiwang.rules import RuleSet, judgements, spelled

BITS = ("failed", "unknown", "missing")


def evidence_of(table: str) -> str:
    """Where the evidence of judgements over ``table`` is kept."""
    return f"judged.{table.replace('.', '_')}"


def prefixes(count: int) -> list[str]:
    """What the columns of each policy of a batch begin with."""
    return [f"p{place:02}" for place in range(count)]


@dataclass(frozen=True)
class Judged:
    """One policy's part of a batch."""

    prefix: str
    frozen: FrozenPolicy
    rules: RuleSet

    def verdict_sql(self) -> str:
        """The verdict of a row of the evidence."""
        failed, unknown = f"{self.prefix}_failed", f"{self.prefix}_unknown"
        return (
            f"CASE WHEN {failed} <> 0 THEN 'no' WHEN {unknown} <> 0 THEN 'unknown' ELSE 'yes' END"
        )

    def verdict(self, row: Mapping[str, Any]) -> str:
        """The verdict of a row that was read."""
        if row[f"{self.prefix}_failed"]:
            return "no"
        return "unknown" if row[f"{self.prefix}_unknown"] else "yes"

    def failed(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Ids of the conditions that failed."""
        return spelled(row[f"{self.prefix}_failed"], self.conditions)

    def unknown(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Ids of the conditions that could not be judged."""
        return spelled(row[f"{self.prefix}_unknown"], self.conditions)

    def missing(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the columns that were missing."""
        return spelled(row[f"{self.prefix}_missing"], self.rules.reads)

    def outputs(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What was given."""
        return {name: row[f"{self.prefix}_{name}"] for name in self.rules.outputs}

    @property
    def conditions(self) -> tuple[str, ...]:
        """Ids of the conditions, in the order of their bits."""
        return tuple(one.id for one, _ in self.rules.conditions)

    @property
    def columns(self) -> dict[str, str]:
        """The policy's columns of the evidence with their types."""
        bits = {f"{self.prefix}_{name}": "integer" for name in (*BITS, "decided")}
        given = {f"{self.prefix}_{name}": kind for name, kind in self.rules.outputs.items()}
        return {**bits, **given}


def judged_parts(policies: Sequence[FrozenPolicy], marks: Sequence[str] = ()) -> list[Judged]:
    """The policies of one batch, each under its prefix."""
    named = marks or prefixes(len(policies))
    return [Judged(mark, one, one.rule_set()) for mark, one in zip(named, policies, strict=True)]


def values_kept(parts: Sequence[Judged]) -> list[str]:
    """The columns of the table that a batch keeps: who, where, and everything looked at."""
    wanted: dict[str, None] = {}
    for one in parts:
        wanted |= dict.fromkeys((one.frozen.policy.subject, one.frozen.policy.division))
        wanted |= dict.fromkeys((*one.rules.reads, *one.frozen.kept))
    known = parts[0].frozen.columns
    return [name for name in wanted if name in known]


def judge_all(parts: Sequence[Judged], lake: Lake, *, as_of: date, at: datetime) -> Publication:
    """Judge everybody of one table by all its policies, and commit the evidence."""
    first = parts[0].frozen
    table, kept = first.table, values_kept(parts)
    asked = judgements(
        {one.prefix: one.rules for one in parts}, as_of=as_of, table=table, keep=kept
    )
    columns: dict[str, str] = {name: first.columns[name] for name in kept}
    for one in parts:
        columns |= one.columns
    contract = TableContract(
        name=evidence_of(table),
        key=(first.policy.subject,),
        columns=tuple(
            ContractColumn(name=name, type=cast(Any, kind), required=False)
            for name, kind in columns.items()
        ),
    )
    return lake.publish(contract.name, asked, contract=contract, at=at)


def counts(parts: Sequence[Judged], lake: Lake, made: Publication) -> dict[str, dict[str, Any]]:
    """For each policy by prefix: yes, no, unknown, amount, and how many each condition refused."""
    asked = ["count(*) AS people"]
    for one in parts:
        p, verdict = one.prefix, one.verdict_sql()
        asked += [
            f"sum(CASE WHEN {verdict} = '{word}' THEN 1 ELSE 0 END) AS {p}_{word}"
            for word in ("yes", "no", "unknown")
        ]
        asked += [
            f"sum(CASE WHEN {p}_failed & {1 << place} <> 0 THEN 1 ELSE 0 END) AS {p}_c{place}"
            for place in range(len(one.conditions))
        ]
        if one.frozen.money:
            asked.append(f"sum({p}_{one.frozen.money}) AS {p}_sum")
    (row,) = lake.rows(
        f"SELECT {', '.join(asked)} FROM {made.name}",  # noqa: S608 - names of our own making
        as_of={made.name: made.snapshot},
    )
    return {one.prefix: _counted(one, row) for one in parts}


def _counted(one: Judged, row: Mapping[str, Any]) -> dict[str, Any]:
    p = one.prefix
    return {
        **{word: int(row[f"{p}_{word}"] or 0) for word in ("yes", "no", "unknown")},
        "amount": row.get(f"{p}_sum"),
        "failed": {
            condition: int(row[f"{p}_c{place}"])
            for place, condition in enumerate(one.conditions)
            if row[f"{p}_c{place}"]
        },
    }


def rows_of(
    one: Judged,
    lake: Lake,
    *,
    evidence: str,
    snapshot: str,
    where: str = "",
    values: Mapping[str, Any] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Rows of the evidence of one policy: its values and its own columns.

    ``where`` speaks of ``verdict`` and of the columns kept; it is ours, values come by name.
    """
    kept = values_kept([one])
    shown = ", ".join(f'"{name}"' for name in (*kept, *one.columns))
    division = one.frozen.policy.division
    order = ", ".join(f'"{name}"' for name in (division, one.frozen.policy.subject) if name)
    tail = f" LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
    return lake.rows(
        f"SELECT * FROM (SELECT {shown}, {one.verdict_sql()} AS verdict FROM {evidence}) AS judged"  # noqa: S608
        f"{' WHERE ' + where if where else ''} ORDER BY verdict DESC, {order}{tail}",
        as_of={evidence: snapshot},
        values=values,
    )
