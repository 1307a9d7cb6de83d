"""Indicators: the value, the target, the curve, and the rows behind every part."""

from typing import cast, get_args

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.kernel.errors import NotFound
from yiwang.packkit.current import current_library
from yiwang.web.pieces import Series
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

PARTS = {"numerator": _("分子"), "denominator": _("分母"), "excluded": _("剔除")}


class PartUnknown(NotFound):
    """An indicator has a numerator, a denominator and exclusions, and nothing else."""

    code = "steward.part_unknown"


def indicator_list(request: HttpRequest) -> HttpResponse:
    """Every indicator with its latest value."""
    columns = (
        Column(title=_("指标")),
        Column(title=_("指标值"), is_number=True),
        Column(title=_("目标")),
        Column(title=_("责任单位")),
        Column(title=_("取数时间")),
    )
    return render(
        request,
        "steward/indicators.html",
        {
            "listing": whole(columns, boards.indicators()),
            "may_take": identity.may(request.actor, "boards.take"),
        },
    )


def target_list(request: HttpRequest) -> HttpResponse:
    """量化目标: every number the plans set, each reading with its value or what is missing."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    found = boards.targets(library)
    only = request.GET.get("only", "ours")
    shown = [line for line in found if only == "all" or line.is_ours]
    columns = (Column(title=_("目标")), Column(title=_("口径与取值")))
    return render(
        request,
        "steward/targets.html",
        {
            "listing": whole(columns, shown),
            "only": only,
            "known": sum(line.is_known for line in shown),
            "met": sum(any(one.is_met for one in line.readings) for line in shown),
            "total": len(shown),
            "place": library.place.title,
        },
    )


@require_POST
def take_values(request: HttpRequest) -> HttpResponse:
    """立即取数: ask for a job that takes every indicator."""
    number = boards.ask_for_values(officer=request.actor, at=system_clock())
    return redirect("office:job", number)


def indicator_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One indicator: definition, value over time, what it was counted on."""
    view = boards.indicator(ref)
    past = boards.history(ref)
    return render(
        request,
        "steward/indicator.html",
        {
            "indicator": view,
            "facts": _facts(view),
            "may_take": identity.may(request.actor, "boards.take"),
            "may_drill": identity.may(request.actor, "boards.drill"),
            "parts": [part for part in PARTS.items() if getattr(view.definition, part[0])],
            "categories": [f"{one.taken_at.astimezone(CHINA):%m-%d %H:%M}" for one in past],
            "series": [
                Series(
                    name=view.title,
                    values=[float(one.value) if one.value is not None else None for one in past],
                )
            ],
        },
    )


def _facts(view: boards.IndicatorView) -> list[tuple[str, str]]:
    said = view.definition
    found = (
        (_t("责任单位"), organ_titles().get(view.owner, view.owner)),
        (_t("定义版本"), said.version),
        (_t("口径"), said.reading),
        (_t("目标"), view.target),
        (_t("预警区间"), view.band),
        (_t("完成期限"), said.due.isoformat() if said.due else ""),
        (_t("为哪些能力和目标服务"), "、".join(said.serves)),
    )
    return [(title, text) for title, text in found if text]


def indicator_rows(request: HttpRequest, ref: str, part: str) -> HttpResponse:
    """下钻: the rows that a part of the latest value counted."""
    if part not in get_args(boards.Part):
        raise PartUnknown(f"指标没有“{part}”这一部分。", hint="请从指标页面进入。", part=part)
    view = boards.indicator(ref)
    asked = wish(request, ())
    only = (request.GET.get("by", "")[:60], request.GET.get("is", "")[:200])
    rows = boards.drill(
        view,
        cast("boards.Part", part),
        lake=catalog.lake(),
        library=current_library(settings.PACKS, settings.PLACE, settings.HOME),
        offset=asked.offset,
        limit=asked.per_page + 1,
        only=only,
    )
    names = list(rows[0]) if rows else []
    columns = tuple(Column(title=name) for name in names)
    return render(
        request,
        "steward/indicator_rows.html",
        {
            "indicator": view,
            "part": PARTS[part],
            "names": names,
            "only": only if only[0] else None,
            "listing": listing(request, columns, rows, wish=asked),
        },
    )


routes = [
    route(
        "indicators/",
        indicator_list,
        right="boards.see",
        name="indicators",
        menu=_("指标"),
        icon="chart",
    ),
    route(
        "targets/",
        target_list,
        right="boards.see",
        name="targets",
        menu=_("规划目标"),
        icon="check",
    ),
    route("targets/take/", take_values, right="boards.take", name="take_values"),
    route("indicators/<str:ref>/", indicator_page, right="boards.see", name="indicator"),
    route(
        "indicators/<str:ref>/<str:part>/",
        indicator_rows,
        right="boards.drill",
        name="indicator_rows",
    ),
]
