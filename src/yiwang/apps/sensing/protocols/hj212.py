"""HJ 212—2017 污染物在线监控系统数据传输标准: ``##``, length, segment, check sum, CR LF.

Of a report the values under test are ``<code>-Rtd`` (2011) or ``<code>-Avg`` (2051, 2061, 2031),
with the mark ``<code>-Flag``: only N, or none, is a measurement. The check sum is the annex's, or
CRC-16/Modbus in devices that were built so: the mode is a fact of the device.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from yiwang.apps.sensing.protocols.checksums import SUMS, Mode
from yiwang.apps.sensing.protocols.frames import BadFrame, Element, Report, Split
from yiwang.kernel.clock import CHINA

LONGEST = 1024
"""Characters of a segment by the standard."""
AROUND = 12
"""``##``, four digits, four of the sum, CR LF."""
GOOD = ("", "N")
_VALUES = {"2011": "Rtd", "2051": "Avg", "2061": "Avg", "2031": "Avg"}
_HEAD = re.compile(rb"##(\d{4})")
_PAIR = re.compile(r"(\w+)-(\w+)=([^,;]*)")


def split(content: bytes) -> Split:
    """Cut at ``##`` and CR LF: the lengths of devices in the field are not always right."""
    frames: list[bytes] = []
    garbage, at = bytearray(), 0
    while True:
        start = content.find(b"##", at)
        if start < 0:
            keep = 1 if content.endswith(b"#") and len(content) > at else 0
            garbage += content[at : len(content) - keep]
            return Split(tuple(frames), bytes(garbage), content[len(content) - keep :])
        garbage += content[at:start]
        end = content.find(b"\r\n", start)
        if end < 0:
            if len(content) - start <= LONGEST + AROUND:
                return Split(tuple(frames), bytes(garbage), content[start:])
            garbage += content[start : start + 2]
            at = start + 2
            continue
        last = content.rfind(b"##", start, end)  # a torn frame may stand before a whole one
        garbage += content[start:last]
        frames.append(content[last : end + 2])
        at = end + 2


def decode(frame: bytes, *, modes: Mapping[str, Mode]) -> Report | BadFrame:
    """The report in one candidate frame; ``modes`` says how each known station sums."""
    head = _HEAD.match(frame)
    if head is None or not frame.endswith(b"\r\n"):
        return BadFrame(frame, "unreadable")
    segment, written = frame[6:-6], frame[-6:-2]
    try:
        text = segment.decode("ascii")
        plain, _, inner = text.partition("CP=&&")
        fields = dict(part.split("=", 1) for part in plain.split(";") if "=" in part)
        address = fields.get("MN", "")
        wanted = SUMS[modes.get(address, "annex")](segment)
    except (UnicodeDecodeError, ValueError):
        return BadFrame(frame, "unreadable")
    if int(head[1]) != len(segment):
        return BadFrame(frame, "wrong_length", address)
    if not re.fullmatch(rb"[0-9A-Fa-f]{4}", written) or int(written, 16) != wanted:
        return BadFrame(frame, "wrong_sum", address)
    try:
        elements = _elements(fields, inner.removesuffix("&&"))
    except ValueError:
        return BadFrame(frame, "unreadable", address)
    answer = _answer(fields, modes.get(address, "annex"))
    return Report(address, fields.get("PW", ""), elements, answer)


def encode(
    *,
    address: str,
    password: str,
    at: datetime,
    values: Sequence[tuple[str, str, str]],
    command: str = "2011",
    kind: str = "39",
    mode: Mode = "annex",
    flag: int = 5,
) -> bytes:
    """A frame as a station sends it; values are (code, number as written, mark)."""
    local = at.astimezone(CHINA)
    word = _VALUES[command]
    inner = ";".join(f"{c}-{word}={v}" + (f",{c}-Flag={m}" if m else "") for c, v, m in values)
    return _framed(
        f"QN={local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d};ST={kind};CN={command};"
        f"PW={password};MN={address};Flag={flag};CP=&&DataTime={local:%Y%m%d%H%M%S};{inner}&&",
        mode,
    )


def _framed(segment: str, mode: Mode) -> bytes:
    content = segment.encode("ascii")
    return b"##%04d%s%04X\r\n" % (len(content), content, SUMS[mode](content))


def _elements(fields: Mapping[str, str], inner: str) -> tuple[Element, ...]:
    word = _VALUES.get(fields.get("CN", ""))
    if word is None:
        return ()
    written = re.search(r"DataTime=(\d{14})", inner)
    if written is None:
        raise ValueError("no time of the values")
    at = datetime.strptime(written[1], "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    found: dict[str, dict[str, str]] = {}
    for code, part, value in _PAIR.findall(inner):
        found.setdefault(code, {})[part] = value
    return tuple(
        Element(code, at, _number(parts[word]), parts.get("Flag", ""))
        for code, parts in found.items()
        if word in parts
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _answer(fields: Mapping[str, str], mode: Mode) -> bytes:
    """The data answer (9014) to whoever asks for one in the lowest bit of Flag."""
    flag = fields.get("Flag", "0")
    if not flag.isdecimal() or not int(flag) & 1 or fields.get("CN") not in _VALUES:
        return b""
    said = ";".join(f"{name}={fields.get(name, '')}" for name in ("QN",))
    return _framed(
        f"{said};ST=91;CN=9014;PW={fields.get('PW', '')};MN={fields.get('MN', '')};"
        f"Flag={int(flag) & ~3};CP=&&&&",
        mode,
    )
