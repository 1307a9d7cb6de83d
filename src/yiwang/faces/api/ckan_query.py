"""What a CKAN client writes, read into a closed form: search queries, filters, sorts, numbers.

CKAN hands ``q`` and ``fq`` to Solr. Here a small part of that language is read (words,
``field:value``, ``field:"two words"``, ``field:(a OR b)``, ``metadata_modified:[a TO b]``, ``+``,
``-``) and nothing of it reaches a database unparsed; what cannot be read is refused, not ignored.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from yiwang.apps.exchange import public as exchange
from yiwang.kernel.errors import Invalid

LONGEST = 4_000
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<or>OR\b|\|\|) | (?P<and>AND\b|&&) |
        (?P<sign>[+-]?)
        (?:(?P<field>[A-Za-z_][A-Za-z0-9_.]*)\s*:\s*)?
        (?: "(?P<quoted>[^"]*)" | \((?P<group>[^()]*)\) |
            [\[{](?P<range>[^\]}]*)[\]}] | (?P<word>[^\s"()\[\]{}]+) )
    )""",
    re.X,
)
_NOW = re.compile(r"NOW(?:-(\d{1,5})(DAY|HOUR|MINUTE)S?)?(?:/\w+)?", re.I)
_HARMLESS = {"state": "active", "dataset_type": "dataset", "type": "dataset", "capacity": "public"}
_BOTH = {"active", "deleted"}
_ALIASES = {
    "owner_org": "organization",
    "license": "license_id",
    "format": "res_format",
    "tag": "tags",
    "group": "groups",
    "text": "",
    "notes": "",
}
_FIELDS = {*exchange.OPEN_FACETS, "tags", "res_format", "id", "name", "title"}
_TIMES = {"metadata_modified", "metadata_created"}


class QueryUnreadable(Invalid):
    """A search query, filter or sort of a CKAN client cannot be read without guessing."""

    code = "api.ckan_query_unreadable"
    status = 409


@dataclass(frozen=True)
class Terms:
    """What a query asks for."""

    words: tuple[str, ...] = ()
    any_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    none_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    includes_withdrawn: bool = False
    only_withdrawn: bool = False
    matches_nothing: bool = False


@dataclass
class _Reading:
    words: list[str] = field(default_factory=list)
    any_of: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    none_of: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    found: Terms = Terms()


def read_terms(text: str, *, now: datetime) -> Terms:
    """The terms of ``q`` or ``fq``."""
    if len(text) > LONGEST:
        raise QueryUnreadable(f"查询超过 {LONGEST} 字。", hint="请缩短查询。")
    reading, place, joins = _Reading(), 0, False
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match or match.end() == place:
            raise QueryUnreadable(
                f"查询第 {place + 1} 个字符起无法识别。",
                hint='可写：词、字段:值、字段:"含空格的值"、字段:(甲 OR 乙)。',
            )
        place = match.end()
        if match["or"]:
            joins = True
        elif not match["and"]:
            _take(reading, match, joins=joins, now=now)
            joins = False
    return replace(
        reading.found,
        words=tuple(reading.words),
        any_of=tuple(reading.any_of),
        none_of=tuple(reading.none_of),
    )


def _take(reading: _Reading, match: re.Match[str], *, joins: bool, now: datetime) -> None:
    name = _ALIASES.get(match["field"] or "", match["field"] or "")
    if match["range"] is not None:
        _take_range(reading, name, match["range"], now)
        return
    values = _values(match)
    if not name or name == "*":
        if values != ("*:*",) and values != ("*",):
            reading.words += [one.strip("*") for one in values if one.strip("*")]
        return
    if values == ("*",):
        return
    if name == "state" and set(values) <= _BOTH:
        _take_state(reading, set(values), is_refused=match["sign"] == "-")
    elif name in _HARMLESS:
        is_met = _HARMLESS[name] in values
        if is_met == (match["sign"] == "-"):
            reading.found = replace(reading.found, matches_nothing=True)
    elif name not in _FIELDS:
        if match["sign"] != "-":
            reading.found = replace(reading.found, matches_nothing=True)
    elif match["sign"] == "-":
        reading.none_of.append((name, values))
    elif joins and reading.any_of and reading.any_of[-1][0] == name:
        reading.any_of[-1] = (name, (*reading.any_of[-1][1], *values))
    else:
        reading.any_of.append((name, values))


def _take_state(reading: _Reading, states: set[str], *, is_refused: bool) -> None:
    wanted = _BOTH - states if is_refused else states
    reading.found = replace(
        reading.found,
        includes_withdrawn="deleted" in wanted,
        only_withdrawn=wanted == {"deleted"},
        matches_nothing=reading.found.matches_nothing or not wanted,
    )


