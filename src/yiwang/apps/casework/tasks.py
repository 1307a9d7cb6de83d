"""The values of the machine: posts, tasks, states and acts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from yiwang.apps.casework import flow as graph
from yiwang.apps.casework.flow import MoveNotOpen, Position

Asked = Literal["", "before", "after", "delegate", "assist", "extend"]
"""Why a task was asked for: a signature before or after the asker's own, the work itself, help
beside it, or more time for it."""


@dataclass(frozen=True)
class Post:
    """岗位: the role in an organ, over a division, to which a task belongs."""

    role: str
    organ: str
    division: str
    officer: str = ""
    """Who took the task, or was chosen for it; empty: any of the post."""


@dataclass(frozen=True)
class Task:
    """One piece of work of one post."""

    number: int
    """Within the case, counting from 1; never used twice."""
    post: Post
    member: str = ""
    """Which member of the step it stands for; empty: the step has none, or it was asked for."""
    asked: Asked = ""
    asker: int = 0
    verb: str = ""
    """The answer; empty while there is none."""
    to: str = ""


@dataclass(frozen=True)
class State:
    """Where a case stands: its step, the tasks of this stay, and where it has been."""

    step: str
    state: graph.State
    organs: Mapping[str, str]
    """The organ of each party; that of ``""`` is the case's own."""
    division: str
    tasks: tuple[Task, ...] = ()
    count: int = 0
    visited: tuple[str, ...] = ()
    last_step: str = ""

    @property
    def position(self) -> Position:
        """The step without the tasks."""
        return Position(self.step, self.state, self.last_step)

    @property
    def waiting(self) -> tuple[Task, ...]:
        """The tasks that somebody can act on now, or, paused, could."""
        return tuple(one for one in self.tasks if not one.verb and not is_held(one, self.tasks))

    def task(self, number: int) -> Task:
        """The task of this number, or ``MoveNotOpen``."""
        for one in self.tasks:
            if one.number == number:
                return one
        raise MoveNotOpen("这项任务已经结束。", hint="刷新页面查看最新状态。", task=number)


@dataclass(frozen=True)
class Act:
    """What somebody did, as the trail keeps it."""

    verb: str
    task: int = 0
    """Which task it was done to; 0 for what the case's own people do, or what reopens it."""
    to: str = ""
    actor: str = ""
    evidence: frozenset[str] = frozenset()
    post: Post | None = None
    asked: Asked = ""
    pause: str = ""
    division: str = ""
    """Where the case is handed to (with a move ``transfer`` or ``dispatch``)."""
    extension: str = ""
    """The time that was added by agreeing to it."""
    in_place_of: str = ""
    """The colleague away in whose place the actor does it; empty: in their own."""


def is_held(task: Task, tasks: Iterable[Task]) -> bool:
    """Whether a task waits for others: those it asked first, or, asked for after, its asker."""
    if task.asked == "after":
        return not any(one.number == task.asker and one.verb for one in tasks)
    return any(
        one.asker == task.number and not one.verb and one.asked in ("before", "delegate")
        for one in tasks
    )
