"""Alert storms, and lists and maps of incidents over a million of them.

Ten storms of ten thousand signals about five hundred objects each arrive in batches; then pages of
the list and parts of the map are asked for as a county's dispatcher, a township's, and an officer
of an organ that a few incidents came to. `YIWANG_BENCH_HOME` keeps the million for the next run.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bench._apart import apart

MANY = int(os.environ.get("YIWANG_BENCH_INCIDENTS", "1000000"))
STORMS, SIGNALS, OBJECTS, BATCH = 10, 10_000, 500, 500
ASKED = 40


def run() -> Iterator[str]:
    """Measure in a process of its own."""
    yield from apart("bench.incidents", home=os.environ.get("YIWANG_BENCH_HOME", ""))


def measure() -> None:
    """Fill, storm, list, map."""
    import django

    django.setup()
    from cast import NINE
    from django.core.management import call_command
    from workshop import library

    from yiwang.apps.casework import public as casework
    from yiwang.apps.casework.models import Case

    call_command("migrate", verbosity=0)
    if not Case.objects.exists():
        casework.install(library(), at=NINE)
        from bench._incidents_fill import fill

        began = time.perf_counter()
        fill(MANY, at=NINE)
        print(f"filled in {time.perf_counter() - began:.0f} s")
    print(f"{Case.objects.filter(profile='incident').count():,} incidents")
    if os.environ.get("YIWANG_BENCH_FILL_ONLY"):
        return
    _look(NINE)
    _storm(NINE)


def _look(nine: Any) -> None:
    from workshop import DISPATCHER, GRID, LI, TOWN

    watch = replace(DISPATCHER, rights=DISPATCHER.rights | {"incident.watch"})
    town = replace(watch, organ="town-321323001", divisions=(TOWN,))
    views = {"county": watch, "township": town, "organ": GRID, "organ without any": LI}
    for who, officer in views.items():
        print(f"list, {who}: {_spread(_lists(officer, nine))} (bar: p95 200 ms)")
        print(f"the two counts above it, {who}: {_spread(_counts(officer))}")
        print(f"map, {who}: {_spread(_maps(officer, nine))} (bar: p95 200 ms)")


def _lists(officer: Any, nine: Any) -> list[float]:
    """A first page and the one after it, with filters."""
    from yiwang.apps.casework import public as casework

    times = []
    for n in range(ASKED):
        asked = casework.AskedIncidents(
            state=("", "open", "ended")[n % 3], grade=(0, 0, 1, 4)[n % 4]
        )
        after = ""
        for _ in range(2):
            page, took = _timed(
                partial(casework.incident_list, officer=officer, at=nine, asked=asked, after=after)
            )
            after = page.next
            times.append(took)
    return times


def _counts(officer: Any) -> list[float]:
    from yiwang.apps.casework import public as casework

    def both(grade: int) -> None:
        for state in ("open", "ended"):
            asked = casework.AskedIncidents(state=state, grade=grade)
            casework.count_incidents(officer=officer, asked=asked)

    return [_timed(partial(both, (0, 0, 1, 4)[n % 4]))[1] for n in range(ASKED)]


def _maps(officer: Any, nine: Any) -> list[float]:
    from yiwang.apps.casework import public as casework

    chance, times = random.Random(8), []
    for zoom in (6, 8, 9, 10, 11, 12, 13, 14) * 5:
        half = 180 / 2**zoom
        lon, lat = chance.uniform(118.5, 118.9), chance.uniform(33.5, 33.9)
        box = casework.Box(lon - half, lat - half, lon + half, lat + half, zoom)
        asked = casework.AskedIncidents(state=("", "open")[zoom % 2])
        view = partial(casework.incident_map, officer=officer, at=nine, asked=asked, box=box)
        times.append(_timed(view)[1])
    return times


def _storm(nine: Any) -> None:
    from django.db.models import Count
    from workshop import VILLAGE

    from yiwang.apps.casework import public as casework
    from yiwang.apps.casework.models import Case, Signal

    chance, times, before = random.Random(9), [], Signal.objects.count()
    run = f"{time.time():.0f}"
    for storm in range(STORMS):
        signals = [
            casework.NewSignal(
                kind="work.overflow",
                source="alert",
                summary="水位超限",
                object=f"{run}-{storm}-{chance.randrange(OBJECTS)}",
                division=VILLAGE,
            )
            for _ in range(SIGNALS)
        ]
        for first in range(0, SIGNALS, BATCH):
            part = signals[first : first + BATCH]
            at = nine + timedelta(minutes=storm, seconds=first / 100)
            _, took = _timed(
                lambda part=part, at=at: casework.report_signals(
                    signals=part, actor="sensing", at=at
                )
            )
            times.append(took)
    kept = Signal.objects.count() - before
    rows = Case.objects.filter(object__startswith=f"{run}-").exclude(state="ended")
    twice = rows.values("kind", "object").annotate(n=Count("id")).filter(n__gt=1).count()
    whole = sum(times)
    print(
        f"{STORMS} storms of {SIGNALS:,}: {kept:,} signals kept, {rows.count():,} open incidents, "
        f"{twice} objects with two; {kept / whole:,.0f} signals/s"
    )
    print(f"merge decided, batch of {BATCH}: {_spread(times)} (bar: 1 s)")


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    found = act()
    return found, time.perf_counter() - began


def _spread(times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95) - 1]
    middle, most = statistics.median(times), ordered[-1]
    return f"p50 {middle * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, max {most * 1000:.0f} ms"


if __name__ == "__main__":
    measure()
