"""Pages of the four lists: found, drafted, checked, signed, changed, withdrawn; who answers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotFound, YiwangError
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

ENTRIES = (
    Column(title=_("名称")),
    Column(title=_("机构")),
    Column(title=_("状态")),
    Column(title=_("版本"), is_number=True),
    Column(title=_("元数据完整度")),
    Column(title=_("变动时间")),
)
DUTIES = (
    Column(title=_("机构")),
    Column(title=_("职责")),
    Column(title=_("岗位")),
    Column(title=_("账户")),
    Column(title=_("登记时间")),
)
TONES = {
    "draft": "grey",
    "checking": "yellow",
    "checked": "blue",
    "published": "green",
    "withdrawn": "red",
}
STATES = {
    "draft": _("草稿"),
    "checking": _("待审核"),
    "checked": _("待发布"),
    "published": _("已发布"),
    "withdrawn": _("已撤下"),
}
ORIGINS = {
    "pack": _("场景包"),
    "person": _("人工编制"),
    "census": _("资源普查"),
    "scan": _("扫描"),
    "neighbour": _("邻目录"),
}


class StepUnknown(NotFound):
    """An address names a step that no entry or table takes."""

    code = "steward.step_unknown"


def lists(request: HttpRequest) -> HttpResponse:
    """The four lists with what waits in each."""
    return render(
        request, "steward/lists.html", {"totals": catalog.list_totals(actor=request.actor)}
    )


def entries(request: HttpRequest, name: str) -> HttpResponse:
    """One list, searched in both scripts and by pinyin."""
    kind, asked = catalog.list_kind(name), wish(request, ENTRIES)
    query, organ = request.GET.get("query", ""), request.GET.get("organ", "")
    state = request.GET.get("state", "")
    found = catalog.list_entries(
        name,
        actor=request.actor,
        query=query,
        organ=organ,
        state=state,
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    titles = organ_titles()
    return render(
        request,
        "steward/entries.html",
        {
            "kind": kind,
            "kinds": [(one.list, one.title) for one in catalog.list_totals(actor=request.actor)],
            "entries": listing(request, ENTRIES, found, wish=asked),
            "query": query,
            "organ": organ,
            "state": state,
            "states": STATES.items(),
            "organs": sorted(titles.items(), key=lambda pair: pair[1]),
            "organ_titles": titles,
            "tones": TONES,
            "may_draft": identity.may(request.actor, "catalog.draft"),
        },
    )


def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry: what is in force, what is drafted, every version with its signature."""
    found = catalog.list_entry(number, actor=request.actor)
    actor, kind = request.actor, catalog.list_kind(found.list)
    is_chief = identity.may(actor, "catalog.publish", organ=found.organ)
    return render(
        request,
        "steward/entry.html",
        {
            "entry": found,
            "kind": kind,
            "fields": _shown(kind, found.values),
            "drafted": _shown(kind, found.draft) if found.draft is not None else (),
            "organ": organ_titles().get(found.organ, found.organ),
            "tones": TONES,
            "origins": ORIGINS,
            "may_draft": identity.may(actor, "catalog.draft", organ=found.organ),
            "may_check": identity.may(actor, "catalog.check"),
            "may_publish": is_chief,
            "users": _users(found),
            "overdue": _overdue(found),
            "may_collect": identity.may(actor, "catalog.collect"),
            "neighbours": catalog.neighbours_of_entry(found.number),
            "probes": catalog.probes_of(found.number),
        },
    )


def _shown(kind: catalog.ListKind, values: dict) -> list[tuple[catalog.Field, str]]:
    known = catalog.codes()
    return [
        (field, catalog.shown(field, values.get(field.name), codes=known)) for field in kind.fields
    ]


def _overdue(found: catalog.EntryView) -> catalog.OverdueEntry | None:
    """What is late of the entry's data, if anything."""
    if found.list != "data":
        return None
    late = catalog.overdue_entries(organ=found.organ, at=system_clock(), number=found.number)
    return late[0] if late else None


def _users(found: catalog.EntryView) -> list[str]:
    """Datasets computed from the resource that an entry describes."""
    try:
        return list(catalog.dataset(found.about).downstream) if found.about else []
    except catalog.DatasetUnknown:
        return []


def new_entry(request: HttpRequest, name: str) -> HttpResponse:
    """Draft an entry; what is missing may be written later."""
    kind = catalog.list_kind(name)
    if request.method == "POST":
        try:
            number = catalog.draft_entry(
                list_name=name,
                organ=request.actor.organ,
                given=request.POST.dict(),
                officer=request.actor,
                at=system_clock(),
            )
        except YiwangError as refused:
            return _form(request, kind, request.POST.dict(), refused)
        messages.success(request, _t("草稿已保存，补齐后提交审核。"))
        return redirect("steward:entry", number.replace("/", "-"))
    return _form(request, kind, {})


