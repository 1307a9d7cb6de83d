"""Pages of the census: campaigns, coverage and gaps, answers typed in or imported, judged."""

from datetime import date, timedelta
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
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import YiwangError
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

CAMPAIGNS = (
    Column(title=_("普查任务")),
    Column(title=_("清单")),
    Column(title=_("覆盖")),
    Column(title=_("答卷"), is_number=True),
    Column(title=_("截止日")),
    Column(title=_("状态")),
)
ANSWERS = (
    Column(title=_("选择")),
    Column(title=_("名称")),
    Column(title=_("机构")),
    Column(title=_("清单")),
    Column(title=_("填报")),
    Column(title=_("状态")),
)
LARGEST = 10 << 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANSWER_TONES = {"given": "yellow", "accepted": "green", "returned": "red"}
ANSWER_STATES = {"given": _("待核"), "accepted": _("已采纳"), "returned": _("已退回")}


def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign that the reader runs or must answer."""
    rows = catalog.campaigns(actor=request.actor)
    return render(
        request,
        "steward/campaigns.html",
        {
            "campaigns": whole(CAMPAIGNS, rows),
            "titles": _list_titles(),
            "may_run": identity.may(request.actor, "catalog.census"),
            "today": system_clock().date(),
        },
    )


def _list_titles() -> dict[str, str]:
    return {name: catalog.list_kind(name).title for name in catalog.LISTS}


def new_campaign(request: HttpRequest) -> HttpResponse:
    """Choose organs, lists and a day; POST opens the campaign."""
    refused = None
    if request.method == "POST":
        given = request.POST
        try:
            number = catalog.open_campaign(
                title=given.get("title", ""),
                lists=given.getlist("lists"),
                organs=given.getlist("organs"),
                due_on=_day(given.get("due_on", "")),
                officer=request.actor,
                at=system_clock(),
            )
        except YiwangError as error:
            refused = error
        else:
            messages.success(request, _t("普查已发起，各机构在“资源普查”页可见。"))
            return redirect("steward:campaign", number)
    return render(
        request,
        "steward/new_campaign.html",
        {
            "organs": identity.organs(),
            "titles": _list_titles(),
            "given": request.POST,
            "chosen": request.POST.getlist("organs") or [one.id for one in identity.organs()],
            "chosen_lists": request.POST.getlist("lists") or ["system", "data", "demand"],
            "due_on": request.POST.get("due_on") or system_clock().date() + timedelta(days=30),
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def campaign(request: HttpRequest, number: str) -> HttpResponse:
    """One campaign: coverage per organ and list, gaps first; an organ answers from here."""
    found = catalog.campaign(number, actor=request.actor)
    asked = wish(request, ANSWERS)
    state = request.GET.get("state", "")
    rows = catalog.answers(
        number, actor=request.actor, state=state, offset=asked.offset, limit=asked.per_page + 1
    )
    organ = getattr(request.actor, "organ", "")
    mine = next((one for one in found.coverage if one.organ == organ), None)
    columns = (
        Column(title=_("机构")),
        *(Column(title=_list_titles()[name], is_number=True) for name in found.lists),
        Column(title=_("催报")),
    )
    return render(
        request,
        "steward/campaign.html",
        {
            "campaign": found,
            "coverage": whole(columns, found.coverage, id="coverage"),
            "mine": mine,
            "titles": _list_titles(),
            "organ_titles": organ_titles(),
            "answers": listing(request, ANSWERS, rows, wish=asked),
            "state": state,
            "states": ANSWER_STATES.items(),
            "tones": ANSWER_TONES,
            "imports": catalog.imports(number, actor=request.actor),
            "may_run": identity.may(request.actor, "catalog.census"),
            "may_answer": mine is not None
            and found.closed_at is None
            and identity.may(request.actor, "catalog.draft"),
            "is_open": found.closed_at is None,
        },
    )


def template(request: HttpRequest, name: str) -> HttpResponse:
    """The empty form of a list as a workbook."""
    kind = catalog.list_kind(name)
    answer = HttpResponse(catalog.template(kind, catalog.codes()), content_type=XLSX)
    file = quote(f"{kind.title}填报模板.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file}"
    return answer


def answer(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Answer for one list: type in, import a workbook, or report nil."""
    found = catalog.campaign(number, actor=request.actor)
    kind = catalog.list_kind(name)
    refused: YiwangError | None = None
    if request.method == "POST":
        try:
            return _answered(request, number, name)
        except YiwangError as error:
            refused = error
    return render(
        request,
        "steward/census_answer.html",
        {
            "campaign": found,
            "kind": kind,
            "given": request.POST.dict(),
            "codes": catalog.codes(),
            "faults": refused.data.get("faults", {}) if refused else {},
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def _answered(request: HttpRequest, number: str, name: str) -> HttpResponse:
    given = {"number": number, "list_name": name, "officer": request.actor, "at": system_clock()}
    way = request.POST.get("way", "")
    if way == "nil":
        catalog.report_nil(reason=request.POST.get("reason", ""), **given)
        messages.success(request, _t("已作零报告。"))
        return redirect("steward:campaign", number)
    file = request.FILES.get("file")
    if way == "file" and file is not None and (file.size or 0) <= LARGEST:
        taken = catalog.import_answers(name=file.name or "", content=file.read(), **given)
        messages.success(
            request,
            _t("读取 %(read)s 行：收录 %(accepted)s，退回 %(rejected)s（原因见导入记录）。")
            % {"read": taken.read, "accepted": taken.accepted, "rejected": taken.rejected},
        )
        return redirect("steward:campaign", number)
    if way == "file":
        raise catalog.AnswerFaulty("没有收到文件，或文件超过 10 MB。", hint="请选择填好的模板。")
    catalog.give_answer(given=request.POST.dict(), **given)
    messages.success(request, _t("已填报一条，可继续填下一条。"))
    return redirect("steward:census_answer", number, name)


@require_POST
def judge(request: HttpRequest, number: str) -> HttpResponse:
    """Accept or return the chosen answers."""
    accept = request.POST.get("accept") == "1"
    chosen = [int(one) for one in request.POST.getlist("answers") if one.isdecimal()]
    count = catalog.judge_answers(
        number=number,
        answers=chosen,
        accept=accept,
        note=request.POST.get("note", ""),
        officer=request.actor,
        at=system_clock(),
    )
    text = _t("已采纳 %(n)s 条，成为清单草稿。") if accept else _t("已退回 %(n)s 条。")
    messages.success(request, text % {"n": count})
    return redirect("steward:campaign", number)


@require_POST
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Remind the organs with gaps, or end the campaign."""
    given = {"number": number, "officer": request.actor, "at": system_clock()}
    if name == "remind":
        organs = catalog.remind_organs(**given)
        messages.success(request, _t("已催报 %(n)s 个机构。") % {"n": len(organs)})
    else:
        catalog.close_campaign(**given)
        messages.success(request, _t("普查已结束。"))
    return redirect("steward:campaign", number)


routes = [
    route(
        "census/",
        campaigns,
        right="catalog.see",
        name="campaigns",
        menu=_("资源普查"),
        icon="people",
    ),
    route("census/new/", new_campaign, right="catalog.census", name="new_campaign"),
    route("census/template/<str:name>/", template, right="catalog.see", name="census_template"),
    route("census/<str:number>/", campaign, right="catalog.see", name="campaign"),
    route("census/<str:number>/answers/", judge, right="catalog.census", name="census_judge"),
    route(
        "census/<str:number>/answers/<str:name>/",
        answer,
        right="catalog.draft",
        name="census_answer",
    ),
    route("census/<str:number>/<str:name>/", act, right="catalog.census", name="census_act"),
]
