"""Instants as whole microseconds since 1970, as the readings are stored."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000


def micros(at: datetime) -> int:
    """An aware instant as a number."""
    return (at - _EPOCH) // _MICROSECOND


def instant(number: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + timedelta(microseconds=number)
