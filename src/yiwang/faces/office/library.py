"""Pages that keep the policy library, and the questions and answers."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

DOCUMENTS = (
    Column(title=_("文件")),
    Column(title=_("文号")),
    Column(title=_("版本"), is_number=True),
    Column(title=_("状态")),
    Column(title=_("生效")),
    Column(title=_("失效")),
)
ANSWERS = (
    Column(title=_("问题")),
    Column(title=_("依据")),
    Column(title=_("复核日期")),
    Column(title=_("办理")),
)
QUESTIONS = (
    Column(title=_("原话")),
    Column(title=_("次数"), is_number=True),
    Column(title=_("首次提问")),
    Column(title=_("办件")),
    Column(title=_("办理")),
)
RELATIONS = (
    ("repeals", _("废止")),
    ("amends", _("修改")),
    ("implements", _("细化")),
    ("based_on", _("依据")),
)


def day_of(request: HttpRequest, name: str) -> date | None:
    """A day of a form, or None."""
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        return None


def library(request: HttpRequest) -> HttpResponse:
    """The documents this organ keeps."""
    officer = officer_of(request)
    found = services.documents_of(officer=officer)
    return render(
        request,
        "office/library.html",
        {
            "documents": whole(DOCUMENTS, found),
            "may_draft": "services.draft" in officer.rights,
        },
    )


def new_document(request: HttpRequest) -> HttpResponse:
    """起草: a new document, or the next version of one."""
    officer, error = officer_of(request), ""
    if request.method == "POST":
        try:
            made = services.draft_document(
                ref=request.POST.get("ref", "")[:120],
                draft=_draft(request),
                officer=officer,
                at=system_clock(),
            )
            return redirect("office:library_document", made)
        except (Invalid, NotAllowed) as refusal:
            error = str(refusal)
    before = request.GET.get("of", "")
    known = services.document_by_id(int(before), officer=officer) if before.isdigit() else None
    return render(
        request,
        "office/new_document.html",
        {
            "known": known,
            "posted": request.POST,
            "error": error,
            "relations": RELATIONS,
            "text": "\n".join(one.text for one in known.clauses) if known else "",
        },
    )


def _draft(request: HttpRequest) -> services.Draft:
    form = request.POST
    relations = [
        (kind, target)
        for kind, _title in RELATIONS
        for target in form.get(f"relation-{kind}", "").replace("；", ";").split(";")
    ]
    return services.Draft(
        title=form.get("title", ""),
        text=form.get("text", ""),
        number=form.get("number", ""),
        issuer=form.get("issuer", ""),
        topic=form.get("topic", ""),
        issued_on=day_of(request, "issued_on"),
        active_from=day_of(request, "active_from"),
        active_until=day_of(request, "active_until"),
        relations=relations,
    )


def document(request: HttpRequest, number: int) -> HttpResponse:
    """One version of a document, and what may be done with it."""
    officer = officer_of(request)
    return render(
        request,
        "office/library_document.html",
        {
            "document": services.document_by_id(number, officer=officer),
            "may_draft": "services.draft" in officer.rights,
            "may_publish": "services.publish" in officer.rights,
            "today": local_date(system_clock()).isoformat(),
        },
    )


@require_POST
def move_document(request: HttpRequest, number: int) -> HttpResponse:
    """送审, 退回, 发布, 废止."""
    officer, at, wanted = officer_of(request), system_clock(), request.POST.get("wish", "")
    try:
        if wanted == "review":
            services.send_to_review(number, officer=officer, at=at)
        elif wanted == "return":
            services.return_document(number, officer=officer, at=at)
        elif wanted == "publish":
            services.publish_document(number, officer=officer, at=at)
        elif wanted == "repeal":
            services.repeal_document(
                number,
                reason=request.POST.get("reason", ""),
                on=day_of(request, "on") or local_date(at),
                officer=officer,
                at=at,
            )
        messages.success(request, _t("已办理。"))
    except (Conflict, Invalid, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    return redirect("office:library_document", number)


def answers(request: HttpRequest) -> HttpResponse:
    """问答台: what waits for an answer, and the answers to look at again."""
    officer = officer_of(request)
    today = local_date(system_clock())
    found = services.answers_of(officer=officer)
    return render(
        request,
        "office/answers.html",
        {
            "questions": whole(QUESTIONS, services.questions_of(officer=officer), id="questions"),
            "answers": whole(ANSWERS, found),
            "overdue": sum(one.is_overdue(today) for one in found),
            "today": today,
        },
    )


def answer(request: HttpRequest) -> HttpResponse:
    """Write an answer, or a better one."""
    officer, at, error = officer_of(request), system_clock(), ""
    asked, number = request.GET.get("asked", ""), request.GET.get("of", "")
    waiting = {str(one.id): one for one in services.questions_of(officer=officer)}
    known = {str(one.id): one for one in services.answers_of(officer=officer)}.get(number)
    if request.method == "POST":
        try:
            services.save_answer(
                question=request.POST.get("question", ""),
                answer=request.POST.get("answer", ""),
                document=request.POST.get("document", ""),
                clauses=request.POST.get("clauses", "")
                .replace("，", ",")
                .replace(" ", "")
                .split(","),
                review_on=day_of(request, "review_on") or local_date(at),
                also=request.POST.get("also", "").splitlines(),
                number=known.id if known else None,
                asked=int(asked) if asked in waiting else None,
                officer=officer,
                at=at,
            )
            messages.success(request, _t("已写入问答库。"))
            return redirect("office:answers")
        except Invalid as refusal:
            error = str(refusal)
    return render(
        request,
        "office/answer.html",
        {
            "known": known,
            "asked": waiting.get(asked),
            "posted": request.POST,
            "error": error,
            "documents": [(one.ref, one.title) for one in services.documents()],
        },
    )


@require_POST
def confirm_answer(request: HttpRequest, number: int) -> HttpResponse:
    """复核: still right; the next review in a year."""
    at = system_clock()
    today = local_date(at)
    services.confirm_answer(
        number,
        review_on=day_of(request, "review_on") or today.replace(year=today.year + 1, day=1),
        officer=officer_of(request),
        at=at,
    )
    messages.success(request, _t("已复核。"))
    return redirect("office:answers")


routes = [
    route(
        "library/", library, right="services.see", name="library", menu=_("政策文件"), icon="page"
    ),
    route("library/new/", new_document, right="services.draft", name="new_document"),
    route("library/<int:number>/", document, right="services.see", name="library_document"),
    route("library/<int:number>/move/", move_document, right="services.see", name="move_document"),
    route(
        "answers/",
        answers,
        right="services.answer",
        name="answers",
        menu=_("政策问答"),
        icon="search",
    ),
    route("answers/write/", answer, right="services.answer", name="write_answer"),
    route(
        "answers/<int:number>/confirm/",
        confirm_answer,
        right="services.answer",
        name="confirm_answer",
    ),
]
