"""接入: judge every message, store readings once, move latest values, judge alerts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from yiwang.apps.sensing import hot
from yiwang.apps.sensing.actions.watching import judge
from yiwang.apps.sensing.instants import micros
from yiwang.apps.sensing.intake import Fault, Message, Observed, Sample, sift
from yiwang.apps.sensing.lookback import forget_windows
from yiwang.apps.sensing.models import QuarantinedMessage
from yiwang.apps.sensing.roster import roster
from yiwang.packkit import Library

Key = tuple[int, int]
"""A point's number and an instant."""


@dataclass(frozen=True)
class Intake:
    """What became of a batch: every message is in exactly one of the four counts."""

    accepted: int
    late: int
    duplicate: int
    quarantined: Mapping[str, int] = field(default_factory=dict)
    raised: tuple[str, ...] = ()
    """Numbers of the incidents that the batch raised or joined."""
    cleared: int = 0


def intake(messages: Sequence[Message | Sample], *, library: Library, at: datetime) -> Intake:
    """Take a batch in, in one transaction: the caller acknowledges after it returns."""
    try:
        return _taken(messages, library=library, at=at)
    except BaseException:
        forget_windows(library)
        raise


@transaction.atomic
def _taken(messages: Sequence[Message | Sample], *, library: Library, at: datetime) -> Intake:
    known = roster(library)
    judged = [sift(message, find=known.find, at=at) for message in messages]
    faults = [one for one in judged if type(one) is Fault]
    if faults:
        _quarantine(faults, at=at)
    good = [one for one in judged if type(one) is Observed]
    newest = hot.newest(one.point.id for one in good)
    fresh = _fresh(good, newest)
    hot.keep(fresh, received_at=micros(at))
    moved = _moved(fresh, newest)
    last = {one.point.id: (one.point.id, micros(one.at), one.value) for one in moved}
    hot.advance(last.values())
    raised, cleared = judge(fresh, moved, roster=known, library=library, at=at)
    late = sum(one.is_late for one in fresh)
    return Intake(
        accepted=len(fresh) - late,
        late=late,
        duplicate=len(good) - len(fresh),
        quarantined=Counter(fault.reason for fault in faults),
        raised=tuple(raised),
        cleared=cleared,
    )


def _fresh(good: Sequence[Observed], newest: Mapping[int, int]) -> list[Observed]:
    """What is new, in order of observation; only what is not newer than all before is looked up."""
    first: dict[Key, Observed] = {}
    for one in good:
        first.setdefault((one.point.id, micros(one.at)), one)
    doubtful = [key for key in first if key[1] <= newest.get(key[0], -(2**62))]
    for key in hot.stored(doubtful) if doubtful else ():
        del first[key]
    return sorted(first.values(), key=lambda one: one.at)


def _moved(fresh: Iterable[Observed], newest: Mapping[int, int]) -> list[Observed]:
    """The readings that were newest of their point when they came."""
    ahead, moved = dict(newest), []
    for one in fresh:
        at = micros(one.at)
        if not one.is_late and at > ahead.get(one.point.id, -(2**62)):
            ahead[one.point.id] = at
            moved.append(one)
    return moved


def _quarantine(faults: Iterable[Fault], *, at: datetime) -> None:
    QuarantinedMessage.objects.bulk_create(
        QuarantinedMessage(
            received_at=at,
            channel=fault.message.channel,
            device_text=_shown(fault.message.device.encode())[:64],
            reason=fault.reason,
            payload=_shown(fault.message.payload[:2000])[:2000],
        )
        for fault in faults
    )


def _shown(sent: bytes) -> str:
    """Bytes as text that every database keeps: PostgreSQL refuses a NUL in a text."""
    return sent.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
