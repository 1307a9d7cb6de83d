"""How text from a source becomes a typed value; what fits no stated spelling is not a value.

Full-width digits are read as digits in typed columns and left as they are in text. Instants
without an offset are China's time (UTC+8). The expressions are DuckDB SQL over one text column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from yiwang.lake.backends.duck import literal
from yiwang.lake.plans import FeedColumn, PlanMalformed

DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日")
INSTANT_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M%S",
    *DATE_FORMATS,
)
_WIDE = ("０１２３４５６７８９－／．：", "0123456789-/.:")
_DIRECTIVE = re.compile(r"%(.)")
_OFFSET = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}(:?\d{2})?)"
_FRACTION = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}\.\d{1,6}"


def folded(raw: str) -> str:
    """The text with full-width signs as plain ones; ASCII text takes the short way."""
    wide, plain = (literal(signs) for signs in _WIDE)
    return (
        f"CASE WHEN strlen({raw}) = length({raw}) THEN {raw} "
        f"ELSE translate({raw}, {wide}, {plain}) END"
    )


def quick(text: str) -> tuple[str, str]:
    """What ``cast`` is given of ``text``: the number that eight signs write, and the ISO day."""
    return (
        f"CASE WHEN strlen({text}) = 8 THEN TRY_CAST({text} AS INTEGER) END",
        f"CASE WHEN instr({text}, '-') = 5 THEN TRY_CAST({text} AS DATE) END",
    )


def cast(column: FeedColumn, text: str, number: str, iso: str) -> str:
    """The SQL that turns folded ``text`` into the column's type, NULL where it does not fit.

    ``number`` and ``iso`` hold what is ``quick`` of the text: most dates need no more.
    """
    match column.type:
        case "text":
            return text
        case "integer":
            return _integer(text)
        case "decimal":
            return _decimal(text)
        case "boolean":
            return _boolean(text)
        case "json":
            return f"CASE WHEN json_valid({text}) THEN {text} END"
        case "date":
            formats = column.formats or DATE_FORMATS
            day = f"CAST({_spelled(formats, text)} AS DATE)"
            return _quick_first(formats, day, text, number, iso)
        case "instant":
            return _instant(column.formats or INSTANT_FORMATS, text)


def _integer(text: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({text}, '[+-]?\\d{{1,18}}') THEN CAST({text} AS BIGINT) END"
    )


def _decimal(text: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({text}, '[+-]?\\d{{1,12}}(\\.\\d+)?') "
        f"THEN TRY_CAST({text} AS DECIMAL(18,6)) END"
    )


def _boolean(text: str) -> str:
    return (
        f"CASE WHEN lower({text}) IN ('是', 'true', '1', 'y', 'yes', 't') THEN true "
        f"WHEN lower({text}) IN ('否', 'false', '0', 'n', 'no', 'f') THEN false END"
    )


def _instant(formats: Sequence[str], text: str) -> str:
    local = (
        f"CASE WHEN regexp_full_match({text}, {literal(_FRACTION)}) "
        f"THEN TRY_CAST({text} AS TIMESTAMP) ELSE {_spelled(formats, text)} END"
    )
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(_OFFSET)}) "
        f"THEN TRY_CAST({text} AS TIMESTAMPTZ) "
        f"ELSE timezone('UTC', ({local}) - INTERVAL 8 HOUR) END"
    )


def _quick_first(formats: Sequence[str], day: str, text: str, number: str, iso: str) -> str:
    """The two commonest spellings, trusted where nothing else can write them; else ``day``.

    Eight signs with eight digits to them hold nothing but digits.
    """
    month, last = f"{number} // 100 % 100", f"{number} % 100"
    whens = ""
    if "%Y%m%d" in formats:
        whens += (
            f" WHEN {number} >= 10000101 AND {month} BETWEEN 1 AND 12 "
            f"AND {last} BETWEEN 1 AND 28 THEN make_date({number} // 10000, {month}, {last})"
        )
    if "%Y-%m-%d" in formats:
        whens += f" WHEN CAST({iso} AS VARCHAR) = {text} THEN {iso}"
    return f"CASE{whens} ELSE {day} END" if whens else day


def _spelled(formats: Sequence[str], text: str) -> str:
    """strptime behind a guard of its exact shape: 90/3/4 or 2025111 would pass otherwise."""
    groups: dict[str, list[str]] = {}
    for format_ in formats:
        after_year = format_[2:3] if format_.startswith("%Y") and format_[2:3] != "%" else ""
        groups.setdefault(after_year, []).append(format_)
    others = _tried(groups.pop("", []), text)
    branches = " ".join(
        f"WHEN instr({text}, {literal(sign)}) = 5 THEN {_iso_first(group, text)}"
        for sign, group in groups.items()
    )
    return f"CASE {branches} ELSE {others} END" if branches else others


def _iso_first(formats: Sequence[str], text: str) -> str:
    """The commonest spelling by the engine's own parser, trusted when it writes the same text."""
    if "%Y-%m-%d" not in formats:
        return _tried(formats, text)
    day = f"TRY_CAST({text} AS DATE)"
    return (
        f"CASE WHEN CAST({day} AS VARCHAR) = {text} THEN CAST({day} AS TIMESTAMP) "
        f"ELSE {_tried(formats, text)} END"
    )


def _tried(formats: Sequence[str], text: str) -> str:
    tries = " ".join(
        f"WHEN regexp_full_match({text}, {literal(shape_of(format_))}) "
        f"THEN try_strptime({text}, {literal(format_)})"
        for format_ in formats
    )
    return f"CASE {tries} END" if tries else "CAST(NULL AS TIMESTAMP)"


def shape_of(format_: str) -> str:
    """The regular expression of a date format; digits may be single only beside a separator."""
    pieces: list[str] = []
    for index, part in enumerate(_DIRECTIVE.split(format_)):
        if index % 2 == 0:
            pieces.append(re.escape(part).replace("/", "/"))
        elif part == "Y":
            pieces.append(r"\d{4}")
        elif part in "mdHMS":
            pieces.append(r"\d{1,2}" if _separated(format_) else r"\d{2}")
        else:
            raise PlanMalformed(
                f"日期格式“{format_}”里的 %{part} 不可用。",
                hint="可用：%Y %m %d %H %M %S。",
                format=format_,
            )
    return "".join(pieces)


def _separated(format_: str) -> bool:
    return not re.search(r"%.%", format_)
