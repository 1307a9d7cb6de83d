"""Pages of opening: propose a table, see what was measured, decide, withdraw, answer society."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import route
from yiwang.web.shell import place
from yiwang.web.tables import Column, listing, wish

RELEASES = (
    Column(title=_("数据集")),
    Column(title=_("提供机构")),
    Column(title=_("开放方式")),
    Column(title=_("k 值"), is_number=True),
    Column(title=_("版本"), is_number=True),
    Column(title=_("下载"), is_number=True),
    Column(title=_("变更时间")),
    Column(title=_("状态")),
)
TONES = {
    "blocked": "red",
    "waiting": "yellow",
    "refused": "red",
    "published": "green",
    "held": "yellow",
    "withdrawn": "grey",
}
COARSE_FOR = {
    "date": ("month", "year", "years:5", "years:10", "years:20"),
    "instant": ("month", "year", "years:5", "years:10"),
    "integer": ("band:5", "band:10", "band:50", "band:100", "band:1000"),
    "decimal": ("band:5", "band:10", "band:50", "band:100", "band:1000"),
    "text": ("digits:9", "digits:6", "prefix:4", "prefix:2", "prefix:1"),
}


def releases(request: HttpRequest) -> HttpResponse:
    """What this reader may see of the releases; what waits for an answer stands above."""
    return _list_page(request)


def _list_page(
    request: HttpRequest, refused: Invalid | Conflict | None = None, about: str = ""
) -> HttpResponse:
    """The list; where something was ``refused``, ``about`` says in which of its forms."""
    asked, state = wish(request, RELEASES), request.GET.get("state", "")
    actor = request.actor
    found = exchange.releases(
        actor=actor, state=state, offset=asked.offset, limit=asked.per_page + 1
    )
    may_answer = identity.may(actor, "exchange.release")
    may_approve = identity.may(actor, "exchange.approve_release")
    return render(
        request,
        "steward/releases.html",
        {
            "releases": listing(request, RELEASES, found, wish=asked),
            "state": state,
            "tones": TONES,
            "sees_inside": may_answer or may_approve or identity.may(actor, "exchange.watch"),
            "questions": exchange.questions_waiting(actor=actor) if may_answer else [],
            "requests": exchange.open_requests(actor=actor) if may_answer else [],
            "reuses": exchange.reuses_waiting(actor=actor) if may_approve else [],
            "tables": _offered(actor) if may_answer else [],
            "given": request.POST,
            "error": refused,
            "about": about,
        },
        status=refused.status if refused else 200,
    )


def _offered(actor: identity.Actor) -> list[catalog.DatasetLine]:
    """Tables of the actor's organ that the catalogue marks as open."""
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    lines = catalog.datasets(organ=organ, kind="table")
    return [one for one in lines if one.open != "none"]


def release(request: HttpRequest, name: str) -> HttpResponse:
    """One release: what is opened, what was measured, whom to blame, what to do."""
    return _page(request, name)


def _page(
    request: HttpRequest, name: str, refused: Invalid | Conflict | None = None
) -> HttpResponse:
    found, actor = exchange.release(name, actor=request.actor), request.actor
    titles = {one.name: one.title for one in found.columns}
    return render(
        request,
        "steward/release.html",
        {
            "release": found,
            "tone": TONES[found.state],
            "blame": [_remedy(one, titles) for one in found.measured.get("blame", ())],
            "way": [_remedy(one, titles) for one in found.measured.get("way", ())],
            "may_decide": found.state == "waiting"
            and identity.may(actor, "exchange.approve_release")
            and found.proposed_by != actor.username,
            "may_withdraw": found.state in ("published", "held")
            and (
                identity.may(actor, "exchange.approve_release")
                or identity.may(actor, "exchange.release", organ=found.organ)
            ),
            "may_propose": found.state in ("blocked", "refused")
            and identity.may(actor, "exchange.release", organ=found.organ),
            "given": request.POST,
            "error": refused,
        },
        status=refused.status if refused else 200,
    )


