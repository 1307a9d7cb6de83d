"""A million incidents to look through: a few that the platform made, copied with SQL.

The patterns are reported, dispatched, handled and closed by the platform's own actions, nine of
ten of them to the end. Each of the million is a copy of one, with all that it consists of (case,
signal, tasks, trail), under an id, number, object, place, division and grade of its own. The
beginning of each is recorded in the journal by the platform and sealed, and the squares of the map
are counted by it, too. Evidence is not copied, and the later lines of a copied trail name no entry
of the journal. Indexes by which nothing is unique are made again after the copying, so their pages
are fuller than those of indexes that grew.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from specimens import JPEG
from workshop import COUNTY, DISPATCHER, GRID, VILLAGE

from yiwang.apps.casework import place, tiles
from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, NumberSeries, Signal, StepTask, TrailEntry
from yiwang.apps.journal import public as journal
from yiwang.kernel import ids

PATTERNS = 60
PART = 50_000
A_DAY = 1000
"""Incidents that were numbered on one day."""
OWN = {
    Case: {
        "id": "n.id", "number": "n.number", "object": "n.object", "title": "n.title",
        "division": "n.division", "lon": "n.lon", "lat": "n.lat", "grade": "n.grade",
    },
    Signal: {
        "case_id": "n.id", "object": "n.object", "division": "n.division", "lon": "n.lon",
        "lat": "n.lat", "token": "n.number",
    },
    StepTask: {"case_id": "n.id", "division": "n.division", "grade": "n.grade"},
    TrailEntry: {
        "case_id": "n.id", "division": "n.division",
        "entry": "CASE WHEN o.sequence = 1 THEN n.entry ELSE '' END",
    },
}  # fmt: skip
"""What a copy has of its own; everything else is its pattern's."""
_COPIES = (
    "CREATE TEMPORARY TABLE bench_new (id BIGINT PRIMARY KEY, pattern BIGINT, number VARCHAR(32),"
    " object VARCHAR(120), title VARCHAR(200), division VARCHAR(32), lon DOUBLE PRECISION,"
    " lat DOUBLE PRECISION, grade SMALLINT, entry VARCHAR(32))"
)


def fill(many: int, *, at: datetime) -> None:
    """Make ``many`` incidents of two days before ``at``, spread over the villages of the place."""
    chance, then = random.Random(7), at - timedelta(days=2)
    with transaction.atomic():
        patterns = [_pattern(n, then) for n in range(PATTERNS)]
    is_ended = dict(Case.objects.values_list("pk", "ended_at"))
    codes = [one.code for one in place.divisions().descendants(COUNTY)]
    middles = {code: (chance.uniform(118.4, 119.0), chance.uniform(33.4, 34.0)) for code in codes}
    shifts: list[tiles.Shift] = []
    with _indexes_made_again((Case, Signal, StepTask, TrailEntry)):
        for first in range(0, many - PATTERNS, PART):
            count = min(PART, many - PATTERNS - first)
            rows = _rows(first, count, patterns, middles, chance, then)
            _copy(rows, at=then)
            for row in rows:
                spot = SimpleNamespace(lon=row[6], lat=row[7], kind="work.overflow")
                has_ended = is_ended[row[1]] is not None
                shifts.append(tiles.Shift(spot, row[5], has_ended, 1))  # type: ignore[arg-type]
    with transaction.atomic():
        tiles.shift(shifts)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Case]):
            cursor.execute(statement)
    journal.seal(at=at)


def _pattern(number: int, at: datetime) -> int:
    """The id of an incident that the platform made; one of ten still goes on."""
    told = casework.report_signal(
        kind="work.overflow", source="alert", summary="水位超限", object=f"pattern-{number}",
        lon=118.4 + number / 100, lat=33.3, division=VILLAGE, actor="sensing", at=at,
    )  # fmt: skip
    evidence = {"photo": casework.EvidenceFile("现场.jpg", JPEG), "reading_normal": "11.8"}
    acts: list[tuple[str, Any, Any]] = [
        ("dispatch", DISPATCHER, {}),
        ("handle", GRID, evidence),
        ("close", DISPATCHER, {}),
    ]
    for verb, officer, given in acts if number % 10 else acts[: number // 10 % 3]:
        at += timedelta(minutes=20)
        casework.act(number=told.number, verb=verb, officer=officer, at=at, evidence=given)
    return int(Case.objects.values_list("pk", flat=True).get(number=told.number))


def _rows(
    first: int, count: int, patterns: Sequence[int], middles: Any, chance: random.Random, at: Any
) -> list[tuple[Any, ...]]:
    """Own values of the copies, as ``bench_new`` has them."""
    codes, begin = list(middles), PATTERNS + 1 + first
    rows = []
    for n in range(begin, begin + count):
        code = chance.choice(codes)
        day, sequence = divmod(n, A_DAY)
        number = ids.number(
            prefix="SY", day=(at - timedelta(days=1 + day)).date(), sequence=sequence + 1
        )
        lon, lat = (middle + chance.gauss(0, 0.01) for middle in middles[code])
        pattern = chance.choice(patterns)
        title, grade = f"河道水位超限：第 {n} 处", chance.randint(1, 4)
        rows.append(
            (patterns[-1] + n, pattern, number, f"old-{n}", title, code, lon, lat, grade, "")
        )
    return rows


def _copy(rows: list[tuple[Any, ...]], *, at: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        numbers = [row[2] for row in rows]
        entries = journal.record_each("case.opened", cases=numbers, actor="sensing", at=at)
        rows[:] = [(*row[:-1], entry) for row, entry in zip(rows, entries, strict=True)]
        cursor.execute(_COPIES)
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO bench_new VALUES ({marks})", rows)
        for model, own in OWN.items():
            cursor.execute(_copying(model, own))
        cursor.execute("DROP TABLE bench_new")
        for day in {number[2:10] for number in numbers}:
            NumberSeries.objects.get_or_create(
                prefix="SY", day=f"{day[:4]}-{day[4:6]}-{day[6:]}", defaults={"last": A_DAY}
            )


def _copying(model: type[models.Model], own: dict[str, str]) -> str:
    table, names = model._meta.db_table, [one.column for one in model._meta.concrete_fields]
    names = [name for name in names if name != "id" or name in own]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(own.get(name, f'o."{name}"') for name in names)
    pattern = "id" if model is Case else "case_id"
    # The names are the models' own.
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM bench_new n '
        f'JOIN "{table}" o ON o."{pattern}" = n.pattern ORDER BY n.id'
    )


@contextmanager
def _indexes_made_again(kinds: Sequence[type[models.Model]]) -> Iterator[None]:
    """Without the indexes that models declare while rows come, and with them afterwards."""
    found = [(model, index) for model in kinds for index in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, index in found:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for model, index in found:
            editor.add_index(model, index)
