"""When a condition that holds becomes an alert, and when an alert ends."""

from datetime import UTC, datetime, timedelta

from yiwang.packkit.alerting import Held, step

START = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
HOLD = timedelta(minutes=3)


def replay(*readings: tuple[int, bool | None, bool | None]) -> list[str]:
    """The effects of (minute, raises, clears) readings in order."""
    held, effects = None, []
    for minute, raises, clears in readings:
        at = START + timedelta(minutes=minute)
        held, effect = step(held, at=at, raises=raises, clears=clears, hold=HOLD)
        effects.append(effect)
    return effects


def test_a_condition_is_raised_once_after_it_has_held() -> None:
    assert replay(
        (0, True, False), (2, True, False), (3, True, False), (4, True, False), (9, True, False)
    ) == ["wait", "none", "raise", "none", "none"]


def test_a_short_spike_is_forgotten() -> None:
    assert replay((0, True, False), (1, False, True), (4, True, False)) == [
        "wait",
        "forget",
        "wait",
    ]


def test_between_the_two_limits_a_raised_alert_stands() -> None:
    assert replay((0, True, False), (3, True, False), (4, False, False), (5, False, True)) == [
        "wait",
        "raise",
        "none",
        "clear",
    ]


def test_unknown_changes_nothing() -> None:
    assert replay((0, True, False), (3, None, None), (4, True, False)) == ["wait", "none", "raise"]
    assert step(Held(START, True), at=START, raises=None, clears=None, hold=HOLD)[1] == "none"


def test_without_a_holding_time_the_first_reading_raises() -> None:
    assert step(None, at=START, raises=True, clears=False, hold=timedelta(0))[1] == "raise"
