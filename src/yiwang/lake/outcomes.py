"""What the lake answers: collections, publications, snapshots, rejected rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a run changes, by key: rows new, with other values, no longer there, unchanged."""

    inserted: int = 0
    changed: int = 0
    deleted: int = 0
    same: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether every row is as it was."""
        return not (self.inserted or self.changed or self.deleted)


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One run of a feed. ``read == accepted + rejected`` always holds; flagged rows are accepted.

    ``by_rule`` counts the rows that each rule failed; ``broken`` how many of the rejected were
    lines that could not be read at all; ``columns`` which source column fed which kept column.
    """

    run: str
    feed: str
    read: int
    accepted: int
    rejected: int
    flagged: int
    by_rule: Mapping[str, int]
    snapshot: str
    at: datetime
    seconds: float
    broken: int = 0
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    repeated: bool = False
    """This run had been collected before; nothing was done again."""
    unused: tuple[str, ...] = ()
    """Columns of the source that the feed does not read."""
    newest: str = ""
    """The newest value of the plan's ``newest_by`` (or increment) that is not in the future."""
    ahead: int = 0
    """Rows whose value lies in the future: a clock is wrong somewhere."""
    changes: Changes | None = None
    """Against the snapshot before; None when nobody asked."""
    total: int = 0
    """Rows of the table after the run."""
    rejected_mark: str = ""
    """Tells the rejected rows and their reasons from others, whatever their order; empty: none."""
    held: tuple[str, ...] = ()
    """Why the run was held back: nothing was committed, what was read is kept for a decision."""
    skipped: bool = False
    """Nothing differed from the snapshot before: nothing was committed."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A table replaced as a whole. ``inputs`` are the snapshots that it was computed from."""

    name: str
    snapshot: str
    rows: int
    seconds: float
    at: datetime
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A state of a table that can be read again. ``run`` names the collection that made it."""

    id: str
    at: datetime
    rows: int
    run: str = ""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row in quarantine: where it stood, its key, the rules it failed, its values as read."""

    line: int
    key: str
    rules: tuple[str, ...]
    values: Mapping[str, str | None]
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Serving:
    """The copy of a table that answers lookups now."""

    name: str
    snapshot: str
    at: datetime | None
    """When the snapshot was made; None in copies written before this was kept."""
    rows: int
    lookup: tuple[str, ...]
