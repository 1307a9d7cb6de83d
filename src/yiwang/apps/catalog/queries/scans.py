"""Completeness as it was found: catalogued ÷ found, declared ÷ actual, cycle ÷ last load."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import (
    ListEntry,
    ListEntryVersion,
    NotAResource,
    ScannedTable,
    SourceScan,
)
from yiwang.apps.catalog.queries.deliveries import CYCLE_DAYS, GRACE, last_heard
from yiwang.apps.catalog.queries.lists import codes
from yiwang.apps.catalog.sources import BoundSource, source, sources
from yiwang.apps.identity import public as identity
from yiwang.kernel.cycles import days_of_duration
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.resources import Feed

STATES: Mapping[str, str] = {
    "catalogued": "已编目",
    "drafted": "编制中",
    "excluded": "非数据资源",
    "missing": "未编目",
    "gone": "已不存在",
}
_GAPS_FIRST = ("missing", "gone", "drafted", "excluded", "catalogued")


class ScanUnknown(NotFound):
    """There is no such scan, or no such table in it."""

    code = "catalog.scan_unknown"


@dataclass(frozen=True)
class SourceScanned:
    """What a scan found: its id, tables, and those with a published entry."""

    id: int
    found: int
    catalogued: int


@dataclass(frozen=True)
class FoundView:
    """扫描所见 beside what the catalogue says of it."""

    source: str
    organ: str
    table: str
    state: str
    state_title: str
    rows: int | None
    columns: tuple[tuple[str, str], ...]
    undeclared: tuple[str, ...]
    lost: tuple[str, ...]
    feed: str
    entry: str
    cycle: str
    """What is watched: the cycle of the entry in force by its title, else the feed's duration."""
    heard_at: datetime | None
    is_overdue: bool
    reason: str
    note: str

    @property
    def declared(self) -> int:
        """How many of the actual columns are declared."""
        return len(self.columns) - len(self.undeclared)


@dataclass(frozen=True)
class ScanLine:
    """数据源扫描: the counts of a day."""

    id: int
    source: str
    organ: str
    kind: str
    found: int
    excluded: int
    catalogued: int
    columns_found: int
    columns_declared: int
    overdue: int
    scanned_at: datetime
    scanned_by: str

    @property
    def completeness(self) -> float | None:
        """Catalogued ÷ (found - judged to be no resource)."""
        whole = self.found - self.excluded
        return self.catalogued / whole if whole else None


@dataclass(frozen=True)
class SourceView:
    """A source with its latest scan, if it was ever looked at."""

    name: str
    kind: str
    organ: str
    feeds: tuple[str, ...]
    latest: ScanLine | None


def source_views(*, actor: identity.Actor | None) -> list[SourceView]:
    """The sources the actor may look into: all for who scans, else the organ's own."""
    newest = SourceScan.objects.values("source").annotate(newest=Max("id"))
    rows = SourceScan.objects.filter(pk__in=[one["newest"] for one in newest])
    latest = {row.source: _line(row) for row in rows}
    return [
        SourceView(one.name, one.kind, one.organ, one.feeds, latest.get(one.name))
        for one in sources().values()
        if may_look(actor, one.organ)
    ]


def looked_source(name: str, *, actor: identity.Actor | None) -> BoundSource:
    """A source the actor may look into; another organ's is unknown to them."""
    one = source(name)
    if not may_look(actor, one.organ):
        identity.require(actor, "catalog.scan")
    return one


def may_look(actor: identity.Actor | None, organ: str) -> bool:
    """Whether the actor may see the schema of an organ's system."""
    return identity.may(actor, "catalog.scan") or (
        bool(organ) and identity.may(actor, "catalog.draft", organ=organ)
    )


def scans_of(source: str) -> list[ScanLine]:
    """Every scan of a source, newest first."""
    return [_line(row) for row in SourceScan.objects.filter(source=source).order_by("-id")[:60]]


def _line(row: SourceScan) -> ScanLine:
    return ScanLine(**{name: getattr(row, name) for name in ScanLine.__match_args__})


def latest_tables(one: BoundSource, *, at: datetime) -> list[FoundView]:
    """The tables of the latest scan as the catalogue stands now, gaps first."""
    row = SourceScan.objects.filter(source=one.name).order_by("-id").first()
    if row is None:
        return []
    found = compare(one, row.tables.all(), at=at)
    return sorted(found, key=lambda view: (_GAPS_FIRST.index(view.state), view.table))


def compare(one: BoundSource, tables: Iterable[ScannedTable], *, at: datetime) -> list[FoundView]:
    """Each table found beside its feed, its entry, and what was judged of it."""
    feeds = _feeds_by_table(one)
    entries = _entries(one, feeds)
    reasons = dict(
        NotAResource.objects.filter(source=one.name, lifted_at=None).values_list("table", "reason")
    )
    cycles = codes().get("base.update_cycle", {})
    context = _Context(one, feeds, entries, reasons, last_heard(one.feeds), cycles, at)
    views = [context.view(table) for table in tables]
    seen = {view.table.casefold() for view in views}
    views += [context.gone(name, *feeds[name]) for name in feeds if name not in seen]
    return views


