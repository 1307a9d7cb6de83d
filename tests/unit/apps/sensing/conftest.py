"""Sensing with the pack `water_level` of the place `siyang`."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import prepared
import pytest
from cast import NINE

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.packkit import Library

GAUGE = "SW001"
"""众兴运河大桥站: warning level 16.50, cleared below 16.40."""

Send = Callable[..., sensing.Intake]


@pytest.fixture(scope="session")
def library() -> Library:
    return prepared.library()


@pytest.fixture
def gauges(db, library) -> None:
    prepared.install(identity, casework, sensing, at=NINE)


def message(value: object, *, minute: float = 0, device: str = GAUGE) -> sensing.Message:
    """A reading ``minute`` minutes after nine."""
    at = NINE + timedelta(minutes=minute)
    return sensing.Message(device, json.dumps({"at": at.isoformat(), "value": value}).encode())


@pytest.fixture
def send(gauges, library) -> Send:
    """Send readings as (minute, value) pairs, received at the last minute."""

    def sending(*pairs: tuple[float, object], device: str = GAUGE, at: datetime | None = None):
        messages = [message(value, minute=minute, device=device) for minute, value in pairs]
        received = at or NINE + timedelta(minutes=max(minute for minute, _ in pairs))
        return sensing.intake(messages, library=library, at=received)

    return sending
