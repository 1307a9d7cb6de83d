"""What stands behind a key, kept in memory for a moment: terms, column grades, row filter.

A copy is only ever a guess: the counter compares the grant's version in the transaction that
records the call, and a call judged on an old copy is judged again. So a withdrawn grant is
refused at once although nobody told this process.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yiwang import rules
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.gate import ColumnTerm, Terms
from yiwang.apps.exchange.models import Grant, Key, SourceRoute
from yiwang.kernel.clock import local_date
from yiwang.kernel.masking import element_of, is_masked

FRESH_SECONDS = 5.0
"""How long a copy is used before the catalogue is read again for changed grades."""
KEPT = 2000
"""More keys than this in one process: the copies are dropped and read anew."""

_at_source: set[str] = set()
Keep = Callable[[Mapping[str, Any], Any], bool]


@dataclass(frozen=True)
class Route:
    """A table's way to its provider's database: which source, which relation, which columns."""

    source: str
    relation: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Held:
    """A key's grant as judged by the gate, and how its rows are fetched."""

    grant_id: int
    key_id: int
    shown: str
    kind: str
    public: str
    terms: Terms
    columns: Mapping[str, ColumnTerm]
    masks: Mapping[str, ColumnTerm]
    """Those columns that leave masked; a grade raised above the grant's masks what was clear."""
    types: Mapping[str, str]
    subject_column: str
    filter_columns: tuple[str, ...]
    keeps: Keep
    passed: set[tuple[object, ...]] = field(default_factory=set)
    """The shapes of calls that were allowed under this copy."""
    route: Route | None = None


def digest_of(secret: str) -> str:
    """The form in which a key is stored: SHA-256 of 256 random bits needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Holding:
    """Copies by digest, safe between threads; ``forget`` after a version was found old."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, Held]] = {}
        self._lock = threading.Lock()

    def of(self, digests: Iterable[str]) -> dict[str, Held]:
        """The copies behind digests, read when missing or older than ``FRESH_SECONDS``."""
        now = time.monotonic()
        found, missing = {}, []
        for digest in set(digests):
            kept = self._held.get(digest)
            if kept and kept[0] > now:
                found[digest] = kept[1]
            elif digest:
                missing.append(digest)
        if missing:
            fresh = read(missing)
            with self._lock:
                if len(self._held) + len(fresh) > KEPT:
                    self._held.clear()
                for digest, held in fresh.items():
                    self._held[digest] = (now + FRESH_SECONDS, held)
            found |= fresh
        return found

    def forget(self, digest: str) -> None:
        """Drop the copy behind a digest."""
        with self._lock:
            self._held.pop(digest, None)


def read(digests: Sequence[str]) -> dict[str, Held]:
    """The grants behind keys' digests as they are stored now."""
    keys = Key.objects.select_related("grant").filter(digest__in=digests)
    return {key.digest: held_of(key.grant, key=key) for key in keys}


def held_of(grant: Grant, *, key: Key | None = None) -> Held:
    """A grant with the catalogue's present description of its table."""
    described = catalog.columns_of(grant.table)
    columns = {
        column.name: ColumnTerm(
            name=column.name,
            title=column.title,
            grade=column.grade,
            element=element_of(element=column.element, column=column.name, title=column.title),
        )
        for column in described
    }
    reads, keeps = _row_filter(grant)
    return Held(
        grant_id=grant.pk,
        key_id=key.pk if key else 0,
        shown=key.shown if key else "",
        kind=key.kind if key else "secret",
        public=key.public if key else "",
        terms=terms_of(grant, is_key_revoked=bool(key and key.revoked_at)),
        columns=columns,
        masks={
            name: term
            for name, term in columns.items()
            if (name not in grant.clear or term.grade > grant.max_grade)
            and is_masked(element=term.element, grade=term.grade)
        },
        types={column.name: column.type for column in described},
        subject_column=catalog.subject_column(grant.table),
        filter_columns=reads,
        keeps=keeps,
        route=_route_of(grant.table),
    )


def is_at_source(table: str) -> bool:
    """Whether this process has met the table as one that its provider's database answers."""
    return table in _at_source


def _route_of(table: str) -> Route | None:
    row = SourceRoute.objects.filter(table=table, ended_at=None).first()
    if row is None:
        _at_source.discard(table)
        return None
    _at_source.add(table)
    return Route(row.source, row.relation, row.columns)


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
        system=grant.system,
        assurance=grant.assurance,
        stale_minutes=grant.stale_minutes,
        smallest_group=grant.smallest_group,
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
            compiled[day] = rules.valued(expression, as_of=day)
        return compiled[day](row) is True

    return tuple(sorted(expression.columns)), keeps