def _remedy(one: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """A remedy in words."""
    title = titles.get(one["column"], one["column"])
    act = exchange.COARSE.get(one["coarse"], one["coarse"])
    sentence = f"“{title}”{act}" if one["coarse"] else f"去掉“{title}”"
    return {**one, "sentence": sentence}


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Choose columns and how coarse they go out; POST measures and proposes."""
    dataset = catalog.dataset(request.GET.get("table", ""))
    earlier = request.GET.get("again", "")
    error: Invalid | Conflict | None = None
    if request.method == "POST":
        try:
            made = exchange.propose_release(
                _proposal(request, dataset), officer=request.actor, at=system_clock()
            )
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            if made.state == "blocked":
                messages.warning(request, _t("未通过开放检查，原因和补救办法见下。"))
            else:
                messages.success(request, _t("已通过开放检查，等待数据主管部门审核。"))
            return redirect("steward:release", made.name)
    before = exchange.release(earlier, actor=request.actor) if earlier else None
    return render(
        request,
        "steward/propose_release.html",
        {
            "dataset": dataset,
            "offered": [one for one in dataset.column_views if one.open != "none"],
            "kept": [one for one in dataset.column_views if one.open == "none"],
            "coarse": {kind: _titled(steps) for kind, steps in COARSE_FOR.items()},
            "themes": [(one.id, one.title) for one in exchange.themes()],
            "licenses": [(one.id, one.title) for one in exchange.licenses()],
            "given": request.POST or _given(before),
            "chosen": request.POST.getlist("columns")
            or [one.name for one in (before.columns if before else ())],
            "error": error,
        },
        status=error.status if error else 200,
    )


def _titled(steps: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(step, exchange.COARSE[step]) for step in steps]


def _given(before: exchange.ReleaseView | None) -> dict[str, str]:
    """The form as it was filled in before."""
    if before is None:
        return {}
    names = ("name", "title", "description", "terms", "theme", "license", "contact", "cycle")
    given = {name: str(getattr(before, name)) for name in names}
    given["keywords"] = " ".join(before.keywords)
    given["leaves_out"] = "1" if before.leaves_out else ""
    return given | {f"coarse-{one.name}": one.coarse for one in before.columns}


def _proposal(request: HttpRequest, dataset: catalog.DatasetView) -> exchange.Proposal:
    given = request.POST
    columns = tuple(given.getlist("columns"))
    return exchange.Proposal(
        name=given.get("name", "").strip(),
        title=given.get("title", "").strip(),
        table=dataset.ref,
        columns=columns,
        terms=given.get("terms", ""),
        theme=given.get("theme", ""),
        license=given.get("license", ""),
        contact=given.get("contact", "").strip(),
        description=given.get("description", "").strip(),
        coarse={name: given[f"coarse-{name}"] for name in columns if given.get(f"coarse-{name}")},
        keywords=tuple(given.get("keywords", "").split()),
        cycle=given.get("cycle", "").strip()[:20],
        division=place().division,
        leaves_out=given.get("leaves_out") == "1",
    )


@require_POST
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Agree, and the files are made; or refuse with a reason."""
    try:
        made = exchange.decide_release(
            name,
            agree=request.POST.get("agree") == "1",
            reason=request.POST.get("reason", ""),
            officer=request.actor,
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return _page(request, name, refused)
    messages.success(request, _t("已审定：%(state)s。") % {"state": made.state_title})
    return redirect("steward:release", name)


@require_POST
def withdraw(request: HttpRequest, name: str) -> HttpResponse:
    """Take a release back; a tombstone stays."""
    try:
        exchange.withdraw_release(
            name, reason=request.POST.get("reason", ""), officer=request.actor, at=system_clock()
        )
    except (Invalid, Conflict) as refused:
        return _page(request, name, refused)
    messages.success(request, _t("已撤下：文件和接口即时失效，目录中留有撤下记录。"))
    return redirect("steward:release", name)


@require_POST
def decide_request(request: HttpRequest, number: str) -> HttpResponse:
    """Agree to a request for conditional data, or refuse it."""
    try:
        exchange.decide_open_request(
            number,
            agree=request.POST.get("agree") == "1",
            reason=request.POST.get("reason", ""),
            officer=request.actor,
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return _list_page(request, refused, number)
    messages.success(request, _t("已审定，申请人可在门户查看。"))
    return redirect("steward:releases")


@require_POST
def end_request(request: HttpRequest, number: str) -> HttpResponse:
    """Take back what was agreed to a request for conditional data."""
    try:
        exchange.end_open_request(
            number, reason=request.POST.get("reason", ""), officer=request.actor, at=system_clock()
        )
    except (Invalid, Conflict) as refused:
        return _list_page(request, refused, number)
    messages.success(request, _t("已收回，密钥即时失效，申请人看得到理由。"))
    return redirect("steward:releases")


@require_POST
def answer(request: HttpRequest, question: int) -> HttpResponse:
    """Answer what somebody asked."""
    try:
        exchange.answer_question(
            question,
            answer=request.POST.get("answer", ""),
            officer=request.actor,
            at=system_clock(),
        )
    except Invalid as refused:
        return _list_page(request, refused, str(question))
    messages.success(request, _t("已答复并公开。"))
    return redirect("steward:releases")


@require_POST
def decide_reuse(request: HttpRequest, reuse: int) -> HttpResponse:
    """Show a re-use or not."""
    exchange.decide_reuse(
        reuse,
        agree=request.POST.get("agree") == "1",
        officer=request.actor,
        at=system_clock(),
    )
    messages.success(request, _t("已处理。"))
    return redirect("steward:releases")


routes = [
    route(
        "releases/",
        releases,
        right="catalog.see",
        name="releases",
        menu=_("数据开放"),
        icon="globe",
    ),
    route("releases/new/", propose, right="exchange.release", name="propose_release"),
    route("releases/<slug:name>/", release, right="catalog.see", name="release"),
    route(
        "releases/<slug:name>/decision/",
        decide,
        right="exchange.approve_release",
        name="decide_release",
    ),
    route(
        "releases/<slug:name>/withdrawal/", withdraw, right="catalog.see", name="withdraw_release"
    ),
    route(
        "open-requests/<str:number>/decision/",
        decide_request,
        right="exchange.release",
        name="decide_open_request",
    ),
    route(
        "open-requests/<str:number>/end/",
        end_request,
        right="exchange.release",
        name="end_open_request",
    ),
    route(
        "open-questions/<int:question>/answer/",
        answer,
        right="exchange.release",
        name="answer_open_question",
    ),
    route(
        "open-reuses/<int:reuse>/decision/",
        decide_reuse,
        right="exchange.approve_release",
        name="decide_open_reuse",
    ),
]
