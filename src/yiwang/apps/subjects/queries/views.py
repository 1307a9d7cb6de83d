"""The values a file is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Claim:
    """One value that a source states or stated: where from, of when, and its fate."""

    value: Any
    source: str
    source_title: str
    organ_title: str
    stated_on: date | None
    seen_from: datetime
    seen_until: datetime | None
    state: str
    state_title: str
    is_other_number: bool
    """It was stated under another number, which is linked to this subject."""


@dataclass(frozen=True)
class FieldView:
    """One value of a file: as this actor may see it, and why."""

    name: str
    title: str
    value: Any
    grade: int
    is_masked: bool
    why: str
    code: str = ""
    """What the table holds, where ``value`` is the title of a code."""
    claims: tuple[Claim, ...] = ()
    """For a golden value: every source's value, the chosen one first."""
    category: str = ""


@dataclass(frozen=True)
class Section:
    """What one table holds about the subject: rows of fields, with their source."""

    table: str
    title: str
    owner: str
    owner_title: str
    snapshot: str
    at: datetime | None
    rows: tuple[tuple[FieldView, ...], ...]
    absent: int = 0
    """Columns that the stated purpose does not cover."""


@dataclass(frozen=True)
class EventView:
    """One event of the subject's life, with its source; ``on`` is None where the day is masked."""

    on: date | None
    what: str
    about: tuple[str, ...]
    table: str
    title: str
    organ_title: str


@dataclass(frozen=True)
class PersonFile:
    """一人一档 or 一企一档. ``receipt`` is the journal entry of this very look."""

    subject: str
    kind: str
    name: str
    sections: tuple[Section, ...]
    receipt: str
    is_external_case: bool
    events: tuple[EventView, ...] = ()
    purpose: str = ""
    doubts: tuple[str, ...] = ()
    """What sources disagree about, in words; the subject and the data officers read it."""


@dataclass(frozen=True)
class IndexedLicense:
    """A licence in the place's index: that it is held, not what it says."""

    number: str
    kind: str
    kind_title: str
    authority: str | None
    valid_until: date | None


@dataclass(frozen=True)
class Look:
    """One look at a subject's data, as the subject sees it: who, when, what for."""

    at: datetime
    organ: str
    organ_title: str
    purpose: str
    case: str
    what: str
    fields: tuple[str, ...]
    receipt: str
