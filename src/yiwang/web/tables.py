"""A listing: rows of one page, columns that sort by link, addresses of the pages around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from markupsafe import Markup, escape

PER_PAGE = 50
_CELL = re.compile(r"<td(?=[\s>])")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's head. ``key`` is the name in ``?sort=``; no key, no sorting."""

    title: str | Promise
    key: str = ""
    is_number: bool = False
    order: str = ""
    """``ascending`` or ``descending`` when the listing is sorted by it."""
    sort_address: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What ``ui.table`` draws."""

    id: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    page: int
    per_page: int
    total: int | None
    previous: str
    next: str
    is_keyset: bool = False
    """Pages go on from where the last one ended; ``previous`` is then the first."""

    @property
    def last_page(self) -> int:
        """Number of the last page; 1 when nothing is listed or the total is unknown."""
        return max(1, ceil((self.total or 0) / self.per_page))


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the reader asked for in the address: sort, page, and the slice it means."""

    sort: str = ""
    is_descending: bool = False
    page: int = 1
    per_page: int = PER_PAGE

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.per_page


def wish(
    request: HttpRequest,
    columns: Sequence[Column],
    *,
    default: str = "",
    per_page: int = PER_PAGE,
    id: str = "list",  # noqa: A002 - the HTML word
) -> Wish:
    """Read ``?sort=-key&page=2``; an unknown key or page falls back to the default."""
    asked = request.GET.get(_name(id, "sort"), default)
    key = asked.removeprefix("-")
    if key not in {column.key for column in columns if column.key}:
        asked = key = ""
    page = request.GET.get(_name(id, "page"), "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    return Wish(
        sort=key, is_descending=asked.startswith("-"), page=max(1, number), per_page=per_page
    )


def listing(
    request: HttpRequest,
    columns: Sequence[Column],
    rows: Sequence[Any],
    *,
    wish: Wish,
    total: int | None = None,
    id: str = "list",  # noqa: A002 - the HTML word
) -> Listing:
    """The page of ``rows`` as a listing.

    Without ``total``, give one row more than ``wish.per_page`` to say that another page follows.
    """
    shown = rows[: wish.per_page]
    has_next = wish.offset + len(shown) < total if total is not None else len(rows) > wish.per_page
    return Listing(
        id=id,
        columns=tuple(_sorted_head(request, column, wish, id) for column in columns),
        rows=shown,
        page=wish.page,
        per_page=wish.per_page,
        total=total,
        previous=_address(request, {_name(id, "page"): str(wish.page - 1)})
        if wish.page > 1
        else "",
        next=_address(request, {_name(id, "page"): str(wish.page + 1)}) if has_next else "",
    )


def whole(
    columns: Sequence[Column],
    rows: Sequence[Any],
    *,
    id: str = "list",  # noqa: A002 - the HTML word
) -> Listing:
    """All of a short list, without sorting or pages."""
    return Listing(
        id=id,
        columns=tuple(columns),
        rows=rows,
        page=1,
        per_page=max(1, len(rows)),
        total=None,
        previous="",
        next="",
    )


def labelled(cells: str, columns: Sequence[Column]) -> Markup:
    """The cells of one row, each with its column's title: a phone shows rows as cards.

    Such a card is no longer laid out as a table, so that the roles are said outright.
    """
    titles = iter(columns)

    def label(_: re.Match[str]) -> str:
        column = next(titles, None)
        return f'<td role="cell" data-label="{escape(column.title) if column else ""}"'

    return Markup(_CELL.sub(label, str(cells)))  # noqa: S704 - rendered by a template already


def _name(id_: str, what: str) -> str:
    return what if id_ == "list" else f"{id_}-{what}"


def _sorted_head(request: HttpRequest, column: Column, wish: Wish, id_: str) -> Column:
    if not column.key:
        return column
    is_by_it = column.key == wish.sort
    order = ("descending" if wish.is_descending else "ascending") if is_by_it else ""
    next_ = f"-{column.key}" if order == "ascending" else column.key
    address = _address(request, {_name(id_, "sort"): next_, _name(id_, "page"): "1"})
    return replace(column, order=order, sort_address=address)


def _address(request: HttpRequest, changes: dict[str, str]) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"
