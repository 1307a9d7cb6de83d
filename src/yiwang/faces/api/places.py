"""What the platform says of the place it serves."""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang.faces.api.describe import described
from yiwang.packkit.current import current_gazetteer
from yiwang.packkit.gazetteer import Precision
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


class AddressQuery(msgspec.Struct, frozen=True, kw_only=True):
    """An address as people write it; at most 200 characters are looked at."""

    text: str = ""


class AddressView(msgspec.Struct, frozen=True, kw_only=True):
    """The known address that was meant: degrees (CGCS2000), a door or only a road."""

    text: str
    lon: float
    lat: float
    division: str
    precision: Precision
    register: str


@require_GET
@described(
    summary="地址匹配：写出来的地址是哪个门牌、在哪里；没有或不止一处时为空",
    tag="平台",
    query=AddressQuery,
    answer=list[AddressView],
)
def addresses(request: HttpRequest) -> HttpResponse:
    """The known address that the text means, as a list of one; empty when none or in doubt."""
    known = current_gazetteer(settings.PACKS, settings.PLACE, settings.HOME)
    found = known.find(request.GET.get("text", ""))
    view = [] if found is None else [msgspec.convert(found, AddressView, from_attributes=True)]
    return HttpResponse(msgspec.json.encode(view), content_type="application/json")


routes = [
    route("v1/place", place, right=PUBLIC, name="place"),
    route("v1/addresses", addresses, right=PUBLIC, name="addresses"),
]
