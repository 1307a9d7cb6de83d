"""Where a value of a shared table comes from: the feed, its row and column, and who answers.

A value that one feed column gives unchanged can be corrected in that feed; one that is computed
from several cannot, and then only the source's own correction brings it right. Of several feeds
that state an item of an entity the authoritative one answers (一数一源).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import ColumnSource, Dataset
from yiwang.apps.catalog.queries.datasets import DatasetView


@dataclass(frozen=True)
class Origin:
    """The organ that answers for a value and, if there is exactly one, its place in a feed."""

    organ: str
    feed: str = ""
    column: str = ""
    key: dict[str, str] = field(default_factory=dict)


def origin_of(dataset: DatasetView, column: str, key: Mapping[str, str]) -> Origin:
    """The origin of ``column`` in the row with ``key``, read from the parsed lineage."""
    if dataset.kind == "feed":
        return Origin(dataset.organ, dataset.ref, column, dict(key))
    feeds = _feed_columns(dataset.ref, column)
    rows = Dataset.objects.filter(ref__in={table for table, _ in feeds})
    organs = dict(rows.values_list("ref", "organ"))
    answering = _feed_columns(dataset.ref, column, authority=library().authority)
    owners = {organs[table] for table, _ in answering if table in organs}
    owner = owners.pop() if len(owners) == 1 else dataset.organ
    if len(feeds) != 1:
        return Origin(owner)
    ((feed, source),) = feeds
    mapped = _mapped_key(dataset.ref, feed, key)
    is_whole = set(mapped) <= set(_columns_of(feed)) and len(mapped) == len(key)
    return Origin(owner, feed, source, mapped) if is_whole else Origin(owner)


def _feed_columns(
    table: str, column: str, *, authority: Callable[[str, str], str] | None = None
) -> set[tuple[str, str]]:
    """The feed columns that a column is computed from, through tables between.

    With ``authority`` (of a table and a column, "" for none) only its column where there is one.
    """
    found: set[tuple[str, str]] = set()
    waiting, seen = [(table, column)], set[tuple[str, str]]()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        above = list(
            ColumnSource.objects.filter(
                column__dataset__ref=here[0], column__name=here[1], column__active_until=None
            ).values_list("source_table", "source_column")
        )
        only = authority(*here) if authority else ""
        waiting += [one for one in above if one[0] == only] or above
        if not above and here != (table, column) and _is_feed(here[0]):
            found.add(here)
    return found


def _is_feed(ref: str) -> bool:
    return Dataset.objects.filter(ref=ref, kind=Dataset.Kind.FEED).exists()


def _mapped_key(table: str, feed: str, key: Mapping[str, str]) -> dict[str, str]:
    """The row's key in the feed's own columns, as far as the feed gives the key."""
    mapped = {}
    for name, value in key.items():
        sources = {column for ref, column in _feed_columns(table, name) if ref == feed}
        if len(sources) == 1:
            mapped[sources.pop()] = value
    return mapped


def _columns_of(feed: str) -> list[str]:
    row = Dataset.objects.get(ref=feed)
    return list(row.columns.filter(active_until=None).values_list("name", flat=True))


def places_of(feed: str, column: str) -> set[tuple[str, str]]:
    """Every table and column that shows a feed's column, itself included."""
    found: set[tuple[str, str]] = set()
    waiting = [(feed, column)]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        waiting += ColumnSource.objects.filter(
            source_table=here[0], source_column=here[1], column__active_until=None
        ).values_list("column__dataset__ref", "column__name")
    return found
