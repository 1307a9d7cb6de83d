"""Dry run: a changed rule against the rule in force, over the whole population, before it counts.

Both are judged in one pass over one snapshot; who comes out differently is counted by division
and listed from the same snapshot again, so that the figures can be checked person by person.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.actions.batches import lake_of_place
from yiwang.apps.services.evidence import Judged
from yiwang.apps.services.frozen import FrozenPolicy, frozen_of, thaw
from yiwang.apps.services.judging import written
from yiwang.apps.services.models import DryRun
from yiwang.apps.services.queries import find_policy
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.kernel.numbers import number_in
from yiwang.lake import Lake
from yiwang.packkit.kinds.shared import DatedValue
from yiwang.rules import RuleSet, judgements

NOW, THEN = "now", "then"


class ChangeRefused(Invalid):
    """The change names no parameter of the rules, or a value of another type."""

    code = "services.change_refused"


class DryRunUnknown(NotFound):
    """No dry run has this number."""

    code = "services.dry_run_unknown"


@dataclass(frozen=True)
class Effect:
    """What a change would do, in one division or in all."""

    division: str
    gain: int
    lose: int
    more: int
    """Entitled before and after, to another amount."""
    unclear: int
    """Could be judged before and no longer, or the other way round."""
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """Money per period, after less before."""
        return self.after - self.before


@dataclass(frozen=True)
class DryRunView:
    """A dry run as a page shows it."""

    id: int
    policy: str
    title: str
    changes: Mapping[str, tuple[str, str]]
    """Parameter title to its value now and then."""
    as_of: date
    at: datetime
    by: str
    people: int
    whole: Effect
    divisions: tuple[Effect, ...]
    snapshots: Mapping[str, str]


@transaction.atomic
def dry_run(
    policy: str,
    *,
    changes: Mapping[str, str],
    as_of: date,
    officer: identity.Officer,
    at: datetime,
) -> DryRunView:
    """规则试算: who gains, who loses, and the money, if parameters had these values."""
    version = find_policy(policy)
    identity.require(officer, "services.run", organ=version.organ)
    frozen = frozen_of(version)
    draft = changed(frozen, changes, as_of=as_of)
    with closing(lake_of_place()) as lake:
        snapshots = {frozen.table: lake.snapshots(frozen.table)[-1].id}
        result = compare(frozen, draft, lake, as_of=as_of, snapshots=snapshots)
    row = DryRun.objects.create(
        policy=version,
        draft=msgspec.to_builtins(draft),
        changes=_told(frozen, draft, changes, as_of),
        as_of=as_of,
        snapshots=snapshots,
        result=result,
        by=officer.username,
        at=at,
    )
    journal.record(
        "policy.dry_run",
        subject=policy,
        actor=officer.username,
        at=at,
        facts={"run": row.pk, "version": version.version},
    )
    return _view(row)


def dry_run_view(number: int, *, officer: identity.Officer) -> DryRunView:
    """One dry run."""
    row = _row(number)
    identity.require(officer, "services.see", organ=row.policy.organ)
    return _view(row)


def dry_runs(policy: str, *, officer: identity.Officer) -> list[DryRunView]:
    """The dry runs of a policy, newest first."""
    version = find_policy(policy)
    identity.require(officer, "services.see", organ=version.organ)
    rows = DryRun.objects.filter(policy__ref=policy).select_related("policy").order_by("-id")[:20]
    return [_view(row) for row in rows]


def concerned(
    number: int, *, officer: identity.Officer, at: datetime, offset: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Who gains and who loses by name, read from the snapshot again; journalled."""
    row = _row(number)
    identity.require(officer, "services.see", organ=row.policy.organ)
    frozen = frozen_of(row.policy)
    with closing(lake_of_place()) as lake:
        found = _differing(
            frozen, thaw(row.draft), lake, as_of=row.as_of, snapshots=row.snapshots,
            offset=offset, limit=limit,
        )  # fmt: skip
    journal.record(
        "policy.dry_run_read",
        subject=row.policy.ref,
        actor=officer.username,
        at=at,
        purpose=f"{row.policy.title}试算",
        facts={"run": number, "people": len(found)},
    )
    return found


