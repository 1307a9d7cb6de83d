"""What becomes of one message: accepted, late, or quarantined with a reason. No Django here.

The stated rules: a value is a finite number within the physical limits of its stream; a time is
aware, at most ``AHEAD`` in the future; older than ``BEHIND`` is late, which is kept but moves
neither the latest value nor an alert. A device speaks for itself only.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(hours=1)
LARGEST = 4096
"""Bytes of a payload; a reading needs under a hundred."""

REASONS = {
    "too_large": "报文超过 4 KB",
    "unreadable": "报文不是约定的 JSON",
    "unknown_device": "设备未登记或已停用",
    "not_a_number": "数值不是有限数",
    "out_of_range": "数值超出物理量程",
    "no_time": "观测时间缺失或不带时区",
    "in_the_future": "观测时间在未来",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came: ``device`` from the topic or token, never from the payload."""

    device: str
    payload: bytes
    channel: str = "http"


@dataclass(frozen=True, slots=True)
class Observed:
    """A good message: ``value`` in the stream's unit at ``at``."""

    device: str
    at: datetime
    value: float
    is_late: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """A bad message and the code of its reason, a key of ``REASONS``."""

    message: Message
    reason: str


class _Payload(msgspec.Struct):
    at: datetime
    value: float | None


_decode = msgspec.json.Decoder(_Payload).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def sift(
    message: Message, *, limits: Mapping[str, tuple[float, float]], at: datetime
) -> Observed | Fault:
    """Judge one message received ``at``; ``limits`` holds low and high of each known device."""
    if len(message.payload) > LARGEST:
        return Fault(message, "too_large")
    bounds = limits.get(message.device)
    if bounds is None:
        return Fault(message, "unknown_device")
    try:
        read = _decode(message.payload)
    except _UNREADABLE:
        return Fault(message, _why_unreadable(message.payload))
    if read.value is None or not math.isfinite(read.value):
        return Fault(message, "not_a_number")
    if read.at.tzinfo is None:
        return Fault(message, "no_time")
    if read.at > at + AHEAD:
        return Fault(message, "in_the_future")
    if not bounds[0] <= read.value <= bounds[1]:
        return Fault(message, "out_of_range")
    return Observed(message.device, read.at, read.value, read.at < at - BEHIND)


def _why_unreadable(payload: bytes) -> str:
    """NaN, Infinity and 1e400 are no JSON numbers, yet devices send them: say what they are."""
    lowered = payload.lower()
    if b"nan" in lowered or b"inf" in lowered:
        return "not_a_number"
    try:
        raw: Any = msgspec.json.decode(payload)
    except _UNREADABLE as error:
        return "not_a_number" if "out of range" in str(error) else "unreadable"
    if not isinstance(raw, dict):
        return "unreadable"
    return "no_time" if not isinstance(raw.get("at"), str) else "not_a_number"
