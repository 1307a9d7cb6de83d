"""What rules look back at: windows in memory mean what the store says, whoever stores beside."""

import random
from datetime import timedelta

import pytest
from cast import NINE

from yiwang.apps.sensing import hot
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.instants import micros
from yiwang.apps.sensing.lookback import forget_windows
from yiwang.apps.sensing.models import AlertState, Reading, WindowMark
from yiwang.apps.sensing.windows import Window
from yiwang.packkit.watching import reduced

from .conftest import message

STATION, UPSTREAM = "RS0002", "RS0001"
ASKED = ("last", "change", "sum", "mean", "least", "most", "spread", "count")


@pytest.mark.parametrize("seed", range(20))
def test_a_window_answers_what_its_readings_say(seed):
    """In whatever order they come and whenever one asks, also back in time."""
    draw = random.Random(seed)
    window, kept = Window(500, mark=0), {}
    for at in draw.sample(range(400), 80):
        value = draw.randrange(-5000, 5000) / 100
        window.add(at, value)
        kept[at] = value
        for of in ASKED:
            within = draw.choice([1, 30, 200])
            when = draw.choice([max(kept), draw.randrange(450)])
            seen = [kept[one] for one in sorted(kept) if when - within < one <= when]
            assert window.ask(of, within, when) == reduced(of, seen), (of, within, when)


def test_a_window_lets_go_of_what_no_rule_looks_at():
    window = Window(100, mark=0)
    for at in range(10_000):
        window.add(at, 1.0)
        assert window.ask("sum", 100, at) == min(at + 1, 100)

    assert len(window.times) < 500


@pytest.fixture
def take(gauges, library):
    """Take readings (device, stream, minute, value) in, as one of several intakes or after all."""

    def taking(*readings, at: int = 0):
        messages = [
            sensing.Message(
                device, message(value, minute=minute, device=device).payload, "http", stream
            )
            for device, stream, minute, value in readings
        ]
        last = max((minute for _, _, minute, _ in readings), default=at)
        return sensing.intake(messages, library=library, at=NINE + timedelta(minutes=last))

    return taking


def open_rules(device: str = STATION) -> set[str]:
    found = AlertState.objects.filter(device=device, cleared_at=None).exclude(raised_at=None)
    return set(found.values_list("rule", flat=True))


def test_a_rise_is_seen_across_batches(take):
    for minute, level in ((0, 14.0), (30, 14.3), (54, 14.55), (59, 14.56)):
        take((STATION, "level", minute, level))

    assert "flood_drought.rapid_rise" in open_rules()


def test_what_another_intake_stored_is_seen_by_this_one(take):
    """The first reading of the hour came in elsewhere; so did one between two of ours."""
    take((STATION, "level", 0, 14.3))
    point = Reading.objects.get().point_id
    for minute, value in ((10, 14.0), (20, 14.1)):
        at = micros(NINE + timedelta(minutes=minute))
        Reading.objects.create(point_id=point, at=at, value=value, received_at=at)
        hot.count_on({point: 1})
    take((STATION, "level", 30, 14.4))
    assert "flood_drought.rapid_rise" not in open_rules()

    take((STATION, "level", 64, 14.55))
    take((STATION, "level", 69, 14.55))
    assert "flood_drought.rapid_rise" in open_rules()


def test_what_was_undone_is_forgotten(take, library, monkeypatch):
    take((STATION, "level", 0, 14.0))
    with monkeypatch.context() as broken:
        broken.setattr(hot, "advance", lambda last: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take((STATION, "level", 20, 14.6))
    take((STATION, "level", 30, 14.1))

    assert open_rules() == set()
    assert WindowMark.objects.get().stored == 2


def test_a_rule_is_judged_when_either_of_its_streams_reads(take):
    """Upstream rises by half a metre while it rains here: told before this station reads again."""
    take((STATION, "level", 0, 15.0), (STATION, "rain", 0, 6.0), (UPSTREAM, "level", 0, 15.0))
    take((STATION, "rain", 5, 6.0))
    assert open_rules() == set()

    seen = take((UPSTREAM, "level", 6, 15.45))

    assert "flood_drought.water_coming" in open_rules()
    assert len(seen.raised) >= 1


def test_rain_alone_completes_a_rule_about_the_level(take):
    take((STATION, "level", 0, 15.0), (UPSTREAM, "level", 0, 15.0), (UPSTREAM, "level", 4, 15.45))
    assert "flood_drought.water_coming" not in open_rules()

    take((STATION, "rain", 5, 11.0))

    assert "flood_drought.water_coming" in open_rules()


def test_a_station_long_silent_is_judged_without_a_value(take):
    """Its old level says nothing any more; what the rule asks besides still does."""
    take((STATION, "level", -50, 16.0), (UPSTREAM, "level", -30, 15.0))
    take((UPSTREAM, "level", 6, 15.45))

    assert "flood_drought.water_coming" not in open_rules()


def test_a_stuck_sensor_is_told_and_forgiven_when_it_moves(take):
    """Six hours of one value, every five minutes, taken in hour by hour."""
    stuck = "flood_drought.stuck"
    for hour in range(6):
        take(*[(STATION, "level", hour * 60 + 5 * n, 14.52) for n in range(12)])
        assert (stuck in open_rules()) == (hour == 5)

    take((STATION, "level", 365, 14.53))

    assert stuck not in open_rules()


def test_a_sensor_that_wavers_in_its_last_digit_is_not_stuck(take):
    for hour in range(7):
        take(*[(STATION, "level", hour * 60 + 5 * n, 14.5 + n % 2 / 100) for n in range(12)])

    assert "flood_drought.stuck" not in open_rules()


def test_a_rule_looks_back_over_a_week_of_settled_readings(take, library):
    """Daily counts of a school; what is older than a day has settled, the intake begins anew."""
    day = 24 * 60
    for number in range(6):
        take(("PU01", "fever", number * day, 4.0))
    sensing.settle(NINE + timedelta(days=6))
    forget_windows(library)
    take(("PU01", "fever", 6 * day - 60, 5.0))
    assert open_rules("PU01") == set()

    take(("PU01", "fever", 6 * day, 1.0))
    assert open_rules("PU01") == {"public_health.fever_cluster"}
