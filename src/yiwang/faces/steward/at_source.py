"""直连数源: which tables their provider's database answers, set and ended by the bureau."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.sharing import actor_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

ROUTES = (
    Column(title=_("数据表")),
    Column(title=_("来源")),
    Column(title=_("字段对应")),
    Column(title=_("设定")),
    Column(title=_("状态")),
    Column(title=_("操作")),
)


class MappingUnreadable(Invalid):
    """A line of the mapping is not ``name = name there``."""

    code = "steward.mapping_unreadable"


def at_source(request: HttpRequest) -> HttpResponse:
    """Every route; POST sets one, which is tried first."""
    officer = actor_of(request)
    error: Invalid | Conflict | NotFound | None = None
    if request.method == "POST":
        try:
            _set(request, officer)
        except (Invalid, Conflict, NotFound) as refused:
            error = refused
        else:
            messages.success(request, _t("试查成功，直连已生效：按键查询由提供方的数据库应答。"))
            return redirect("steward:at_source")
    asked, found = wish(request, ROUTES), exchange.source_routes(actor=officer)
    tables = catalog.datasets(kind="table")
    there = {one.table for one in found if one.ended_at is None}
    return render(
        request,
        "steward/at_source.html",
        {
            "source_routes": listing(
                request, ROUTES, found[asked.offset : asked.offset + asked.per_page + 1], wish=asked
            ),
            "sources": [(one.name, one.name) for one in catalog.sources().values()
                        if one.kind != "folder"],
            "titles": {one.ref: one.title for one in tables},
            "tables": [
                (one.ref, f"{one.title}（{one.ref}）") for one in tables
                if one.share != "none" and one.ref not in there
            ],
            "may_set": identity.may(officer, "exchange.council"),
            "given": request.POST,
            "error": error,
        },
        status=422 if error else 200,
    )  # fmt: skip


def _set(request: HttpRequest, officer: identity.Officer) -> None:
    given = request.POST
    exchange.set_route(
        table=given.get("table", "").strip(),
        source=given.get("source", ""),
        relation=given.get("relation", "").strip(),
        columns=_mapping(given.get("columns", "")),
        officer=officer,
        at=system_clock(),
    )


def _mapping(text: str) -> dict[str, str]:
    """``ours = theirs``, one on each line; a name alone stands for itself."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        ours, equals, theirs = (part.strip() for part in line.partition("="))
        if not ours:
            continue
        if ours in found or (equals and not theirs):
            raise MappingUnreadable(
                f"字段对应“{line.strip()[:60]}”无法识别或重复。",
                hint="每行一个：目录字段 = 来源列名；同名的只写一个名字。",
                fields={"columns": f"“{line.strip()[:60]}”无法识别或重复。"},
            )
        found[ours] = theirs or ours
    return found


@require_POST
def end_route(request: HttpRequest, table: str) -> HttpResponse:
    """The platform's own copy answers from now on."""
    try:
        exchange.end_route(table, officer=actor_of(request), at=system_clock())
    except (Conflict, Invalid) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _t("直连已结束，由平台的副本应答；使用方无须改动。"))
    return redirect("steward:at_source")


routes = [
    route(
        "at-source/", at_source, right="exchange.watch", name="at_source", menu=_("直连数源"),
        icon="link",
    ),
    route("at-source/<str:table>/end/", end_route, right="exchange.council", name="end_route"),
]  # fmt: skip
