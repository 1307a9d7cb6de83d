"""A listing whose pages go on from where the last one ended: no count, no offset, only forward.

``?after=`` holds what the query gave as ``next``; the first page is one link away, and the
browser's own way back leads to the page before.
"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from yiwang.web.tables import Column, Listing


def following(
    request: HttpRequest, columns: Sequence[Column], rows: Sequence[Any], after: str
) -> Listing:
    """One page as ``ui.table`` draws it; ``after`` begins the page after it, or is empty."""
    return Listing(
        id="list",
        columns=tuple(columns),
        rows=rows,
        page=1,
        per_page=max(1, len(rows)),
        total=None,
        previous=_address(request, "") if request.GET.get("after") else "",
        next=_address(request, after) if after else "",
        is_keyset=True,
    )


def _address(request: HttpRequest, after: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    if after:
        query["after"] = after
    return f"?{query.urlencode()}"
