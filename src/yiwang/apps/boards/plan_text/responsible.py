"""Who leads and who helps, read from the brackets that close a task."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yiwang.kernel.folding import simplified

OPENING, CLOSING = "（〔(", "）〕)"
ROLES = re.compile(r"(牵头|责任|配合)单位：")
BY_DUTY = re.compile(r"等?按职责分工负责$")
EVERYWHERE = re.compile(r"，?以下均需属地配合落实，?不再列出$")
AND_OTHERS = re.compile(r"等(?:有关)?(?:部门|单位)?(?:和单位)?$")
OFFICES = tuple("府会會局委办辦部院处處室心位道区區镇鎮团團司港行社组組联聯")
"""What the name of an organ ends with; a name without it goes on after the next comma."""


@dataclass(frozen=True)
class Responsible:
    """One bracket: who leads, who helps, and whether the helpers hold for all that follows."""

    leads: tuple[str, ...]
    helpers: tuple[str, ...]
    is_default: bool = False


def brackets(text: str) -> Iterator[tuple[int, int, Responsible]]:
    """Start, end and content of each bracket that names who is responsible."""
    plain = simplified(text)
    depth, start = 0, 0
    for at, character in enumerate(plain):
        if character in OPENING:
            start = at if depth == 0 else start
            depth += 1
        elif character in CLOSING and depth:
            depth -= 1
            inner = plain[start + 1 : at]
            if depth == 0 and (ROLES.search(inner) or BY_DUTY.search(inner)):
                yield start, at + 1, _read(text[start + 1 : at])


def _read(text: str) -> Responsible:
    """Organs by role; without a leader, those who are responsible together lead."""
    plain = simplified(text)
    everywhere = EVERYWHERE.search(plain)
    end = everywhere.start() if everywhere else len(text)
    duty = BY_DUTY.search(plain[:end])
    end = duty.start() if duty else end
    marks = list(ROLES.finditer(plain[:end]))
    before = text[: marks[0].start() if marks else end]
    named: dict[str, list[str]] = {"牵头": [], "责任": [], "配合": []}
    named["责任"] += _organs(before)
    ends = [mark.start() for mark in marks[1:]] + [end]
    for mark, until in zip(marks, ends, strict=False):
        named[mark[1]] += _organs(text[mark.end() : until])
    leads = named["牵头"] or named["责任"]
    helpers = named["配合"] + (named["责任"] if named["牵头"] else [])
    return Responsible(tuple(leads), tuple(helpers), is_default=bool(everywhere))


def _organs(text: str) -> list[str]:
    """The organs of a list; a comma inside a name (各县、区人民政府) does not part it."""
    organs: list[str] = []
    for piece in _pieces(text.strip("，；、。 ")):
        name = piece.strip()
        if organs and not organs[-1].rstrip("）").endswith(OFFICES):
            organs[-1] = f"{organs[-1]}、{name}"
        elif name:
            organs.append(name)
    return [_without_others(organ) for organ in organs if organ]


def _without_others(organ: str) -> str:
    others = AND_OTHERS.search(simplified(organ))
    return organ[: others.start()] if others else organ


def _pieces(text: str) -> Iterator[str]:
    """Split at commas outside brackets."""
    depth, start = 0, 0
    for at, character in enumerate(text):
        depth += (character in OPENING) - (character in CLOSING)
        if character in "、，；" and depth <= 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]
