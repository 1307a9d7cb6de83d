"""Pages of standards: a change of a code table or of elements, its impact, its day; files."""

from datetime import date
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.kernel.errors import YiwangError
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

CHANGES = (
    Column(title=_("编号")),
    Column(title=_("名录")),
    Column(title=_("变更"), is_number=True),
    Column(title=_("施行日")),
    Column(title=_("状态")),
    Column(title=_("提出")),
)
TONES = {"proposed": "yellow", "published": "green", "dropped": "grey"}
LARGEST = 10 << 20
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def standards(request: HttpRequest) -> HttpResponse:
    """Data elements and code tables, and every change of them."""
    rows = catalog.registers()
    return render(
        request,
        "steward/standards.html",
        {
            "registers": rows,
            "titles": {one.ref: one.title for one in rows},
            "changes": whole(CHANGES, catalog.standard_changes()),
            "tones": TONES,
            "may_change": identity.may(request.actor, "catalog.standards"),
        },
    )


def export(request: HttpRequest, ref: str, form: str) -> HttpResponse:
    """A register as a workbook or JSON."""
    content = catalog.register_file(ref, form, at=system_clock())
    answer = HttpResponse(content, content_type=TYPES.get(form, TYPES["xlsx"]))
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(ref)}.{form}"
    return answer


def new_change(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose a change: one entry typed in, or a file."""
    register = next((one for one in catalog.registers() if one.ref == ref), None)
    if register is None:
        raise catalog.RegisterUnknown(f"没有名录“{ref}”。", hint="请查看名录清单。")
    refused = None
    if request.method == "POST":
        try:
            number = _proposed(request, register)
        except YiwangError as error:
            refused = error
        else:
            messages.success(request, _t("变更已提出，请查看影响后再发布。"))
            return redirect("steward:standard_change", number)
    return render(
        request,
        "steward/new_change.html",
        {
            "register": register,
            "given": request.POST,
            "today": system_clock().astimezone(CHINA).date(),
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def _proposed(request: HttpRequest, register: catalog.RegisterView) -> str:
    given = request.POST
    told = {
        "register": register.ref,
        "reason": given.get("reason", ""),
        "effective_on": _day(given.get("effective_on", "")),
        "officer": request.actor,
        "at": system_clock(),
    }
    file = request.FILES.get("file")
    if given.get("way") == "file":
        if file is None or (file.size or 0) > LARGEST:
            raise catalog.ChangeMalformed("没有收到文件，或文件超过 10 MB。", hint="请选择文件。")
        return catalog.propose_from_file(
            name=file.name or "", content=file.read(), is_whole=bool(given.get("whole")), **told
        )
    values = {name: given.get(f"c-{name}", "").strip() for name in register.columns}
    key = values[register.key]
    after = None if given.get("ends") else values
    return catalog.propose_change(lines=[(key, after)], **told)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def change(request: HttpRequest, number: str) -> HttpResponse:
    """One change: every entry before and after, and all that depends on the standard."""
    found = catalog.standard_change(number)
    register = next(one for one in catalog.registers() if one.ref == found.register)
    return render(
        request,
        "steward/standard_change.html",
        {
            "change": found,
            "register": register,
            "tones": TONES,
            "kinds": sorted({one.kind for one in found.impact}),
            "may_change": identity.may(request.actor, "catalog.standards"),
        },
    )


@require_POST
def decide(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Publish a change, or drop it."""
    given = {"number": number, "officer": request.actor, "at": system_clock()}
    if name == "publish":
        seen = request.POST.get("seen", "")
        catalog.publish_change(seen=int(seen) if seen.isdecimal() else -1, **given)
        messages.success(request, _t("已发布，自施行日起生效；旧值保留。"))
    else:
        catalog.drop_change(**given)
        messages.success(request, _t("已放弃，现行内容不变。"))
    return redirect("steward:standard_change", number)


def contract(request: HttpRequest, ref: str) -> HttpResponse:
    """The data contract of a table (ODCS v3)."""
    found = catalog.dataset(ref)
    text = catalog.odcs_contract(found, organ=organ_titles().get(found.organ, found.organ))
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(ref)}.odcs.yaml"
    return answer


@require_POST
def take_contract(request: HttpRequest) -> HttpResponse:
    """A contract from elsewhere becomes a draft entry of the data list."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST:
        raise catalog.ContractMalformed("没有收到文件，或文件超过 10 MB。", hint="请选择文件。")
    number = catalog.draft_entry(
        list_name="data",
        organ=request.actor.organ,
        given=catalog.read_contract(file.read().decode("utf-8", "replace")),
        officer=request.actor,
        at=system_clock(),
    )
    messages.success(request, _t("契约已读成草稿，请补齐其余元数据。"))
    return redirect("steward:entry", number.replace("/", "-"))


routes = [
    route(
        "standards/",
        standards,
        right="catalog.see",
        name="standards",
        menu=_("数据标准"),
        icon="book",
    ),
    route("standards/contract/", take_contract, right="catalog.draft", name="take_contract"),
    route("standards/<str:ref>/new/", new_change, right="catalog.standards", name="new_change"),
    route("standards/<str:ref>/export.<str:form>", export, right="catalog.see", name="export"),
    route(
        "changes/<str:number>/",
        change,
        right="catalog.see",
        name="standard_change",
        under="standards",
    ),
    route(
        "changes/<str:number>/<str:name>/",
        decide,
        right="catalog.standards",
        name="standard_decide",
    ),
    route("datasets/<str:ref>/contract/", contract, right="catalog.see", name="contract"),
]
