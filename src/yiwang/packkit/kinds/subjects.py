"""Kinds about persons and firms: entities made of many sources, and purposes a file is read for."""

from typing import Literal

from yiwang.packkit.kinds.shared import Column, Kind

Subject = Literal["person", "firm"]


class EntityItem(Column, frozen=True, kw_only=True):
    """One datum of an entity (姓名, 住址), and which of several values survives.

    ``choose: authority`` takes the authoritative source's value, then those of ``order``, then the
    most recent; ``recent`` takes the most recent value, whoever states it.
    """

    choose: Literal["authority", "recent"] = "authority"
    order: tuple[str, ...] = ()
    """Feeds (``pack.feed``) that come after the authoritative one, the better first."""
    same: Literal["exact", "ending"] = "exact"
    """``ending``: two addresses agree when one ends with the other."""
    objects: bool = False
    """A source that differs from the authoritative one becomes an objection by itself."""


class Entity(Kind, frozen=True, kw_only=True):
    """entities/: a golden record per person or firm, merged by identifier from what feeds state.

    Three tables come of it: ``<id>`` (one row per subject), ``<id>_values`` (every value with its
    source, date and fate) and ``<id>_claims`` (everything ever stated; nothing is forgotten).
    """

    title: str
    owner: str
    subject: Subject
    identifier: str
    """Name of the identifying column; persons by ``id_number``, firms by ``uscc``."""
    items: dict[str, EntityItem]
    apart: str = ""
    """An item (the name): a source that shares no character with it speaks of somebody else."""
    ends: str = ""
    """An item (the day of death) after which nothing should happen any more."""
    description: str = ""


class Describes(Kind, frozen=True, kw_only=True):
    """What a feed's row states about an entity: whose identifier, since when, which items."""

    entity: str
    """``pack.entity``"""
    identifier: str
    """The column with the subject's identifier."""
    dated: str = ""
    """The column that says when the row was true; without one, the day of its first load."""
    becomes: str = ""
    """The column with the identifier that replaces ``identifier`` from now on."""
    states: dict[str, str] = {}
    """Item of the entity to column of the feed."""
    authority: tuple[str, ...] = ()
    """Items for which this feed is the one authoritative source (一数一源)."""


class Event(Kind, frozen=True, kw_only=True):
    """Rows are events in a subject's life: they join the time line of its file."""

    on: str
    """The column with the day."""
    what: str
    """What happened, in a word: 迁入, 领证."""
    about: tuple[str, ...] = ()
    """Columns that say more."""
    after_end: bool = False
    """It may happen after the subject's end: a funeral."""


class Purpose(Kind, frozen=True, kw_only=True):
    """purposes/: what a file may be opened for, by whom, and what it then shows.

    Fields of a category that is not named are absent; fields of ``clear`` categories are shown
    unmasked up to grade 3; all others are masked by their grade.
    """

    title: str
    basis: str
    subjects: tuple[Subject, ...] = ("person",)
    roles: tuple[str, ...]
    """``pack.role`` ids whose holders may state this purpose."""
    shows: tuple[str, ...]
    """Categories of fields."""
    clear: tuple[str, ...] = ()
