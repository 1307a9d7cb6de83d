"""The place's calendar and divisions, as its packs say them; read once per process."""

from dataclasses import dataclass

from django.conf import settings

from yiwang.kernel.divisions import DivisionTree
from yiwang.kernel.workdays import Calendar
from yiwang.packkit import Library
from yiwang.packkit.current import current_gazetteer, current_library
from yiwang.packkit.gazetteer import KnownAddress
from yiwang.packkit.kinds.citizens import RatingScheme
from yiwang.packkit.kinds.incidents import Plan, Round


def calendar() -> Calendar:
    """The working days in force."""
    return _library().calendar


def divisions() -> DivisionTree:
    """The divisions of the place."""
    return _library().divisions


def has_organ(organ: str) -> bool:
    """Whether the place has an organ of this id."""
    return organ in _library().place.organs


def organ_divisions() -> dict[str, str]:
    """The division of each organ of the place."""
    return {organ: content.division for organ, content in _library().place.organs.items()}


def code() -> str:
    """The division that the whole place is."""
    return _library().place.division


def door(address: str) -> KnownAddress | None:
    """The door that a written address means, where the place's registers know it."""
    known = current_gazetteer(settings.PACKS, settings.PLACE, settings.HOME)
    found = known.find(address) if address else None
    return found if found is not None and found.precision == "door" else None


_duties: dict[str, tuple[Library, dict[tuple[str, str], str]]] = {}


def duties(register: str) -> dict[tuple[str, str], str]:
    """Who has which duty where, of a register; read once for a library."""
    library, known = _library(), _duties.get(register)
    if known is None or known[0] is not library:
        rows = library.entries(register)
        found = {(str(r["duty"]), str(r["division"])): str(r["organ"]) for r in rows}
        known = _duties[register] = library, found
    return known[1]


@dataclass(frozen=True)
class PostChoice:
    """An organ and the roles of its posts that handle cases, each with its title."""

    organ: str
    title: str
    roles: tuple[tuple[str, str], ...]


def posts() -> tuple[PostChoice, ...]:
    """Every post of the place that handles cases, by organ."""
    library = _library()
    roles = {ref: one for ref, one in library.roles().items() if "case.handle" in one.rights}
    found = []
    for organ, content in library.place.organs.items():
        held = dict.fromkeys(ref for refs in content.roles.values() for ref in refs)
        titles = tuple((ref, roles[ref].title) for ref in held if ref in roles)
        if titles:
            found.append(PostChoice(organ, content.title, titles))
    return tuple(found)


def rating_scheme(flow: str, profile: str) -> RatingScheme | None:
    """How cases of a flow are rated: by its own pack's scheme, else by any of the profile."""
    found = {
        f"{pack.id}.{name}": one
        for pack in _library().packs.values()
        for name, one in pack.ratings.items()
        if one.profile == profile
    }
    own = [one for ref, one in found.items() if ref.partition(".")[0] == flow.partition(".")[0]]
    return next(iter([*own, *found.values()]), None)


def rated_flows(profile: str = "") -> frozenset[str]:
    """The flows that people go through: those of items and policies (case), and of incidents."""
    library = _library()
    refs = set[str]()
    if profile in ("", "case"):
        refs |= {one.flow for one in library.items().values()}
        refs |= {one.flow for one in library.policies().values()}
    if profile in ("", "incident"):
        refs |= {one.flow for one in library.incidents().values()}
    return frozenset(refs)


def role_title(role: str) -> str:
    """What a role is called."""
    found = _library().roles().get(role)
    return found.title if found else role


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def rounds() -> dict[str, Round]:
    """Every round of the place's packs."""
    return _library().rounds()


def plans() -> dict[str, Plan]:
    """Every emergency plan of the place's packs."""
    return _library().plans()


def entries(register: str) -> list[dict[str, object]]:
    """The entries of a register."""
    return [dict(one) for one in _library().entries(register)]


def key_of(register: str) -> str:
    """The key column of a register."""
    return _library().register(register).key


def register_title(register: str) -> str:
    """What a register is called."""
    return _library().register(register).title


def columns_of(register: str) -> frozenset[str]:
    """The columns of a register."""
    return frozenset(_library().register(register).columns)


def has_flow(ref: str) -> bool:
    """Whether a pack of the place has a flow of this name."""
    return ref in _library().flows()


def flow_title(ref: str) -> str:
    """What a flow is called."""
    return _library().flows()[ref].title
