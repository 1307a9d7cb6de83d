"""Which encoding a text file has, also when a few of its lines have another."""

from __future__ import annotations

import codecs
from pathlib import Path

_ENOUGH = 2_000
"""Lines that may settle the vote early."""


def encoding_of(path: Path, *, stated: str = "auto") -> str:
    """``utf-8``, ``gb18030`` or what the feed states.

    Without a statement a byte order mark decides, else the non-ASCII lines vote; lines that do not
    fit the winner are broken lines.
    """
    with path.open("rb") as handle:
        start = handle.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if stated.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return "utf-8"
    if stated != "auto":
        return "gb18030" if stated.lower().startswith("gb") else stated.lower()
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8"
    return _by_vote(path)


def _by_vote(path: Path) -> str:
    """Non-ASCII lines vote: valid UTF-8 is hardly ever accidental."""
    utf8 = other = 0
    with path.open("rb") as handle:
        for count, line in enumerate(handle):
            if not line.isascii():
                if looks_utf8(line):
                    utf8 += 1
                else:
                    other += 1
            if count > _ENOUGH and abs(utf8 - other) > _ENOUGH // 2:
                break
    return "utf-8" if utf8 >= other else "gb18030"


def looks_utf8(line: bytes) -> bool:
    """The line is valid UTF-8 and holds at least one character of three or four bytes."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    return any(ord(sign) >= 0x800 for sign in text)


def decode_line(line: bytes, encoding: str) -> str | None:
    """The text of one line, or None when it is not in ``encoding``."""
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return None
    if encoding == "gb18030" and _is_stray_utf8(line):
        return None
    return text


def _is_stray_utf8(line: bytes) -> bool:
    """A UTF-8 line in a GB18030 file: it would decode, but to nonsense."""
    if line.isascii():
        return False
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    han = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    return han >= 2 and all(sign < "\x80" or sign >= "\u2000" for sign in text)
