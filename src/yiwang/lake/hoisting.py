"""Work that several conditions repeat is done once, in an inner SELECT.

DuckDB shares equal subexpressions, but not inside CASE, and a checked identity number repeats one
cast eighteen times. Only expressions that cannot raise are taken out of their CASE: calls of a few
total functions, and whole CASE expressions over integers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_]\w*|\d+(?:\.\d+)?|\|\||//|\S""")
_TOTAL = frozenset(
    "translate substr trim length strlen upper lower coalesce nullif greatest instr "
    "regexp_full_match regexp_matches try_cast try_strptime".split()
)
_GUARDED = frozenset({"make_date", "cast", "string_split"})
"""Calls that may raise, and stand in our SQL only in a CASE that knows they do not."""
_WORDS = frozenset("as bigint smallint date varchar null".split())
_CASE_WORDS = _WORDS | frozenset("case when then else end and or not is true false in".split())
_SIGNS = frozenset("(),") | {"||"}
_CASE_SIGNS = _SIGNS | {"//", *"+-*%=<>[]"}
_UPPER = re.compile(r"translate\((.+), '([a-z]{26})', '([A-Z]{26})'\)", re.S)

Layers = list[list[tuple[str, str]]]


def hoist(conditions: Sequence[str]) -> tuple[Layers, list[str]]:
    """The conditions over names, and the layers of (name, SQL) that compute the names."""
    texts = list(conditions)
    made: list[tuple[str, str]] = []
    while True:
        counts = Counter(part for text in (*texts, *(d for _, d in made)) for part in _parts(text))
        wholes = [part for part, count in counts.items() if count > 1 and part.startswith("CASE")]
        repeated = [
            part
            for part, count in counts.items()
            if count > 1 and not any(_belongs(part, whole, counts) for whole in wholes)
        ]
        if not repeated:
            break
        part, name = min(repeated, key=lambda text: (len(text), text)), f'"_h{len(made)}"'
        texts = [text.replace(part, name) for text in texts]
        made = [(known, text.replace(part, name)) for known, text in made]
        made.append((name, part))
    return _layered(made), texts


def _belongs(part: str, whole: str, counts: Counter[str]) -> bool:
    """Once in a repeated CASE and nowhere else: it is computed with it, for the rows it is for."""
    return part != whole and counts[part] == counts[whole] and whole.count(part) == 1


def _layered(made: list[tuple[str, str]]) -> Layers:
    depths: dict[str, int] = {}
    layers: Layers = []
    for name, text in made:
        used = [depths[known] for known in depths if known in text]
        depths[name] = max(used, default=-1) + 1
        if depths[name] == len(layers):
            layers.append([])
        layers[depths[name]].append((name, _quick(text)))
    return layers


def _quick(text: str) -> str:
    """Upper case sign by sign is slow; plain ASCII, nearly every code, takes the short way."""
    if found := _UPPER.fullmatch(text):
        inner = found[1]
        return f"CASE WHEN strlen({inner}) = length({inner}) THEN upper({inner}) ELSE {text} END"
    return text


@lru_cache(maxsize=1000)
def _parts(text: str) -> tuple[str, ...]:
    """The calls and CASE expressions in ``text`` that may be computed before it."""
    pieces = [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]
    opened: list[tuple[str, int]] = []
    found: list[str] = []
    for place, (piece, start, _) in enumerate(pieces):
        word = piece.lower()
        if word == "case":
            opened.append(("case", place))
        elif piece == "(":
            called = place > 0 and pieces[place - 1][0].lower() in _TOTAL
            opened.append(("call" if called else "group", place - called))
        elif opened and (piece == ")" or word == "end"):
            kind, first = opened.pop()
            inside = [piece for piece, _, _ in pieces[first : place + 1]]
            if kind != "group" and _is_total(inside, kind):
                found.append(text[pieces[first][1] : start + len(piece)])
    return tuple(found)


def _is_total(tokens: list[str], kind: str) -> bool:
    words, signs = (_CASE_WORDS, _CASE_SIGNS) if kind == "case" else (_WORDS, _SIGNS)
    calls = _TOTAL | _GUARDED if kind == "case" else _TOTAL
    for place, token in enumerate(tokens):
        if token[0].isalpha():
            called = tokens[place + 1 : place + 2] == ["("] and token.lower() not in words
            if token.lower() not in (calls if called else words):
                return False
        elif not (token[0].isdigit() or token[0] in "\"'_" or token in signs):
            return False
    return True
