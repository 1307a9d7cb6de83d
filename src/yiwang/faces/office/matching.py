"""Pages of policies that find people: the counter, batches, changes, trying rules out, reach."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

UPTAKE = (
    Column(title=_("政策")),
    Column(title=_("主管部门")),
    Column(title=_("符合"), is_number=True),
    Column(title=_("无法判断"), is_number=True),
    Column(title=_("已提醒"), is_number=True),
    Column(title=_("核实中"), is_number=True),
    Column(title=_("正在享受"), is_number=True),
    Column(title=_("领取率")),
    Column(title=_("已发放（元）"), is_number=True),
)
BATCHES = (
    Column(title=_("运行")),
    Column(title=_("判断所据的表")),
    Column(title=_("判断日")),
    Column(title=_("主体数"), is_number=True),
    Column(title=_("政策数"), is_number=True),
    Column(title=_("用时（秒）"), is_number=True),
    Column(title=_("冻结的证据")),
)
CHANGES = (
    Column(title=_("时间")),
    Column(title=_("政策")),
    Column(title=_("主体")),
    Column(title=_("事由")),
    Column(title=_("变化")),
    Column(title=_("改变的条件")),
)
EFFECTS = (
    Column(title=_("辖区")),
    Column(title=_("新增"), is_number=True),
    Column(title=_("减少"), is_number=True),
    Column(title=_("金额变化人数"), is_number=True),
    Column(title=_("原合计（元）"), is_number=True),
    Column(title=_("试算合计（元）"), is_number=True),
    Column(title=_("差额（元）"), is_number=True),
)
CONCERNED = (
    Column(title=_("主体")),
    Column(title=_("辖区")),
    Column(title=_("原结论")),
    Column(title=_("试算结论")),
    Column(title=_("原金额"), is_number=True),
    Column(title=_("试算金额"), is_number=True),
)


def birth_and_end(number: str) -> str:
    """Enough to tell two people apart in a list: ``1938…0379``."""
    return f"{number[6:10]}…{number[-4:]}"


def counter(request: HttpRequest) -> HttpResponse:
    """柜台匹配: one person or firm, every policy, with reasons; the purpose is journalled."""
    found, refusal, officer = None, None, officer_of(request)
    number, purpose = request.POST.get("number", "")[:18], request.POST.get("purpose", "")[:200]
    if request.method == "POST":
        try:
            found = services.match_at_counter(
                number, purpose=purpose, officer=officer, at=system_clock()
            )
        except (Invalid, NotFound) as wrong:
            refusal = wrong
    at_purpose = isinstance(refusal, services.PurposeMissing)
    response = render(
        request,
        "office/counter.html",
        {
            "found": found,
            "number": number,
            "purpose": purpose,
            "number_error": "" if refusal is None or at_purpose else str(refusal),
            "purpose_error": str(refusal) if at_purpose else "",
            "organs": {one.id: one.title for one in identity.organs()},
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def batches(request: HttpRequest) -> HttpResponse:
    """The batches with their evidence, and what changed for whom since."""
    officer = officer_of(request)
    asked = wish(request, CHANGES, id="changes")
    changes = services.changes(officer=officer, offset=asked.offset, limit=asked.per_page + 1)
    return render(
        request,
        "office/policy_batches.html",
        {
            "batches": whole(BATCHES, services.batches(officer=officer)),
            "changes": listing(request, CHANGES, changes, wish=asked, id="changes"),
            "mask": birth_and_end,
            "may_match": "services.batch" in officer.rights,
            "waiting": jobs.jobs(kind="services.match_all", state="open", limit=1)
            if "services.batch" in officer.rights
            else [],
        },
    )


@require_POST
def match_everybody(request: HttpRequest) -> HttpResponse:
    """Judge everybody by every policy, in the background."""
    officer, at = officer_of(request), system_clock()
    services.ask_for_match(as_of=local_date(at), officer=officer, at=at)
    messages.success(request, _t("已发起批量匹配，后台运行，完成后在此列出。"))
    return redirect("office:policy_batches")


def uptake(request: HttpRequest) -> HttpResponse:
    """领取率: entitled against receiving, policy by policy."""
    officer = officer_of(request)
    return render(
        request,
        "office/uptake.html",
        {
            "rows": whole(UPTAKE, services.uptake(officer=officer)),
            "organs": {one.id: one.title for one in identity.organs()},
            "own": officer.organ,
            "contradictions": services.contradictions(officer=officer),
        },
    )


def trying(request: HttpRequest, ref: str) -> HttpResponse:
    """规则试算: other values, who gains and who loses, before they take effect."""
    officer, at = officer_of(request), system_clock()
    parameters = services.parameters_of(ref, officer=officer, on=local_date(at))
    error = ""
    if request.method == "POST":
        changes = {
            one.name: request.POST.get(f"value-{one.name}", "").strip()
            for one in parameters
            if request.POST.get(f"value-{one.name}", "").strip() not in ("", one.value)
        }
        try:
            if not changes:
                raise services.ChangeRefused(_t("没有改动任何值。"), hint=_t("改一个值再试算。"))
            made = services.dry_run(
                ref, changes=changes, as_of=_day(request, at), officer=officer, at=at
            )
            return redirect("office:dry_run", made.id)
        except Invalid as refusal:
            error = str(refusal)
    return render(
        request,
        "office/trying.html",
        {
            "ref": ref,
            "title": services.policy_title(ref),
            "parameters": parameters,
            "today": local_date(at).isoformat(),
            "error": error,
            "earlier": services.dry_runs(ref, officer=officer),
        },
    )


def _day(request: HttpRequest, at: datetime) -> date:
    try:
        return date.fromisoformat(request.POST.get("as_of", ""))
    except ValueError:
        return local_date(at)


def dry_run(request: HttpRequest, number: int) -> HttpResponse:
    """What a change would do: by division, and by name."""
    officer, asked = officer_of(request), wish(request, CONCERNED)
    view = services.dry_run_view(number, officer=officer)
    rows = services.concerned(
        number, officer=officer, at=system_clock(), offset=asked.offset, limit=asked.per_page + 1
    )
    return render(
        request,
        "office/dry_run.html",
        {
            "run": view,
            "effects": whole(EFFECTS, view.divisions, id="effects"),
            "rows": listing(request, CONCERNED, rows, wish=asked),
            "division_name": casework.division_name,
            "mask": birth_and_end,
            "subject_of": lambda row: row.get("id_number") or row.get("uscc") or "",
        },
    )


@require_POST
def form_list(request: HttpRequest, number: int) -> HttpResponse:
    """形成名单: list a batch's entitled and unclear."""
    listed = services.list_candidates(number, officer=officer_of(request), at=system_clock())
    messages.success(request, _t("名单已形成，%(n)s 人。") % {"n": f"{listed:,}"})
    return redirect("office:policy_run", number)


@require_POST
def tell(request: HttpRequest, number: int) -> HttpResponse:
    """推送: tell everybody the run found, with the reason."""
    told = services.tell_run(number, officer=officer_of(request), at=system_clock())
    messages.success(request, _t("已提醒 %(n)s 人（选择不再提醒的除外）。") % {"n": f"{told:,}"})
    return redirect("office:policy_run", number)


routes = [
    route(
        "match/", counter, right="services.match", name="counter", menu=_("柜台匹配"), icon="person"
    ),
    route(
        "policy-batches/",
        batches,
        right="services.see",
        name="policy_batches",
        menu=_("批量匹配"),
        icon="people",
    ),
    route("policy-batches/match/", match_everybody, right="services.batch", name="match_everybody"),
    route("uptake/", uptake, right="services.see", name="uptake", menu=_("领取率"), icon="chart"),
    route("policies/<str:ref>/trying/", trying, right="services.run", name="trying"),
    route(
        "dry-runs/<int:number>/", dry_run, right="services.see", name="dry_run", under="policies"
    ),
    route("policies/runs/<int:number>/list/", form_list, right="services.run", name="form_list"),
    route("policies/runs/<int:number>/tell/", tell, right="services.run", name="tell"),
]
