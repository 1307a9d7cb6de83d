"""Entries of the catalogue for neighbouring catalogues: what changed since, with a key."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang.apps.catalog import public as catalog
from yiwang.faces.api.describe import described
from yiwang.kernel.errors import Invalid
from yiwang.web.routes import PUBLIC, route


class CursorMalformed(Invalid):
    """``after`` and ``limit`` are whole numbers, not negative."""

    code = "api.cursor_malformed"


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """``after``: the ``next`` of the answer before, 0 at the first; ``limit``: at most 200."""

    after: int = 0
    limit: int = 200


@require_GET
@described(
    summary="目录条目的变动（邻目录取用）",
    tag="目录",
    query=Since,
    answer=catalog.OfferedPage,
    errors=(catalog.NeighbourKeyUnknown, CursorMalformed),
    security=("key",),
)
def entries(request: HttpRequest) -> HttpResponse:
    """Entries published, changed or withdrawn after ``after``; each once, as it stands now."""
    try:
        asked = msgspec.convert(request.GET.dict(), Since, strict=False)
    except msgspec.ValidationError as error:
        raise CursorMalformed("after 和 limit 应为整数。", hint="用上次应答的 next。") from error
    if not 0 <= asked.after < 2**63:
        raise CursorMalformed("after 超出范围。", hint="用上次应答的 next，首次用 0。")
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    page = catalog.offered_entries(key=key, after=asked.after, limit=asked.limit)
    return HttpResponse(msgspec.json.encode(page), content_type="application/json")


# the key is the right: which neighbour may read is decided where the entries are chosen
routes = [route("catalogue/entries", entries, right=PUBLIC, name="catalogue_entries")]
