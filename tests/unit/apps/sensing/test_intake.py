"""What becomes of one message."""

from datetime import UTC, datetime, timedelta

import pytest

from yiwang.apps.sensing.intake import Fault, Limits, Message, Observed, sift

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
GAUGE = Limits(1, "gauge-1", "water.level", -2.0, 30.0)


def find(device: str, stream: str) -> Limits | str:
    return GAUGE if device == "gauge-1" else "unknown_device"


def judge(payload: bytes, device: str = "gauge-1") -> Observed | Fault:
    return sift(Message(device, payload), find=find, at=NOON)


def test_a_good_message_is_accepted() -> None:
    assert judge(b'{"at": "2026-11-02T12:00:00+08:00", "value": 12.5}') == Observed(
        GAUGE, NOON, 12.5, is_late=False
    )


def test_a_message_older_than_an_hour_is_late() -> None:
    seen = judge(b'{"at": "2026-11-02T10:59:59+08:00", "value": 12.5}')
    assert isinstance(seen, Observed) and seen.is_late


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"at": "2026-11-02T12:00:00+08:00", "value": NaN}', "not_a_number"),
        (b'{"at": "2026-11-02T12:00:00+08:00", "value": Infinity}', "not_a_number"),
        (b'{"at": "2026-11-02T12:00:00+08:00", "value": null}', "not_a_number"),
        (b'{"at": "2026-11-02T12:00:00+08:00", "value": "12.5"}', "not_a_number"),
        (b'{"at": "2026-11-02T12:00:00+08:00", "value": 1e400}', "not_a_number"),
        (b'{"at": "2026-11-02T12:00:00+08:00", "value": 31}', "out_of_range"),
        (b'{"at": "2036-11-02T12:00:00+08:00", "value": 12.5}', "in_the_future"),
        (b'{"at": "2016-11-02T12:00:00+08:00", "value": 12.5}', "too_old"),
        (b"x" * 1_000_000, "too_large"),
        (b'{"at": "2026-11-02T12:00:00", "value": 12.5}', "no_time"),
        (b'{"value": 12.5}', "no_time"),
        (b"\x7e\x7e\x01\x00", "unreadable"),
        (b"[1]", "unreadable"),
        (b"[" * 4000, "unreadable"),
        (b" " * 5000, "too_large"),
    ],
)
def test_a_bad_message_is_kept_with_its_reason(payload: bytes, reason: str) -> None:
    seen = judge(payload)
    assert isinstance(seen, Fault) and seen.reason == reason


def test_a_stranger_device_is_quarantined_whatever_it_says() -> None:
    seen = judge(b'{"at": "2026-11-02T12:00:00+08:00", "value": 12.5}', device="gauge-x")
    assert isinstance(seen, Fault) and seen.reason == "unknown_device"


def test_a_clock_five_minutes_ahead_is_forgiven() -> None:
    at = (NOON + timedelta(minutes=5)).isoformat().encode()
    assert isinstance(judge(b'{"at": "' + at + b'", "value": 1}'), Observed)
