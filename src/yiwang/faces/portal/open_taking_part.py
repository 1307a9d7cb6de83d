"""Taking part in open data: apply for conditional data, ask, show a re-use, give stars."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.exchange import public as exchange
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import SIGNED_IN, route


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, name: str) -> HttpResponse:
    """Apply for a conditional dataset: purpose and agreement."""
    release, error = exchange.open_release(name), None
    if request.method == "POST":
        try:
            exchange.request_release(
                name,
                purpose=request.POST.get("purpose", ""),
                has_agreed=request.POST.get("agreed") == "1",
                actor=request.actor,
                at=system_clock(),
            )
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, _t("申请已提交，审核结果可在本页和“我的办件”查看。"))
            return redirect("portal:open_apply", name)
    return _page(request, release, error=error)


def _page(
    request: HttpRequest,
    release: exchange.ReleaseView,
    *,
    error: Invalid | Conflict | None = None,
    secret: str = "",
) -> HttpResponse:
    response = render(
        request,
        "portal/open/apply.html",
        {
            "release": release,
            "license": exchange.license_of(release.license),
            "requests": exchange.own_requests(release.name, actor=request.actor),
            "error": error,
            "given": request.POST,
            "secret": secret,
            "site": request.build_absolute_uri("/").rstrip("/"),
        },
        status=error.status if error else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def take_key(request: HttpRequest, name: str, number: str) -> HttpResponse:
    """Take the key of a granted request; it is shown in this answer only."""
    secret = exchange.take_open_key(number, actor=request.actor, at=system_clock())
    return _page(request, exchange.open_release(name), secret=secret)


@require_POST
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """A question or a fault."""
    try:
        exchange.ask_about(
            name, text=request.POST.get("text", ""), actor=request.actor, at=system_clock()
        )
    except Invalid as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _t("反馈已收到，答复后会公开显示。"))
    return redirect("portal:open_dataset", name)


@require_POST
def show_reuse(request: HttpRequest, name: str) -> HttpResponse:
    """What somebody made with the data."""
    given = request.POST
    try:
        exchange.send_reuse(
            name,
            title=given.get("title", ""),
            text=given.get("text", ""),
            link=given.get("link", "").strip(),
            actor=request.actor,
            at=system_clock(),
        )
    except Invalid as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _t("成果已提交，审核后展示。"))
    return redirect("portal:open_dataset", name)


@require_POST
def give_stars(request: HttpRequest, name: str) -> HttpResponse:
    """One to five stars."""
    stars = request.POST.get("stars", "")
    exchange.rate_release(
        name,
        stars=int(stars) if stars.isascii() and stars.isdigit() and len(stars) == 1 else 0,
        actor=request.actor,
        at=system_clock(),
    )
    messages.success(request, _t("谢谢您的评分。"))
    return redirect("portal:open_dataset", name)


routes = [
    route("open/<slug:name>/apply/", apply, right=SIGNED_IN, name="open_apply"),
    route("open/<slug:name>/apply/<str:number>/key/", take_key, right=SIGNED_IN, name="open_key"),
    route("open/<slug:name>/questions/", ask, right=SIGNED_IN, name="open_ask"),
    route("open/<slug:name>/reuses/", show_reuse, right=SIGNED_IN, name="open_reuse"),
    route("open/<slug:name>/stars/", give_stars, right=SIGNED_IN, name="open_stars"),
]
