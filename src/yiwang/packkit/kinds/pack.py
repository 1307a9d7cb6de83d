"""The manifest of a pack, and a place's choice of packs."""

from typing import Annotated

import msgspec

from yiwang.packkit.kinds.shared import Basis, Kind


class Manifest(Kind, frozen=True, kw_only=True):
    """pack.yaml: what the pack is, whose it is, on what law it stands, which rows it serves."""

    title: str
    owner: str
    basis: tuple[Basis, ...] = ()
    serves: dict[str, str] = msgspec.field(default_factory=dict)
    """Row of the list of capabilities to the page where it is seen: ``D-02: steward:campaigns``."""
    needs: tuple[str, ...] = ()
    """Other packs."""
    uses: tuple[str, ...] = ()
    """Further packs that its trees and screens show something of, where the place has them."""
    description: str = ""
    version: str = "1"


Hours = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""Office hours: ``08:30-12:00``."""


class Organ(Kind, frozen=True, kw_only=True):
    """An organ of the place. ``superior`` outside the place is a line superior (条)."""

    title: str
    division: str
    kind: str = ""
    superior: str = ""
    roles: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Post title to the ``pack.role`` ids it holds."""


class Place(Kind, frozen=True, kw_only=True):
    """place.yaml: a place's packs, names, organs, parameter values and targets."""

    title: str
    brand: str
    division: str
    superior: str = ""
    packs: tuple[str, ...]
    organs: dict[str, Organ]
    names: dict[str, str] = msgspec.field(default_factory=dict)
    """What the place calls things: portal, oversight, office, steward, code."""
    parameters: dict[str, str | int] = msgspec.field(default_factory=dict)
    """``pack.rules.parameter`` to the place's own value."""
    targets: dict[str, str] = msgspec.field(default_factory=dict)
    map_center: tuple[float, float] = (118.7, 33.7)
    number_prefix: str
    office_hours: tuple[Hours, ...] = ()
    """The office hours of a working day, in which working hours count; empty: the usual ones."""
