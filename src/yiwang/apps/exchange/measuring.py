"""Measuring a proposal: what the catalogue knows of its columns, and what the lake counts."""

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import opening
from yiwang.apps.exchange.models import Release
from yiwang.apps.exchange.opening import About, Chosen, Refusal, Threshold
from yiwang.apps.exchange.queries.releases import THRESHOLDS
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid
from yiwang.lake import OpenPlan

DIVISIONS = "base.divisions"
_KNOWN = ("name", "title", "type", "element", "codes", "category", "grade", "open")


class ColumnNotOffered(Invalid):
    """A proposal names a column that the table does not have."""

    code = "exchange.open_column_not_offered"


class NoThreshold(Invalid):
    """No threshold is in force on the day; nothing is opened without one."""

    code = "exchange.open_no_threshold"


class Wanted(Protocol):
    """What is read of a proposal."""

    @property
    def table(self) -> str: ...
    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def terms(self) -> str: ...
    @property
    def coarse(self) -> Mapping[str, str]: ...
    @property
    def declared(self) -> Mapping[str, str]: ...
    @property
    def leaves_out(self) -> bool: ...


@dataclass(frozen=True)
class Outcome:
    """Columns with their roles, what was measured (JSON-ready), and why it may not go out."""

    columns: list[dict[str, Any]]
    measured: dict[str, Any]
    refusals: list[Refusal]
    score: Decimal | None


def measured(wanted: Wanted, *, at: datetime) -> Outcome:
    """Measure what a proposal would open today; refusals with the columns to blame."""
    chosen = _chosen(wanted)
    kind = _about(wanted.table, chosen)
    threshold = threshold_on(wanted.terms, local_date(at))
    plan = opening.plan_of(wanted.table, chosen, kind, k=threshold.k, leaves_out=wanted.leaves_out)
    lake = catalog.lake()
    found = lake.measure_open(plan)
    titles = {one.name: one.title for one in chosen}
    refusals = [
        *opening.columns_refused(chosen, kind, terms=wanted.terms),
        *opening.measure_refused(found, plan, threshold, titles=titles),
    ]
    is_small = (plan.quasi or plan.counts) and found.below > 0
    divisions = [one.name for one in chosen if one.codes == DIVISIONS]
    codes = [one.name for one in chosen if one.codes and one.codes != DIVISIONS]
    blamed, way = lake.blame_open(plan, divisions=divisions, codes=codes) if is_small else ((), ())
    return Outcome(
        columns=_as_stored(chosen, kind),
        measured={
            "about": kind,
            "rows": found.rows,
            "classes": found.classes,
            "k": found.smallest if plan.quasi or plan.counts else None,
            "below": found.below,
            "l": found.least_varied,
            "threshold": asdict(threshold),
            "refusals": [asdict(one) for one in refusals],
            "blame": [asdict(one) for one in blamed],
            "way": [asdict(one) for one in way],
            "snapshot": lake.snapshots(wanted.table)[-1].id,
            "at": at.isoformat(),
        },
        refusals=refusals,
        score=_score(wanted.table),
    )


def measured_again(row: Release, *, at: datetime) -> Outcome:
    """Measure a release as it stands over the latest snapshot."""
    return measured(_Standing(row), at=at)


class _Standing:
    """A stored release as a proposal."""

    def __init__(self, row: Release) -> None:
        self.table, self.terms, self.leaves_out = row.table, row.terms, row.leaves_out
        self.columns = [str(one["name"]) for one in row.columns]
        self.coarse = {one["name"]: one["coarse"] for one in row.columns}
        self.declared = {one["name"]: one["role"] for one in row.columns}


def plan_of_row(row: Release) -> OpenPlan:
    """The plan by which the files of a release are written."""
    chosen = _chosen(_Standing(row))
    return opening.plan_of(
        row.table,
        chosen,
        row.measured["about"],
        k=int(row.measured["threshold"]["k"]),
        leaves_out=row.leaves_out,
    )


def threshold_on(terms: str, day: date) -> Threshold:
    """The threshold in force for these terms on a day."""
    for one in catalog.entries(THRESHOLDS):
        begun = str(one["active_from"]) <= day.isoformat()
        until = one.get("active_until")
        if str(one["terms"]) == terms and begun and (not until or day.isoformat() < str(until)):
            return Threshold(
                k=int(str(one["k"])),
                l=int(str(one["l"])),
                most_left_out=int(str(one["most_left_out"])),
                basis=str(one["basis"]),
            )
    raise NoThreshold(
        f"{day} 没有有效的开放阈值。", hint=f"请在登记册 {THRESHOLDS} 中补充。", day=str(day)
    )


def comes_of_persons(table: str) -> bool:
    """Whether a table, or any table it is computed from, tells of persons."""
    seen: set[str] = set()
    waiting = [table]
    while waiting:
        ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        try:
            found = catalog.dataset(ref)
        except catalog.DatasetUnknown:
            continue  # a register: a list of things
        if found.subject == "person":
            return True
        if any(column.element == "id_number" for column in found.column_views):
            return True
        waiting.extend(found.upstream)
    return False


def _about(table: str, chosen: Sequence[Chosen]) -> About:
    return opening.about(
        chosen, subject=catalog.dataset(table).subject, comes_of_persons=comes_of_persons(table)
    )


def _chosen(wanted: Wanted) -> list[Chosen]:
    known = {one.name: one for one in catalog.columns_of(wanted.table)}
    if strange := [name for name in wanted.columns if name not in known]:
        raise ColumnNotOffered(
            f"数据表 {wanted.table} 没有字段 {strange[0][:60]}。", hint="请在目录中核对字段。"
        )
    return [
        Chosen(
            **{
                key: getattr(known[name], key)
                for key in (
                    "name",
                    "title",
                    "type",
                    "element",
                    "codes",
                    "category",
                    "grade",
                    "open",
                )
            },
            coarse=wanted.coarse.get(name, ""),
            declared=wanted.declared.get(name, ""),
        )
        for name in wanted.columns
    ]


def _as_stored(chosen: Sequence[Chosen], kind: About) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "title": one.title,
            "type": one.type,
            "codes": one.codes,
            "coarse": one.coarse,
            "role": opening.role_of(one, kind),
        }
        for one in chosen
    ]


def _score(table: str) -> Decimal | None:
    """The lowest quality score among the feeds that the table is computed from."""
    scores, seen, waiting = [], set(), [table]
    while waiting:
        ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        try:
            found = catalog.dataset(ref)
        except catalog.DatasetUnknown:
            continue
        if found.score is not None:
            scores.append(found.score)
        waiting.extend(found.upstream)
    return min(scores, default=None)


def new_ident() -> str:
    """A UUID (version 7) that sorts by time of creation, as CKAN's ids are UUIDs."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))
