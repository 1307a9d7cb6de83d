"""How a drill went: what was noticed how soon, what was done with it, what was missed. No Django.

The weights are examples (示例): 40 points for what was noticed, 40 for what was sent to the right
organ, 20 for false alarms told as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

NOTICED, SENT, TOLD = 40, 40, 20
Key = tuple[str, str]
"""A kind of incident and a device."""


@dataclass(frozen=True)
class Practised:
    """An incident of a drill with what became of it."""

    kind: str
    device: str
    raised_at: datetime
    shown_at: datetime
    owner: str
    answer: str
    organ: str
    answered_at: datetime | None


@dataclass(frozen=True)
class DrillScore:
    """Counts and medians; ``points`` of 100."""

    expected: int
    noticed: int
    missed: tuple[Key, ...]
    false: int
    """Raised where nothing was the matter."""
    told_false: int
    """Of those, how many were told as false alarms."""
    sent: int
    sent_right: int
    unanswered: int
    dismissed: int
    """True alarms that were told as false."""
    to_alert: timedelta | None
    """From the truth to the alert, in the drill's time; the median, below zero when foreseen."""
    to_dispatch: timedelta | None
    """From the screen to the dispatch, by the clock on the wall; the median."""
    points: int


def scored(incidents: Sequence[Practised], expected: Mapping[Key, datetime]) -> DrillScore:
    """Judge the incidents that have been shown against what ought to have been noticed."""
    first: dict[Key, datetime] = {}
    for one in incidents:
        first.setdefault((one.kind, one.device), one.raised_at)
    noticed = {key: at for key, at in expected.items() if key in first}
    true = [one for one in incidents if (one.kind, one.device) in expected]
    false = [one for one in incidents if (one.kind, one.device) not in expected]
    sent = [one for one in true if one.answer == "dispatch"]
    right = sum(one.organ == one.owner for one in sent)
    told = sum(one.answer == "false" for one in false)
    shares = (
        (NOTICED, len(noticed), len(expected)),
        (SENT, right, len(true)),
        (TOLD, told, len(false)),
    )
    delays = [first[key] - at for key, at in noticed.items()]
    waits = [one.answered_at - one.shown_at for one in sent if one.answered_at is not None]
    return DrillScore(
        expected=len(expected),
        noticed=len(noticed),
        missed=tuple(sorted(key for key in expected if key not in first)),
        false=len(false),
        told_false=told,
        sent=len(sent),
        sent_right=right,
        unanswered=sum(not one.answer for one in incidents),
        dismissed=sum(one.answer == "false" for one in true),
        to_alert=_middle(delays),
        to_dispatch=_middle(waits),
        points=round(sum(most * done / of if of else most for most, done, of in shares)),
    )


def _middle(spans: Sequence[timedelta]) -> timedelta | None:
    if not spans:
        return None
    return timedelta(seconds=median([one.total_seconds() for one in spans]))
