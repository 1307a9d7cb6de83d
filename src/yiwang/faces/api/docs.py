"""The OpenAPI document and pages to read it: no script, nothing fetched from elsewhere."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from yiwang.faces.api import openapi
from yiwang.faces.api.describe import described, operations
from yiwang.faces.api.gate import GATE
from yiwang.web.routes import PUBLIC, patterns_of, route

PREFIX = "/api/"


def api_document() -> dict[str, Any]:
    """The document over every route of this face and the sharing gateway."""
    return openapi.document([*operations(patterns_of("api"), prefix=PREFIX), *GATE])


@require_GET
@described(
    summary="本平台的 OpenAPI 3.1 文档",
    tag="平台",
    answer=dict[str, Any],
)
def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document itself."""
    return HttpResponse(msgspec.json.encode(api_document()), content_type="application/json")


def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page, grouped by tag."""
    whole = api_document()
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            entry = {"path": path, "method": method.upper(), **operation}
            tags.setdefault(operation["tags"][0], []).append(entry)
    context = {"tags": tags, "schemas": whole["components"]["schemas"], "info": whole["info"]}
    return render(request, "api/docs.html", context)


def problems(request: HttpRequest) -> HttpResponse:
    """Every error with its code: the addresses that ``type`` of a problem points to."""
    return render(request, "api/problems.html", {"kinds": openapi.error_kinds()})


routes = [
    route("openapi.json", document, right=PUBLIC, name="openapi"),
    route("docs/", docs, right=PUBLIC, name="docs", menu=_("接口文档"), icon="book"),
    route(
        "docs/problems/", problems, right=PUBLIC, name="problems", menu=_("错误代码"), icon="warn"
    ),
]
