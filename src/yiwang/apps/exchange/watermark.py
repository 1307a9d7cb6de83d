"""水印: whose copy this is, put into files and pages and read out of a leaked one.

A mark names a call; its code is a keyed digest of the call's number, so nobody can make the mark
of another's call. It is carried four ways, because a leaker takes off the one that shows:

- *told*: ``YW1-<call>-<code>`` in the JSON answer and in the metadata of Arrow and Parquet;
- *hidden*: invisible signs behind masked values, which survive copying cells into a spreadsheet;
- *quoted*: which lines of a CSV begin with a quoted field, which no reader of CSV can tell;
- *seen*: officer, organ and minute with a code, drawn over a page.

No value that a consumer may join on is ever changed.
"""

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_INVISIBLE = "\u200b\u200c\u200d\u2060"  # two bits each; none of them is a space or a letter
_BEGIN = "\u2062"
_TOLD = re.compile(rb"YW1-([0-9A-HJKMNP-TV-Z]{26})-([0-9A-HJKMNP-TV-Z]{8})")
_HIDDEN = re.compile(f"{_BEGIN}([{_INVISIBLE}]{{20}})")
_START = 0b1110_0101_1000_1101
"""Sixteen bits with which a code begins in the lines of a CSV."""
_BITS, _PERIOD = 40, 56
_ENOUGH = 3
"""A code is read from lines once it stands there as often."""


@dataclass(frozen=True)
class Mark:
    """The mark of one call."""

    call: str
    code: str

    @property
    def told(self) -> str:
        """The mark as text for metadata."""
        return f"YW1-{self.call}-{self.code}"

    @property
    def hidden(self) -> str:
        """The code as signs that nobody sees."""
        number = _number(self.code)
        return _BEGIN + "".join(
            _INVISIBLE[number >> shift & 3] for shift in range(_BITS - 2, -1, -2)
        )

    def is_quoted(self, line: int) -> bool:
        """Whether this line of a CSV (0 is the first row) begins with a quoted field."""
        word = _START << _BITS | _number(self.code)
        return bool(word >> (_PERIOD - 1 - line % _PERIOD) & 1)


@dataclass(frozen=True)
class Found:
    """A mark read out of something: ``call`` is empty where only the code is carried."""

    code: str
    call: str
    way: str
    """``told``, ``hidden`` or ``quoted``."""
    times: int


@dataclass(frozen=True)
class PageMark:
    """What is drawn over a page."""

    text: str
    code: str


def mark_of(call: str) -> Mark:
    """The mark of a call by its number."""
    return Mark(call, _code(f"call|{call}"))


def is_genuine(found: Found) -> bool:
    """Whether a mark that names its call was made here."""
    return bool(found.call) and hmac.compare_digest(mark_of(found.call).code, found.code)


def page_mark(officer: identity.Officer, *, at: datetime) -> PageMark:
    """Who looks, from where, in which minute."""
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    code = page_code(officer.username, at=at)
    return PageMark(f"{officer.organ} {officer.username} {minute:%Y-%m-%d %H:%M}Z {code}", code)


def page_code(username: str, *, at: datetime) -> str:
    """The code drawn over a page for one account in one minute, to try a leaked picture against."""
    return _code(f"page|{username}|{at.astimezone(UTC):%Y-%m-%dT%H:%M}")


def quoted(lines: bytes, mark: Mark, *, first: int) -> bytes:
    """CSV rows with the mark in how they begin; ``first`` is the number of the first row.

    Rows among which a quoted field already stands are left as they are: a line break may be in it.
    """
    if b'"' in lines:
        return lines
    out = []
    for number, line in enumerate(lines.split(b"\n")[:-1], first):
        if mark.is_quoted(number):
            field, comma, rest = line.partition(b",")
            end = b"\r" if not comma and field.endswith(b"\r") else b""
            line = b'"' + field.removesuffix(end or b"\0") + b'"' + end + comma + rest
        out.append(line + b"\n")
    return b"".join(out)


def read(content: bytes) -> list[Found]:
    """Every mark in a file, the most frequent first; the caller looks up whose calls they are."""
    told = Counter((call.decode(), code.decode()) for call, code in _TOLD.findall(content))
    found = [Found(code, call, "told", times) for (call, code), times in told.items()]
    hidden = Counter(_HIDDEN.findall(content.decode("utf-8", "replace")))
    found += [Found(_shown(_revealed(text)), "", "hidden", n) for text, n in hidden.items()]
    lines = Counter(_codes_in_lines(content))
    found += [Found(_shown(code), "", "quoted", n) for code, n in lines.items() if n >= _ENOUGH]
    return sorted(found, key=lambda one: -one.times)


def _codes_in_lines(content: bytes) -> Iterator[int]:
    """Codes that follow a start word, wherever in the file they stand."""
    if b'"' not in content:
        return
    word, mask = 0, (1 << _PERIOD) - 1
    for line in content.split(b"\n"):
        word = (word << 1 | line.startswith(b'"')) & mask
        if word >> _BITS == _START:
            yield word & ((1 << _BITS) - 1)


def _revealed(signs: str) -> int:
    number = 0
    for sign in signs:
        number = number << 2 | _INVISIBLE.index(sign)
    return number


def _number(code: str) -> int:
    number = 0
    for sign in code:
        number = number << 5 | _SIGNS.index(sign)
    return number


def _shown(number: int) -> str:
    return "".join(_SIGNS[number >> shift & 31] for shift in range(35, -1, -5))


def _code(about: str) -> str:
    key = journal.kept_key(Path(settings.HOME) / "keys", "watermark")
    digest = hmac.new(key, about.encode(), hashlib.sha256).digest()
    return _shown(int.from_bytes(digest[:5], "big"))
