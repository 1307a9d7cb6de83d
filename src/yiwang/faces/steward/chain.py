"""The page of the whole chain of a dataset: systems, feeds with runs, tables by column, uses.

Drawn on the server as plain numbers; the template makes the SVG and the tables that say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import system_clock
from yiwang.web.formats import moment
from yiwang.web.routes import route

ROW, HEAD, LOW, GAP, WIDTH, STEP, TOP = 20, 44, 30, 10, 232, 330, 40
MOST_USES = 30
Point = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A column, or another line of a box, and how high it stands."""

    text: str
    grade: int
    y: int


@dataclass(frozen=True)
class Box:
    """A system, feed, table or use at its place; ``page`` is where a click leads."""

    title: str
    note: str
    x: int
    y: int
    height: int
    page: tuple[str, ...]
    is_focus: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Drawing:
    """Boxes, edges (cubic curves) and the title of each column within width × height."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]
    heads: tuple[tuple[int, str], ...]
    cut: int


@dataclass(frozen=True)
class Use:
    """What uses columns: a declaration of a pack or a grant in force."""

    title: str
    page: tuple[str, ...]
    columns: tuple[Point, ...]


class _Sheet:
    """Boxes below one another in columns; remembers where the line of each column stands."""

    def __init__(self, focus: str) -> None:
        self.focus = focus
        self.boxes: list[Box] = []
        self.ends: dict[Point, tuple[int, int]] = {}
        self.below: dict[int, int] = {}

    def put(
        self, at: int, ref: str, title: str, note: str, page: tuple[str, ...],
        lines: list[tuple[str, str, int]],
    ) -> None:  # fmt: skip
        x, y = 8 + at * STEP, self.below.get(at, TOP)
        shown = []
        for number, (name, text, grade) in enumerate(lines):
            middle = y + HEAD + number * ROW + ROW // 2
            shown.append(Line(_short(text, 17), grade, middle))
            self.ends[ref, name] = (x, middle)
        height = HEAD + len(lines) * ROW + 6 if note or lines else LOW
        self.ends[ref, ""] = (x, y + LOW // 2)
        box = Box(
            _short(title, 16), _short(note, 32), x, y, height, page, ref == self.focus, tuple(shown)
        )
        self.boxes.append(box)
        self.below[at] = y + height + GAP

    def curve(self, come: Point, to: Point) -> str:
        (x1, y1), (x2, y2) = self.ends[come], self.ends[to]
        x1, middle = x1 + WIDTH, (x1 + WIDTH + x2) // 2
        return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"


def draw(
    found: catalog.Chain, uses: list[Use], *, focus: str, organs: Mapping[str, str]
) -> Drawing:
    """Systems at the left, then what is collected, what is computed step by step, and the uses."""
    sheet, curves = _Sheet(focus), []
    last = max((one.step for one in found.tables), default=0)
    owners = {one.source: one.organ for one in found.tables if one.source}
    for source, organ in owners.items():
        sheet.put(0, f"source:{source}", organs.get(organ, organ), source, ("steward:scans",), [])
    for one in found.tables:
        lines = [(column.name, column.title, column.grade) for column in one.columns]
        sheet.put(one.step + 1, one.ref, one.title, _note(one), _page(one), lines)
        if one.source:
            curves.append(sheet.curve((f"source:{one.source}", ""), (one.ref, "")))
    for number, use in enumerate(uses[:MOST_USES]):
        sheet.put(last + 2, f"use:{number}", use.title, "", use.page, [])
        curves += [sheet.curve(point, (f"use:{number}", "")) for point in use.columns]
    curves += [sheet.curve(come, to) for come, to in found.edges]
    heads = [_("来源系统"), _("归集表"), *[_("共享表")] * last, _("用途")]
    return Drawing(
        width=8 + (last + 2) * STEP + WIDTH + 8,
        height=max(sheet.below.values(), default=TOP),
        boxes=tuple(sheet.boxes),
        edges=tuple(dict.fromkeys(curves)),
        heads=tuple((8 + place * STEP, title) for place, title in enumerate(heads)),
        cut=max(0, len(uses) - MOST_USES),
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _note(one: catalog.ChainTable) -> str:
    if one.at is None:
        return one.ref
    return f"{moment(one.at)}　{one.rows:,} {_('行')}"


def _page(one: catalog.ChainTable) -> tuple[str, ...]:
    if one.kind == "platform":
        return ()
    return ("steward:register" if one.kind == "register" else "steward:dataset", one.ref)


def uses_of(found: catalog.Chain, *, actor: identity.Actor, at: datetime) -> list[Use]:
    """Grants in force as the actor may see them, then what packs declare."""
    columns = {(one.ref, column.name) for one in found.tables for column in one.columns}
    uses: list[Use] = []
    if identity.may(actor, "exchange.see"):
        for table in {ref for ref, _name in columns}:
            for grant in exchange.grants(actor=actor, table=table):
                used = tuple((table, name) for name in grant.columns if (table, name) in columns)
                if used and grant.state(at) == "生效中":
                    page = ("steward:grant", grant.number)
                    uses.append(Use(f"{_('授权')} {grant.number}", page, used))
    known = {one.columns for one in uses}
    for use in found.uses:
        if use.folder == "grants" and use.columns in known:
            continue
        opens = use.folder == "indicators" and identity.may(actor, "boards.see")
        shown = ("steward:indicator", use.ref) if opens else ()
        uses.append(Use(use.title, shown, use.columns))
    return uses


def dataset_chain(request: HttpRequest, ref: str) -> HttpResponse:
    """Where every column of a dataset comes from and where it goes, as a picture and as tables."""
    found = catalog.chain(ref)
    uses = uses_of(found, actor=request.actor, at=system_clock())
    tables, organs = {one.ref: one for one in found.tables}, organ_titles()
    return render(
        request,
        "steward/chain.html",
        {
            "dataset": tables[ref],
            "chain": found,
            "uses": uses,
            "drawing": draw(found, uses, focus=ref, organs=organs),
            "organ_titles": organs,
            "titles": {one.ref: one.title for one in found.tables},
            "columns": {
                (one.ref, column.name): column.title
                for one in found.tables
                for column in one.columns
            },
        },
    )


routes = [
    route("datasets/<str:ref>/chain/", dataset_chain, right="catalog.see", name="dataset_chain"),
]
