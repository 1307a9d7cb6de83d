"""归档: readings older than the hot window go into day files; what comes late follows them."""

from datetime import datetime, timedelta

from django.db import transaction

from yiwang.apps.sensing import hot
from yiwang.apps.sensing.cold import HOT, day_store
from yiwang.apps.sensing.instants import SECOND, instant, micros

PIECE = 3600 * SECOND
KEPT_DAYS = 5 * 366


def settle(at: datetime) -> str:
    """Move what is older than the hot window, an hour of readings at a time.

    The files are written first: a run that is cut between the two leaves a row in both places,
    where it is read once, and the next run removes it.
    """
    end = micros(at - HOT) // PIECE * PIECE
    came_until, moved = micros(at), 0
    begin = hot.oldest()
    while begin is not None and begin < end:
        until = begin // PIECE * PIECE + PIECE
        rows = hot.window(since=begin, until=until)
        day_store().settle(rows)
        with transaction.atomic():
            hot.forget(since=begin, until=until, received_until=came_until)
        moved += len(rows)
        begin = hot.oldest()
    day_store().drop_before((at - timedelta(days=KEPT_DAYS)).date())
    last = f"，热窗口始于 {instant(begin):%F %R}" if begin is not None else ""
    return f"归档 {moved} 条读数{last}"
