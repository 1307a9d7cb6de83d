"""The portal's first page: what a person or firm can do here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import PUBLIC, route


def home(request: HttpRequest) -> HttpResponse:
    """Service items for everybody; one's own cases and licences for who has signed in."""
    query = request.GET.get("query", "").strip()[:50]
    actor, at = getattr(request, "actor", None), system_clock()
    own = actor if isinstance(actor, identity.Applicant) else None
    return render(
        request,
        "portal/home.html",
        {
            "query": query,
            "items": services.items(query=query)[:12],
            "bundles": services.bundles(query=query)[:8],
            "guides": services.guides(query=query)[:4] if query else [],
            "organs": {organ.id: organ.title for organ in identity.organs()},
            "cases": casework.cases_of(own.subject, actor=own, at=at)[:5] if own else None,
            "licenses": credentials.licenses_of(own.subject, actor=own, at=at)[:5] if own else [],
        },
    )


routes = [route("", home, right=PUBLIC, name="home", menu=_("首页"), icon="home")]
