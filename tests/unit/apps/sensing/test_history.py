"""One query over both stores: the hot window and the day files behind it."""

from datetime import timedelta
from fractions import Fraction

import pytest
from cast import NINE

from yiwang.apps.sensing import hot
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.cold import _stores, day_store
from yiwang.apps.sensing.instants import micros
from yiwang.apps.sensing.models import Reading

from .conftest import GAUGE

HOURS = 40
"""The older 14 hours are settled, the younger 26 stay hot."""


@pytest.fixture
def kept(gauges, settings, tmp_path):
    """A reading every ten minutes for 40 hours until nine, settled as every hour does."""
    settings.HOME = tmp_path
    point = sensing.device(GAUGE).points[0].id
    rows = {}
    for n in range(HOURS * 6):
        at = NINE - timedelta(minutes=10 * n)
        rows[at] = 14 + n % 7 / 10
        Reading.objects.create(point_id=point, at=micros(at), value=rows[at], received_at=0)
    sensing.settle(NINE)
    yield point, dict(sorted(rows.items()))
    _stores.clear()


def test_readings_are_told_once_across_both_stores(kept):
    point, rows = kept
    assert 0 < Reading.objects.count() < len(rows)
    assert day_store().count(since=0, until=2**62) == len(rows) - Reading.objects.count()

    told = sensing.readings(device=GAUGE, since=NINE - timedelta(days=3))
    across = sensing.readings(
        device=GAUGE, since=NINE - timedelta(hours=28), until=NINE - timedelta(hours=24)
    )

    assert [(one.at, one.value) for one in told] == list(rows.items())
    assert len(across) == 24
    assert sensing.count_observations(points=[point], since=None, until=None) == len(rows)


def test_what_was_left_in_both_stores_by_a_cut_run_is_told_once(kept):
    point, rows = kept
    twice = list(rows.items())[:50]
    for at, value in twice:
        Reading.objects.create(point_id=point, at=micros(at), value=value + 1, received_at=0)

    told = sensing.readings(device=GAUGE, since=NINE - timedelta(days=3))
    assert [(one.at, one.value) for one in told] == list(rows.items())
    assert means(NINE - timedelta(days=3)) == exact(rows)


def test_means_of_an_hour_that_lies_in_both_stores_are_exact(kept):
    _, rows = kept
    oldest = hot.oldest()
    assert oldest is not None

    assert means(NINE - timedelta(days=3)) == exact(rows)


def test_what_comes_late_for_a_settled_day_joins_its_file(kept, library):
    _, rows = kept
    at = NINE - timedelta(hours=38, minutes=5)
    body = b'{"at": "%b", "value": 15.5}' % at.isoformat().encode()
    seen = sensing.intake([sensing.Message(GAUGE, body)], library=library, at=NINE)
    assert seen.late == 1
    sensing.settle(NINE + timedelta(seconds=1))

    told = sensing.readings(device=GAUGE, since=NINE - timedelta(days=3))
    assert [one.value for one in told if one.at == at] == [15.5]
    assert len(told) == len(rows) + 1
    assert Reading.objects.filter(at=micros(at)).count() == 0


def means(since):
    found = sensing.hourly_means(since=since, until=NINE + timedelta(hours=1))
    return {(one.begins_at, round(one.mean, 9), one.count) for one in found}


def exact(rows):
    hours: dict = {}
    for at, value in rows.items():
        hours.setdefault(at.replace(minute=0), []).append(Fraction(value))
    return {(at, round(float(sum(v) / len(v)), 9), len(v)) for at, v in hours.items()}
