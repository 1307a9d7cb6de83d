"""同要素比对: an organ's own list of items, in a file, held against the master list.

Nothing is taken over: the file is read, compared line by line and forgotten. What may be local
(a shorter promise) is no difference; everything else that differs is named with both values.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.apps.identity import public as identity
from yiwang.apps.services.items import ItemView, items
from yiwang.kernel.errors import Invalid
from yiwang.kernel.limits import Limit
from yiwang.lake import filled_rows

HEADS: dict[str, tuple[str, ...]] = {
    "code": ("基本编码", "事项编码", "编码"),
    "title": ("事项名称", "名称"),
    "legal_limit": ("法定办结时限", "法定时限"),
    "promised_limit": ("承诺办结时限", "承诺时限"),
    "materials": ("申请材料", "材料"),
}
"""The columns of such a list, by what organs call them."""
MOST_LINES = 5000
_CUT = re.compile(r"[、，,；;\n]+")
_AMOUNT = re.compile(r"\d+")


class ListTooLong(Invalid):
    """The file has more lines than any organ has items."""

    code = "services.list_too_long"


@dataclass(frozen=True)
class Difference:
    """One element that is not the master's."""

    element: str
    own: str
    master: str


@dataclass(frozen=True)
class Compared:
    """One line of the organ's list: the same, different, or not in the master list."""

    line: int
    code: str
    title: str
    item: str
    """The master's item; empty: there is none of this code or title."""
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Comparison:
    """The whole list, and what the master list has for this organ that it lacks."""

    lines: tuple[Compared, ...]
    missing: tuple[ItemView, ...]

    @property
    def same(self) -> int:
        """Lines without any difference."""
        return sum(bool(one.item) and not one.differences for one in self.lines)

    @property
    def differing(self) -> int:
        """Lines that differ in some element."""
        return sum(bool(one.differences) for one in self.lines)

    @property
    def unknown(self) -> int:
        """Lines that the master list does not have."""
        return sum(not one.item for one in self.lines)


def compare_list(*, name: str, content: bytes, officer: identity.Officer) -> Comparison:
    """Read a workbook or delimited file and compare each line, by code or else by title."""
    identity.require(officer, "services.adopt")
    rows = filled_rows(name, content, HEADS)
    if len(rows) > MOST_LINES:
        raise ListTooLong(f"清单有 {len(rows)} 行，最多 {MOST_LINES} 行。", hint="请分开比对。")
    known = items()
    lines = tuple(_compared(line, row, known) for line, row in rows)
    found = {one.item for one in lines}
    own = (one for one in known if one.organ == officer.organ)
    return Comparison(lines, tuple(one for one in own if one.ref not in found))


def master_list(*, officer: identity.Officer) -> bytes:
    """The master list as such a file: to begin with, and to try the comparison."""
    identity.require(officer, "services.adopt")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([heads[0] for heads in HEADS.values()])
    for one in items():
        writer.writerow([_text(one, element) for element in HEADS])
    return text.getvalue().encode("utf-8-sig")


def _compared(line: int, row: Mapping[str, str], known: list[ItemView]) -> Compared:
    code, title = row.get("code", ""), row.get("title", "")
    master = next((one for one in known if code and code == (one.content.code or one.ref)), None)
    master = master or next((one for one in known if one.title == title), None)
    if master is None:
        return Compared(line, code, title, "", ())
    found = [
        Difference(heads[0], own, _text(master, element))
        for element, heads in HEADS.items()
        if (own := row.get(element, "").strip()) and not _agrees(element, own, master)
    ]
    return Compared(line, code, title, master.ref, tuple(found))


def _agrees(element: str, own: str, master: ItemView) -> bool:
    if element == "materials":
        return _parts(own) == _parts(_text(master, element))
    if element in ("legal_limit", "promised_limit"):
        amount, limit = _AMOUNT.search(own), Limit.parse(getattr(master.content, element))
        if amount is None:
            return False
        is_shorter = element == "promised_limit" and int(amount[0]) <= limit.amount
        return int(amount[0]) == limit.amount or is_shorter
    return own == _text(master, element)


def _text(one: ItemView, element: str) -> str:
    match element:
        case "code":
            return one.content.code or one.ref
        case "title":
            return one.title
        case "materials":
            return "、".join(each.title for each in one.content.materials.values())
    return Limit.parse(getattr(one.content, element)).words


def _parts(text: str) -> set[str]:
    return {each.strip() for each in _CUT.split(text) if each.strip()}
