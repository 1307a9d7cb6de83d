"""What a machine may ask: declared beside each API view, printed as one OpenAPI 3.1 document.

    @described(summary="…", tag="…", answer=PlaceView, query=Paging, errors=(NotFound,))
    def place(request: HttpRequest) -> HttpResponse: ...

Types are msgspec structs or builtin types; their docstrings and ``msgspec.Meta`` become the
descriptions. What is served beside Django (the sharing gateway) is declared with ``outside``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import msgspec
from django.urls import URLPattern
from django.urls.converters import IntConverter

from yiwang.kernel.errors import YiwangError
from yiwang.web.routes import PUBLIC

Method = Literal["get", "post", "put", "patch", "delete"]
ViewT = TypeVar("ViewT", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing a machine may ask."""

    summary: str
    tag: str
    method: Method = "get"
    description: str = ""
    answer: Any = None
    """The type of the body of a 200; nothing for an answer without a JSON body."""
    answer_type: str = "application/json"
    query: type[msgspec.Struct] | None = None
    headers: type[msgspec.Struct] | None = None
    body: Any = None
    errors: tuple[type[YiwangError], ...] = ()
    security: tuple[str, ...] = ()
    """``key`` for the sharing gateway's bearer key, ``session`` for a signed-in browser."""


@dataclass(frozen=True)
class Described:
    """An operation at its address (OpenAPI form: ``/api/v1/places/{id}``)."""

    path: str
    name: str
    operation: Operation
    path_parameters: tuple[tuple[str, str], ...] = ()
    """(name, JSON type)"""


def described(**operation: Any) -> Callable[[ViewT], ViewT]:
    """Declare what the view below answers; fields as in :class:`Operation`."""

    def mark(view: ViewT) -> ViewT:
        view.operation = Operation(**operation)  # type: ignore[attr-defined]
        return view

    return mark


def outside(path: str, *, name: str, **operation: Any) -> Described:
    """Declare an address that is not a Django route, e.g. of the sharing gateway."""
    names = re.findall(r"{(\w+)}", path)
    return Described(path, name, Operation(**operation), tuple((n, "string") for n in names))


def operations(patterns: Iterable[URLPattern], *, prefix: str) -> Iterator[Described]:
    """Every described route below ``prefix``."""
    for pattern in patterns:
        operation = getattr(pattern.callback, "operation", None)
        if isinstance(operation, Operation):
            converters = pattern.pattern.converters
            if getattr(pattern.callback, "right", PUBLIC) != PUBLIC and not operation.security:
                operation = replace(operation, security=("session",))
            yield Described(
                prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern)),
                str(pattern.name),
                operation,
                tuple(
                    (name, "integer" if isinstance(c, IntConverter) else "string")
                    for name, c in converters.items()
                ),
            )
