"""Roll calls as the command centre reads them, and as who was called sees their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.casework.models import DutyShift, RollAnswer, RollCall
from yiwang.apps.identity import public as identity

PARTS = dict(DutyShift.Part.choices)


@dataclass(frozen=True)
class PostView:
    """One who was called; ``state`` is there, late, waiting, missing or nobody."""

    organ: str
    name: str
    part: str
    state: str
    answered_at: datetime | None
    text: str
    urged: int


@dataclass(frozen=True)
class RollView:
    """A roll call and everybody who was called, the missing first."""

    number: int
    called_at: datetime
    due_at: datetime
    closed_at: datetime | None
    posts: tuple[PostView, ...]

    def count(self, *states: str) -> int:
        """How many of the called are in these states."""
        return sum(one.state in states for one in self.posts)


@dataclass(frozen=True)
class CalledView:
    """A roll call as who was called sees it."""

    number: int
    organ: str
    called_at: datetime
    due_at: datetime
    urged: int
    is_late: bool


ORDER = ("missing", "nobody", "waiting", "late", "there")


def roll_calls(
    *, officer: identity.Officer, at: datetime, since: datetime, until: datetime | None = None
) -> list[RollView]:
    """The roll calls of the officer's organ in a span of time, newest first."""
    identity.require(officer, "command.see")
    rows = RollCall.objects.filter(organ=officer.organ, called_at__gte=since)
    if until is not None:
        rows = rows.filter(called_at__lt=until)
    found = rows.prefetch_related("answers").order_by("-called_at")
    return [_view(one, at if until is None else min(at, until)) for one in found]


def rolls_waiting(*, officer: identity.Officer, at: datetime) -> list[CalledView]:
    """The open roll calls that wait for the officer's own answer."""
    identity.require(officer, "command.answer")
    rows = RollAnswer.objects.filter(
        officer=officer.username, answered_at=None, call__closed_at=None
    ).select_related("call")
    return [
        CalledView(
            one.call_id,
            one.call.organ,
            one.call.called_at,
            one.call.due_at,
            one.urged,
            at > one.call.due_at,
        )
        for one in rows.order_by("call__due_at")
    ]


def told(call: RollCall) -> str:
    """What came of a roll call, as the shift log says it."""
    view = _view(call, call.closed_at or call.due_at)
    said = (
        f"点名：应到 {len(view.posts)}，按时应答 {view.count('there')}，"
        f"迟到 {view.count('late')}，缺 {view.count('missing', 'waiting', 'nobody')}"
    )
    gone = [
        f"{identity.organ(one.organ).title}{one.name or '无人值班'}"
        for one in view.posts
        if one.state in ("missing", "waiting", "nobody")
    ]
    return f"{said}（{'、'.join(gone)}）。" if gone else f"{said}。"


def _view(call: RollCall, at: datetime) -> RollView:
    posts = sorted(_posts(call, call.answers.all(), at), key=lambda one: ORDER.index(one.state))
    return RollView(call.pk, call.called_at, call.due_at, call.closed_at, tuple(posts))


def _posts(call: RollCall, rows: Sequence[RollAnswer], at: datetime) -> list[PostView]:
    def state(one: RollAnswer) -> str:
        if not one.officer:
            return "nobody"
        if one.answered_at is None:
            return "missing" if call.closed_at is not None or at > call.due_at else "waiting"
        return "late" if one.answered_at > call.due_at else "there"

    return [
        PostView(
            one.organ,
            one.name,
            str(PARTS.get(one.part, "")),
            state(one),
            one.answered_at,
            one.text,
            one.urged,
        )
        for one in rows
    ]