def changed(frozen: FrozenPolicy, changes: Mapping[str, str], *, as_of: date) -> FrozenPolicy:
    """The policy with other values from ``as_of`` on; refused if the rules would not stand."""
    parameters = dict(frozen.rules.parameters)
    for name, text in changes.items():
        if name not in parameters:
            raise ChangeRefused(
                f"规则没有参数“{name}”。", hint=f"可改的有：{'、'.join(parameters)}。", name=name
            )
        parameters[name] = _with_value(parameters[name], text, as_of)
    rules = msgspec.structs.replace(frozen.rules, parameters=parameters)
    draft = msgspec.structs.replace(frozen, rules=rules)
    try:
        draft.rule_set().in_force(as_of=as_of)
    except Invalid as refusal:
        raise ChangeRefused(str(refusal), hint="核对试算的值。") from refusal
    return draft


def _told(
    frozen: FrozenPolicy, draft: FrozenPolicy, changes: Mapping[str, str], as_of: date
) -> dict[str, list[str]]:
    was = frozen.rule_set().in_force(as_of=as_of)
    now = draft.rule_set().in_force(as_of=as_of)
    return {
        frozen.rules.parameters[name].title: [written(was[name].value), written(now[name].value)]
        for name in changes
    }


def _with_value(parameter: Any, text: str, as_of: date) -> Any:
    kept = [one for one in parameter.values if one.from_ < as_of]
    kept = [
        msgspec.structs.replace(one, until=as_of) if one.until is None or one.until > as_of else one
        for one in kept
    ]
    basis = (kept or list(parameter.values))[-1].basis
    try:
        value: int | str = int(text) if parameter.type == "integer" else text.strip()
        if parameter.type == "decimal":
            number_in(text)
    except ValueError:
        raise ChangeRefused(
            f"“{parameter.title}”的值“{text[:20]}”不是数。", hint="金额写作 60.00，年龄写作 80。"
        ) from None
    fresh = DatedValue(from_=as_of, value=value, basis=basis)
    return msgspec.structs.replace(parameter, values=(*kept, fresh))


def compare(
    frozen: FrozenPolicy,
    draft: FrozenPolicy,
    lake: Lake,
    *,
    as_of: date,
    snapshots: Mapping[str, str],
) -> dict[str, Any]:
    """Gains, losses and money by division, judged in one pass."""
    division, place = division_of(frozen), place_of(frozen)
    money = frozen.money
    sides = {
        NOW: Judged(NOW, frozen, frozen.rule_set()),
        THEN: Judged(THEN, draft, draft.rule_set()),
    }
    a, b = sides[NOW].verdict_sql(), sides[THEN].verdict_sql()
    m = (f"coalesce(now_{money}, 0)", f"coalesce(then_{money}, 0)") if money else ("0", "0")
    asked = _both(frozen, draft.rule_set(), as_of, keep=columns_kept(frozen, division))
    rows = lake.rows(
        f"SELECT {place} AS division, count(*) AS people, "  # noqa: S608 - names of checked packs
        f"sum(CASE WHEN {a} <> 'yes' AND {b} = 'yes' THEN 1 ELSE 0 END) AS gain, "
        f"sum(CASE WHEN {a} = 'yes' AND {b} <> 'yes' THEN 1 ELSE 0 END) AS lose, "
        f"sum(CASE WHEN {a} = 'yes' AND {b} = 'yes' AND {m[0]} <> {m[1]} "
        "THEN 1 ELSE 0 END) AS more, "
        f"sum(CASE WHEN ({a} = 'unknown') <> ({b} = 'unknown') THEN 1 ELSE 0 END) AS unclear, "
        f"sum({m[0]}) AS before, sum({m[1]}) AS after FROM ({asked}) AS both "
        f"GROUP BY {place} ORDER BY {place}",
        as_of=dict(snapshots),
    )
    return as_kept(rows)


