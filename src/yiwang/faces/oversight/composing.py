"""The composer: choose, order and size the parts of a screen; save, preview, publish, withdraw.

The page is a form, so all of it works by keyboard and without script; the island adds dragging.
"""

from collections.abc import Callable
from itertools import zip_longest

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.oversight.incidents import officer_of
from yiwang.faces.oversight.screen_parts import parts_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.sight import Screen, Widget
from yiwang.web import names
from yiwang.web.routes import route
from yiwang.web.shell import place

KINDS = {
    "number": _("数字"),
    "indicator": _("数字"),
    "chart": _("图表"),
    "map": _("地图"),
    "list": _("事件清单"),
    "vitals": _("体征"),
    "text": _("文字"),
}
SIZES = (
    ("", _("默认宽")),
    ("small", _("四分之一")),
    ("medium", _("三分之一")),
    ("half", _("一半")),
    ("large", _("三分之二")),
    ("full", _("整排")),
)
CHARTS = (("bar", _("条形图")), ("pie", _("饼图")))
AUDIENCES = (("leader", _("领导")), ("dispatcher", _("指挥调度")), ("steward", _("数据管理")))
FIELDS = ("kind", "title", "of", "by", "chart", "size")
MOST_POSTED = 60


def own_list(request: HttpRequest) -> HttpResponse:
    """The screens that the officer's organ composed, and how to begin one."""
    officer = officer_of(request)
    return render(
        request,
        "oversight/own_screens.html",
        {
            "own": boards.own_screens(officer=officer),
            "starts": [(ref, one.title) for ref, one in boards.screens(names.library()).items()],
        },
    )


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new screen, empty or from another."""
    try:
        ref = boards.begin_screen(
            title=request.POST.get("title", "").strip(),
            start=request.POST.get("start", ""),
            officer=officer_of(request),
            at=system_clock(),
            library=names.library(),
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
        return redirect("oversight:own_screens")
    return redirect("oversight:compose", ref)


def compose(request: HttpRequest, ref: str) -> HttpResponse:
    """The composer of one screen: shows, rearranges, saves."""
    officer = officer_of(request)
    own = boards.own_screen(ref, officer=officer)
    if request.method != "POST":
        return _composer(request, own, _opened(request, own, officer), own.number)
    said = posted(request)
    act, _dash, what = request.POST.get("act", "").partition("-")
    base = request.POST.get("base", "")
    number = int(base) if base.isascii() and base.isdigit() and len(base) < 9 else 0
    if act == "save":
        return _saved(request, own, said, number)
    fault = ""
    try:
        said, fault = rearranged(said, act, what, request)
    except (ValueError, IndexError):
        fault = _t("这个动作没有做：部件的位置不对，请再试。")
    if fault:
        messages.error(request, fault)
    return _composer(request, own, said, number, is_changed=True)


def _opened(request: HttpRequest, own: boards.OwnScreenView, officer: identity.Officer) -> Screen:
    version = request.GET.get("version", "")
    if version.isascii() and version.isdigit() and len(version) < 9:
        return boards.own_version(own.ref, int(version), officer=officer)
    return own.content


def _saved(
    request: HttpRequest, own: boards.OwnScreenView, said: Screen, base: int
) -> HttpResponse:
    try:
        number = boards.save_screen(
            own.ref,
            content=said,
            base=base,
            officer=officer_of(request),
            at=system_clock(),
            library=names.library(),
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
        return _composer(request, own, said, base, is_changed=True)
    messages.success(request, _t("已保存为第 %(n)s 版。") % {"n": number})
    return redirect("oversight:compose", own.ref)


def _composer(
    request: HttpRequest,
    own: boards.OwnScreenView,
    said: Screen,
    base: int,
    *,
    is_changed: bool = False,
) -> HttpResponse:
    layout = boards.laid_out(said.widgets)
    return render(
        request,
        "oversight/compose.html",
        {
            "own": own,
            "said": said,
            "base": base,
            "is_changed": is_changed or said != own.content,
            "choices": boards.choices(names.library()),
            "kinds": KINDS,
            "sizes": SIZES,
            "charts": CHARTS,
            "audiences": AUDIENCES,
            "fits": layout.fits_a_wall,
            "described": {n: _described(one) for n, one in enumerate(said.widgets)},
            "may_publish": identity.may(request.actor, "boards.publish"),
            **_previewed(request, said),
        },
    )


def _previewed(request: HttpRequest, said: Screen) -> dict[str, object]:
    """The screen as it would look; a widget that is wrong is told when it is saved."""
    library = names.library()
    try:
        boards.demand_composed(said, library=library)
    except Invalid as refusal:
        return {"screen": None, "parts": [], "fault": str(refusal), "center": place().map_center}
    glance = boards.Glance(lake=catalog.lake(), library=library, at=system_clock())
    view = boards.drawn("preview", said, glance=glance, actor=officer_of(request))
    parts = parts_of(view, actor=officer_of(request))
    return {"screen": view, "parts": parts, "fault": "", "center": place().map_center}


@require_POST
def preview(request: HttpRequest, ref: str) -> HttpResponse:
    """What is on the page now, not yet saved, as it would look: a piece of the composer."""
    boards.own_screen(ref, officer=officer_of(request))
    said = posted(request)
    layout = boards.laid_out(said.widgets)
    told = {"fits": layout.fits_a_wall, **_previewed(request, said)}
    return render(request, "oversight/compose_preview.html", told)


def _described(widget: Widget) -> str:
    library = names.library()
    if widget.kind == "map":
        found = [library.layers().get(one.strip()) for one in widget.of.split(",")]
        return "、".join(one.title for one in found if one)
    if widget.kind == "vitals":
        tree = library.vitals().get(widget.of)
        return tree.title if tree else ""
    if widget.of in library.indicators():
        counted = boards.counted_by(widget.of, library).get(widget.by, widget.by)
        title = library.indicators()[widget.of].title
        return f"{title} · 按{counted}" if widget.kind == "chart" else title
    return ""


def posted(request: HttpRequest) -> Screen:
    """The screen that the form holds; what makes no sense is left for the check to name."""
    columns = [request.POST.getlist(name)[:MOST_POSTED] for name in FIELDS]
    audience = request.POST.get("audience", "")
    return Screen(
        title=request.POST.get("screen_title", "").strip(),
        audience=audience if audience in dict(AUDIENCES) else "leader",
        widgets=tuple(
            Widget(
                kind=kind,
                title=title.strip(),
                of=of.strip(),
                by=by,
                chart=chart if chart in ("bar", "pie", "line") else "",
                size=size if size in dict(SIZES) else "",
            )
            for kind, title, of, by, chart, size in zip_longest(*columns, fillvalue="")
            if kind in KINDS
        ),
    )


def rearranged(said: Screen, act: str, what: str, request: HttpRequest) -> tuple[Screen, str]:
    """The screen after a button was pressed, and what is wrong with the wish."""
    widgets = list(said.widgets)
    if act in ("up", "down", "remove"):
        place_ = int(what)
        widget = widgets.pop(place_)
        if act != "remove":
            widgets.insert(max(0, place_ + (-1 if act == "up" else 1)), widget)
    elif act == "add":
        if what not in ADDING:
            return said, _t("请选择要添加的部件。")
        added = ADDING[what](request)
        if added is None:
            return said, _t("请先选择要添加的内容。")
        widgets.append(added)
    return Screen(title=said.title, audience=said.audience, widgets=tuple(widgets)), ""


def _number(request: HttpRequest) -> Widget | None:
    ref = request.POST.get("new_indicator", "")
    said = names.library().indicators().get(ref)
    return Widget(kind="indicator", title=said.title[:40], of=ref) if said else None


def _chart(request: HttpRequest) -> Widget | None:
    ref, _bar, by = request.POST.get("new_counted", "").partition("|")
    said = names.library().indicators().get(ref)
    if said is None:
        return None
    return Widget(kind="chart", title=said.title[:40], of=ref, by=by, chart="bar")


def _map(request: HttpRequest) -> Widget | None:
    layers = request.POST.getlist("new_layer")
    return Widget(kind="map", title=_t("一张图"), of=", ".join(layers)) if layers else None


def _list(request: HttpRequest) -> Widget:
    return Widget(kind="list", title=_t("正在处置的事件"), of="incidents")


def _tree(request: HttpRequest) -> Widget | None:
    ref = request.POST.get("new_tree", "")
    said = names.library().vitals().get(ref)
    return Widget(kind="vitals", title=said.title, of=ref) if said else None


def _words(request: HttpRequest) -> Widget | None:
    text = request.POST.get("new_text", "").strip()
    return Widget(kind="text", title=_t("说明"), of=text) if text else None


ADDING: dict[str, Callable[[HttpRequest], Widget | None]] = {
    "number": _number,
    "chart": _chart,
    "map": _map,
    "list": _list,
    "vitals": _tree,
    "text": _words,
}


@require_POST
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish the newest version, or withdraw the screen."""
    officer, at = officer_of(request), system_clock()
    try:
        if request.POST.get("act") == "withdraw":
            boards.withdraw_screen(ref, officer=officer, at=at)
            messages.success(request, _t("已撤下。版本都还在，可以再发布。"))
        else:
            number = boards.publish_screen(ref, officer=officer, at=at, library=names.library())
            messages.success(request, _t("第 %(n)s 版已发布。") % {"n": number})
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
    return redirect("oversight:compose", ref)


routes = [
    route("own-screens/", own_list, right="boards.compose", name="own_screens", under="screens"),
    route("own-screens/begin/", begin, right="boards.compose", name="begin_screen"),
    route(
        "own-screens/<str:ref>/", compose, right="boards.compose", name="compose", under="screens"
    ),
    route(
        "own-screens/<str:ref>/preview/",
        preview,
        right="boards.compose",
        name="preview",
        under="screens",
    ),
    route("own-screens/<str:ref>/publish/", publish, right="boards.publish", name="publish_screen"),
]
