"""The published items, from the one source that every channel reads."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang.apps.services import public as services
from yiwang.faces.api.describe import described
from yiwang.web.routes import PUBLIC, route


class ItemLine(msgspec.Struct, frozen=True, kw_only=True):
    """A published item: reference, title, organ, kind, version, channels."""

    ref: str
    title: str
    organ: str
    family: str
    code: str
    version: int
    published_at: datetime
    channels: tuple[str, ...]


class WholeItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item with all standard elements, and where it is handled."""

    line: ItemLine
    basis: str
    elements: dict[str, Any]
    adoptions: tuple[dict[str, Any], ...]


class ItemQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Narrow the list: words (either script, part of a word, pinyin), a channel."""

    query: str = ""
    channel: str = ""


@require_GET
@described(summary="已发布的政务服务事项", tag="事项", query=ItemQuery, answer=list[ItemLine])
def items(request: HttpRequest) -> HttpResponse:
    """The items that may be asked for."""
    found = services.items(
        query=request.GET.get("query", "")[:100], channel=request.GET.get("channel", "")[:20]
    )
    return _json([_line(one) for one in found])


@require_GET
@described(summary="一个事项的全部要素与认领单位", tag="事项", answer=WholeItem)
def item(request: HttpRequest, ref: str) -> HttpResponse:
    """One item."""
    found = services.item(ref)
    adoptions = tuple(
        {
            "organ": one.organ,
            "organ_title": one.organ_title,
            "promised_limit": one.promised_limit,
            "channels": one.channels,
            "address": one.address,
            "hours": one.hours,
            "phone": one.phone,
            "version": one.version,
            "differs_in": one.stale,
        }
        for one in services.adoptions_of(found)
    )
    whole = WholeItem(
        line=_line(found),
        basis=found.basis,
        elements=msgspec.to_builtins(found.content),
        adoptions=adoptions,
    )
    return _json(whole)


def _line(found: services.ItemView) -> ItemLine:
    return ItemLine(
        ref=found.ref,
        title=found.title,
        organ=found.organ,
        family=found.content.family,
        code=found.content.code,
        version=found.version,
        published_at=found.published_at,
        channels=found.content.channels,
    )


def _json(value: object) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type="application/json")


routes = [
    route("v1/items", items, right=PUBLIC, name="items"),
    route("v1/items/<str:ref>", item, right=PUBLIC, name="item"),
]
