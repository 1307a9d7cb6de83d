"""The state of a case between the database and the machine: read from rows, written by difference.

Rows are what the machine's tasks look like in a table. Whatever the machine removes from a state
stays as a row: a task that is over is left, never deleted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import F, Q

from yiwang.apps.casework import clock, machine, place
from yiwang.apps.casework.at_hand import parties_of, tasks_of
from yiwang.apps.casework.machine import Act, Post, State, Task
from yiwang.apps.casework.models import (
    LISTED,
    Case,
    Party,
    PlanSwitch,
    RoleHolder,
    StepTask,
    TrailEntry,
)
from yiwang.apps.casework.storing import insert_models, update_rows
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.work import Flow


def state_of(row: Case, content: Flow, trail: Sequence[TrailEntry]) -> State:
    """Where a case stands, from its rows."""
    tasks = sorted(tasks_of(row), key=lambda one: one.number)
    steps = (line.to_step for line in trail)
    return State(
        step=row.step,
        state=row.state,
        organs=organs_of(row),
        division=row.division,
        tasks=tuple(_task(one) for one in tasks if one.is_present),
        count=max((one.number for one in tasks), default=0),
        visited=tuple(dict.fromkeys(step for step in steps if step in content.steps)),
        last_step=row.last_step,
    )


def organs_of(row: Case) -> dict[str, str]:
    """The organ of each party, and under ``""`` the case's own."""
    return {"": row.organ, **{one.name: one.organ for one in parties_of(row)}}


def history(row: Case, content: Flow, trail: Sequence[TrailEntry]) -> tuple[State, ...]:
    """Every state of a case, replayed from its trail alone."""
    first, *later = trail
    acts = [act_of(line) for line in later]
    return machine.replay(content, acts, organs=organs_of(row), division=first.division)


def act_of(line: TrailEntry) -> Act:
    """The act that a line of trail records."""
    evidence = {one.name for one in line.evidence.all()} | ({"reason"} if line.reason else set())
    post = line.detail.get("post")
    return Act(
        verb=line.verb,
        task=line.task,
        to=line.detail.get("to", ""),
        actor=line.actor,
        evidence=frozenset(evidence),
        post=Post(**post) if post else None,
        asked=line.detail.get("asked", ""),
        pause=line.detail.get("pause", ""),
        division=line.detail.get("division", ""),
        extension=line.detail.get("extension", ""),
        in_place_of=line.detail.get("in_place_of", ""),
    )


DETAILS = ("to", "asked", "pause", "division", "extension", "in_place_of")


def detail_of(act: Act) -> dict[str, Any]:
    """What of an act its line of trail keeps beside verb, task, actor and reason."""
    kept = {name: getattr(act, name) for name in DETAILS}
    if act.post:
        kept["post"] = msgspec.to_builtins(act.post)
    return {name: value for name, value in kept.items() if value}


def marks_of(trail: Sequence[TrailEntry]) -> list[clock.Mark]:
    """What a trail says to the clocks."""
    return [
        clock.Mark(
            line.at,
            line.verb,
            line.to_step,
            line.detail.get("pause", ""),
            line.detail.get("extension", ""),
        )
        for line in trail
        if line.verb not in machine.NOTES
    ]


def limits_of(content: Flow, promised: str = "", legal: str = "") -> clock.Limits:
    """The limits of a flow; ``promised`` and ``legal`` are the case's own, if it has them."""
    return clock.Limits(
        promised=promised or content.limit,
        legal=legal or content.legal_limit,
        steps={step_id: step.limit for step_id, step in content.steps.items()},
        pauses=content.pauses,
    )


def read_clocks(row: Case, content: Flow, marks: Sequence[clock.Mark]) -> clock.Reading:
    """The clocks of a case, from its whole trail."""
    limits = limits_of(content, row.limit, row.legal_limit)
    if content.profile == "incident":
        _, since = clock.step_since(marks)
        changed = plan_limits(row.flow.ref, since)
        limits = replace(limits, steps={**limits.steps, **changed})
    return clock.read(marks, limits=limits, calendar=place.calendar())


def plan_limits(flow: str, at: datetime) -> dict[str, str]:
    """Steps whose limit a plan that was on at a moment changed, the latest plan last.

    It holds for what came to the step while the plan was on; so clocks replay after it is off.
    """
    switches = PlanSwitch.objects.filter(on_at__lte=at).filter(Q(off_at=None) | Q(off_at__gt=at))
    return {
        name.removeprefix(f"{flow}."): limit
        for one in switches.order_by("on_at")
        for name, limit in one.limits.items()
        if name.rpartition(".")[0] == flow
    }


def holders_of(roles: Collection[str]) -> set[tuple[str, str]]:
    """The (organ, role) pairs of which some post brings the role."""
    return set(RoleHolder.objects.filter(role__in=roles).values_list("organ", "role"))


def task_row(
    row: Case,
    content: Flow,
    state: State,
    task: Task,
    reading: clock.Reading,
    *,
    holders: Collection[tuple[str, str]],
    at: datetime,
) -> StepTask:
    """The unsaved row of a task that begins."""
    return StepTask(
        case=row,
        number=task.number,
        member=task.member,
        asked=task.asked,
        asker=task.asker,
        officer=task.post.officer,
        is_held=task not in state.waiting,
        step=state.step,
        title=task_title(content, state.step, task),
        role=task.post.role,
        organ=task.post.organ,
        division=task.post.division,
        is_territorial=(task.post.organ, task.post.role) not in holders,
        flow_ref=row.flow.ref,
        entered_at=at,
        due_at=reading.step_due_at,
        soonest_due_at=reading.soonest_due_at,
        warn_at=reading.warn_at,
        late_at=late_at(content, state.step, task, reading),
        unattended_until=_unattended_until(content, state.step, task, at),
        **listed(row),
    )


