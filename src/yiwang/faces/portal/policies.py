"""Pages of policies for everybody: the library, questions and answers, and what concerns me."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.portal.services import applicant_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.web.routes import PUBLIC, SIGNED_IN, route

LONGEST = 100


def library(request: HttpRequest) -> HttpResponse:
    """Policy documents: searched clause by clause, or listed by topic."""
    query = request.GET.get("query", "").strip()[:LONGEST]
    topic = request.GET.get("topic", "")[:60]
    include_void = request.GET.get("void") == "1"
    hits = services.search_documents(query, topic=topic, include_void=include_void)
    listed = [] if query else services.documents(topic=topic, include_void=include_void)
    return render(
        request,
        "portal/policies.html",
        {
            "query": query,
            "topic": topic,
            "void": include_void,
            "topics": [(one, one) for one in services.topics()],
            "hits": hits,
            "documents": listed,
            "today": local_date(system_clock()),
        },
    )


def policy_document(request: HttpRequest, ref: str) -> HttpResponse:
    """One document: whole text with an address for every clause, versions, relations."""
    version = request.GET.get("version", "")
    query = request.GET.get("query", "").strip()[:LONGEST]
    found = services.document(
        ref, version=int(version) if version.isascii() and version.isdigit() else None, query=query
    )
    return render(
        request,
        "portal/policy_document.html",
        {"document": found, "query": query, "today": local_date(system_clock())},
    )


def ask(request: HttpRequest) -> HttpResponse:
    """Ask: a stored answer with its clause, or the plain word that there is none yet."""
    asked = None
    if request.method == "POST":
        asked = services.ask_policy(request.POST.get("question", "")[:300], at=system_clock())
    organs = {one.id: one.title for one in identity.organs()}
    return render(
        request,
        "portal/ask.html",
        {
            "asked": asked,
            "question": request.POST.get("question", "")[:300],
            "common": [] if asked else services.answers()[:12],
            "organs": organs,
        },
    )


def for_me(request: HttpRequest) -> HttpResponse:
    """政策找我: what I may be entitled to and why, what was told to me, what I said no to."""
    actor, at = applicant_of(request), system_clock()
    try:
        found = services.my_matches(actor=actor, at=at)
    except services.SubjectNotHeld:
        found = None
    told = services.read_notices(actor=actor, at=at)
    said_no = services.opted_out(actor=actor)
    titles = {one.policy: one.title for one in found.matches} if found else {}
    response = render(
        request,
        "portal/for_me.html",
        {
            "found": found,
            "notices": [{**one, "title": titles.get(str(one["policy"]), "")} for one in told],
            "said_no": said_no,
            "organs": {one.id: one.title for one in identity.organs()},
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Say no to being told of a policy, or take it back."""
    actor, at = applicant_of(request), system_clock()
    policy = request.POST.get("policy", "")[:120]
    if request.POST.get("wish") == "out":
        services.opt_out(policy=policy, actor=actor, at=at)
        messages.success(request, _t("已记住，不再提醒您。"))
    else:
        services.opt_in(policy=policy, actor=actor, at=at)
        messages.success(request, _t("已恢复提醒。"))
    return redirect("portal:for_me")


routes = [
    route("policies/", library, right=PUBLIC, name="policies", menu=_("政策"), icon="page"),
    route("policies/<str:ref>/", policy_document, right=PUBLIC, name="policy_document"),
    route("ask/", ask, right=PUBLIC, name="ask", menu=_("问政策"), icon="search"),
    route(
        "for-me/",
        for_me,
        right=SIGNED_IN,
        name="for_me",
        menu=_("政策找我"),
        icon="star",
        for_applicants=True,
    ),
    route("for-me/choice/", choose, right=SIGNED_IN, name="choose"),
]
