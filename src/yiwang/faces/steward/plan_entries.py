"""What reading a plan missed or misread: a task added, a target confirmed, corrected or dropped."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t

from yiwang.apps.boards import public as boards
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.plans import confirmed_in, day_in, given_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.kernel.numbers import number_in
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.web.routes import route


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def new_task(request: HttpRequest, number: int) -> HttpResponse:
    """补录任务: one that reading missed."""
    error: Invalid | None = None
    if request.method == "POST":
        try:
            task = boards.add_task(
                plan=number,
                text=request.POST.get("text", ""),
                said=confirmed_in(request),
                officer=request.actor,
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _t("已列入台账。"))
            return redirect("steward:plan_task", number, task)
    return render(
        request,
        "steward/plan_new_task.html",
        {
            "plan": boards.plan(number),
            "given": given_of(request),
            "organ_titles": organ_titles(),
            "error": error,
        },
        status=error.status if error else 200,
    )


def new_target(request: HttpRequest, number: int) -> HttpResponse:
    """补录目标: one that reading missed."""
    error: Invalid | None = None
    if request.method == "POST":
        try:
            boards.add_target(
                plan=number,
                said=_aim(request),
                capabilities=boards.capabilities_of(_library()),
                officer=request.actor,
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _t("已列入台账。"))
            return redirect("steward:plan", number)
    return _target_page(request, number, None, request.POST.dict(), error)


def target(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """One target: confirm it, corrected where it was misread, or drop it."""
    shown = boards.plan_target(number, position, library=_library())
    error: Invalid | None = None
    if request.method == "POST":
        try:
            _decided(request, number, position)
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _t("台账已更新。"))
            return redirect("steward:plan", number)
    given = _given(shown) | (request.POST.dict() if error else {})
    return _target_page(request, number, shown, given, error)


def _decided(request: HttpRequest, number: int, position: int) -> None:
    at = system_clock()
    if request.POST.get("act") == "drop":
        boards.drop_target(
            plan=number,
            position=position,
            reason=request.POST.get("reason", ""),
            officer=request.actor,
            at=at,
        )
    else:
        boards.confirm_target(
            plan=number,
            position=position,
            said=_aim(request),
            capabilities=boards.capabilities_of(_library()),
            officer=request.actor,
            at=at,
        )


def _aim(request: HttpRequest) -> boards.Aim:
    asked = {name: text.strip() for name, text in request.POST.dict().items()}
    try:
        value = number_in(asked.get("value", ""))
    except ValueError:
        said = _t("数值不是数。")
        raise boards.TargetMalformed(
            said, hint=_t("只填数字，单位另填。"), fields={"value": said}
        ) from None
    return boards.Aim(
        words=asked.get("words", ""),
        value=value,
        unit=asked.get("unit", ""),
        bound=asked.get("bound", ""),
        due_on=day_in(request, boards.TargetMalformed),
        task=asked.get("task", ""),
        capability=asked.get("capability", ""),
    )


def _given(shown: boards.TargetView) -> dict[str, Any]:
    return {
        "words": shown.words,
        "value": f"{shown.value.normalize():f}",
        "unit": shown.unit,
        "bound": shown.bound,
        "due_on": shown.due_on.isoformat() if shown.due_on else "",
        "task": shown.task,
        "capability": shown.capability,
    }


def _target_page(
    request: HttpRequest,
    number: int,
    shown: boards.TargetView | None,
    given: dict[str, Any],
    error: Invalid | None,
) -> HttpResponse:
    library = _library()
    aims = [one for one in boards.capabilities_of(library) if one.is_target]
    tasks = boards.plan_tasks(number, library=library, at=system_clock())
    return render(
        request,
        "steward/plan_target.html",
        {
            "plan": boards.plan(number),
            "target": shown,
            "given": given,
            "bounds": boards.BOUNDS.items(),
            "tasks": [(one.number, f"{one.number} {one.title}") for one in tasks],
            "aims": [(one.id, f"{one.id} {one.title}") for one in aims],
            "may_keep": identity.may(request.actor, "boards.keep_plan"),
            "error": error,
        },
        status=error.status if error else 200,
    )


routes = [
    route("plans/<int:number>/new/", new_task, right="boards.keep_plan", name="new_plan_task"),
    route(
        "plans/<int:number>/targets/new/",
        new_target,
        right="boards.keep_plan",
        name="new_plan_target",
    ),
    route(
        "plans/<int:number>/targets/<int:position>/",
        target,
        right="boards.see_plan",
        name="plan_target",
    ),
]
