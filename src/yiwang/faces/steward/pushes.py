"""推送: a grant delivered into the consumer's own database — its target, and what was pushed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.sharing import actor_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

PUSHES = (
    Column(title=_("时间")),
    Column(title=_("方式")),
    Column(title=_("新增"), is_number=True),
    Column(title=_("变更"), is_number=True),
    Column(title=_("删除"), is_number=True),
    Column(title=_("表中行数"), is_number=True),
    Column(title=_("结果")),
    Column(title=_("调用")),
)
MOST = 50


def push(request: HttpRequest, number: str) -> HttpResponse:
    """One grant's push; POST sets or stops it, or pushes at once."""
    officer = actor_of(request)
    error: Invalid | Conflict | NotFound | None = None
    grant = exchange.grant(number, actor=officer)
    if request.method == "POST":
        try:
            _act(request, number, officer)
        except (Invalid, Conflict, exchange.TargetUnknown) as refused:
            error = refused
        else:
            return redirect("steward:push", number)
    name, _slash, relation = grant.target.partition("/")
    own = exchange.targets(grant.organ)
    return render(
        request,
        "steward/push.html",
        {
            "grant": grant,
            "name": name,
            "relation": relation,
            "pushes": whole(PUSHES, exchange.pushes(number, actor=officer, limit=MOST)),
            "targets": [(one.name, f"{one.name}（{one.kind}）") for one in own.values()],
            "may_set": identity.may(officer, "exchange.demand", organ=grant.organ)
            and grant.state(system_clock()) == "生效中",
            "given": request.POST,
            "error": error,
        },
        status=422 if error else 200,
    )


def _act(request: HttpRequest, number: str, officer: identity.Officer) -> None:
    given, at = request.POST, system_clock()
    match given.get("act"):
        case "now":
            done = exchange.push_now(number, officer=officer, at=at)
            if done.fault:
                messages.error(request, done.sentence)
            else:
                messages.success(request, _t("已推送，目标表现有 %(n)s 行。") % {"n": done.total})
        case "stop":
            exchange.stop_push(number, officer=officer, at=at)
            messages.success(request, _t("推送已停止；已送达的数据仍在使用机构的库中。"))
        case _:
            exchange.set_push(
                number,
                name=given.get("name", ""),
                relation=given.get("relation", ""),
                officer=officer,
                at=at,
            )
            messages.success(request, _t("推送已设定，有新快照时自动送达。"))


routes = [route("grants/<str:number>/push/", push, right="exchange.see", name="push")]
