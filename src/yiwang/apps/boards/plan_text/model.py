"""What a plan says, as entries: headings, tasks with who and by when, numeric targets."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Heading:
    """A heading: its level (1 一、, 2 （一）, 3 1.), number and words as written."""

    level: int
    number: int
    title: str
    is_damaged: bool = False


@dataclass(frozen=True)
class Milestone:
    """阶段目标: what shall stand on a day, in the plan's words."""

    by: date
    words: str


@dataclass(frozen=True)
class Target:
    """量化指标: a number the plan sets itself, with the sentence around it."""

    value: Decimal
    unit: str
    bound: str
    """``least``, ``most`` or ``equal``."""
    words: str
    """The clause that holds the number."""
    by: date | None = None
    """The last day of the year named for it; ``None`` where the plan names none."""
    task: str = ""
    """The number of the task it stands in; empty in the general goals."""


@dataclass(frozen=True)
class Task:
    """任务: one thing somebody answers for."""

    number: str
    """Chapter, section and item, ``二-3-14``; a letter where one item holds several tasks."""
    title: str
    chapter: str
    section: str
    text: str
    leads: tuple[str, ...] = ()
    """Who leads, in the plan's words; who answers together, where nobody leads."""
    helpers: tuple[str, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    is_damaged: bool = False


@dataclass(frozen=True)
class PlanText:
    """A plan as it was read: entries, and what the reader could not make out."""

    title: str
    number: str
    """文号, empty where the text has none."""
    issued_on: date | None
    tasks: tuple[Task, ...]
    targets: tuple[Target, ...]
    default_helpers: tuple[str, ...] = ()
    """Who helps with every task though it is not said again (以下均需属地配合落实)."""
    doubts: tuple[str, ...] = field(default=())
    """What a person should look at: damaged headings, a table that is missing."""
