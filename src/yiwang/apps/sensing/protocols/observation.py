"""Observations of SensorThings over MQTT: ``v1.1/Datastreams(17)/Observations``.

OGC SensorThings 1.1, chapter 14.2 (create observations via MQTT). The broker's access list says
who may publish to a datastream, so the topic names the speaker; ``v1.1/Observations``, where the
payload would name it, is not offered.
"""

from datetime import datetime

import msgspec

from yiwang.apps.sensing.intake import LARGEST, Message, Sample

VERSION = "v1.1"
TOPICS = f"{VERSION}/+/Observations"


class _Observation(msgspec.Struct):
    result: float
    phenomenon: datetime | None = msgspec.field(name="phenomenonTime", default=None)


_decode = msgspec.json.Decoder(_Observation).decode


def observed(topic: str, payload: bytes, *, at: datetime) -> Message | Sample:
    """The reading of a datastream, observed ``at`` unless it says when; or why it is none."""
    datastream = topic.split("/")[1]
    if len(payload) > LARGEST:
        return Message(datastream, payload, "mqtt", fault="too_large")
    try:
        read = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Message(datastream, payload, "mqtt", fault=_fault(payload))
    return Sample(datastream, "", read.phenomenon or at, read.result, payload, "mqtt")


def _fault(payload: bytes) -> str:
    """A whole observation whose result is no number, or nothing that we can read."""
    try:
        raw = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "not_a_number" if b"nan" in payload.lower() else "unreadable"
    is_result_read = isinstance(raw, dict) and isinstance(raw.get("result"), int | float)
    if isinstance(raw, dict) and "result" in raw and not is_result_read:
        return "not_a_number"
    return "no_time" if is_result_read else "unreadable"
