"""规则预警: recorded facts are held against the rules of the place; what is unusual gets a case.

The rules are content of packs, dated and editable, in the one expression language. Each condition
that is *yes* for what is watched opens one case; while that is open, and for the same day, it is
not opened again. Whoever has such facts watches with this loop: staff here, granted data in
``exchange``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from yiwang.apps.casework.actions.opening import current_flow, open_case
from yiwang.apps.casework.models import Case, RoleHolder, RuleAlert
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.rules import Reason, RuleSet

Explain = Callable[[Reason], Mapping[str, Any]]
"""The condition that was met, as it was in force on the day."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What is watched by which rules, and the case that an alert opens."""

    rules: str
    flow: str
    title: str
    """What people call such an alert: 用数预警, 行为黄牌."""
    key: str
    """The column that names what is watched; each row has ``organ`` and ``day`` beside it."""
    noun: str
    """What people call it: 授权, 人员."""
    name_of: Callable[[str], str] = str
    """What people call the one that is watched."""
    event: str
    actor: str
    told: tuple[str, ...] = ("organ",)
    """Columns that the journal keeps."""
    over: tuple[str, ...] = ()
    """Graver rules with the same conditions: what they found is not told again by these."""
    by_holder: bool = False
    """The case belongs to the organ whose post brings the flow's first role, not to the one
    that is watched."""


def watch(
    one: Watch, *, rows: Iterable[Mapping[str, Any]], at: datetime, library: Library | None = None
) -> int:
    """Judge each row by the rules in force on its day; returns how many alerts are new."""
    shelf = library or current_library(settings.PACKS, settings.PLACE, settings.HOME)
    if one.rules not in shelf.rules():
        return 0
    rules, raised = shelf.rule_set(one.rules), 0
    for row in rows:
        explain = partial(_explained, shelf, rules, day=row["day"])
        verdict = rules.judge(row, as_of=row["day"])
        found = [reason for reason in verdict.reasons if reason.result == "yes"]
        raised += sum(_raised(one, explain, row, reason, at) for reason in found)
    return raised


@transaction.atomic
def _raised(
    one: Watch, explain: Explain, row: Mapping[str, Any], reason: Reason, at: datetime
) -> bool:
    name, organ = str(row[one.key]), str(row["organ"])
    if _is_known(one, reason.id, name, row["day"]):
        return False
    measured = {column: row[column] for column in reason.names if column in row}
    owner = _supervisor(one.flow, organ) if one.by_holder else organ
    case = open_case(
        flow=one.flow,
        subject=name,
        title=f"{one.title}：{reason.title}（{one.noun} {one.name_of(name)}）",
        organ=owner,
        division=identity.organ(owner).division,
        facts={one.key: one.name_of(name), "day": row["day"].isoformat(), **measured},
        actor=one.actor,
        at=at,
    )
    RuleAlert.objects.create(
        rule=one.rules,
        condition=reason.id,
        title=reason.title,
        object=name,
        organ=organ,
        day=row["day"],
        measured=measured,
        case=case.number,
        raised_at=at,
        **explain(reason),
    )
    told = {column: str(row[column]) for column in one.told}
    journal.record(
        one.event,
        subject=name,
        actor=one.actor,
        at=at,
        case=case.number,
        facts={"rule": one.rules, "condition": reason.id, **told},
    )
    return True


def _is_known(one: Watch, condition: str, name: str, day: date) -> bool:
    """Whether it is told already: for this day, or in a case that is still open."""
    rows = RuleAlert.objects.filter(
        rule__in=(one.rules, *one.over), condition=condition, object=name
    )
    is_open = Case.objects.filter(number=OuterRef("case")).exclude(state=Case.State.ENDED)
    return rows.filter(Q(day=day) | Exists(is_open)).exists()


def _explained(shelf: Library, rules: RuleSet, reason: Reason, day: date) -> dict[str, Any]:
    """The condition as it was in force, with the values that it names."""
    condition, expression = next(each for each in rules.conditions if each[0].id == reason.id)
    in_force = rules.in_force(as_of=day)
    named = sorted(expression.parameters & set(in_force))
    pack = shelf.packs[rules.id.partition(".")[0]]
    bases = {each.id: f"{each.title}{each.clause}" for each in pack.manifest.basis}
    return {
        "check_text": condition.check,
        "values": {name: str(in_force[name].value) for name in named},
        "basis": bases.get(condition.basis, condition.basis),
    }


def _supervisor(flow: str, organ: str) -> str:
    """The organ whose post brings the role of the flow's first step, nearest above ``organ``."""
    content = frozen_flow(current_flow(flow))
    role = content.steps[content.start].role
    division = identity.organ(organ).division
    known = {each.id: each.division for each in identity.organs()}
    able = [
        holder
        for holder in RoleHolder.objects.filter(role=role).values_list("organ", flat=True)
        if holder in known and identity.is_within(division, known[holder])
    ]
    return max(able, key=lambda each: (known[each].rstrip("0"), each), default=organ)
