"""Pages of grids: the cells on the map with their scores, one cell, import, keys of reporters."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.oversight.incidents import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.acts import done_or_told
from yiwang.web.areas import over_the_place
from yiwang.web.names import organ
from yiwang.web.routes import route
from yiwang.web.shell import place
from yiwang.web.tables import Column, whole

LARGEST = 16 * 1024 * 1024
COLUMNS = (
    Column(title=_("网格")),
    Column(title=_("辖区")),
    Column(title=_("网格员与职责")),
    Column(title=_("巡查到位"), is_number=True),
    Column(title=_("上报"), is_number=True),
    Column(title=_("走访"), is_number=True),
    Column(title=_("得分"), is_number=True),
)


def grid_list(request: HttpRequest) -> HttpResponse:
    """The cells on the map and as a list."""
    officer, at = officer_of(request), system_clock()
    found = casework.cells(officer=officer)
    scores = casework.cell_scores(officer=officer, at=at)
    return render(
        request,
        "oversight/grids.html",
        {
            "cells": whole(COLUMNS, found),
            "scores": scores,
            "shapes": over_the_place([_shape(one, scores) for one in found]),
            "unstaffed": sum(not one.workers for one in found),
            "synthetic": sum(one.is_synthetic for one in found),
            "division_name": casework.division_name,
            "center": list(place().map_center),
            "may_manage": "grid.manage" in officer.rights,
        },
    )


def _shape(one: casework.CellView, scores: dict[str, casework.CellScore]) -> dict[str, Any]:
    properties = {"code": one.code, "name": one.title, "value": scores[one.code].score}
    return {"type": "Feature", "properties": properties, "geometry": dict(one.area)}


def grid_page(request: HttpRequest, code: str) -> HttpResponse:
    """One cell: who works there, what they did."""
    officer, at = officer_of(request), system_clock()
    found = casework.cell(code, officer=officer)
    shape = {"type": "Feature", "properties": {"name": found.title}, "geometry": dict(found.area)}
    return render(
        request,
        "oversight/grid.html",
        {
            "cell": found,
            "score": casework.cell_scores(officer=officer, at=at)[code],
            "visits": casework.visits_of(code, officer=officer),
            "division": casework.division_name(found.division),
            "shapes": over_the_place([shape]),
            "center": list(place().map_center),
            "may_manage": "grid.manage" in officer.rights,
            "people": _able(found.division),
        },
    )


def _able(division: str) -> list[tuple[str, str]]:
    """Who may work in the field there, to choose from."""
    return [
        (one.username, f"{one.name}（{organ(one.organ)}）")
        for one in identity.officers_with("field.work")
        if any(identity.is_within(division, within) for within in one.divisions)
    ]


@require_POST
def import_cells(request: HttpRequest) -> HttpResponse:
    """Take a layer in; what was refused is told, feature by feature."""
    given = request.FILES.get("layer")

    def done() -> casework.CellsImported:
        if given is None or (given.size or 0) > LARGEST:
            raise Invalid(_t("没有选择文件，或文件超过 16 MB。"), hint=_t("请选择 GeoJSON 文件。"))
        return casework.import_cells(
            layer=given.read(),
            source=request.POST.get("source", "").strip() or str(given.name),
            is_synthetic=request.POST.get("synthetic") == "yes",
            officer=officer_of(request),
            at=system_clock(),
        )

    told = done_or_told(request, done)
    if told is not None:
        said = _t("新增 %(new)s 个，变更 %(changed)s 个，未变 %(unchanged)s 个。")
        messages.success(request, said % vars(told))
        for name, why in told.refused[:20]:
            messages.warning(request, f"{name}：{why}")
    return redirect("oversight:grids")


@require_POST
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """Let somebody work in the cell, or no longer."""
    form, officer, at = request.POST, officer_of(request), system_clock()
    username = form.get("username", "").strip()

    def done() -> bool:
        if form.get("end"):
            casework.end_worker(cell=code, username=username, officer=officer, at=at)
        else:
            duties = [one for one in form.get("duties", "").replace("，", "、").split("、") if one]
            casework.assign_worker(
                cell=code, username=username, duties=duties, officer=officer, at=at
            )
        return True

    if done_or_told(request, done):
        messages.success(request, _t("已保存。"))
    return redirect("oversight:grid", code)


def keys(request: HttpRequest) -> HttpResponse:
    """The keys with which other systems report; a new one is shown once."""
    officer, secret = officer_of(request), ""
    if request.method == "POST":
        secret = done_or_told(request, lambda: _change(request, officer)) or ""
    return render(
        request,
        "oversight/keys.html",
        {
            "keys": casework.intake_keys(officer=officer),
            "secret": secret,
            "organs": [(one.id, one.title) for one in identity.organs()],
            "kinds": casework.incident_kinds(),
        },
    )


def _change(request: HttpRequest, officer: identity.Officer) -> str:
    form, now = request.POST, system_clock()
    if name := form.get("revoke", ""):
        casework.revoke_intake_key(name=name, officer=officer, at=now)
        messages.success(request, _t("已停用。"))
        return ""
    return casework.issue_intake_key(
        name=form.get("name", ""),
        organ=form.get("organ", ""),
        kinds=form.getlist("kinds"),
        officer=officer,
        at=now,
    )


routes = [
    route("grids/", grid_list, right="grid.see", name="grids", menu=_("网格"), icon="layers"),
    route("grids/import/", import_cells, right="grid.manage", name="grid_import"),
    route("grids/<str:code>/", grid_page, right="grid.see", name="grid"),
    route("grids/<str:code>/assign/", assign, right="grid.manage", name="grid_assign"),
    route(
        "keys/", keys, right="incident.keys", name="intake_keys", menu=_("上报密钥"), icon="lock"
    ),
]
