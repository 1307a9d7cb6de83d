"""Targets of a plan: confirmed, corrected, dropped or added by a person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from yiwang.apps.boards.actions.plans import find_plan
from yiwang.apps.boards.models import Plan, PlanTarget
from yiwang.apps.boards.proving import Capability
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Invalid, NotFound

BOUNDS = {"least": "不低于", "most": "不高于", "equal": "等于"}
PLACES = Decimal("0.0001")
LARGEST = Decimal(10**14)


class TargetUnknown(NotFound):
    """No plan has a target of this position."""

    code = "boards.target_unknown"


class TargetMalformed(Invalid):
    """A target is a number with a bound, in the plan's words; what it names is there."""

    code = "boards.target_malformed"


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a person says a target is."""

    words: str
    value: Decimal
    unit: str
    bound: str
    """``least``, ``most`` or ``equal``."""
    due_on: date | None = None
    task: str = ""
    """The number of the task it stands in; empty in the general goals."""
    capability: str = ""
    """The id of the target in the list of capabilities (``T-04``)."""


@transaction.atomic
def confirm_target(
    *,
    plan: int,
    position: int,
    said: Aim,
    capabilities: Collection[Capability],
    officer: identity.Officer,
    at: datetime,
) -> None:
    """确认: a person takes a target into the ledger, corrected where it was misread."""
    identity.require(officer, "boards.keep_plan")
    _enter(_target(plan, position), said, capabilities, officer, at)


@transaction.atomic
def add_target(
    *,
    plan: int,
    said: Aim,
    capabilities: Collection[Capability],
    officer: identity.Officer,
    at: datetime,
) -> int:
    """补录: a target that reading missed; returns its position."""
    identity.require(officer, "boards.keep_plan")
    kept = find_plan(plan)
    last = kept.targets.aggregate(last=Max("position"))["last"] or 0
    target = PlanTarget(plan=kept, position=last + 1)
    _enter(target, said, capabilities, officer, at)
    return target.position


@transaction.atomic
def drop_target(
    *, plan: int, position: int, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """不列入: what was read is no target; the reason stays with it."""
    identity.require(officer, "boards.keep_plan")
    TargetMalformed.unless((bool(reason.strip()), "reason", "不列入台账要写明理由。"))
    target = _target(plan, position)
    target.reason = reason.strip()[:500]
    _decide(target, "dropped", officer, at)


def _enter(
    target: PlanTarget,
    said: Aim,
    capabilities: Collection[Capability],
    officer: identity.Officer,
    at: datetime,
) -> None:
    _require(target.plan, said, capabilities)
    target.value, target.unit, target.bound = said.value.quantize(PLACES), said.unit, said.bound
    target.words, target.due_on = said.words.strip()[:300], said.due_on
    target.reason = ""
    target.task_number, target.capability = said.task, said.capability
    _decide(target, "confirmed", officer, at)


def _require(plan: Plan, said: Aim, capabilities: Collection[Capability]) -> None:
    aims = {one.id for one in capabilities if one.is_target}
    TargetMalformed.unless(
        (bool(said.words.strip()), "words", "请摘抄方案原文。"),
        (abs(said.value) < LARGEST, "value", "数值太大。"),
        (0 < len(said.unit) <= 12, "unit", "请写明单位，不超过十二个字。"),
        (said.bound in BOUNDS, "bound", "请选择不低于、不高于或等于。"),
        (
            not said.task or plan.tasks.filter(number=said.task).exists(),
            "task",
            "方案里没有这个编号的任务。",
        ),
        (not said.capability or said.capability in aims, "capability", "请从目标清单中选择。"),
    )


def _decide(target: PlanTarget, state: str, officer: identity.Officer, at: datetime) -> None:
    target.state = state
    target.decided_at, target.decided_by = at, officer.username
    target.save()
    journal.record(
        f"plan.target_{state}",
        subject=f"plan:{target.plan_id}/target:{target.position}",
        actor=officer.username,
        at=at,
    )


def _target(plan: int, position: int) -> PlanTarget:
    found = PlanTarget.objects.select_for_update().select_related("plan")
    target = found.filter(plan_id=plan, position=position).first()
    if target is None:
        raise TargetUnknown(
            "方案里没有这个目标。", hint="请从方案页面进入。", plan=plan, position=position
        )
    return target
