"""What is done to an incident beside its flow: merge, split, grade, link, call back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.faces.oversight.incidents import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.web.acts import done_or_told
from yiwang.web.routes import route


def _act(
    request: HttpRequest, number: str, act: Callable[..., object], said: str, **given: object
) -> HttpResponse:
    """Do it as this officer now, say so, and go back to the incident; a refusal is told there."""

    def done() -> bool:
        act(number=number, officer=officer_of(request), at=system_clock(), **given)
        return True

    if done_or_told(request, done):
        messages.success(request, said)
    return redirect("oversight:incident", number)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


def _number(request: HttpRequest, name: str) -> str:
    """The number of another matter, as people write it."""
    return request.POST.get(name, "").strip().upper()


@require_POST
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Merge this incident into another."""
    into, said = _number(request, "into"), _t("已并入 %(into)s。")
    return _act(
        request,
        number,
        casework.merge_incidents,
        said % {"into": into},
        into=into,
        reason=_reason(request),
    )


@require_POST
def unmerge(request: HttpRequest, number: str) -> HttpResponse:
    """Take the incident out of the one it was merged into."""
    said = _t("已撤销并案。")
    return _act(request, number, casework.unmerge_incident, said, reason=_reason(request))


@require_POST
def split(request: HttpRequest, number: str) -> HttpResponse:
    """Split chosen signals off into an incident of their own."""
    chosen = [int(one) for one in request.POST.getlist("signal") if one.isdigit()]
    return _act(
        request,
        number,
        casework.split_signals,
        _t("已拆出，另立一件。"),
        signals=chosen,
        reason=_reason(request),
    )


@require_POST
def regrade(request: HttpRequest, number: str) -> HttpResponse:
    """Say how grave it is."""
    written = request.POST.get("grade", "")
    grade = int(written) if written in ("1", "2", "3", "4") else 0
    said = _t("已调整等级。")
    return _act(request, number, casework.regrade, said, grade=grade, reason=_reason(request))


@require_POST
def link(request: HttpRequest, number: str) -> HttpResponse:
    """Link it with another matter."""
    return _act(
        request,
        number,
        casework.link_cases,
        _t("已关联。"),
        other=_number(request, "other"),
        relation=request.POST.get("relation", "related"),
    )


@require_POST
def call_back(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what the reporter said."""
    said = request.POST.get("said", "")
    return _act(
        request,
        number,
        casework.call_back,
        _t("已登记回访。"),
        is_reached=said != "unreached",
        is_satisfied={"yes": True, "no": False}.get(said),
        text=request.POST.get("text", ""),
    )


def _route(name: str, view: Callable[..., HttpResponse], right: str) -> URLPattern:
    return route(f"incidents/<str:number>/{name}/", view, right=right, name=f"incident_{name}")


routes = [
    _route("merge", merge, "case.handle"),
    _route("unmerge", unmerge, "case.handle"),
    _route("split", split, "case.handle"),
    _route("regrade", regrade, "case.handle"),
    _route("link", link, "case.handle"),
    _route("callback", call_back, "incident.call_back"),
]
