"""DCAT-AP 3 in Turtle and JSON-LD: the catalogue in pages, and each dataset.

`/api/dcat/catalog.ttl?page=2`, `/api/dcat/<name>.jsonld`. Withdrawn datasets stay as records with
the status WITHDRAWN, so that harvesters carry the deletion.
"""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api import dcat_nodes, rdf
from yiwang.faces.api.describe import described
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotFound
from yiwang.web.routes import PUBLIC, route

PER_PAGE = 500
WRITERS = {"ttl": (rdf.turtle, rdf.TURTLE), "jsonld": (rdf.json_ld, rdf.JSON_LD)}


class FormUnknown(NotFound):
    """RDF is written as Turtle (ttl) and JSON-LD (jsonld) only."""

    code = "api.rdf_form_unknown"


@require_safe
@described(
    summary="开放数据目录（DCAT-AP 3，Turtle 或 JSON-LD）",
    tag="开放数据",
    description="每页 500 个，hydra:next 指向下一页；撤下的留有状态为 WITHDRAWN 的记录。",
    answer=str,
    answer_type=rdf.TURTLE,
    errors=(FormUnknown,),
)
def catalogue(request: HttpRequest, form: str) -> HttpResponseBase:
    """One page of the catalogue, in the stable order of idents."""
    page = request.GET.get("page", "1")
    number = max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    asked = exchange.Asked(
        sort=(("id", False),),
        offset=(number - 1) * PER_PAGE,
        limit=PER_PAGE,
        includes_withdrawn=True,
    )
    at = system_clock()
    found = exchange.search_releases(asked, at=at)
    site = request.build_absolute_uri("/").rstrip("/")
    has_more = number * PER_PAGE < found.total
    following = f"{site}/api/dcat/catalog.{form}?page={number + 1}" if has_more else ""
    words = dcat_nodes.Words(site)
    return _sent(form, dcat_nodes.catalogue(words, found.releases, at=at, next_page=following))


@require_safe
@described(
    summary="一个开放数据集（DCAT-AP 3，Turtle 或 JSON-LD）",
    tag="开放数据",
    answer=str,
    answer_type=rdf.TURTLE,
    errors=(FormUnknown, exchange.ReleaseUnknown, exchange.ReleaseGone),
)
def dataset(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """One dataset with its distributions."""
    release = exchange.open_release(name)
    words = dcat_nodes.Words(request.build_absolute_uri("/").rstrip("/"))
    return _sent(form, dcat_nodes.dataset(words, release))


def _sent(form: str, nodes: Iterable[rdf.Node]) -> HttpResponseBase:
    if form not in WRITERS:
        raise FormUnknown("只有 ttl 和 jsonld 两种形式。", hint="地址以 .ttl 或 .jsonld 结尾。")
    write, media = WRITERS[form]
    return StreamingHttpResponse(
        (piece.encode("utf-8", "replace") for piece in write(nodes)),
        content_type=f"{media}; charset=utf-8",
        headers={"Access-Control-Allow-Origin": "*", "Vary": "Accept"},
    )


routes = [
    route("dcat/catalog.<str:form>", catalogue, right=PUBLIC, name="dcat_catalogue"),
    route("dcat/<slug:name>.<str:form>", dataset, right=PUBLIC, name="dcat_dataset"),
]
