"""Readings are kept once, alerts become one incident, and nothing is dropped in silence."""

from datetime import timedelta

import pytest
from cast import NINE

from yiwang.apps.casework.models import Case
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.models import AlertState, LatestReading, Reading

from .conftest import GAUGE, message


def test_every_message_is_in_exactly_one_count(send):
    seen = send((0, 14.8), (0, 14.8), (1, "NaN"), (2, 99), (-90, 14.7), (-1, 14.7))

    assert (seen.accepted, seen.late, seen.duplicate) == (2, 1, 1)
    assert seen.quarantined == {"not_a_number": 1, "out_of_range": 1}
    assert sensing.quarantined()[0] == 2


def test_the_same_reading_sent_again_is_one_reading(send):
    send((0, 14.8))
    again = send((0, 14.8))

    assert again.duplicate == 1
    assert Reading.objects.count() == 1


def test_out_of_order_readings_do_not_move_the_latest_value_back(send):
    send((5, 15.0))
    send((3, 14.9), at=NINE + timedelta(minutes=6))

    assert LatestReading.objects.get().value == 15.0
    assert Reading.objects.count() == 2


def test_a_level_over_its_warning_for_three_minutes_raises_one_incident(send):
    seen = send(*[(minute, 16.9) for minute in range(10)])

    assert len(seen.raised) == 1
    assert Case.objects.count() == 1
    assert sensing.device(GAUGE).incident == seen.raised[0]


def test_a_spike_raises_nothing(send):
    seen = send((0, 16.9), (1, 16.9), (2, 14.8), (3, 16.9), (5, 14.8))

    assert seen.raised == ()
    assert not AlertState.objects.exists()


def test_what_is_held_survives_a_restart(send):
    send((0, 16.9))
    seen = send((4, 16.9))

    assert len(seen.raised) == 1


def test_an_alert_stands_between_the_two_limits_and_ends_below_the_lower(send):
    send(*[(minute, 16.9) for minute in range(5)])
    between = send((6, 16.45))
    below = send((7, 16.30))

    assert (between.cleared, below.cleared) == (0, 1)
    assert sensing.device(GAUGE).alert == ""


def test_two_gauges_near_each_other_in_time_are_two_incidents(send):
    one = send(*[(minute, 17.9) for minute in range(5)])
    two = send(*[(minute, 17.9) for minute in range(5)], device="SW002")

    assert one.raised != two.raised


def test_a_quarantined_message_is_kept_as_text_that_every_database_takes(gauges, library):
    sensing.intake([sensing.Message(GAUGE, b"\x7e\x01\x00\xff")], library=library, at=NINE)

    (kept,) = sensing.quarantined()[1]
    assert kept.payload == "~\x01\\x00\\xff"


def test_a_device_nobody_registered_gets_no_token(gauges):
    with pytest.raises(sensing.DeviceUnknown):
        sensing.issue_token(device="SW999", at=NINE)


def test_a_device_is_known_by_its_own_token_only(gauges):
    token = sensing.issue_token(device=GAUGE, at=NINE)

    assert sensing.device_of(token) == GAUGE
    for wrong in ("", "nobody", token[:-1]):
        with pytest.raises(sensing.DeviceNotRecognized):
            sensing.device_of(wrong)


def test_ten_thousand_messages_are_taken_in_within_a_few_seconds(gauges, library):
    messages = [message(14.0 + n % 50 / 100, minute=-n / 1000) for n in range(10_000)]
    began = sensing.intake(messages, library=library, at=NINE)

    assert began.accepted == 10_000


def test_a_map_shows_each_device_where_few_are_and_alerts_even_where_many_are(send):
    """All 800 stations in view are circles; a gauge that alerts among them is a point."""
    send(*[(minute, 16.9) for minute in range(5)])
    county, street = (118.0, 33.0, 119.5, 34.5), (118.67, 33.74, 118.69, 33.75)
    everything = sensing.device_map(text="", stream="", box=county)
    near = sensing.device_map(text="", stream="", box=street)

    assert [one.id for one in everything.points] == [GAUGE]
    assert sum(one.count for one in everything.circles) + 1 == sensing.count_devices()
    assert len(everything.circles) < 200
    assert near.points
    assert near.circles == ()