def as_kept(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A result as it is stored."""
    return {
        "people": sum(row["people"] for row in rows),
        "divisions": [
            {
                **{name: int(row[name] or 0) for name in ("gain", "lose", "more", "unclear")},
                "division": row["division"] or "",
                "before": f"{row['before'] or 0:.2f}",
                "after": f"{row['after'] or 0:.2f}",
            }
            for row in rows
        ],
    }


def division_of(frozen: FrozenPolicy) -> str:
    """The column by which effects are summed: townships where the table has them."""
    return "township" if "township" in frozen.columns else frozen.policy.division


def place_of(frozen: FrozenPolicy) -> str:
    """That column in SQL, or nothing."""
    name = division_of(frozen)
    return f'"{name}"' if name else "''"


def _both(frozen: FrozenPolicy, draft: RuleSet, as_of: date, *, keep: list[str]) -> str:
    sets = {NOW: frozen.rule_set(), THEN: draft}
    return judgements(sets, as_of=as_of, table=frozen.table, keep=keep)


def columns_kept(frozen: FrozenPolicy, division: str) -> list[str]:
    """Who and where, as far as the table says it."""
    wanted = [frozen.policy.subject, frozen.policy.division, division, "name"]
    return [name for name in dict.fromkeys(wanted) if name in frozen.columns]


def _differing(
    frozen: FrozenPolicy,
    draft: FrozenPolicy,
    lake: Lake,
    *,
    as_of: date,
    snapshots: Mapping[str, str],
    offset: int,
    limit: int,
) -> list[dict[str, Any]]:
    sides = {
        NOW: Judged(NOW, frozen, frozen.rule_set()),
        THEN: Judged(THEN, draft, draft.rule_set()),
    }
    kept = columns_kept(frozen, frozen.policy.division)
    asked = _both(frozen, draft.rule_set(), as_of, keep=kept)
    money = (
        [f"now_{frozen.money} AS before", f"then_{frozen.money} AS after"] if frozen.money else []
    )
    shown = ", ".join([*(f'"{name}"' for name in kept),
                       f"{sides[NOW].verdict_sql()} AS was", f"{sides[THEN].verdict_sql()} AS now",
                       *money])  # fmt: skip
    differ = "was <> now" + (" OR before IS DISTINCT FROM after" if frozen.money else "")
    return lake.rows(
        f"SELECT * FROM (SELECT {shown} FROM ({asked}) AS both) AS told WHERE {differ} "  # noqa: S608
        f'ORDER BY now DESC, "{frozen.policy.subject}" LIMIT {int(limit)} OFFSET {int(offset)}',
        as_of=dict(snapshots),
    )


def _row(number: int) -> DryRun:
    row = DryRun.objects.select_related("policy").filter(pk=number).first()
    if row is None:
        raise DryRunUnknown(f"没有第 {number} 次试算。", hint="请从政策页面进入。", run=number)
    return row


def _view(row: DryRun) -> DryRunView:
    divisions = effects_of(row.result)
    return DryRunView(
        id=row.pk,
        policy=row.policy.ref,
        title=row.policy.title,
        changes={name: (was, now) for name, (was, now) in row.changes.items()},
        as_of=row.as_of,
        at=row.at,
        by=row.by,
        people=row.result["people"],
        whole=summed(divisions),
        divisions=tuple(
            one for one in divisions if one.gain or one.lose or one.more or one.unclear
        ),
        snapshots=row.snapshots,
    )


def effects_of(result: Mapping[str, Any]) -> tuple[Effect, ...]:
    """The effects by division of a stored result."""
    return tuple(
        Effect(**{**one, "before": Decimal(one["before"]), "after": Decimal(one["after"])})
        for one in result["divisions"]
    )


def summed(parts: tuple[Effect, ...]) -> Effect:
    return Effect(
        division="",
        gain=sum(one.gain for one in parts),
        lose=sum(one.lose for one in parts),
        more=sum(one.more for one in parts),
        unclear=sum(one.unclear for one in parts),
        before=sum((one.before for one in parts), Decimal(0)),
        after=sum((one.after for one in parts), Decimal(0)),
    )
