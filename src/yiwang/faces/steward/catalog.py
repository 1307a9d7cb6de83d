"""Pages of the catalogue: datasets, one dataset with its lineage, registers, runs, quarantine."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.lineage import draw_lineage
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish
from yiwang.web.words import CYCLES

SHARE = {"unconditional": _("无条件共享"), "conditional": _("有条件共享"), "none": _("不予共享")}
OPEN = {"unconditional": _("无条件开放"), "conditional": _("有条件开放"), "none": _("不予开放")}
KINDS = {"feed": _("归集表"), "table": _("共享表")}

DATASETS = (
    Column(title=_("名称")),
    Column(title=_("提供机构")),
    Column(title=_("最高级别")),
    Column(title=_("共享属性")),
    Column(title=_("数据项"), is_number=True),
    Column(title=_("行数"), is_number=True),
    Column(title=_("质量分"), is_number=True),
    Column(title=_("更新时间")),
)
RUNS = (
    Column(title=_("批次")),
    Column(title=_("归集表")),
    Column(title=_("时间")),
    Column(title=_("读取"), is_number=True),
    Column(title=_("入库"), is_number=True),
    Column(title=_("隔离"), is_number=True),
    Column(title=_("标记"), is_number=True),
    Column(title=_("质量分"), is_number=True),
    Column(title=_("用时"), is_number=True),
)
REJECTED = (
    Column(title=_("行号"), is_number=True),
    Column(title=_("主键")),
    Column(title=_("未通过的规则")),
    Column(title=_("原值")),
)


def organ_titles() -> dict[str, str]:
    """Organ id to title."""
    return {organ.id: organ.title for organ in identity.organs()}


def datasets(request: HttpRequest) -> HttpResponse:
    """Every dataset, searched by words, organ and kind."""
    asked = wish(request, DATASETS)
    query, organ = request.GET.get("query", ""), request.GET.get("organ", "")
    kind = request.GET.get("kind", "")
    found = catalog.datasets(
        query=query, organ=organ, kind=kind, offset=asked.offset, limit=asked.per_page + 1
    )
    titles = organ_titles()
    return render(
        request,
        "steward/datasets.html",
        {
            "datasets": listing(request, DATASETS, found, wish=asked),
            "query": query,
            "organ": organ,
            "kind": kind,
            "kinds": KINDS.items(),
            "organs": sorted(titles.items(), key=lambda pair: pair[1]),
            "organ_titles": titles,
            "share": SHARE,
        },
    )


def dataset(request: HttpRequest, ref: str) -> HttpResponse:
    """One dataset: columns with grades and reasons, lineage, runs, quality."""
    found = catalog.dataset(ref)
    titles = organ_titles()
    return render(
        request,
        "steward/dataset.html",
        {
            "dataset": found,
            "organ": titles.get(found.organ, found.organ),
            "share": SHARE,
            "open": OPEN,
            "cycle": CYCLES.get(found.cycle, found.cycle),
            "rules": _rules(found),
            "latest": found.runs[0] if found.runs else None,
            "lineage": draw_lineage(found),
            "registers": {one.ref for one in catalog.registers()},
            "may_see_rejected": may_see_rejected(request, found.organ),
            "may_grade": identity.may(request.actor, "catalog.grade", organ=found.organ),
        },
    )


def _rules(found: catalog.DatasetView) -> list[tuple[str, str, int | None]]:
    """Every quality rule with the rows that failed it in the latest run, undeclared ones last."""
    latest = found.runs[0] if found.runs else None
    failed = {rule: count for rule, _title, count in latest.by_rule} if latest else {}
    declared = {rule["id"] for rule in found.quality}
    rows = [
        (rule["title"], rule["otherwise"], failed.get(rule["id"], 0) if latest else None)
        for rule in found.quality
    ]
    if latest:
        rows += [(title, "reject", n) for rule, title, n in latest.by_rule if rule not in declared]
    return rows


def may_see_rejected(request: HttpRequest, organ: str) -> bool:
    """Whether the reader may look at the quarantine of a feed of ``organ``."""
    actor: identity.Actor = request.actor
    return identity.may(actor, "catalog.watch") or identity.may(
        actor, "catalog.see_rejected", organ=organ
    )


def rejected(request: HttpRequest, ref: str) -> HttpResponse:
    """The quarantine of a feed's run, row by row with reasons."""
    asked = wish(request, REJECTED, per_page=30)
    run = request.GET.get("run") or None
    rows = catalog.rejected(
        ref,
        officer=request.actor,
        run=run,
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    found = catalog.dataset(ref)
    rules = {rule["id"]: rule["title"] for rule in found.quality}
    rules |= {rule: title for one in found.runs for rule, title, _count in one.by_rule}
    return render(
        request,
        "steward/rejected.html",
        {
            "dataset": found,
            "run": run,
            "rules": rules,
            "rows": listing(request, REJECTED, rows, wish=asked),
        },
    )


def runs(request: HttpRequest) -> HttpResponse:
    """Every collection, newest first, with counts that balance."""
    asked = wish(request, RUNS)
    found = catalog.collections(offset=asked.offset, limit=asked.per_page + 1)
    return render(request, "steward/runs.html", {"runs": listing(request, RUNS, found, wish=asked)})


REGISTERS = (
    Column(title=_("名称")),
    Column(title=_("编号")),
    Column(title=_("管理机构")),
    Column(title=_("条目"), is_number=True),
    Column(title=_("来源")),
)


def registers(request: HttpRequest) -> HttpResponse:
    """Every register: code tables, devices, divisions."""
    rows = catalog.registers()
    return render(
        request,
        "steward/registers.html",
        {"registers": whole(REGISTERS, rows), "organ_titles": organ_titles()},
    )


def register(request: HttpRequest, ref: str) -> HttpResponse:
    """The entries of one register."""
    entries = catalog.entries(ref)
    found = next(one for one in catalog.registers() if one.ref == ref)
    columns = tuple(Column(title=title) for title in found.columns.values())
    asked = wish(request, columns, per_page=100)
    shown = entries[asked.offset : asked.offset + asked.per_page]
    return render(
        request,
        "steward/register.html",
        {
            "register": found,
            "entries": listing(request, columns, shown, wish=asked, total=len(entries)),
        },
    )


routes = [
    route(
        "datasets/",
        datasets,
        right="catalog.see",
        name="datasets",
        menu=_("数据目录"),
        icon="layers",
    ),
    route("datasets/<str:ref>/", dataset, right="catalog.see", name="dataset"),
    route("datasets/<str:ref>/rejected/", rejected, right="catalog.see_rejected", name="rejected"),
    route(
        "registers/", registers, right="catalog.see", name="registers", menu=_("名录"), icon="book"
    ),
    route("registers/<str:ref>/", register, right="catalog.see", name="register"),
]

run_routes = [
    route("runs/", runs, right="catalog.see", name="runs", menu=_("归集批次"), icon="download"),
]
