"""A division's list of a report: complete it line by line, add, strike out, hand in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

NEW = "new"
Act = Callable[[HttpRequest, int, str, identity.Officer], str]


@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest, number: int, division: str) -> HttpResponse:
    """One division's list; each of its lines is filled in, struck out or restored by itself."""
    officer = officer_of(request)
    errors: dict[str, str] = {}
    line = request.POST.get("entry", NEW)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("act", ""))
        try:
            if act is not None:
                messages.success(request, act(request, number, division, officer))
        except forms.AnswersRefused as refusal:
            errors = {f"{_prefix(line)}{name}": text for name, text in refusal.fields.items()}
        except (Conflict, Invalid) as refusal:
            messages.error(request, str(refusal))
        if not errors:
            return redirect("office:roster", number, division)
    shown = forms.roster(number, division, actor=officer)
    columns = (
        *(
            Column(title=one.title, is_number=one.type == "integer")
            for one in shown.columns.values()
        ),
        Column(title=_("状态")),
        *([Column(title=_("办理"))] if shown.may_fill else []),
    )
    return render(
        request,
        "office/roster.html",
        {
            "shown": shown,
            "round": shown.round,
            "lines": whole(columns, list(shown.lines)),
            "given": {**request.POST.dict()} if errors else {},
            "errors": errors,
            "open": line if errors else "",
            "prefix": _prefix,
            "objects": identity.may(officer, "catalog.object"),
        },
        status=422 if errors else 200,
    )


def _prefix(line: str | int) -> str:
    return f"answer-{line}-"


def _fill(request: HttpRequest, number: int, division: str, officer: identity.Officer) -> str:
    forms.fill_entry(
        number=number,
        division=division,
        entry=_int(request, "entry"),
        answers=_answers(request, str(_int(request, "entry"))),
        version=_int(request, "version"),
        officer=officer,
        at=system_clock(),
    )
    return _t("已保存。")


def _add(request: HttpRequest, number: int, division: str, officer: identity.Officer) -> str:
    forms.add_entry(
        number=number,
        division=division,
        answers=_answers(request, NEW),
        officer=officer,
        at=system_clock(),
    )
    return _t("已补进名册。")


def _strike(request: HttpRequest, number: int, division: str, officer: identity.Officer) -> str:
    forms.strike_entry(
        number=number,
        division=division,
        entry=_int(request, "entry"),
        reason=request.POST.get("reason", ""),
        version=_int(request, "version"),
        officer=officer,
        at=system_clock(),
    )
    return _t("已剔除，原因留在名册上。")


def _restore(request: HttpRequest, number: int, division: str, officer: identity.Officer) -> str:
    entry = _int(request, "entry")
    forms.restore_entry(
        number=number, division=division, entry=entry, officer=officer, at=system_clock()
    )
    return _t("已恢复。")


def _submit(request: HttpRequest, number: int, division: str, officer: identity.Officer) -> str:
    forms.submit_roster(number=number, division=division, officer=officer, at=system_clock())
    return _t("名册已报送，汇总表即时更新。")


ACTS: dict[str, Act] = {
    "fill": _fill,
    "add": _add,
    "strike": _strike,
    "restore": _restore,
    "submit": _submit,
}


def _answers(request: HttpRequest, line: str) -> dict[str, str]:
    start = _prefix(line)
    return {
        name.removeprefix(start): str(value)
        for name, value in request.POST.items()
        if name.startswith(start)
    }


def _int(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


routes = [
    route(
        "rosters/<int:number>/<str:division>/",
        roster,
        right="forms.see",
        name="roster",
        under="reports",
    ),
]
