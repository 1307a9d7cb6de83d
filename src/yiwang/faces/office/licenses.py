"""Pages of licences: what the organ issued, issue one, stop or change one, how kinds are used."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.acts import file_answer
from yiwang.web.keyset import following
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.scanning import scan as read_form
from yiwang.web.tables import Column, whole

ISSUED = (
    Column(title=_("证照编号")),
    Column(title=_("证照")),
    Column(title=_("持有人")),
    Column(title=_("颁发时间")),
    Column(title=_("有效期至")),
    Column(title=_("状态")),
)
USED = (
    Column(title=_("证照")),
    Column(title=_("颁发部门")),
    Column(title=_("颁发"), is_number=True),
    Column(title=_("部门使用"), is_number=True),
    Column(title=_("社会使用"), is_number=True),
    Column(title=_("合计"), is_number=True),
)
ACTS = {
    "suspend": credentials.suspend,
    "resume": credentials.resume,
    "revoke": credentials.revoke,
}
PERIOD = timedelta(days=365)


def licenses(request: HttpRequest) -> HttpResponse:
    """The licences of this organ, newest first."""
    officer, asked = officer_of(request), request.GET
    page = credentials.licenses_issued(
        officer=officer,
        at=system_clock(),
        query=asked.get("query", "")[:40],
        state=asked.get("state", ""),
        after=asked.get("after", ""),
    )
    shown = {
        "licenses": following(request, ISSUED, page.lines, page.next),
        "states": [(one, title) for one, title in credentials.STATES.items() if one != "expired"],
        "wanted": {name: asked.get(name, "") for name in ("query", "state")},
        "kinds": credentials.kinds_of(officer.organ),
    }
    return render(request, "office/licenses.html", shown)


def license_page(request: HttpRequest, number: str) -> HttpResponse:
    """One licence of this organ: what it says, its state, what may be done."""
    officer, at = officer_of(request), system_clock()
    found = credentials.license_of(number, actor=officer, at=at)
    shown = {
        "license": found,
        "kind": credentials.license_kind(found.kind),
        "not_printed": credentials.not_printed(found),
    }
    return render(request, "office/license.html", shown)


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Suspend, resume, revoke or change one."""
    officer, at, form = officer_of(request), system_clock(), request.POST
    reason, verb = form.get("reason", ""), form.get("verb", "")
    try:
        if verb == "change":
            fields = _fields(request)
            found = credentials.change(
                number=number, fields=fields, reason=reason, officer=officer, at=at
            )
        elif verb in ACTS:
            found = ACTS[verb](number=number, reason=reason, officer=officer, at=at)
        else:
            raise Invalid(_t("没有这种操作。"), hint=_t("请从页面上的按钮操作。"))
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
        return redirect("office:license", number)
    messages.success(
        request,
        _t("已办理，%(number)s 现在：%(state)s。")
        % {
            "number": found.number,
            "state": found.state_title,
        },
    )
    return redirect("office:license", found.number)


@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, ref: str) -> HttpResponse:
    """Issue a licence of one of this organ's kinds."""
    officer, at = officer_of(request), system_clock()
    kinds = credentials.kinds_of(officer.organ)
    if ref not in kinds:
        raise NotFound(_t("本部门不颁发这种证照。"), hint=_t("请从列表中选择。"))
    shown = {"ref": ref, "kind": kinds[ref], "form": request.POST, "error": ""}
    if request.method == "GET":
        return render(request, "office/license_new.html", shown)
    try:
        made = credentials.issue(
            kind=ref,
            holder=request.POST.get("holder", "").strip().upper(),
            fields=_fields(request),
            officer=officer,
            at=at,
        )
    except Invalid as refusal:
        shown["error"] = str(refusal)
        return render(request, "office/license_new.html", shown, status=422)
    messages.success(request, _t("已颁发 %(number)s。") % {"number": made.number})
    return redirect("office:license", made.number)


def printed(request: HttpRequest, number: str) -> HttpResponse:
    """The printout, for the counter."""
    officer, at = officer_of(request), system_clock()
    found = credentials.license_of(number, actor=officer, at=at)
    file = credentials.printout(
        found,
        organ=identity.organ(found.organ).title,
        address=request.build_absolute_uri(reverse("portal:verify")),
        at=at,
    )
    return file_answer(file, kind="application/pdf", name=number)


def uses(request: HttpRequest) -> HttpResponse:
    """百项证照应用: which kinds are used most, by organs and in society."""
    at = system_clock()
    titles = {one.id: one.title for one in identity.organs()}
    found = credentials.use_ranking(since=at - PERIOD, until=at)
    shown = {"uses": whole(USED, found), "titles": titles, "days": PERIOD.days}
    officer_of(request)
    return render(request, "office/license_uses.html", shown)


@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest) -> HttpResponse:
    """Read a code that was shown to this organ."""
    officer, at = officer_of(request), system_clock()
    done = read_form(
        request,
        [(ref, one.title) for ref, one in credentials.purposes_of(officer).items()],
        read=lambda text, purpose: credentials.read_code(
            text, purpose=purpose, verifier=officer, at=at
        ),
    )
    shown = {
        "scan": done,
        "organ": identity.organ(officer.organ).title,
        "visits": list(services.PURPOSES.items()),
    }
    return render(request, "office/scan.html", shown, status=done.status)


def _fields(request: HttpRequest) -> dict[str, str]:
    prefix = "field-"
    return {
        name.removeprefix(prefix): str(value).strip()[:500]
        for name, value in request.POST.items()
        if name.startswith(prefix) and str(value).strip()
    }


ISSUES = "credentials.issue"
routes = [
    route("licenses/", licenses, right=ISSUES, name="licenses", menu=_("证照"), icon="license"),
    route("licenses/uses/", uses, right=SIGNED_IN, name="license_uses"),
    route("licenses/new/<str:ref>/", issue, right=ISSUES, name="license_new"),
    route("licenses/<str:number>/", license_page, right=ISSUES, name="license"),
    route("licenses/<str:number>/act/", act, right=ISSUES, name="license_act"),
    route("licenses/<str:number>/print/", printed, right=ISSUES, name="license_print"),
    route("scan/", scan, right="credentials.scan", name="scan", menu=_("扫码核验"), icon="grid"),
]
