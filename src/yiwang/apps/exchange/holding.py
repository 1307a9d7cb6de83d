"""What stands behind a key, kept in memory for a moment: terms, column grades, row filter.

A copy is only ever a guess: the counter compares the grant's version in the transaction that
records the call, and a call judged on an old copy is judged again. So a withdrawn grant is
refused at once although nobody told this process.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yiwang import rules
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.gate import ColumnTerm, Terms
from yiwang.apps.exchange.models import Grant, Key
from yiwang.kernel.clock import local_date
from yiwang.kernel.masking import element_of

FRESH_SECONDS = 5.0
"""How long a copy is used before the catalogue is read again for changed grades."""
KEPT = 2000
"""More keys than this in one process: the copies are dropped and read anew."""

Keep = Callable[[Mapping[str, Any], Any], bool]


@dataclass(frozen=True)
class Held:
    """A key's grant as judged by the gate, and how its rows are fetched."""

    grant_id: int
    shown: str
    terms: Terms
    columns: Mapping[str, ColumnTerm]
    subject_column: str
    filter_columns: tuple[str, ...]
    keeps: Keep


def digest_of(secret: str) -> str:
    """The form in which a key is stored: SHA-256 of 256 random bits needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Holding:
    """Copies by digest, safe between threads; ``forget`` after a version was found old."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, Held | None]] = {}
        self._lock = threading.Lock()

    def of(self, secret: str) -> Held | None:
        """The copy behind a secret, read when missing or older than ``FRESH_SECONDS``."""
        if not secret:
            return None
        digest = digest_of(secret)
        found = self._held.get(digest)
        if found and found[0] > time.monotonic():
            return found[1]
        held = read(digest)
        with self._lock:
            if len(self._held) >= KEPT:
                self._held.clear()
            if held is not None:
                self._held[digest] = (time.monotonic() + FRESH_SECONDS, held)
        return held

    def forget(self, secret: str) -> None:
        """Drop the copy behind a secret."""
        with self._lock:
            self._held.pop(digest_of(secret), None)


def read(digest: str) -> Held | None:
    """The grant behind a key's digest as it is stored now, or None."""
    key = Key.objects.select_related("grant").filter(digest=digest).first()
    return held_of(key.grant, key=key) if key else None


def held_of(grant: Grant, *, key: Key | None = None) -> Held:
    """A grant with the catalogue's present description of its table."""
    columns = {
        column.name: ColumnTerm(
            name=column.name,
            title=column.title,
            grade=column.grade,
            element=element_of(element=column.element, column=column.name, title=column.title),
        )
        for column in catalog.columns_of(grant.table)
    }
    reads, keeps = _row_filter(grant)
    return Held(
        grant_id=grant.pk,
        shown=key.shown if key else "",
        terms=terms_of(grant, is_key_revoked=bool(key and key.revoked_at)),
        columns=columns,
        subject_column=catalog.subject_column(grant.table),
        filter_columns=reads,
        keeps=keeps,
    )


def terms_of(grant: Grant, *, is_key_revoked: bool = False) -> Terms:
    """The stored grant as the gate's value."""
    return Terms(
        number=grant.number,
        table=grant.table,
        organ=grant.organ,
        purpose=grant.purpose,
        columns=tuple(grant.columns),
        lookup=tuple(grant.lookup),
        rows=grant.rows,
        clear=tuple(grant.clear),
        quota_per_day=grant.quota_per_day,
        rate_per_second=grant.rate_per_second,
        max_grade=grant.max_grade,
        active_from=grant.active_from,
        active_until=grant.active_until,
        withdrawn_at=grant.withdrawn_at,
        is_key_revoked=is_key_revoked,
        version=grant.version,
    )


def _row_filter(grant: Grant) -> tuple[tuple[str, ...], Keep]:
    """The columns a grant's row filter reads, and the filter: unknown is not delivered."""
    if not grant.rows:
        return (), lambda row, at: True
    expression = rules.parse(grant.rows, columns=catalog.types_of(grant.table))
    compiled: dict[Any, Callable[[Mapping[str, Any]], Any]] = {}

    def keeps(row: Mapping[str, Any], at: Any) -> bool:
        day = local_date(at)
        if day not in compiled:
            compiled.clear()
            compiled[day] = rules.compile(expression, values={}, as_of=day)
        return compiled[day](row).value is True

    return tuple(sorted(expression.columns)), keeps
