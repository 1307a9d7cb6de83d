"""What the gate compares: a call as it arrived, a grant's terms, how the caller proved itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

PURPOSE_LIMIT = 200
CASE_LIMIT = 64
VALUE_LIMIT = 128
KEYS_AT_ONCE = 500
"""The most keys of one batch lookup."""
PAGE = 1000
"""The most rows one answer holds."""

Form = Literal["lookup", "batch", "page", "file", "changes", "push"]
SINGLE: frozenset[str] = frozenset({"lookup", "batch"})
"""Forms of a grant that gives rows by key; all others read many rows at once."""
COMPARED: frozenset[str] = frozenset({"changes", "push"})
"""Forms that may give only what changed since a snapshot."""


class Call(msgspec.Struct, frozen=True):
    """One call as it arrived: the key is a secret and is never kept, only its digest is.

    ``keys`` are the values of a batch lookup by the one lookup column, ``filter`` is an expression
    over granted columns that leave unmasked, ``sort`` names such columns (``-column``: falling),
    ``since`` is the snapshot a consumer has, ``retry`` the caller's token of a repeatable call.
    """

    key: str
    table: str
    where: Mapping[str, str] = {}
    columns: tuple[str, ...] = ()
    purpose: str = ""
    case: str = ""
    limit: int = 100
    offset: int = 0
    form: Form | Literal[""] = ""
    keys: tuple[str, ...] = ()
    filter: str = ""
    sort: tuple[str, ...] = ()
    since: str = ""
    system: str = ""
    retry: str = ""
    size: int = 0
    """Bytes of the request."""

    @property
    def shape(self) -> str:
        """The form asked for; unsaid, a call with conditions is a lookup and any other a page."""
        return self.form or ("batch" if self.keys else "lookup" if self.where else "page")


@dataclass(frozen=True)
class ColumnTerm:
    """A column of the granted table as the catalogue describes it now."""

    name: str
    title: str
    grade: int
    element: str = ""


@dataclass(frozen=True)
class Terms:
    """What a grant binds. ``columns`` are granted; ``clear`` of them leave unmasked."""

    number: str
    table: str
    organ: str
    purpose: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]
    rows: str
    clear: tuple[str, ...]
    quota_per_day: int
    rate_per_second: int
    max_grade: int
    active_from: datetime
    active_until: datetime
    withdrawn_at: datetime | None = None
    is_key_revoked: bool = False
    version: int = 1
    system: str = ""
    assurance: str = "key"
    stale_minutes: int = 0
    smallest_group: int = 10


@dataclass(frozen=True)
class Proof:
    """How the caller proved who it is: ``fault`` names what is wrong with it."""

    kind: Literal["key", "signed"] = "key"
    fault: Literal["", "malformed", "expired", "forged", "replayed", "reused"] = ""


BEARER = Proof()


@dataclass(frozen=True)
class Wish:
    """What was learnt of a caller's wish: what its filter reads, or why it cannot be read.

    ``group`` is the number of rows the filter leaves, None before it was counted; ``found`` the
    rows behind the keys of a batch; ``is_since_known`` whether its snapshot can be compared with.
    """

    reads: frozenset[str] = frozenset()
    fault: str = ""
    group: int | None = None
    found: int = 0
    is_since_known: bool = True
