"""A route names the right it needs; a page without a right does not exist."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

View = Callable[..., HttpResponseBase]

PUBLIC = "public"
"""Anybody, without an account."""

SIGNED_IN = "signed_in"
"""Any account; what it sees is narrowed by the queries behind the page."""


def route(address: str, view: View, *, right: str, name: str) -> URLPattern:
    """Bind ``address`` to ``view``; the access middleware lets in only who holds ``right``."""

    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    guarded.right = right  # type: ignore[attr-defined]
    guarded.__name__ = getattr(view, "__name__", "view")
    guarded.__doc__ = view.__doc__
    return path(address, guarded, name=name)
