"""Open data for everybody: search, one dataset, its interface, licences, the list of duties.

Public, no account. A dataset's page answers RDF clients with the address of its DCAT.
"""

import csv
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from yiwang.apps.exchange import public as exchange
from yiwang.faces.portal import open_pictures
from yiwang.kernel.clock import system_clock
from yiwang.lake import Search
from yiwang.web import names
from yiwang.web.routes import PUBLIC, route
from yiwang.web.tables import Column, Wish, listing
from yiwang.web.words import CYCLES, TYPES

PER_PAGE, PREVIEW = 20, 10
FILTERS = {"organ": "organization", "theme": "groups", "terms": "terms", "division": "division"}
SORTS = {
    "new": ("metadata_modified", True),
    "title": ("title", False),
    "downloads": ("views_recent", True),
}
RDF = {"text/turtle": "ttl", "application/ld+json": "jsonld", "application/rdf+xml": "ttl"}


@require_safe
@vary_on_headers("Accept", "Cookie")
def open_home(request: HttpRequest) -> HttpResponseBase:
    """Search with filters; without a question, what is new."""
    if form := _rdf_wanted(request):
        return redirect(f"/api/dcat/catalog.{form}")
    asked = {name: request.GET.get(name, "")[:80] for name in ("query", "tag", "sort", *FILTERS)}
    page = request.GET.get("page", "1")
    number = max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    chosen = [(field, (asked[name],)) for name, field in FILTERS.items() if asked[name]]
    if asked["tag"]:
        chosen.append(("tags", (asked["tag"],)))
    found = exchange.search_releases(
        exchange.Asked(
            words=asked["query"],
            any_of=tuple(chosen),
            sort=(SORTS.get(asked["sort"], SORTS["new"]),),
            offset=(number - 1) * PER_PAGE,
            limit=PER_PAGE,
            facets=(*FILTERS.values(), "tags"),
        ),
        at=system_clock(),
    )
    wanted = Wish(page=number, per_page=PER_PAGE)
    pages = listing(request, COLUMNS, found.releases, wish=wanted, total=found.total)
    return render(
        request,
        "portal/open/home.html",
        {
            "asked": asked,
            "found": found,
            "pages": pages,
            "facets": _facets(request, asked, found.facets),
            "totals": exchange.open_totals(),
            "themes": {one.id: one.title for one in exchange.themes()},
        },
    )


COLUMNS = (Column(title=_("数据集")),)


def _rdf_wanted(request: HttpRequest) -> str:
    """The form of RDF that the client prefers over a page; empty for a browser."""
    accepted = request.headers.get("Accept", "")
    if "text/html" in accepted:
        return ""
    return next((form for media, form in RDF.items() if media in accepted), "")


def _facets(
    request: HttpRequest, asked: dict[str, str], counts: dict[str, dict[str, int]]
) -> list[dict[str, Any]]:
    """Each filter with its values, their counts, and the address that sets or lifts it."""
    themes = {one.id: one.title for one in exchange.themes()}
    terms = {"unconditional": _("无条件开放"), "conditional": _("有条件开放")}
    shown: dict[str, Any] = {
        "theme": (_("主题"), lambda value: themes.get(value, value)),
        "organ": (_("提供机构"), names.organ),
        "terms": (_("开放方式"), lambda value: terms.get(value, value)),
        "division": (_("区划"), names.division),
        "tag": (_("关键词"), lambda value: value),
    }
    fields = {**FILTERS, "tag": "tags"}
    return [
        {
            "name": name,
            "title": title,
            "values": [
                {
                    "title": call(value),
                    "count": count,
                    "is_chosen": asked[name] == value,
                    "address": _with(asked, name, "" if asked[name] == value else value),
                }
                for value, count in list(counts[fields[name]].items())[:12]
            ],
        }
        for name, (title, call) in shown.items()
    ]


def _with(asked: dict[str, str], name: str, value: str) -> str:
    query = {key: one for key, one in {**asked, name: value}.items() if one}
    return f"?{urlencode(query)}" if query else "?"


@require_safe
@vary_on_headers("Accept", "Cookie")
def dataset(request: HttpRequest, name: str) -> HttpResponseBase:
    """One dataset: what it is, a preview, chart, map, files, and what people say of it."""
    release = exchange.open_release(name)
    if form := _rdf_wanted(request):
        return redirect(f"/api/dcat/{release.name}.{form}")
    is_shown = release.terms == "unconditional"
    rows = _preview(release, PREVIEW) if is_shown else []
    return render(
        request,
        "portal/open/dataset.html",
        {
            "release": release,
            "license": exchange.license_of(release.license),
            "theme": next((t.title for t in exchange.themes() if t.id == release.theme), ""),
            "rows": rows,
            "chart": open_pictures.chart_of(release) if is_shown else None,
            "points": open_pictures.points_of(release) if is_shown else [],
            "liked": exchange.liked(name),
            "questions": exchange.questions_of(name),
            "reuses": exchange.reuses_of(name),
            "requests": exchange.own_requests(name, actor=request.actor),
            "sizes": {form: one["size"] for form, one in release.files.items()},
            "sender": bool(getattr(request.actor, "subject", "")),
            "cycle": CYCLES.get(release.cycle, release.cycle),
            "types": TYPES,
        },
    )


def _preview(release: exchange.ReleaseView, limit: int) -> list[list[Any]]:
    """The first rows as people read them: codes by name."""
    columns = tuple(one.name for one in release.columns)
    found = exchange.open_rows(release, Search(columns=columns, limit=limit, wants_total=False))
    return [
        [open_pictures.shown(row[one.name], one) for one in release.columns] for row in found.rows
    ]


@require_safe
def interface(request: HttpRequest, name: str) -> HttpResponse:
    """How a machine reads this dataset, with examples that run, and rows to try them on."""
    release = exchange.open_release(name)
    is_free = release.terms == "unconditional"
    return render(
        request,
        "portal/open/interface.html",
        {
            "release": release,
            "site": request.build_absolute_uri("/").rstrip("/"),
            "sample": next((one.name for one in release.columns if one.type == "text"), ""),
            "made_up": [] if is_free else exchange.sample_rows(release, count=5),
        },
    )


@require_safe
def sample(request: HttpRequest, name: str) -> HttpResponse:
    """合成样例: a CSV of made-up rows with the columns of the dataset; nothing of it is real."""
    release = exchange.open_release(name)
    rows = exchange.sample_rows(release)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{release.name}-synthetic.csv"'
    lines = csv.DictWriter(response, rows[0].keys(), lineterminator="\n")
    lines.writeheader()
    lines.writerows(rows)
    return response


@require_safe
def license_page(request: HttpRequest, ident: str) -> HttpResponse:
    """The text of a licence."""
    return render(request, "portal/open/license.html", {"license": exchange.license_of(ident)})


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """责任清单: what is to be opened first, what is open, and why the rest is not."""
    return render(request, "portal/open/duties.html", {"duties": exchange.duties()})


routes = [
    route("open/", open_home, right=PUBLIC, name="open_home", menu=_("开放数据"), icon="table"),
    route("open/duties/", duties, right=PUBLIC, name="open_duties"),
    route("open/licenses/<str:ident>/", license_page, right=PUBLIC, name="open_license"),
    route("open/<slug:name>/", dataset, right=PUBLIC, name="open_dataset"),
    route("open/<slug:name>/sample.csv", sample, right=PUBLIC, name="open_sample"),
    route("open/<slug:name>/api/", interface, right=PUBLIC, name="open_interface"),
]
