"""The return-feed ledger: what was asked of upper levels, what came, who uses it."""

from collections.abc import Mapping
from types import MappingProxyType

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

LEDGER = (
    Column(title=_("数据")),
    Column(title=_("上级部门")),
    Column(title=_("用途")),
    Column(title=_("状态")),
    Column(title=_("申请")),
    Column(title=_("答复")),
    Column(title=_("收到")),
    Column(title=_("用于")),
    Column(title=_("登记")),
)
LEVELS = (("nation", _("国家")), ("province", _("省")), ("city", _("市")))
NEXT = {
    "asked": (("agreed", _("同意")), ("refused", _("未同意"))),
    "agreed": (("receiving", _("开始回流")), ("ended", _("终止"))),
    "receiving": (("ended", _("终止")),),
}


def returns(request: HttpRequest) -> HttpResponse:
    """The ledger, and the form to note a request."""
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    given: Mapping[str, str] = MappingProxyType({}),
    refused: Invalid | None = None,
) -> HttpResponse:
    feeds = [(one.ref, one.title) for one in catalog.datasets(kind="feed", limit=500)]
    return render(
        request,
        "steward/returns.html",
        {
            "ledger": whole(LEDGER, catalog.returns()),
            "levels": LEVELS,
            "next": NEXT,
            "feeds": feeds,
            "may_act": identity.may(request.actor, "catalog.return"),
            "given": given,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Note a request for upper-level data."""
    given = {n: request.POST.get(n, "") for n in ("title", "level", "provider", "purpose", "basis")}
    try:
        catalog.ask_return(**given, officer=request.actor, at=system_clock())
    except Invalid as refusal:
        return _page(request, given=given, refused=refusal)
    messages.success(request, _t("申请已登记。"))
    return redirect("steward:returns")


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Note what the upper level answered."""
    try:
        catalog.answer_return(
            number,
            state=request.POST.get("state", ""),
            answer=request.POST.get("answer", ""),
            feed=request.POST.get("feed", ""),
            officer=request.actor,
            at=system_clock(),
        )
    except (Invalid, Conflict) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _t("已登记。"))
    return redirect("steward:returns")


routes = [
    route(
        "returns/", returns, right="catalog.see", name="returns", menu=_("回流台账"), icon="inbox"
    ),
    route("returns/ask/", ask, right="catalog.return", name="return_ask"),
    route("returns/<int:number>/", answer, right="catalog.return", name="return_answer"),
]
