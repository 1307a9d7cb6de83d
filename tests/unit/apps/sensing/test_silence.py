"""A whole network falls silent: one incident, written little by little."""

from datetime import timedelta

import pytest
from cast import NINE
from django.db import connection

from yiwang.apps.casework.models import Case
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.actions.watching import AT_ONCE
from yiwang.apps.sensing.instants import micros
from yiwang.apps.sensing.models import AlertState, LatestReading, Point

LEVEL = "flood_drought.level"


@pytest.fixture
def spoke_at_nine(gauges) -> list[Point]:
    points = list(Point.objects.filter(stream=LEVEL).order_by("id"))
    LatestReading.objects.bulk_create(
        LatestReading(point=one, at=micros(NINE), value=13.0) for one in points
    )
    return points


class Transactions:
    """Counts what the clock writes into the table of alerts, transaction by transaction."""

    def __init__(self) -> None:
        self.inserted = [0]

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("SAVEPOINT", "BEGIN")) and connection.savepoint_ids[1:] == []:
            self.inserted.append(0)
        elif sql.startswith("INSERT") and '"sensing_alertstate"' in sql:
            self.inserted[-1] += 1
        return execute(sql, params, many, context)


def test_eight_hundred_silent_stations_are_one_incident_of_the_county(spoke_at_nine, library):
    at = NINE + timedelta(minutes=61)
    counting = Transactions()
    with connection.execute_wrapper(counting):
        raised, _ = sensing.watch_clock(library=library, at=at)

    assert len(raised) == len(spoke_at_nine) == 800
    assert AlertState.objects.filter(raised_at=at, cleared_at=None).count() == 800
    (row,) = Case.objects.filter(kind="flood_drought.station_fault").exclude(state="ended")
    assert row.signals == 800
    assert sum(counting.inserted) == 800
    assert max(counting.inserted) <= AT_ONCE, "no writer waits for more than so many"


def test_where_nothing_changes_the_clock_writes_nothing(spoke_at_nine, library):
    at = NINE + timedelta(minutes=61)
    sensing.watch_clock(library=library, at=at)
    written = []

    def watching(execute, sql, params, many, context):
        if not sql.startswith("SELECT"):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watching):
        again = sensing.watch_clock(library=library, at=at + timedelta(seconds=1))

    assert again == ([], 0)
    assert written == []


def test_each_station_that_speaks_again_ends_its_own_alert(spoke_at_nine, library):
    at = NINE + timedelta(minutes=61)
    sensing.watch_clock(library=library, at=at)
    moved = [one.pk for one in spoke_at_nine[:3]]
    LatestReading.objects.filter(point__in=moved).update(at=micros(at))

    assert sensing.watch_clock(library=library, at=at)[1] == 3
    assert AlertState.objects.filter(cleared_at=None).count() == 797
