"""The OpenAPI 3.1 document, assembled from the declarations beside the views."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

import yiwang
from yiwang.faces.api.describe import Described, Operation
from yiwang.kernel.errors import YiwangError
from yiwang.web.problems import PROBLEM_TYPE, Problem
from yiwang.web.shell import place

SCHEMAS = "#/components/schemas/{name}"
Json = dict[str, Any]


def document(entries: Iterable[Described]) -> Json:
    """The whole document as JSON-ready values."""
    described = list(entries)
    types = _types(described)
    schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS)
    refs = {id(type_): schema for type_, schema in zip(types, schemas, strict=True)}
    paths: Json = {}
    for entry in described:
        paths.setdefault(entry.path, {})[entry.operation.method] = _operation(
            entry, refs, components
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("%(place)s一网平台开放接口") % {"place": place().title},
            "version": version(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            },
        },
    }


def version() -> str:
    """The platform's version."""
    return str(getattr(yiwang, "__version__", "0.1.0"))


def error_kinds() -> list[type[YiwangError]]:
    """Every error the platform may answer with, by code."""
    found = {kind.code: kind for kind in _below(YiwangError)}
    return [found[code] for code in sorted(found)]


def _below(kind: type[YiwangError]) -> Iterator[type[YiwangError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _below(narrower)


def _types(described: Iterable[Described]) -> list[Any]:
    found: list[Any] = [Problem]
    for entry in described:
        operation = entry.operation
        for type_ in (operation.answer, operation.body, operation.query, operation.headers):
            if type_ is not None and all(type_ is not known for known in found):
                found.append(type_)
    return found


def _operation(entry: Described, refs: dict[int, Json], components: Json) -> Json:
    operation = entry.operation
    answer: Json = {"description": _("成功")}
    if operation.answer is not None:
        answer["content"] = {operation.answer_type: {"schema": refs[id(operation.answer)]}}
    result: Json = {
        "operationId": entry.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(entry, refs, components),
        "responses": {"200": answer, **_refusals(operation)},
        "security": [{scheme: []} for scheme in operation.security],
    }
    if operation.description:
        result["description"] = operation.description
    if operation.body is not None:
        content = {"application/json": {"schema": refs[id(operation.body)]}}
        result["requestBody"] = {"required": True, "content": content}
    return result


def _refusals(operation: Operation) -> Json:
    by_status: dict[str, list[str]] = {}
    for error in operation.errors:
        by_status.setdefault(str(error.status), []).append(error.code)
    schema = {"$ref": SCHEMAS.format(name="Problem")}
    return {
        status: {
            "description": "、".join(codes),
            "content": {PROBLEM_TYPE: {"schema": schema}},
        }
        for status, codes in by_status.items()
    }


def _parameters(entry: Described, refs: dict[int, Json], components: Json) -> list[Json]:
    result: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": type_}}
        for name, type_ in entry.path_parameters
    ]
    for where, struct in (("query", entry.operation.query), ("header", entry.operation.headers)):
        if struct is None:
            continue
        schema = _resolved(refs[id(struct)], components)
        for name, value in schema["properties"].items():
            parameter: Json = {
                "name": name,
                "in": where,
                "required": name in schema.get("required", ()),
                "schema": {k: v for k, v in value.items() if k != "description"},
            }
            if "description" in value:
                parameter["description"] = value["description"]
            result.append(parameter)
    return result


def _resolved(schema: Json, components: Json) -> Json:
    ref = schema.get("$ref", "")
    found: Json = components[ref.rsplit("/", 1)[-1]] if ref else schema
    return found