def late_at(content: Flow, step: str, task: Task, reading: clock.Reading) -> datetime | None:
    """When silence counts as the flow's move; of a task that was asked for, never."""
    return reading.step_due_at if content.steps[step].late and not task.asked else None


def _unattended_until(content: Flow, step: str, task: Task, at: datetime) -> datetime | None:
    limit = content.steps[step].unattended
    if not limit or task.asked or task.post.officer:
        return None
    return Limit.parse(limit).due(at, place.calendar())


def task_title(content: Flow, step: str, task: Task) -> str:
    """What a work-list calls a task."""
    title = content.steps[step].title
    if task.member:
        title = f"{title}：{content.steps[step].members[task.member].title}"
    return f"{title}（{StepTask.Asked(task.asked).label}）" if task.asked else title


@dataclass(frozen=True)
class Step:
    """One act on one case, ready to be written."""

    row: Case
    content: Flow
    before: State
    act: Act
    after: State
    reading: clock.Reading
    at: datetime


def store_tasks(steps: Sequence[Step]) -> None:
    """Make the rows of tasks say what the machine said, for many cases at once."""
    update_rows(
        StepTask, LEFT, ("case_id", "number"), [one for step in steps for one in _left(step)]
    )
    _mark_present(steps)
    update_rows(
        StepTask, KEPT, ("case_id", "number"), [one for step in steps for one in _kept(step)]
    )
    roles = {one.post.role for step in steps for one in _new(step)}
    holders = holders_of(roles) if roles else set()
    new = [
        task_row(step.row, step.content, step.after, one, step.reading, holders=holders, at=step.at)
        for step in steps
        for one in _new(step)
    ]
    insert_models(StepTask, new)
    list_again(
        step.row
        for step in steps
        if (step.before.state == Case.State.ENDED) != (step.after.state == Case.State.ENDED)
    )


def listed(row: Case) -> dict[str, Any]:
    """What lists of incidents read in a case's tasks and parties; of no incident, nothing."""
    if row.profile != "incident":
        return dict.fromkeys(LISTED)
    return {"is_ended": row.ended_at is not None, "kind": row.kind, "grade": row.grade}


def list_again(rows: Iterable[Case]) -> None:
    """Tasks and parties say of their incidents what these say themselves now."""
    found = [(*listed(row).values(), row.pk) for row in rows if row.profile == "incident"]
    for model in (StepTask, Party):
        update_rows(model, LISTED, ("case_id",), found)


LEFT = ("left_at", "left_by", "verb", "to", "is_present")
KEPT = (
    "officer", "asker", "is_held", "due_at", "soonest_due_at", "warn_at", "late_at", "is_paused",
)  # fmt: skip


def _left(step: Step) -> Iterator[tuple[Any, ...]]:
    """The task that was acted on says how; those that the act made needless are cut.

    With the stay that is over they are no longer present.
    """
    now = {one.number: one for one in step.after.tasks}
    for one in step.before.tasks:
        if not _leaves(one, now):
            continue
        own = one.number == step.act.task or step.act.verb in ("recall", "withdraw")
        to = now[one.number].to if one.number in now else ""
        verb = step.act.verb if own else "cut"
        yield step.at, step.act.actor, verb, to, one.number in now, step.row.pk, one.number


def _leaves(task: Task, now: Mapping[int, Task]) -> bool:
    """Whether a task that waited does so no longer."""
    return not task.verb and (task.number not in now or bool(now[task.number].verb))


def _mark_present(steps: Sequence[Step]) -> None:
    """Tasks answered earlier in a stay that is over; those of one taken back are again."""
    rows = []
    for step in steps:
        before = {one.number for one in step.before.tasks}
        after = {one.number: one for one in step.after.tasks}
        gone = [one.number for one in step.before.tasks if one.number not in after and one.verb]
        rows += [(False, step.row.pk, number) for number in gone]
        back = [number for number in after if number not in before and number <= step.before.count]
        rows += [(True, step.row.pk, number) for number in back]
    update_rows(StepTask, ("is_present",), ("case_id", "number"), rows)


def _kept(step: Step) -> Iterator[tuple[Any, ...]]:
    waited = {one.number for one in step.before.tasks if not one.verb}
    for one in step.after.tasks:
        if one.number in waited and not one.verb:
            dues = (
                step.reading.step_due_at,
                step.reading.soonest_due_at,
                step.reading.warn_at,
                late_at(step.content, step.after.step, one, step.reading),
            )
            is_held = one not in step.after.waiting
            is_paused = step.after.state == "paused"
            yield (
                one.post.officer, one.asker, is_held, *dues, is_paused, step.row.pk, one.number
            )  # fmt: skip


def _new(step: Step) -> Iterator[Task]:
    return (one for one in step.after.tasks if one.number > step.before.count)


def last_task(row: Case) -> StepTask:
    """A task that waits, or, of an ended case, the one that ended it."""
    return row.tasks.order_by(F("left_at").desc(nulls_first=True), "-id")[0]


def _task(row: StepTask) -> Task:
    post = Post(row.role, row.organ, row.division, row.officer)
    return Task(row.number, post, row.member, row.asked, row.asker, row.verb, row.to)
