"""What an actor may do to a case now."""

from dataclasses import dataclass

from yiwang.apps.casework import flow, machine
from yiwang.apps.casework.access import holder_of, is_own, may_handle
from yiwang.apps.casework.at_hand import trail_of
from yiwang.apps.casework.models import Case, StepTask
from yiwang.apps.casework.states import act_of, last_task, state_of
from yiwang.apps.identity import public as identity
from yiwang.packkit.kinds.work import Flow


@dataclass(frozen=True)
class MoveView:
    """A move that the looking actor may make now."""

    verb: str
    to: str
    title: str
    needs: tuple[str, ...]
    task: int = 0
    asks: str = ""
    """``post`` or ``division``: what the form asks beside the evidence."""
    asked: str = ""
    pause: str = ""


def open_to(
    actor: identity.Actor | str, row: Case, content: Flow, waiting: list[StepTask]
) -> tuple[tuple[MoveView, ...], tuple[MoveView, ...]]:
    """The moves open to an actor, and what they may do with the work itself."""
    if isinstance(actor, str):
        return (), ()
    if isinstance(actor, identity.Officer) and row.subject == actor.username:
        return (), ()  # as ``OwnConduct``
    own = [one for one in waiting if may_handle(actor, one)]
    if isinstance(actor, identity.Applicant):
        return _withdrawals(row, content) if is_own(actor, row) else (), ()
    if row.state == "ended" and not may_handle(actor, last_task(row)):
        return (), ()
    if not own and row.state != "ended" and not _acted(actor, row):
        return (), ()
    trail = trail_of(row)
    state = state_of(row, content, trail)
    found = [_move_view(offer) for offer in machine.offers(content, state, None)]
    if row.state != "ended":
        found = [
            _move_view(offer, task=one.number)
            for one in own
            if holder_of(actor, one)
            for offer in machine.offers(content, state, state.task(one.number))
        ]
    last = act_of(trail[-1]) if len(trail) > 1 else None
    taking = [_taking(one, actor) for one in own if row.state == "open"]
    recall = [MoveView("recall", "", flow.VERBS["recall"], ("reason",))]
    may_recall = machine.may_recall(state, last, actor.username)
    return tuple(found), tuple([one for one in taking if one] + (recall if may_recall else []))


def _withdrawals(row: Case, content: Flow) -> tuple[MoveView, ...]:
    if row.state != "open":
        return ()
    moves = content.steps[row.step].moves
    return tuple(
        MoveView(move.verb, move.to, flow.move_title(move), move.needs)
        for move in moves
        if move.verb == "withdraw"
    )


def _acted(officer: identity.Officer, row: Case) -> bool:
    last = row.trail.order_by("-sequence").first()
    return last is not None and last.actor == officer.username


def _taking(task: StepTask, officer: identity.Officer) -> MoveView | None:
    if not task.officer:
        return MoveView("claim", "", "领取任务", (), task.number)
    if holder_of(officer, task):
        return MoveView("release", "", "放回任务", (), task.number)
    return None


def _move_view(offer: machine.Offer, task: int = 0) -> MoveView:
    return MoveView(
        offer.verb, offer.to, offer.title, offer.needs, task, offer.asks, offer.asked, offer.pause
    )
