"""A network of 800 stations falls silent, and speaks again: how long others wait to write.

SQLite on disk with `synchronous=FULL`. Every station spoke at nine; an hour later the clock finds
them silent; then all of them speak in one batch of the intake. What is measured is how long the
writers' lock is held by each transaction, which is how long anybody else waits at most.
"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from bench._apart import apart


def run() -> Iterator[str]:
    """Measure in a process of its own."""
    yield from apart("bench.silence")


def measure() -> None:
    """Silent, silent still, speaking."""
    import django

    django.setup()
    import prepared
    from cast import NINE
    from django.conf import settings
    from django.core.management import call_command

    from yiwang.apps.casework import public as casework
    from yiwang.apps.identity import public as identity
    from yiwang.apps.sensing import public as sensing
    from yiwang.apps.sensing.instants import micros
    from yiwang.apps.sensing.models import LatestReading, Point
    from yiwang.packkit.current import current_library

    call_command("migrate", verbosity=0)
    prepared.install(identity, casework, sensing, at=NINE)
    current_library(settings.PACKS, settings.PLACE, settings.HOME)  # as a worker has it
    library, held = prepared.library(), _watched()
    points = list(Point.objects.filter(stream="flood_drought.level").order_by("id"))
    LatestReading.objects.bulk_create(
        LatestReading(point=one, at=micros(NINE), value=13.0) for one in points
    )
    looks = partial(sensing.watch_clock, library=library)
    at = NINE + timedelta(minutes=61)
    _told(f"{len(points)} stations fall silent", held, partial(looks, at=at))
    _told("they are silent still", held, partial(looks, at=at + timedelta(seconds=1)))
    body = json.dumps({"at": at.isoformat(), "value": 13.0}).encode()
    spoken = [sensing.Message(one.device_id, body, "mqtt", "level") for one in points]
    _told(
        "all speak again in one batch",
        held,
        partial(sensing.intake, spoken, library=library, at=at + timedelta(seconds=2)),
    )


def _told(what: str, held: list[float], act: Any) -> None:
    held.clear()
    began = time.perf_counter()
    act()
    whole = time.perf_counter() - began
    longest = max(held, default=0.0)
    print(
        f"{what}: {whole:.1f} s in {len(held)} transactions, the lock held "
        f"{longest * 1000:.0f} ms at most (bar: 1 s), {sum(held):.1f} s in all"
    )


def _watched() -> list[float]:
    """How long each turn at the writers' lock lasts, from now on."""
    from yiwang.boot.sqlite.base import Turn

    held: list[float] = []
    take, leave = Turn.take, Turn.leave

    def taken(turn: Any) -> None:
        take(turn)
        turn.since = time.perf_counter()

    def left(turn: Any) -> None:
        leave(turn)
        held.append(time.perf_counter() - turn.since)

    Turn.take, Turn.leave = taken, left  # type: ignore[method-assign]
    return held


if __name__ == "__main__":
    measure()