def edit_entry(request: HttpRequest, number: str) -> HttpResponse:
    """Write into the draft of an entry, or begin a change of what is in force."""
    found = catalog.list_entry(number, actor=request.actor)
    kind = catalog.list_kind(found.list)
    if request.method == "POST":
        try:
            catalog.change_entry(
                number=found.number,
                given=request.POST.dict(),
                officer=request.actor,
                at=system_clock(),
            )
        except YiwangError as refused:
            return _form(request, kind, request.POST.dict(), refused, entry=found)
        messages.success(request, _t("草稿已保存；现行版本在发布前不变。"))
        return redirect("steward:entry", found.slug)
    values = found.values if found.draft is None else found.draft
    given = {field.name: _typed(field, values.get(field.name)) for field in kind.fields}
    return _form(request, kind, given, entry=found)


def _typed(field: catalog.Field, value: object) -> str:
    """A value as the form shows it: codes stay codes."""
    if value is None:
        return ""
    return str(value) if field.kind == "code" else catalog.shown(field, value, codes={})


def _form(
    request: HttpRequest,
    kind: catalog.ListKind,
    given: dict[str, str],
    refused: YiwangError | None = None,
    *,
    entry: catalog.EntryView | None = None,
) -> HttpResponse:
    return render(
        request,
        "steward/entry_form.html",
        {
            "kind": kind,
            "given": given,
            "entry": entry,
            "codes": catalog.codes(),
            "faults": refused.data.get("faults", {}) if refused else entry.faults if entry else {},
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """One step of an entry's life."""
    reason, officer, at = request.POST.get("reason", ""), request.actor, system_clock()
    found = catalog.list_entry(number, actor=officer)
    given = {"number": found.number, "officer": officer, "at": at}
    match name:
        case "submit":
            catalog.submit_entry(**given)
            said = _t("已提交审核。")
        case "recall":
            catalog.recall_entry(**given)
            said = _t("已撤回为草稿。")
        case "check":
            passes = request.POST.get("passes") == "1"
            catalog.check_entry(passes=passes, reason=reason, **given)
            said = _t("已通过，等待首席数据官签发。") if passes else _t("已退回。")
        case "return":
            catalog.return_entry(reason=reason, **given)
            said = _t("已退回编制人。")
        case "publish":
            version = catalog.publish_entry(reason=reason, **given)
            said = _t("第 %(n)s 版已签名发布。") % {"n": version}
        case "drop":
            catalog.drop_draft(**given)
            said = _t("草稿已放弃。")
        case "withdraw":
            catalog.withdraw_entry(reason=reason, **given)
            said = _t("已撤下；历次版本仍可查。")
        case _:
            raise StepUnknown(
                f"清单条目没有“{name}”这一步。", hint="请从条目页上的按钮办理。", step=name
            )
    messages.success(request, said)
    return redirect("steward:entry", found.slug)


def duties(request: HttpRequest) -> HttpResponse:
    """Who answers for each duty of each organ's data; POST registers a holder."""
    may_set = identity.may(request.actor, "catalog.check")
    refused = None
    if request.method == "POST":
        try:
            catalog.set_duty(
                organ=request.POST.get("organ", ""),
                duty=request.POST.get("duty", ""),
                username=request.POST.get("username", "").strip(),
                officer=request.actor,
                at=system_clock(),
            )
        except YiwangError as error:
            refused = error
        else:
            messages.success(request, _t("已登记，原任自此卸任，记录保留。"))
            return redirect("steward:duties")
    titles = organ_titles()
    held = catalog.duties(at=system_clock())
    chiefs = {one.organ for one in held if one.duty == "chief"}
    return render(
        request,
        "steward/duties.html",
        {
            "duties": whole(DUTIES, held),
            "without": [title for organ, title in titles.items() if organ not in chiefs],
            "organ_titles": titles,
            "organs": sorted(titles.items(), key=lambda pair: pair[1]),
            "kinds": catalog.DUTIES.items(),
            "may_set": may_set,
            "given": request.POST,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


routes = [
    route("lists/", lists, right="catalog.see", name="lists", menu=_("四张清单"), icon="grid"),
    route("lists/<str:name>/", entries, right="catalog.see", name="entries"),
    route("lists/<str:name>/new/", new_entry, right="catalog.draft", name="new_entry"),
    route("entries/<str:number>/", entry, right="catalog.see", name="entry", under="lists"),
    route(
        "entries/<str:number>/draft/",
        edit_entry,
        right="catalog.draft",
        name="edit_entry",
        under="lists",
    ),
    route(
        "entries/<str:number>/<str:name>/",
        step,
        right="catalog.see",
        name="entry_step",
        under="lists",
    ),
    route("duties/", duties, right="catalog.see", name="duties", menu=_("数据职责"), icon="people"),
]
