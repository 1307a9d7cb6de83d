"""What becomes of one message: accepted, late, or quarantined with a reason. No Django here.

The stated rules (docs/reference/readings.md): a value is a finite number within the physical
limits of its stream; a time is aware, at most ``AHEAD`` in the future; older than ``BEHIND`` is
late, which is kept but moves neither the latest value nor an alert; older than ``OLDEST`` is a
wrong clock. A device speaks for itself only.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(hours=1)
OLDEST = timedelta(days=400)
LARGEST = 4096
"""Bytes of a payload; a reading needs under a hundred."""

REASONS = {
    "too_large": "报文超过 4 KB",
    "unreadable": "报文不是约定的格式",
    "unknown_device": "设备未登记或已停用",
    "unknown_stream": "设备没有这个测点",
    "not_a_number": "数值不是有限数",
    "out_of_range": "数值超出物理量程",
    "no_time": "观测时间缺失或不带时区",
    "in_the_future": "观测时间在未来",
    "too_old": "观测时间早于 400 天前",
    "wrong_sum": "校验码不对",
    "wrong_length": "报文长度与声明不符",
    "many_packets": "分包报文不支持",
    "wrong_password": "现场协议口令不对",
    "no_password": "设备没有发放现场协议口令",
    "no_value": "设备自称此要素无数据",
    "marked_invalid": "设备自标此数据无效",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one point: its number in the store and the physical limits of its stream."""

    id: int
    device: str
    stream: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came: ``device`` from the topic or token, never from the payload.

    ``stream`` is what the topic says; a device with one point may say anything. A door that has
    already found a fault (a wrong check sum) says its reason, and the message is quarantined.
    """

    device: str
    payload: bytes
    channel: str = "http"
    stream: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that a door has already read, with the bytes that it came in."""

    device: str
    stream: str
    at: datetime
    value: float | None
    payload: bytes
    channel: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """A good reading of a point: ``value`` in the stream's unit at ``at``."""

    point: Limits
    at: datetime
    value: float
    is_late: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """A bad message and the code of its reason, a key of ``REASONS``."""

    message: Message | Sample
    reason: str


Find = Callable[[str, str], Limits | str]
"""(device, stream as named) → its point, or the reason why there is none."""


class _Payload(msgspec.Struct):
    at: datetime
    value: float | None
    stream: str = ""


_decode = msgspec.json.Decoder(_Payload).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def sift(message: Message | Sample, *, find: Find, at: datetime) -> Observed | Fault:
    """Judge one message received ``at``; ``find`` tells the point that it speaks of."""
    if isinstance(message, Sample):
        point = find(message.device, message.stream)
        if type(point) is str:
            return Fault(message, point)
        if message.mark:
            return Fault(message, "marked_invalid")
        if message.value is None:
            return Fault(message, "no_value")
        return _weighed(message, point, message.at, message.value, at)  # type: ignore[arg-type]
    if message.fault:
        return Fault(message, message.fault)
    if len(message.payload) > LARGEST:
        return Fault(message, "too_large")
    try:
        read = _decode(message.payload)
    except _UNREADABLE:
        known = find(message.device, message.stream)
        reason = known if type(known) is str and known == "unknown_device" else ""
        return Fault(message, reason or _why_unreadable(message.payload))
    point = find(message.device, read.stream or message.stream)
    if type(point) is str:
        return Fault(message, point)
    if read.value is None:
        return Fault(message, "not_a_number")
    return _weighed(message, point, read.at, read.value, at)  # type: ignore[arg-type]


def _weighed(
    message: Message | Sample, point: Limits, seen_at: datetime, value: float, at: datetime
) -> Observed | Fault:
    if not math.isfinite(value):
        return Fault(message, "not_a_number")
    if seen_at.tzinfo is None:
        return Fault(message, "no_time")
    if seen_at > at + AHEAD:
        return Fault(message, "in_the_future")
    if seen_at < at - OLDEST:
        return Fault(message, "too_old")
    if not point.low <= value <= point.high:
        return Fault(message, "out_of_range")
    return Observed(point, seen_at, value, seen_at < at - BEHIND)


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
