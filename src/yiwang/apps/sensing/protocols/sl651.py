"""SL 651—2014 水文监测数据通信规约: HEX/BCD frames, one packet each.

Up: 7E7E, centre, station (5 bytes BCD), password (2), function, length (12 bits), STX, body, ETX,
CRC-16/Modbus big-endian over all before it. Body of a report: serial (2), time of sending (6 BCD),
``F1F1`` station, class, ``F0F0`` time of observation (5 BCD), then elements: code, a byte of size
(5 bits) and decimals (3 bits), BCD digits. Frames in several packets (SYN) are refused.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from yiwang.apps.sensing.protocols.checksums import modbus
from yiwang.apps.sensing.protocols.frames import BadFrame, Element, Report, Split
from yiwang.kernel.clock import CHINA

START = b"\x7e\x7e"
STX, SYN, ETX, ETB, EOT = 0x02, 0x16, 0x03, 0x17, 0x04
HEAD, AROUND = 14, 17
"""Bytes before the body, and all bytes that are not the body."""
KEEP_ALIVE = 0x2F
_SERIES = {"F4": (1, 1), "F5": (2, 2)}
"""Twelve values five minutes apart: bytes of each, decimals. The last is at the observed hour."""


def split(content: bytes) -> Split:
    """Cut a stream of bytes into candidate frames; a frame with a wrong sum is cut all the same."""
    frames: list[bytes] = []
    garbage, at = bytearray(), 0
    while True:
        start = content.find(START, at)
        if start < 0:
            keep = 1 if content.endswith(START[:1]) and len(content) > at else 0
            garbage += content[at : len(content) - keep]
            return Split(tuple(frames), bytes(garbage), content[len(content) - keep :])
        garbage += content[at:start]
        if len(content) < start + HEAD:
            return Split(tuple(frames), bytes(garbage), content[start:])
        end = start + AROUND + (int.from_bytes(content[start + 11 : start + 13]) & 0x0FFF)
        if len(content) < end:
            return Split(tuple(frames), bytes(garbage), content[start:])
        frame = content[start:end]
        frames.append(frame)
        is_whole = modbus(frame[:-2]) == int.from_bytes(frame[-2:])
        inner = frame.find(START, 2)
        at = end if is_whole or inner < 0 else start + inner


def decode(frame: bytes) -> Report | BadFrame:
    """The report in one candidate frame, or why there is none."""
    if len(frame) < AROUND or frame[:2] != START:
        return BadFrame(frame, "unreadable")
    address = frame[3:8].hex()
    if modbus(frame[:-2]) != int.from_bytes(frame[-2:]):
        return BadFrame(frame, "wrong_sum", address)
    if frame[13] == SYN:
        return BadFrame(frame, "many_packets", address)
    if frame[13] != STX or frame[-3] not in (ETX, ETB) or frame[11] & 0xF0:
        return BadFrame(frame, "unreadable", address)
    body, password = frame[HEAD:-3], frame[8:10].hex().upper()
    try:
        sent_at = _instant(body[2:8])
        elements = () if frame[10] == KEEP_ALIVE else tuple(_elements(body[8:]))
    except (ValueError, IndexError):
        return BadFrame(frame, "unreadable", address)
    answer = b"" if frame[10] == KEEP_ALIVE else _answer(frame, body[:2], sent_at)
    return Report(address, password, elements, answer)


def encode(
    *,
    address: str,
    password: str,
    function: int,
    serial: int,
    sent_at: datetime,
    elements: Sequence[tuple[str, float, int, int]] = (),
    kind: bytes = b"H",
    centre: int = 1,
) -> bytes:
    """A frame as a station sends it; elements are (code, value, bytes, decimals)."""
    body = serial.to_bytes(2) + _digits(f"{sent_at.astimezone(CHINA):%y%m%d%H%M%S}")
    if function != KEEP_ALIVE:
        body += b"\xf1\xf1" + _digits(address) + kind
        body += b"\xf0\xf0" + _digits(f"{sent_at.astimezone(CHINA):%y%m%d%H%M}")
        body += b"".join(_element(*one) for one in elements)
    head = START + bytes([centre]) + _digits(address) + bytes.fromhex(password)
    frame = head + bytes([function]) + len(body).to_bytes(2) + bytes([STX]) + body + bytes([ETX])
    return frame + modbus(frame).to_bytes(2)


def _answer(frame: bytes, serial: bytes, at: datetime) -> bytes:
    """The confirmation that lets a station sleep: addresses turned round, EOT at the end."""
    body = serial + _digits(f"{at:%y%m%d%H%M%S}")
    head = START + frame[3:8] + frame[2:3] + frame[8:11] + (0x8000 | len(body)).to_bytes(2)
    answer = head + bytes([STX]) + body + bytes([EOT])
    return answer + modbus(answer).to_bytes(2)


def _elements(content: bytes) -> Iterator[Element]:
    at, place = None, 0
    while place < len(content):
        code, place = _code(content, place)
        if code == "F1":
            place += 6  # the station again, and its class
            continue
        if code == "F0":
            at, place = _instant(content[place : place + 5] + b"\0"), place + 5
            continue
        size, decimals = content[place] >> 3, content[place] & 7
        digits, place = content[place + 1 : place + 1 + size], place + 1 + size
        if at is None or len(digits) != size:
            raise ValueError("no time of observation, or cut short")
        if code in _SERIES:
            yield from _series(code, digits, at)
        else:
            yield Element(code, at, _number(digits, decimals))


def _code(content: bytes, place: int) -> tuple[str, int]:
    """The code at ``place`` and what follows it: most stand twice or with a size, FF lengthens."""
    first = content[place]
    if first in (0xF0, 0xF1):
        if content[place + 1] != first:
            raise ValueError("a mark stands twice")
        return f"{first:02X}", place + 2
    if first == 0xFF:
        return f"FF{content[place + 1]:02X}", place + 2
    return f"{first:02X}", place + 1


def _series(code: str, content: bytes, at: datetime) -> Iterator[Element]:
    """Twelve values five minutes apart, binary; all ones mean that there is none."""
    size, decimals = _SERIES[code]
    if len(content) != 12 * size:
        raise ValueError("twelve values")
    for number in range(12):
        raw = content[number * size : (number + 1) * size]
        value = None if raw == b"\xff" * size else int.from_bytes(raw) / 10**decimals
        yield Element(code, at - timedelta(minutes=5 * (11 - number)), value)


def _number(digits: bytes, decimals: int) -> float | None:
    """BCD digits; FF before them is a minus, FF or AA in every byte means that there is none."""
    if not digits or set(digits) in ({0xFF}, {0xAA}):
        return None
    sign = -1 if digits[0] == 0xFF else 1
    text = (digits[1:] if sign < 0 else digits).hex()
    if not text.isdecimal():
        raise ValueError("digits")
    return sign * int(text) / 10**decimals


def _element(code: str, value: float, size: int, decimals: int) -> bytes:
    whole = round(abs(value) * 10**decimals)
    wide = size - 1 if value < 0 else size
    digits = (b"\xff" if value < 0 else b"") + _digits(f"{whole:0{wide * 2}d}")
    if len(digits) != size:
        raise ValueError(f"{value} does not fit {size} bytes")
    return bytes.fromhex(code) + bytes([size << 3 | decimals]) + digits


def _digits(text: str) -> bytes:
    return bytes.fromhex(text)


def _instant(content: bytes) -> datetime:
    """Six bytes BCD, YYMMDDHHmmSS, in Chinese time."""
    text = content.hex()
    if len(text) != 12 or not text.isdecimal():
        raise ValueError("an instant has twelve digits")
    year, month, day, hour, minute, second = (int(text[n : n + 2]) for n in range(0, 12, 2))
    return datetime(2000 + year, month, day, hour, minute, second, tzinfo=CHINA)
