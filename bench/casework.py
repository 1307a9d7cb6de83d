"""Cases by the hundred thousand: opening, steps alone and in bulk, the work-list over a million.

SQLite as configured (WAL, synchronous FULL), or the PostgreSQL that YIWANG_DATABASE names. The
work-list is asked for with every filter of its page, in turn, from a home with a million cases:
the first hundred thousand opened, the others copies of one case opened every two hours, with
numbers and people of their own (their journal is left out: lists do not read it).
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from bench._apart import apart

MANY = int(os.environ.get("YIWANG_BENCH_CASES", "1000000"))
OPENED, STEPS, SINGLE, ASKED, COPIED = 100_000, 5_000, 300, 20, 10_000
TITLE = "'高龄津贴确认 ' || m.id"


def run() -> Iterator[str]:
    """Measure in a process of its own, in an empty home."""
    yield from apart("bench.casework")


def measure() -> None:
    """Open, step, list."""
    import django

    django.setup()
    from cast import NINE, OFFICE
    from django.core.management import call_command
    from workshop import CLERK, VILLAGE, library

    from yiwang.apps.casework import place
    from yiwang.apps.casework import public as casework

    call_command("migrate", verbosity=0)
    casework.install(library(), at=NINE)
    place.calendar()

    def opened(count: int, at: Any = NINE) -> list[str]:
        news = [
            casework.NewCase(
                subject=f"person-{n}",
                applicant=f"person-{n}",
                title=f"高龄津贴确认 {n}",
                organ=OFFICE,
                division=VILLAGE,
            )
            for n in range(count)
        ]
        return casework.open_cases(flow="work.confirmation", cases=news, actor="services", at=at)

    _say(f"{OPENED} cases opened at once", lambda: opened(OPENED), OPENED)
    numbers = opened(STEPS + SINGLE)
    _steps(casework, numbers, CLERK, NINE + timedelta(hours=1))
    left = MANY - OPENED - len(numbers)
    _say(f"{left} more cases copied in", lambda: _fill(opened, left, NINE), left)
    _lists(casework, NINE + timedelta(days=8), CLERK, numbers[0])


def _steps(casework: Any, numbers: list[str], officer: Any, later: Any) -> None:
    bulk, single = numbers[:STEPS], numbers[STEPS:]

    def step_in_bulk() -> None:
        for begin in range(0, STEPS, 1000):
            refused = casework.act_on_many(
                numbers=bulk[begin : begin + 1000], verb="confirm", officer=officer, at=later
            )
            assert not refused, refused

    def step_alone() -> None:
        for number in single:
            casework.act(number=number, verb="confirm", officer=officer, at=later)

    _say("steps in bulk, 1,000 per commit", step_in_bulk, STEPS)
    _say("steps one by one, each durable", step_alone, SINGLE)


def _fill(opened: Callable[..., list[str]], count: int, at: Any) -> None:
    """As many further cases, every two hours' the rows of one that was opened in it."""
    from django.db import connection, transaction

    from yiwang.apps.casework.models import Case, StepTask, TrailEntry

    if connection.vendor == "sqlite":
        _execute("PRAGMA cache_size=-262144")
    _execute("CREATE TEMPORARY TABLE one_more (id bigint, number text, person text, entry text)")
    for hour, begin in enumerate(range(0, count, COPIED), start=2):
        with transaction.atomic():
            (model,) = opened(1, at + timedelta(hours=2 * hour))
            case = Case.objects.get(number=model)
            _new_numbers(case, min(COPIED, count - begin))
            person = {"subject": "m.person", "applicant": "m.person", "title": TITLE}
            _copy(Case, case, {"id": "m.id", "number": "m.number", **person})
            _copy(StepTask, case, {"case_id": "m.id"})
            _copy(TrailEntry, case, {"case_id": "m.id", "entry": "m.entry"})
            _execute("DELETE FROM one_more")
    if connection.vendor == "sqlite":
        _execute("PRAGMA cache_size=-2000")
    else:
        _execute("ANALYZE")  # as its autovacuum does within the minute


def _new_numbers(case: Any, count: int) -> None:
    """The next ids and numbers after a case of the same day, given out for good."""
    from yiwang.apps.casework.models import NumberSeries
    from yiwang.apps.casework.storing import new_case_ids
    from yiwang.kernel import ids
    from yiwang.kernel.clock import local_date

    day, prefix = local_date(case.opened_at), case.flow.number_prefix
    series = NumberSeries.objects.get(prefix=prefix, day=day)
    rows = [
        (id_, ids.number(prefix=prefix, day=day, sequence=series.last + n), f"person-{id_}", entry)
        for n, (id_, entry) in enumerate(
            zip(new_case_ids(count), ids.new_ids(count), strict=True), start=1
        )
    ]
    _execute("INSERT INTO one_more VALUES (%s, %s, %s, %s)", rows)
    NumberSeries.objects.filter(pk=series.pk).update(last=series.last + count)


def _copy(model: Any, case: Any, own: dict[str, str]) -> None:
    """The rows of a case in one table once more for each of ``one_more``."""
    names = [one.column for one in model._meta.concrete_fields if "id" in own or one.column != "id"]
    table, key = model._meta.db_table, "id" if "id" in own else "case_id"
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(own.get(name, f'c."{name}"') for name in names)
    # Names are the models' own.
    _execute(
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} c, one_more m "
        f"WHERE c.{key} = {int(case.pk)} ORDER BY m.id"
    )


def _execute(statement: str, rows: list[tuple[Any, ...]] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if rows is None:
            cursor.execute(statement)
        else:
            cursor.executemany(statement, rows)


def _lists(casework: Any, at: Any, officer: Any, number: str) -> None:
    from workshop import LI

    asks: dict[str, dict[str, str]] = {
        "all": {},
        "red": {"light": "red"},
        "yellow": {"light": "yellow"},
        "green": {"light": "green"},
        "step": {"step": "village"},
        "item": {"flow": "work.confirmation"},
        "division": {"division": "321323001000"},
        "number": {"query": number},
        "applicant": {"query": "person-77777"},
        "ended": {"state": "ended"},
        "text": {"query": "津贴确认 99"},
        "text found nowhere": {"query": "没有"},
    }
    times: list[float] = []
    for lister, who in ((casework.work_list, officer), (casework.case_list, LI)):
        for name, ask in asks.items():
            own, after = list[float](), ""
            for _ in range(ASKED):
                began = time.perf_counter()
                page = lister(officer=who, at=at, after=after, asked=casework.Asked(**ask))
                own.append((time.perf_counter() - began) * 1000)
                after = page.next
            times += own
            said = f"median {statistics.median(own):.1f} ms, worst {max(own):.1f} ms"
            print(f"{lister.__name__}, {name}: {said}")
    began = time.perf_counter()
    casework.count_waiting(officer=officer, at=at)
    print(f"counts above the list: {(time.perf_counter() - began) * 1000:.1f} ms")
    times.sort()
    print(f"lists over {MANY} cases, all filters: p95 {times[int(len(times) * 0.95)]:.1f} ms")


def _say(what: str, act: Callable[[], object], count: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    each = f"{count / wall:,.0f}/s, {cpu / count * 1e6:.0f} µs CPU each"
    print(f"{what}: {wall:.2f} s ({cpu:.2f} s CPU), {each}")


if __name__ == "__main__":
    measure()
