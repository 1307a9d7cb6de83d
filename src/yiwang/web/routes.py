"""A route names the right it needs; a page without a right does not exist."""

from collections.abc import Callable, Iterable
from functools import lru_cache, wraps

from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, path, reverse

View = Callable[..., HttpResponseBase]

PUBLIC = "public"
"""Anybody, without an account."""

SIGNED_IN = "signed_in"
"""Any account; what it sees is narrowed by the queries behind the page."""

OFFICER = "officer"
"""Any officer, whatever the post; residents and firms have no such page."""


def route(
    address: str,
    view: View,
    *,
    right: str,
    name: str,
    menu: str = "",
    icon: str = "page",
    for_applicants: bool = False,
    under: str = "",
) -> URLPattern:
    """Bind ``address`` to ``view``; the access middleware lets in only who holds ``right``.

    ``menu`` (Chinese, marked with ``gettext_lazy``) puts the page into the navigation of its
    face, in the order of the routes, for whoever may open it; ``icon`` is a name of
    ``web/templates/components/icons.html``. A page ``for_applicants`` shows people and firms their
    own matters: it is not in an officer's navigation. ``under`` names the page of the navigation
    that this one is led to from, where its address does not begin with that page's.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    guarded.right = right  # type: ignore[attr-defined]
    guarded.menu = menu  # type: ignore[attr-defined]
    guarded.icon = icon  # type: ignore[attr-defined]
    guarded.for_applicants = for_applicants  # type: ignore[attr-defined]
    guarded.under = under  # type: ignore[attr-defined]
    return path(address, guarded, name=name)


def section(title: str, *rooms: Iterable[URLPattern]) -> list[URLPattern]:
    """The routes of several modules, whose menu entries stand under one heading of their face."""
    patterns = [pattern for routes in rooms for pattern in routes]
    for pattern in patterns:
        pattern.callback.section = title
    return patterns


@lru_cache
def patterns_of(face: str) -> tuple[URLPattern, ...]:
    """The routes of a face, by the namespace it is mounted under, in their order."""
    return tuple(
        pattern
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and resolver.namespace == face
        for pattern in resolver.url_patterns
        if isinstance(pattern, URLPattern)
    )


def right_of(name: str) -> str:
    """The right that the page ``face:page`` needs, "" where no such page exists."""
    face, _, page = name.partition(":")
    rights = (one.callback.right for one in patterns_of(face) if one.name == page)
    return str(next(rights, ""))


def address(name: str, *args: object) -> str:
    """The address of a page of any face, or "" where no such page exists."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
