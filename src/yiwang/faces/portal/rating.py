"""好差评 for residents: rate what is finished, see what became of a bad word, see the numbers."""

import secrets
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.portal.services import applicant_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.routes import PUBLIC, SIGNED_IN, route
from yiwang.web.tables import Column, whole

DEVICE, YEARS = "device", 2 * 365 * 86400
PERIOD = timedelta(days=90)
SCORES = (
    Column(title=_("部门")),
    Column(title=_("办结"), is_number=True),
    Column(title=_("主动评价"), is_number=True),
    Column(title=_("好评率")),
    Column(title=_("95% 区间")),
    Column(title=_("默认评价"), is_number=True),
    Column(title=_("差评整改")),
)


def my_ratings(request: HttpRequest) -> HttpResponse:
    """What can be rated, what was said, and what came of it."""
    found = casework.to_rate(applicant_of(request))
    shown = {
        "waiting": [one for one in found if not one.score],
        "said": [one for one in found if one.score],
    }
    return render(request, "portal/my_ratings.html", shown)


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Rate one of my finished cases."""
    try:
        casework.rate(
            number=number,
            score=_score(request),
            comment=request.POST.get("comment", ""),
            actor=applicant_of(request),
            at=system_clock(),
            device=request.COOKIES.get(DEVICE, ""),
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _t("谢谢您的评价；差评会有人核实、整改并回访。"))
    return _with_device(request, redirect("portal:my_ratings"))


@require_http_methods(["GET", "POST"])
def rate_invited(request: HttpRequest, invitation: str) -> HttpResponse:
    """Rate with the code on a receipt, without an account."""
    shown: dict[str, object] = {"done": False, "refusal": None, "one": None}
    try:
        shown["one"] = casework.invited(casework.invited_case(invitation))
        if request.method == "POST":
            casework.rate_invited(
                invitation=invitation,
                score=_score(request),
                comment=request.POST.get("comment", ""),
                at=system_clock(),
                looker=request.actor,
                device=request.COOKIES.get(DEVICE, ""),
            )
            shown["done"] = True
    except (Conflict, Invalid, NotAllowed) as refusal:
        shown["refusal"] = refusal
        return render(request, "portal/rate_invited.html", shown, status=refusal.status)
    return _with_device(request, render(request, "portal/rate_invited.html", shown))


def ratings(request: HttpRequest) -> HttpResponse:
    """What people say of each organ: for everybody."""
    at = system_clock()
    found = casework.scores(since=at - PERIOD, until=at, at=at)
    titles = {one.id: one.title for one in identity.organs()}
    shown = {"scores": whole(SCORES, found), "titles": titles, "days": PERIOD.days}
    return render(request, "portal/ratings.html", shown)


def _score(request: HttpRequest) -> int:
    text = request.POST.get("score", "")
    return int(text) if text in tuple("12345") else 0


def _with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A random mark of this browser: of many ratings from one device the further do not count."""
    if DEVICE not in request.COOKIES:
        response.set_cookie(
            DEVICE,
            secrets.token_hex(16),
            max_age=YEARS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


routes = [
    route(
        "my/ratings/",
        my_ratings,
        right=SIGNED_IN,
        name="my_ratings",
        menu=_("我的评价"),
        icon="star",
        for_applicants=True,
    ),
    route("my/ratings/<str:number>/", rate, right=SIGNED_IN, name="rate"),
    route(
        "rate/<str:invitation>/", rate_invited, right=PUBLIC, name="rate_invited", under="ratings"
    ),
    route("ratings/", ratings, right=PUBLIC, name="ratings", menu=_("好差评"), icon="star"),
]
