"""What codes are called in this place: organs, divisions and tables by name."""

from collections.abc import Iterable

from django.conf import settings

from yiwang.kernel.divisions import DivisionUnknown
from yiwang.packkit import Library
from yiwang.packkit.current import current_library


def organ(ref: str | None) -> str:
    """The organ's title; an unknown id is shown as it is."""
    found = library().organs().get(ref or "")
    return found.title if found else ref or "—"


def division(code: str | None) -> str:
    """The division's name; an unknown code is shown as it is."""
    try:
        return library().divisions.get(code or "").name
    except DivisionUnknown:
        return code or "—"


def divisions_of(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Divisions with those right below each, to choose from: code and name."""
    tree = library().divisions
    return [
        (found.code, found.name)
        for code in codes
        for found in (tree.get(code), *tree.children(code))
    ]


def table(ref: str | None) -> str:
    """The title of a table, feed or register; one of the platform's own is shown as it is."""
    shelf = library()
    kinds = (shelf.tables(), shelf.feeds(), shelf.registers())
    found = next((kind[ref] for kind in kinds if ref and ref in kind), None)
    return found.title if found else ref or "—"


def basis(ref: str | None, pack: str) -> str:
    """The title of a legal basis of a pack (``pack`` or ``pack.thing``), marked if an example."""
    found = library().packs.get(pack.partition(".")[0])
    for one in found.manifest.basis if found else ():
        if one.id == ref:
            return f"《{one.title}》{one.clause}"
    return ref or "—"


def library() -> Library:
    """The packs in force in this place."""
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)
