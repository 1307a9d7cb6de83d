"""System and security administration: accounts on one page, posts and limits on another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

ACCOUNTS = (
    Column(title=gettext_lazy("账户名")),
    Column(title=gettext_lazy("姓名或名称")),
    Column(title=gettext_lazy("类别")),
    Column(title=gettext_lazy("岗位")),
    Column(title=gettext_lazy("状态")),
    Column(title=gettext_lazy("操作")),
)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """系统管理: find, make and stop accounts."""
    given, officer, now = request.POST, request.actor, system_clock()
    error = None
    if request.method == "POST":
        username = given.get("username", "").strip()
        try:
            if given.get("step") == "stop":
                identity.stop_account(username=username, officer=officer, at=now)
            else:
                identity.create_account(
                    username=username,
                    name=given.get("name", "").strip(),
                    password=given.get("password", ""),
                    by=officer,
                    at=now,
                )
        except (Invalid, Conflict, NotFound) as refusal:
            error = refusal
        else:
            messages.success(request, _("账户 %(username)s 已更新。") % {"username": username})
            return HttpResponseRedirect(reverse("office:accounts"))
    query = request.GET.get("query", "").strip()
    asked = wish(request, ACCOUNTS)
    found = identity.accounts(query=query, offset=asked.offset, limit=asked.per_page + 1, at=now)
    shown = {
        "accounts": listing(request, ACCOUNTS, found, wish=asked),
        "query": query,
        "error": error,
        "given": given,
    }
    return render(request, "office/accounts.html", shown, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """安全管理: who holds which post, unlocking, and the security limits."""
    error = None
    if request.method == "POST":
        try:
            _secure(request)
        except (Invalid, Conflict, NotFound) as refusal:
            error = refusal
        else:
            messages.success(request, _("已生效。"))
            return HttpResponseRedirect(reverse("office:security"))
    titles = {organ.id: organ.title for organ in identity.organs()}
    shown = {
        "limits": identity.limits(on=local_date(system_clock())),
        "posts": [
            (f"{organ}/{post}", f"{titles.get(organ, organ)} · {post}")
            for organ, post in identity.posts()
        ],
        "error": error,
        "given": request.POST,
    }
    return render(request, "office/security.html", shown, status=422 if error else 200)


def _secure(request: HttpRequest) -> None:
    given, officer, now = request.POST, request.actor, system_clock()
    username = given.get("username", "").strip()
    organ, _slash, post = given.get("post", "").partition("/")
    step = given.get("step", "")
    if step == "assign":
        identity.assign_post(
            username=username,
            organ=organ,
            post=post,
            divisions=given.get("divisions", "").split(),
            officer=officer,
            at=now,
        )
    elif step == "end":
        identity.end_post(username=username, organ=organ, post=post, officer=officer, at=now)
    elif step == "unlock":
        identity.unlock_account(username=username, officer=officer, at=now)
    elif step == "limit":
        value = given.get("value", "")
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 7 else -1
        identity.set_limit(name=given.get("name", ""), value=number, officer=officer, at=now)


routes = [
    route(
        "accounts/",
        accounts,
        right="identity.account.manage",
        name="accounts",
        menu=gettext_lazy("账户管理"),
        icon="people",
    ),
    route(
        "security/",
        security,
        right="identity.limit.set",
        name="security",
        menu=gettext_lazy("安全管理"),
        icon="gear",
    ),
]
