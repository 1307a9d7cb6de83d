"""A policy as the packs say it, held against what is installed, before it is installed."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

from yiwang.apps.services.actions.batches import lake_of_place
from yiwang.apps.services.actions.dry_runs import (
    THEN,
    Effect,
    as_kept,
    changed,
    columns_kept,
    compare,
    division_of,
    effects_of,
    place_of,
    summed,
)
from yiwang.apps.services.evidence import Judged
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of
from yiwang.apps.services.models import PolicyVersion
from yiwang.lake import Lake
from yiwang.packkit import Shelf
from yiwang.rules import judgements


@dataclass(frozen=True)
class Trial:
    """What a policy as written in a pack would do, against what is installed."""

    title: str
    is_installed: bool
    people: int
    whole: Effect
    divisions: tuple[Effect, ...]


def try_out(ref: str, *, shelf: Shelf, changes: Mapping[str, str], as_of: date) -> Trial:
    """Hold a policy of the packs against the installed one, or against nobody; nothing is kept."""
    draft = FrozenPolicy.of(ref, shelf)
    draft = changed(draft, changes, as_of=as_of) if changes else draft
    row = PolicyVersion.objects.filter(ref=ref, is_current=True).first()
    known = frozen_of(row) if row else None
    with closing(lake_of_place()) as lake:
        snapshots = {draft.table: lake.snapshots(draft.table)[-1].id}
        result = compare(known or draft, draft, lake, as_of=as_of, snapshots=snapshots)
        if known is None:
            result = _against_nobody(draft, lake, as_of=as_of, snapshots=snapshots)
    divisions = effects_of(result)
    shown = tuple(one for one in divisions if one.gain or one.lose or one.more or one.unclear)
    return Trial(draft.policy.title, known is not None, result["people"], summed(divisions), shown)


def _against_nobody(
    draft: FrozenPolicy, lake: Lake, *, as_of: date, snapshots: Mapping[str, str]
) -> dict[str, Any]:
    """Everybody entitled gains; everybody who cannot be judged is unclear."""
    place = place_of(draft)
    side = Judged(THEN, draft, draft.rule_set())
    asked = judgements(
        {THEN: draft.rule_set()},
        as_of=as_of,
        table=draft.table,
        keep=columns_kept(draft, division_of(draft)),
    )
    money = f"coalesce(then_{draft.money}, 0)" if draft.money else "0"
    rows = lake.rows(
        f"SELECT {place} AS division, count(*) AS people, "  # noqa: S608 - names of checked packs
        f"sum(CASE WHEN {side.verdict_sql()} = 'yes' THEN 1 ELSE 0 END) AS gain, 0 AS lose, "
        f"0 AS more, sum(CASE WHEN {side.verdict_sql()} = 'unknown' THEN 1 ELSE 0 END) AS unclear, "
        f"0 AS before, sum({money}) AS after FROM ({asked}) AS judged "
        f"GROUP BY {place} ORDER BY {place}",
        as_of=dict(snapshots),
    )
    return as_kept(rows)
