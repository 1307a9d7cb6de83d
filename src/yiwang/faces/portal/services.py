"""Pages of services: what may be asked for, what is mine, and whether a licence holds."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.portal.finding import NATURES
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed, YiwangError
from yiwang.kernel.limits import Limit
from yiwang.web.applying import SOURCES
from yiwang.web.pieces import Act
from yiwang.web.routes import PUBLIC, SIGNED_IN, route

CHANNELS = {
    "portal": _("网站"),
    "phone": _("手机"),
    "window": _("窗口"),
    "kiosk": _("自助机"),
    "api": _("接口"),
}


def applicant_of(request: HttpRequest) -> identity.Applicant:
    """The person or firm who looks; an officer is told that this is not their page."""
    if not isinstance(request.actor, identity.Applicant):
        raise NotAllowed(_t("此页面供办事人使用。"), hint=_t("请用个人或企业账户登录。"))
    return request.actor


def item(request: HttpRequest, ref: str) -> HttpResponse:
    """One item: materials and where they come from, limits, channels."""
    found = services.item(ref)
    content = found.content
    return render(
        request,
        "portal/item.html",
        {
            "item": found,
            "organ": identity.organ(found.organ).title,
            "nature": NATURES[content.nature],
            "legal": Limit.parse(content.legal_limit).words,
            "promised": Limit.parse(content.promised_limit).words,
            "materials": [
                (one.title, [SOURCES[source] for source in one.sources], bool(one.when))
                for one in content.materials.values()
            ],
            "channels": [CHANNELS[channel] for channel in content.channels],
            "family": services.FAMILIES[content.family],
            "adoptions": services.adoptions_of(found),
        },
    )


def mine(request: HttpRequest) -> HttpResponse:
    """My cases, my licences, and who used them."""
    actor, at = applicant_of(request), system_clock()
    return render(
        request,
        "portal/mine.html",
        {
            "filings": services.filings_of(actor, at=at),
            "cases": casework.cases_of(actor.subject, actor=actor, at=at),
            "licenses": credentials.licenses_of(actor.subject, actor=actor, at=at),
            "uses": [_use(one) for one in credentials.uses_of(actor.subject, actor=actor)],
        },
    )


def _use(one: credentials.UseView) -> Act:
    result = f"（{one.result}）" if one.result else ""
    return Act(at=one.at, title=f"{one.act}{result}", who=one.actor_name, text=one.reason)


def my_case(request: HttpRequest, number: str) -> HttpResponse:
    """How far one of my cases is."""
    actor, at = applicant_of(request), system_clock()
    lines = casework.trail(number, actor=actor)
    found = casework.case(number, actor=actor, at=at)
    line, now = _progress(casework.flow_of(number, actor=actor), found.step_title)
    return render(
        request,
        "portal/my_case.html",
        {
            "case": found,
            "line": line,
            "now": now,
            "organ": identity.organ(found.organ).title,
            "refusal": services.refusal_of(number, actor=actor),
            "may_withdraw": any(one.verb == "withdraw" for one in found.moves),
            "is_filed": services.is_filed(number, actor=actor),
            # Officers appear by what they did, not by name; their reasons are the applicant's.
            "acts": [
                Act(at=one.at, title=f"{one.title} → {one.step_title}", text=one.reason)
                for one in reversed(lines)
            ],
        },
    )


def refusal_letter(request: HttpRequest, number: str) -> HttpResponse:
    """决定书: the refusal of one of my cases as a letter to print."""
    letter = services.refusal_letter(number, actor=applicant_of(request), at=system_clock())
    trail = [
        (_("我的办件"), reverse("portal:mine")),
        (number, reverse("portal:my_case", args=[number])),
        (letter.heading, ""),
    ]
    return render(request, "letters/refusal.html", {"letter": letter, "trail": trail})


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """撤回: take back what I asked for, while it is not decided."""
    version = request.POST.get("version", "")
    services.act_on_case(
        number=number,
        verb="withdraw",
        officer=applicant_of(request),
        at=system_clock(),
        reason=request.POST.get("reason", ""),
        expected_version=int(version) if version.isdigit() else None,
    )
    messages.success(request, _t("已撤回。需要时可以重新申请。"))
    return redirect("portal:my_case", number)


def _progress(flow: casework.FlowView, end: str) -> tuple[list[str], int]:
    """The way a case usually goes, and how far this one is: an end reached is behind it too."""
    steps = {one.id: one for one in flow.steps}
    way: list[str] = []
    here = (*flow.done, flow.now)[0]
    while here in steps and here not in way:
        way.append(here)
        here = steps[here].moves[0][1]
    titles = [_t("已立案"), *(steps[one].title for one in way)]
    if flow.now in flow.ends:
        return [*titles, end], len(titles) + 1
    reached = [i for i, one in enumerate(way) if one == flow.now or one in flow.done]
    now = way.index(flow.now) if flow.now in way else max(reached, default=0)
    return [*titles, _t("办结")], now + 1


def my_license(request: HttpRequest, number: str) -> HttpResponse:
    """One of my licences with its code."""
    found = credentials.license_of(number, actor=applicant_of(request), at=system_clock())
    address = request.build_absolute_uri(reverse("portal:verify"))
    return render(
        request,
        "portal/my_license.html",
        {
            "license": found,
            "not_printed": credentials.not_printed(found),
            "organ": identity.organ(found.organ).title,
            "qr": credentials.qr_svg(number, address=address),
        },
    )


def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a licence by its number."""
    number = request.GET.get("number", "").strip()
    if number:
        return redirect("portal:verification", number)
    return render(request, "portal/verify.html", {"found": None, "refusal": None, "organ": ""})


def verification(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a licence holds now: every refusal is an answer of this page, said plainly."""
    try:
        found = credentials.verify(
            token, verifier=request.actor or "public", at=system_clock(), purpose=_t("公开核验页")
        )
    except YiwangError as refusal:
        return render(
            request,
            "portal/verify.html",
            {"found": None, "refusal": refusal, "organ": ""},
            status=refusal.status,
        )
    organ = identity.organ(found.organ).title
    return render(request, "portal/verify.html", {"found": found, "refusal": None, "organ": organ})


routes = [
    route("items/<str:ref>/", item, right=PUBLIC, name="item"),
    route(
        "mine/",
        mine,
        right=SIGNED_IN,
        name="mine",
        menu=_("我的办件"),
        icon="person",
        for_applicants=True,
    ),
    route("mine/cases/<str:number>/", my_case, right=SIGNED_IN, name="my_case"),
    route(
        "mine/cases/<str:number>/refusal/", refusal_letter, right=SIGNED_IN, name="refusal_letter"
    ),
    route("mine/cases/<str:number>/withdrawal/", withdraw, right=SIGNED_IN, name="withdraw_case"),
    route("mine/licenses/<str:number>/", my_license, right=SIGNED_IN, name="my_license"),
    route("verify/", verify, right=PUBLIC, name="verify", menu=_("证照核验"), icon="license"),
    route("verify/<str:token>/", verification, right=PUBLIC, name="verification"),
]
