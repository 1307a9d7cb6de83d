"""Masking for many rows, in the engine: what ``kernel.masking`` does to plain values, as SQL.

A value that the SQL is not sure about (a combining sign, a blank at the end, an odd script) is
passed on behind a zero sign and masked one by one by ``kernel.masking``, so both always agree.
"""

from __future__ import annotations

from collections.abc import Mapping

from yiwang.kernel.masking import HIDDEN
from yiwang.lake.backends.duck import literal, quoted
from yiwang.lake.backends.streams import Mask
from yiwang.lake.plans import Type

_HAN = r"\x{4E00}-\x{9FFF}"
_ASCII = "strlen(v) = length(v) AND (v) >= '!' AND right(v, 1) >= '!'"
"""One byte for each sign and nothing to trim: a quarter of the cost of a regular expression."""
_PLAIN = {
    "id_number": f"{_ASCII} AND length(v) >= 10",
    "name": f"regexp_full_match(v, '[{_HAN}A-Za-z]{{2,40}}')",
    "phone": "strlen(v) = 11 AND regexp_full_match(v, '1[0-9]{10}')",
    "bank_card": "strlen(v) >= 12 AND regexp_full_match(v, '[0-9]+')",
    "address": f"regexp_full_match(v, '[{_HAN}0-9A-Za-z（）()#-]{{1,200}}')",
    "": f"regexp_full_match(v, '[{_HAN}0-9A-Za-z]{{1,400}}')",
}
_MASKED = {
    "id_number": (
        "CASE WHEN length(v) = 18 THEN substr(v, 1, 3) || '*************' || substr(v, 17, 2) "
        "ELSE left(v, 3) || repeat('*', length(v) - 5) || right(v, 2) END"
    ),
    "name": "left(v, 1) || repeat('*', least(length(v) - 1, 2))",
    "phone": "substr(v, 1, 3) || '****' || substr(v, 8, 4)",
    "bank_card": "'****' || right(v, 4)",
    "address": (
        "CASE WHEN regexp_matches(v, '^.{2,40}?(?:街道|镇|乡|苏木)') "
        "THEN regexp_extract(v, '^.{2,40}?(?:街道|镇|乡|苏木)') || '****' "
        "WHEN regexp_matches(v, '^.{2,24}(?:自治县|县|区|旗|市)') "
        "THEN regexp_extract(v, '^.{2,24}(?:自治县|县|区|旗|市)') || '****' ELSE '****' END"
    ),
    "": "CASE WHEN length(v) >= 6 THEN left(v, 1) || '****' || right(v, 1) ELSE '****' END",
}


def masked(column: str, type_: Type, mask: Mask) -> str:
    """The column as it may be shown."""
    name = quoted(column)
    if mask.grade >= 4 or type_ in ("integer", "decimal", "boolean"):
        return f"CASE WHEN {name} IS NOT NULL THEN {literal(HIDDEN)} END"
    if type_ in ("date", "instant"):
        return f"CAST(year({name}) AS VARCHAR) || '-**-**'"
    element = mask.element if mask.element in _PLAIN else ""
    plain = _PLAIN[element].replace("(v", f"({name}")
    shown = _MASKED[element].replace("(v", f"({name}")
    if mask.hidden:  # behind every eighth value or so
        marked = f"CASE WHEN hash({name}) % 8 = 0 THEN {literal(mask.hidden)} ELSE '' END"
        shown = f"({shown}) || {marked}"
    return f"CASE WHEN {plain} THEN {shown} ELSE chr(0) || {name} END"


def types_shown(types: Mapping[str, Type], masks: Mapping[str, Mask]) -> dict[str, Type]:
    """A masked value is text, whatever it was."""
    return {name: "text" if name in masks else kind for name, kind in types.items()}
