"""地址匹配: which known address a written one means, and where it lies."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.packkit.current import current_gazetteer, current_library
from yiwang.web.routes import route

MOST_LINES = 200


def addresses(request: HttpRequest) -> HttpResponse:
    """A list of written addresses, each with what the registers know of it."""
    where = settings.PACKS, settings.PLACE, settings.HOME
    asked = request.POST.get("addresses", "").splitlines()[:MOST_LINES]
    known = current_gazetteer(*where)
    library = current_library(*where)
    found = [(one.strip(), known.find(one)) for one in asked if one.strip()]
    return render(
        request,
        "steward/addresses.html",
        {
            "asked": "\n".join(asked),
            "found": found,
            "matched": sum(one is not None for _text, one in found),
            "register_titles": {ref: one.title for ref, one in library.registers().items()},
            "precisions": {"door": _t("门牌"), "road": _t("道路，位置不精确")},
            "most": MOST_LINES,
        },
    )


routes = [
    route(
        "addresses/",
        addresses,
        right="catalog.see",
        name="addresses",
        menu=_("地址匹配"),
        icon="map",
    )
]