def _feeds_by_table(one: BoundSource) -> dict[str, tuple[str, Feed]]:
    packs = library()
    found = {}
    for ref in one.feeds:
        feed = packs.feeds()[ref]
        name = feed.shape.file if one.kind == "folder" else feed.shape.table
        found[(name or feed.shape.table or feed.shape.file).casefold()] = (ref, feed)
    return found


@dataclass(frozen=True)
class _Said:
    """What the entry about a table says in force, or as a draft where nothing is in force yet."""

    number: str = ""
    since: datetime | None = None
    """From when what is in force is; None for a draft."""
    items: tuple[Mapping[str, str], ...] = ()
    cycle: str = ""
    """The code of its cycle in force."""


def _entries(one: BoundSource, feeds: Mapping[str, tuple[str, Feed]]) -> dict[str, _Said]:
    """``about`` to what its entry says."""
    abouts = [ref for ref, _ in feeds.values()]
    rows = ListEntry.objects.filter(list="data").exclude(state="withdrawn")
    rows = rows.filter(Q(about__in=abouts) | Q(about__startswith=f"{one.name}:"))
    current = ListEntryVersion.objects.filter(entry__in=rows, active_until=None)
    in_force = {version.entry_id: version for version in current}
    found = {}
    for row in rows:
        version = in_force.get(row.pk)
        values = version.values if version else row.draft or {}
        found[row.about] = _Said(
            row.number,
            version.active_from if version else None,
            tuple(values.get("items", ())),
            str(values.get("cycle", "")) if version else "",
        )
    return found


@dataclass(frozen=True)
class _Context:
    """What one source's tables are compared with."""

    source: BoundSource
    feeds: Mapping[str, tuple[str, Feed]]
    entries: Mapping[str, _Said]
    reasons: Mapping[str, str]
    heard: Mapping[str, datetime]
    cycles: Mapping[str, str]
    at: datetime

    def view(self, table: ScannedTable) -> FoundView:
        ref, feed = self.feeds.get(table.name.casefold(), ("", None))
        about = ref or f"{self.source.name}:{table.name}"
        said = self.entries.get(about, _Said())
        columns = tuple((str(name), str(kind)) for name, kind in table.columns)
        declared = _declared(feed, said)
        actual = {_plain(name) for name, _ in columns}
        state = "catalogued" if said.since else "drafted" if said.number else "missing"
        if not said.number and table.name in self.reasons:
            state = "excluded"
        cycle, is_overdue = self._timing(ref, feed, said)
        return FoundView(
            source=self.source.name,
            organ=self.source.organ,
            table=table.name,
            state=state,
            state_title=STATES[state],
            rows=table.rows,
            columns=columns,
            undeclared=tuple(
                name
                for name, _ in columns
                if not {_plain(name), _plain(name.rpartition("/")[2])} & declared
            ),
            lost=tuple(sorted(_lost(feed, actual))),
            feed=ref,
            entry=said.number,
            cycle=cycle,
            heard_at=self.heard.get(ref),
            is_overdue=is_overdue,
            reason=self.reasons.get(table.name, ""),
            note=table.note,
        )

    def gone(self, name: str, ref: str, feed: Feed) -> FoundView:
        """A table that is declared and was not found."""
        said = self.entries.get(ref, _Said())
        cycle, is_overdue = self._timing(ref, feed, said)
        return FoundView(
            source=self.source.name,
            organ=self.source.organ,
            table=feed.shape.file if self.source.kind == "folder" else feed.shape.table,
            state="gone",
            state_title=STATES["gone"],
            rows=None,
            columns=(),
            undeclared=(),
            lost=(),
            feed=ref,
            entry=said.number,
            cycle=cycle,
            heard_at=self.heard.get(ref),
            is_overdue=is_overdue,
            reason="",
            note="",
        )

    def _timing(self, ref: str, feed: Feed | None, said: _Said) -> tuple[str, bool]:
        """The cycle that is watched, the entry's before the feed's, and whether it has passed.

        A feed that was never heard of is overdue; an entry without one from a cycle after it
        was published.
        """
        own = days_of_duration(feed.cycle) if feed else None
        days = CYCLE_DAYS.get(said.cycle) if said.cycle else own
        title = self.cycles.get(said.cycle, said.cycle) or (feed.cycle if feed else "")
        since = self.heard.get(ref) if feed else said.since
        if days is None:
            return title, False
        return title, since is None or self.at - since > timedelta(days=days) + GRACE


def _declared(feed: Feed | None, said: _Said) -> set[str]:
    """What the feed takes, and what the entry says beyond it."""
    taken = (
        (name for column in feed.columns.values() for name in _names(column.from_)) if feed else ()
    )
    return {_plain(one) for one in (*taken, *(i.get("name") or i["title"] for i in said.items))}


def _lost(feed: Feed | None, actual: set[str]) -> set[str]:
    """Declared columns of which none of the accepted names is there."""
    if feed is None:
        return set()
    last = {name.rpartition("/")[2] for name in actual} | actual
    return {
        _names(column.from_)[0]
        for column in feed.columns.values()
        if not {_plain(name) for name in _names(column.from_)} & last
    }


def _names(from_: str | tuple[str, ...]) -> tuple[str, ...]:
    return (from_,) if isinstance(from_, str) else from_


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
