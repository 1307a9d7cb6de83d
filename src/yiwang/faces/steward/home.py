"""The first page of steward: how much data there is, how good, and who uses it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import SIGNED_IN, route


def home(request: HttpRequest) -> HttpResponse:
    """The state of the place's data."""
    rights = getattr(request.actor, "rights", ())
    sees_catalog, sees_sharing = "catalog.see" in rights, "exchange.see" in rights
    return render(
        request,
        "steward/home.html",
        {
            "totals": catalog.totals() if sees_catalog else None,
            "runs": catalog.collections(limit=8) if sees_catalog else [],
            "sharing": exchange.totals(at=system_clock()) if sees_sharing else None,
            "waiting": exchange.demands(actor=request.actor, state="waiting", limit=5)
            if sees_sharing
            else [],
        },
    )


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("总览"), icon="home")]