def _values(match: re.Match[str]) -> tuple[str, ...]:
    if match["quoted"] is not None:
        return (match["quoted"],)
    if match["group"] is not None:
        parts = re.findall(r'"([^"]*)"|(\S+)', match["group"])
        return tuple(a or b for a, b in parts if b not in ("OR", "AND"))
    return (match["word"],)


def _take_range(reading: _Reading, name: str, text: str, now: datetime) -> None:
    begin, _, end = text.partition(" TO ")
    if name not in _TIMES or not end:
        raise QueryUnreadable(
            "范围只能用于 metadata_modified，写成 [起 TO 止]。",
            hint="例如 [2026-01-01T00:00:00Z TO *]。",
        )
    reading.found = replace(
        reading.found, since=_instant(begin.strip(), now), until=_instant(end.strip(), now)
    )


def _instant(text: str, now: datetime) -> datetime | None:
    if text == "*":
        return None
    if match := _NOW.fullmatch(text):
        unit = {"DAY": "days", "HOUR": "hours", "MINUTE": "minutes"}.get((match[2] or "").upper())
        return now - timedelta(**{unit: int(match[1])}) if unit else now
    try:
        read = datetime.fromisoformat(text.rstrip("Zz"))
    except ValueError:
        raise QueryUnreadable(
            f"“{text[:40]}”不是时间。", hint="写成 2026-01-01T00:00:00Z。"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def read_sort(text: str) -> tuple[tuple[str, bool], ...]:
    """``metadata_modified desc, id asc`` as (name, descending)."""
    found = []
    for part in text.split(",") if text.strip() else ():
        name, _, direction = part.strip().partition(" ")
        direction = direction.strip().lower() or "asc"
        for tail in ("nulls last", "nulls first"):
            direction = direction.removesuffix(tail).strip() or "asc"
        if not name or direction not in ("asc", "desc"):
            raise QueryUnreadable("sort 无法识别。", hint="写成 字段 asc, 字段 desc。")
        found.append((name.strip('"'), direction == "desc"))
    return tuple(found)


def whole(params: Mapping[str, Any], name: str, default: int, *, most: int) -> int:
    """A whole number of the request, from 0; larger ones are cut to ``most``."""
    value = params.get(name, default)
    text = str(default if value in (None, "") else value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise QueryUnreadable(f"{name} 应为非负整数。", hint=f"例如 {name}={default}。")
    return min(int(text), most)


def is_yes(value: Any) -> bool:
    """CKAN's notion of a true flag."""
    return str(value).strip().lower() in ("true", "yes", "t", "y", "1", "on")


def listed(value: Any, name: str) -> tuple[str, ...]:
    """A list of names: a JSON list, or text separated by commas."""
    value = unpacked(value, name) if isinstance(value, str) and value[:1] == "[" else value
    if value in (None, ""):
        return ()
    if isinstance(value, str):
        return tuple(part.strip().strip('"') for part in value.split(",") if part.strip())
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise QueryUnreadable(f"{name} 应为名称的列表。", hint="写成 a,b 或 JSON 列表。")


def unpacked(value: Any, name: str) -> Any:
    """A value that may come as JSON text, as GET requests send it."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise QueryUnreadable(f"{name} 不是有效的 JSON。", hint="请检查引号与括号。") from None


Value = str | int | float | bool | None


def read_filters(value: Any) -> dict[str, tuple[Value, ...]]:
    """``{"column": "value" | [values]}`` with plain values only."""
    found = unpacked(value, "filters") if value not in (None, "") else {}
    if not isinstance(found, Mapping):
        raise QueryUnreadable("filters 应为 JSON 对象。", hint='例如 {"kind": "公办"}。')
    filters = {}
    for name, accepted in found.items():
        values = accepted if isinstance(accepted, list) else [accepted]
        if not all(one is None or isinstance(one, str | int | float | bool) for one in values):
            raise QueryUnreadable(
                "filters 的值应为文字、数字或其列表。", hint='例如 {"kind": ["公办", "民办"]}。'
            )
        if len(values) > 500:
            raise QueryUnreadable("filters 的值不超过 500 个。", hint="请分次查询。")
        filters[str(name)] = tuple(values)
    return filters


def read_words(value: Any) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """``q`` of a datastore: words anywhere, or words by column."""
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        value = unpacked(value, "q")
    if isinstance(value, Mapping):
        return (), {str(name): _split(words) for name, words in value.items()}
    return _split(value or ""), {}


def _split(words: Any) -> tuple[str, ...]:
    if not isinstance(words, str):
        raise QueryUnreadable("q 应为文字。", hint="例如 q=养老。")
    return tuple(words.split()[:8])
