"""What can be done in the background: kinds of jobs and the timetable, made known by boot."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from yiwang.apps.jobs.work import Work
from yiwang.kernel.errors import NotFound


class KindUnknown(NotFound):
    """No app offers this kind of job."""

    code = "jobs.kind_unknown"


@dataclass(frozen=True)
class Result:
    """What a job tells when it is done: counts by Chinese name, and the page that shows it."""

    counts: Mapping[str, int | str] = field(default_factory=dict)
    page: tuple[str | int, ...] = ()
    """The route that shows it, and its arguments: ``("steward:run", 12)``."""


class GivenUp(Protocol):
    """Told the number of a job, why it is over, and when."""

    def __call__(self, job: int, *, why: str, at: datetime) -> object: ...


@dataclass(frozen=True)
class Kind:
    """作业种类: ``run`` must be idempotent; it is begun again after a kill, with what it saved.

    ``tries`` bounds both the repetitions after ``Unavailable`` (after 1, 5, 25 … minutes) and the
    beginnings after a worker died in it. ``given_up`` is told of a job that is over although its
    ``run`` came to no end: workers died in it, or it was stopped while it waited.
    """

    name: str
    title: str
    run: Callable[[Work], Result | None]
    tries: int = 5
    given_up: GivenUp | None = None


class Entry(NamedTuple):
    """One line of a ``TIMETABLE``: ``act`` is called once for each due time of ``cycle``."""

    name: str
    title: str
    cycle: str
    """As ``kernel.cycles`` reads it: ``every 5m``, ``workday 08:30``, ``monthly 3wd 04:00``."""
    act: Callable[[datetime], object]


_kinds: dict[str, Kind] = {}
_timetable: dict[str, Entry] = {}


def register(*, kinds: Iterable[Kind] = (), timetable: Iterable[tuple[Any, ...]] = ()) -> None:
    """Make known what the apps offer; a later one of the same name takes the place."""
    _kinds.update({kind.name: kind for kind in kinds})
    _timetable.update({entry[0]: Entry(*entry) for entry in timetable})


def kind_of(name: str) -> Kind:
    """The kind of this name, or ``KindUnknown``."""
    if name not in _kinds:
        raise KindUnknown(
            f"没有“{name}”这种后台作业。",
            hint="平台可能已更新；请从原来的页面重新发起。",
            kind=name,
        )
    return _kinds[name]


def give_up(name: str, job: int, why: str, at: datetime) -> None:
    """Tell whoever offers this kind that a job of it will not go on."""
    told = _kinds[name].given_up if name in _kinds else None
    if told is not None:
        told(job, why=why, at=at)


def title_of(name: str, about: str = "") -> str:
    """What a job of this kind is called; a timetable's job is called like its entry."""
    if name == TIMED and about in _timetable:
        return _timetable[about].title
    return _kinds[name].title if name in _kinds else name


def entries() -> dict[str, Entry]:
    """The timetable by name."""
    return dict(_timetable)


TIMED = "jobs.timed"
"""The kind of jobs that the timetable asks for; ``about`` is the entry's name."""
