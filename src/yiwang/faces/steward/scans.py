"""Pages of measured completeness: sources, what stands in each, and acts on what is missing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.lists import StepUnknown
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish
from yiwang.web.words import CYCLES

SOURCES = (
    Column(title=_("数据源")),
    Column(title=_("机构")),
    Column(title=_("发现表"), is_number=True),
    Column(title=_("非资源"), is_number=True),
    Column(title=_("应编尽编")),
    Column(title=_("字段申报")),
    Column(title=_("超期"), is_number=True),
    Column(title=_("最近扫描")),
    Column(title=_("操作")),
)
TABLES = (
    Column(title=_("表")),
    Column(title=_("状态")),
    Column(title=_("行数"), is_number=True),
    Column(title=_("已申报 ÷ 实有字段")),
    Column(title=_("更新周期与最近归集")),
    Column(title=_("条目与处置")),
)


def _share(over: int, under: int) -> float | None:
    return over / under if under else None


def _jobs(names: list[str]) -> list[jobs.JobView]:
    """Scans that wait or run."""
    found = jobs.jobs(kind="catalog.scan", state="open", limit=20)
    return [one for one in found if one.about in names]


def scans(request: HttpRequest) -> HttpResponse:
    """Every source with what was found in it at last."""
    rows = catalog.source_views(actor=request.actor)
    done = [row.latest for row in rows if row.latest]
    return render(
        request,
        "steward/scans.html",
        {
            "sources": whole(SOURCES, rows),
            "scanned": len(done),
            "whole": _share(
                sum(one.catalogued for one in done),
                sum(one.found - one.excluded for one in done),
            ),
            "columns": _share(
                sum(one.columns_declared for one in done), sum(one.columns_found for one in done)
            ),
            "overdue": sum(one.overdue for one in done),
            "organ_titles": organ_titles(),
            "jobs": _jobs([row.name for row in rows]),
        },
    )


def scan(request: HttpRequest, name: str) -> HttpResponse:
    """One source: each table beside the catalogue, gaps first."""
    source = catalog.looked_source(name, actor=request.actor)
    asked = wish(request, TABLES, per_page=100)
    tables = catalog.latest_tables(source, at=system_clock())
    history = catalog.scans_of(name)
    order = {row.table: n for n, row in enumerate(tables)}
    return render(
        request,
        "steward/scan.html",
        {
            "source": source,
            "organ": organ_titles().get(source.organ, source.organ),
            "tables": listing(
                request,
                TABLES,
                tables[asked.offset : asked.offset + asked.per_page],
                wish=asked,
                total=len(tables),
            ),
            "latest": history[0] if history else None,
            "history": history,
            "cycles": CYCLES,
            "loop_id": order.__getitem__,
            "may_draft": identity.may(request.actor, "catalog.draft", organ=source.organ),
            "may_collect": identity.may(request.actor, "catalog.collect"),
            "jobs": _jobs([name]),
        },
    )


@require_POST
def ask_scan(request: HttpRequest, name: str) -> HttpResponse:
    """Have a source looked into in the background."""
    catalog.ask_for_scan(name, officer=request.actor, at=system_clock())
    messages.success(request, _t("已安排扫描，完成后刷新本页。"))
    return redirect("steward:scan", name)


@require_POST
def act(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """Register a table, declare its columns, judge it no resource, or lift that."""
    given = {
        "source_name": name,
        "table": request.POST.get("table", ""),
        "officer": request.actor,
        "at": system_clock(),
    }
    if step == "register":
        number = catalog.register_table(title=request.POST.get("title", ""), **given)
        messages.success(request, _t("已登记为草稿，请补齐元数据。"))
        return redirect("steward:entry", number.replace("/", "-"))
    if step == "declare":
        number = catalog.declare_columns(**given)
        messages.success(request, _t("未申报的字段已写入变更草稿，请改成中文名称后提交审核。"))
        return redirect("steward:edit_entry", number.replace("/", "-"))
    if step == "exclude":
        catalog.exclude_table(reason=request.POST.get("reason", ""), **given)
        messages.success(request, _t("已认定为非数据资源，不再计入分母。"))
    elif step == "lift":
        catalog.lift_exclusion(**given)
        messages.success(request, _t("已撤销认定。"))
    else:
        raise StepUnknown(
            f"扫描所见的表没有“{step}”这一步。", hint="请从扫描结果页上的按钮办理。", step=step
        )
    return redirect("steward:scan", name)


routes = [
    route("scans/", scans, right="catalog.draft", name="scans", menu=_("编目完整性"), icon="gauge"),
    route("scans/<str:name>/", scan, right="catalog.draft", name="scan"),
    route("scans/<str:name>/ask/", ask_scan, right="catalog.draft", name="ask_scan"),
    route("scans/<str:name>/<str:step>/", act, right="catalog.draft", name="scan_act"),
]
