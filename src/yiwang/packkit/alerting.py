"""When a condition that holds becomes an alert, and when an alert ends: live, in drills, in tests.

Time is the time of observation, so a replay with virtual time gives the same alerts; what is
held is stored, so a restart forgets nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Effect = Literal["none", "wait", "forget", "raise", "clear"]


@dataclass(frozen=True, slots=True)
class Held:
    """A condition that holds since an instant; raised or still waiting."""

    since: datetime
    is_raised: bool


def step(
    held: Held | None,
    *,
    at: datetime,
    raises: bool | None,
    clears: bool | None,
    hold: timedelta,
) -> tuple[Held | None, Effect]:
    """The next state after a reading ``at``, and what to do.

    ``raises`` and ``clears`` are the answers of the two conditions; unknown (None) changes
    nothing. Between the two lies the hysteresis: a raised alert stays until ``clears`` is yes.
    """
    if held is None:
        if not raises:
            return None, "none"
        held = Held(at, is_raised=False)
        return (Held(at, is_raised=True), "raise") if hold <= timedelta(0) else (held, "wait")
    if held.is_raised:
        return (None, "clear") if clears else (held, "none")
    if raises is False:
        return None, "forget"
    if raises and at - held.since >= hold:
        return Held(held.since, is_raised=True), "raise"
    return held, "none"
