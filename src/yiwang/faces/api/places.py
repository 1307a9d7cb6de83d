"""What the platform says of the place it serves."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang.faces.api.describe import described
from yiwang.web.routes import PUBLIC, route
from yiwang.web.shell import place as this_place


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """The place: its name, its brand and its division code (GB/T 2260, twelve digits)."""

    title: str
    brand: str
    division: str
    packs: tuple[str, ...]


@require_GET
@described(summary="本平台服务的行政区域与已启用的场景包", tag="平台", answer=PlaceView)
def place(request: HttpRequest) -> HttpResponse:
    """The place and its packs."""
    here = this_place()
    view = PlaceView(title=here.title, brand=here.brand, division=here.division, packs=here.packs)
    return HttpResponse(msgspec.json.encode(view), content_type="application/json")


routes = [route("v1/place", place, right=PUBLIC, name="place")]
