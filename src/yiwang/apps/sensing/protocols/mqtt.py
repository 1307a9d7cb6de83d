"""MQTT 3.1.1 and 5 as a subscriber speaks them: packets written and read. No socket here.

Only what an intake needs: to connect with a kept session, to subscribe with QoS 1, to acknowledge
by hand. OASIS MQTT 5.0 chapters 2 and 3; 3.1.1 where ``is_old``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 9, 13, 14
PING = b"\xc0\x00"
BYE = b"\xe0\x00"
NEVER_RETAINED = 0x20
"""Retain handling 2 of MQTT 5: what the broker retains is old and is not sent at all."""


class Malformed(Exception):
    """These bytes are no MQTT."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A message of the broker: ``number`` is 0 where none is to be acknowledged (QoS 0)."""

    topic: bytes
    payload: bytes
    number: int
    is_retained: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Another packet of the broker: its kind and the reason codes that it carries."""

    kind: int
    codes: bytes = b""


Packet = Publication | Answer


def connect(
    *,
    client: str,
    user: str | None,
    password: str,
    is_old: bool,
    is_clean: bool,
    keep_alive: int,
    kept_for: int,
    in_flight: int,
) -> bytes:
    """CONNECT; ``kept_for`` (seconds) and ``in_flight`` are properties of MQTT 5."""
    flags = (2 if is_clean else 0) | (0xC0 if user is not None else 0)
    properties = b""
    if not is_old:
        own = b"\x11" + kept_for.to_bytes(4) + b"\x21" + in_flight.to_bytes(2)
        properties = _length(len(own)) + own
    head = _text("MQTT") + bytes((4 if is_old else 5, flags)) + keep_alive.to_bytes(2)
    who = _text(user) + _text(password) if user is not None else b""
    return _packet(0x10, head + properties + _text(client) + who)


def subscribe(topics: Sequence[str], *, is_old: bool) -> bytes:
    """SUBSCRIBE to all topics with QoS 1."""
    option = 1 if is_old else 1 | NEVER_RETAINED
    wanted = b"".join(_text(one) + bytes((option,)) for one in topics)
    return _packet(0x82, (1).to_bytes(2) + (b"" if is_old else b"\x00") + wanted)


def acknowledged(numbers: Iterable[int]) -> bytes:
    """PUBACK of each."""
    return b"".join([b"\x40\x02" + number.to_bytes(2) for number in numbers])


def split(content: bytes, *, is_old: bool) -> tuple[list[Packet], bytes]:
    """The whole packets at the front, and the rest, which waits for more."""
    found: list[Packet] = []
    at, end = 0, len(content)
    while at + 2 <= end:
        size, begin = content[at + 1], at + 2
        if size > 127:
            size, begin = _long(content, at + 1)
        if not begin or begin + size > end:
            break
        found.append(_read(content, at, begin, begin + size, is_old))
        at = begin + size
    return found, content[at:]


def _read(content: bytes, at: int, begin: int, end: int, is_old: bool) -> Packet:
    first = content[at]
    kind = first >> 4
    if kind == PUBLISH:
        topic_end = (
            begin + 2 + (content[begin] << 8 | content[begin + 1]) if begin + 2 <= end else 0
        )
        here, number = topic_end, 0
        if first & 6:
            number = int.from_bytes(content[here : here + 2])
            here += 2
        if not is_old:
            here = _behind_properties(content, here, end)
        if not begin + 2 <= topic_end <= here <= end:
            raise Malformed("a publication longer than its packet")
        return Publication(
            content[begin + 2 : topic_end], content[here:end], number, bool(first & 1)
        )
    if kind == CONNACK:
        return Answer(kind, content[begin + 1 : begin + 2])
    if kind == SUBACK:
        here = begin + 2 if is_old else _behind_properties(content, begin + 2, end)
        return Answer(kind, content[here:end])
    if kind == DISCONNECT:
        return Answer(kind, content[begin : begin + 1])
    if kind == PINGRESP:
        return Answer(kind)
    raise Malformed(f"a packet of kind {kind}")


def _behind_properties(content: bytes, at: int, end: int) -> int:
    if at >= end:
        raise Malformed("properties are missing")
    size = content[at]
    if size < 128:
        return at + 1 + size
    size, begin = _long(content, at)
    return begin + size if begin else end + 1


def _long(content: bytes, at: int) -> tuple[int, int]:
    """A length of up to four bytes and where it ends; (0, 0) while it is not all there."""
    size = 0
    for place, byte in enumerate(content[at : at + 4]):
        size |= (byte & 127) << 7 * place
        if byte < 128:
            return size, at + place + 1
    if len(content) >= at + 4:
        raise Malformed("a length of more than four bytes")
    return 0, 0


def _packet(first: int, content: bytes) -> bytes:
    return bytes((first,)) + _length(len(content)) + content


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, low = divmod(size, 128)
        out.append(low | 128 if size else low)
        if not size:
            return bytes(out)


def _text(written: str) -> bytes:
    content = written.encode()
    return len(content).to_bytes(2) + content
