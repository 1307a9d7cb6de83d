"""What time alone brings about, and what maintenance holds back."""

from datetime import timedelta

import pytest
from cast import NINE

from yiwang.apps.casework.models import Case
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.models import AlertState

from .conftest import GAUGE


def officer(organ: str, right: str) -> identity.Officer:
    return identity.Officer(
        username=f"{organ}-officer", name="值班员", organ=organ, rights=frozenset({right}),
        divisions=("321323000000",),
    )  # fmt: skip


@pytest.fixture
def water_officer() -> identity.Officer:
    return officer("water", "sensing.manage")


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def test_a_hold_ends_by_the_clock_while_the_device_still_speaks(send, library):
    send((0, 16.9), (2, 16.9))
    early = sensing.watch_clock(library=library, at=NINE + minutes(2.5))
    due = sensing.watch_clock(library=library, at=NINE + minutes(3.1))
    again = sensing.watch_clock(library=library, at=NINE + minutes(3.2))

    assert (early[0], len(due[0]), again[0]) == ([], 1, [])
    assert Case.objects.count() == 1


def test_a_hold_does_not_end_for_a_device_that_fell_silent(send, library):
    send((0, 16.9))

    assert sensing.watch_clock(library=library, at=NINE + minutes(30)) == ([], 0)


def test_readings_under_maintenance_are_kept_and_raise_nothing(send, water_officer):
    sensing.plan_maintenance(
        device=GAUGE, begins_at=NINE, ends_at=NINE + minutes(60), reason="更换浮子",
        officer=water_officer, at=NINE,
    )  # fmt: skip
    during = send(*[(n, 16.9) for n in range(10)])
    after = send(*[(n, 16.9) for n in range(61, 70)])

    assert (during.accepted, during.raised) == (10, ())
    assert len(after.raised) == 1


def test_maintenance_ends_when_it_is_said_to(send, water_officer):
    number = sensing.plan_maintenance(
        device=GAUGE, begins_at=NINE, ends_at=NINE + minutes(600), reason="检修",
        officer=water_officer, at=NINE,
    )  # fmt: skip
    sensing.end_maintenance(number=number, officer=water_officer, at=NINE + minutes(5))

    assert len(send(*[(n, 16.9) for n in range(6, 12)]).raised) == 1
    with pytest.raises(sensing.MaintenanceUnknown):
        sensing.end_maintenance(number=number, officer=water_officer, at=NINE + minutes(6))


@pytest.mark.parametrize(("ends", "reason"), [(-1, "检修"), (10, " "), (200 * 1440, "检修")])
def test_a_maintenance_window_makes_sense_or_is_refused(gauges, water_officer, ends, reason):
    with pytest.raises(sensing.MaintenanceMalformed):
        sensing.plan_maintenance(
            device=GAUGE, begins_at=NINE, ends_at=NINE + minutes(ends), reason=reason,
            officer=water_officer, at=NINE,
        )  # fmt: skip


def test_nobody_of_another_organ_silences_a_device(gauges):
    elsewhere = officer("market", "sensing.manage")
    rightless = officer("water", "sensing.see")
    for stranger in (elsewhere, rightless):
        with pytest.raises(identity.RightMissing):
            sensing.plan_maintenance(
                device=GAUGE, begins_at=NINE, ends_at=NINE + minutes(5), reason="检修",
                officer=stranger, at=NINE,
            )  # fmt: skip


def test_one_alert_is_open_however_many_intakes_judge_it(send):
    for _ in range(5):
        send(*[(n, 16.9) for n in range(10)])
        send((11, 17.0))

    assert AlertState.objects.filter(cleared_at=None).count() == 1
    assert Case.objects.count() == 1


def test_a_device_that_was_retired_is_quarantined_at_once(send):
    send((0, 14.8))
    sensing.retire_device(device=GAUGE, at=NINE)

    assert send((1, 14.8)).quarantined == {"unknown_device": 1}
