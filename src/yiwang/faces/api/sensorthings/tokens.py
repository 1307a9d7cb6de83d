"""The words of a ``$filter`` or ``$orderby``: OData 4 literals, names, operators."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from yiwang.faces.api.sensorthings.refusals import malformed

LONGEST = 4000
_WORD = re.compile(
    r"\s+|(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<day>\d{4}-\d\d-\d\d)(?![\d:])|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<geography>geography'[^']*')|(?P<duration>duration'[^']*')"
    r"|(?P<name>[A-Za-z_@][\w.@]*(?:/[A-Za-z_@][\w.@]*)*)|(?P<sign>[(),])"
)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,9}(?:\.\d+)?)S)?)?"
)
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its kind, its value, and where it stands."""

    kind: str
    value: Any
    at: int


def tokens_of(text: str) -> list[Token]:
    """The words of a text, or ``RequestMalformed``."""
    if len(text) > LONGEST:
        raise malformed(f"筛选超过 {LONGEST} 个字符。")
    found, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise malformed(f"第 {at + 1} 个字符处看不懂：{text[at : at + 20]}")
        if match.lastgroup:
            found.append(_token(match.lastgroup, match[match.lastgroup], at))
        at = match.end()
    return found


def _token(kind: str, text: str, at: int) -> Token:
    try:
        match kind:
            case "instant":
                return Token("value", instant_of(text), at)
            case "day":
                day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
                return Token("value", day, at)
            case "number":
                return Token("value", _number(text), at)
            case "text":
                return Token("value", text[1:-1].replace("''", "'"), at)
            case "geography":
                return Token("geography", text[10:-1], at)
            case "duration":
                return Token("value", _duration(text[9:-1]), at)
            case "name" if text in CONSTANTS:
                return Token("value", CONSTANTS[text], at)
    except (ValueError, OverflowError):
        raise malformed(f"第 {at + 1} 个字符处的值不成立：{text}") from None
    return Token(kind, text, at)


def instant_of(text: str) -> datetime:
    """An ISO 8601 instant with offset; more digits than microseconds are cut."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text.replace(" ", "+"))
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no offset")
    return at.astimezone(UTC)


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else float(text)


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None or len(text) < 3:
        raise ValueError(text)
    parts = {name: float(match[name] or 0) for name in ("days", "hours", "minutes", "seconds")}
    return timedelta(**parts) * (-1 if match["sign"] else 1)
