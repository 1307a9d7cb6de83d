"""What a source hands over: relations of text columns, and the lines that could not be read."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from yiwang.kernel.errors import Conflict, Unavailable
from yiwang.lake.plans import FeedPlan


class SchemaDrift(Conflict):
    """The source has lost or renamed a column; nothing was collected, earlier snapshots stand."""

    code = "lake.schema_drift"


class SourceUnreadable(Unavailable):
    """A file or database cannot be read as what the feed says it is."""

    code = "lake.source_unreadable"


@dataclass(frozen=True)
class Broken:
    """A line that is no row: its place, its text and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Extract:
    """One file or table. ``relation`` is SQL with the text columns named in ``names``.

    ``rows`` is how many the reader counted itself (None for databases). ``first_line`` is where
    the rows begin when the relation has no ``_line`` of its own.
    """

    file: str
    relation: str
    names: Mapping[str, str]
    """The source's column name of each kept column."""
    texts: Mapping[str, str]
    """The SQL of each kept column's text."""
    rows: int | None
    size: int | None = None
    """How many bytes its text takes, if known."""
    first_line: int = 1
    has_lines: bool = False
    broken: Sequence[Broken] = ()
    notes: Sequence[str] = ()
    unused: Sequence[str] = ()
    """Columns that the source has and the plan does not read."""
    careful: Callable[[], Extract] | None = None
    """The same file read line by line, should the engine refuse it."""
    opened: Callable[[], AbstractContextManager[object]] = nullcontext
    """Holds the relation open while it is read, once."""


@dataclass
class Columns:
    """The columns that were found: position and name in the source by kept column name."""

    positions: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)


def plain(name: str) -> str:
    """A column name for comparison: folded width and case, no white space."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return "".join(name.split()).casefold()


def match_columns(plan: FeedPlan, offered: Sequence[Sequence[str]]) -> Columns:
    """Find each column of the plan among the offered ones (each may go by several names)."""
    places: dict[str, list[int]] = {}
    for position, names in enumerate(offered):
        for name in {plain(name) for name in names}:
            places.setdefault(name, []).append(position)
    found = Columns()
    for column in plan.columns:
        for source in () if column.absent else column.sources:
            if where := places.get(plain(source)):
                found.positions[column.name] = where[0]
                found.names[column.name] = source
                if len(where) > 1:
                    found.ambiguous.add(source)
                break
    return found


def require_all(plan: FeedPlan, found: Columns, *, offered: Sequence[str], file: str) -> None:
    """Raise ``SchemaDrift`` naming the columns that are gone and what they may be called now."""
    gone = [c for c in plan.columns if c.name not in found.positions and not c.absent]
    if not gone and not found.ambiguous:
        return
    taken = set(found.names.values())
    free = [name for name in offered if name and name not in taken][:500]
    parts = [f"“{source}”出现多次" for source in sorted(found.ambiguous)]
    for column in gone:
        near = difflib.get_close_matches(column.sources[0], free, n=1, cutoff=0.4)
        likely = f"（可能已改名为“{near[0]}”）" if near else ""
        parts.append(f"缺少“{'”或“'.join(column.sources)}”{likely}")
    raise SchemaDrift(
        f"{plan.name} 的来源 {file} 列有变：{'；'.join(parts)}。未归集，原有快照不变。",
        hint="请与提供部门核对；如确已改名，在 from 中加上新列名（合并表头写 上级/下级）。",
        feed=plan.name,
        file=file,
        missing={column.name: column.sources[0] for column in gone},
        doubled=sorted(found.ambiguous),
        found=free[:100],
    )


def unused_of(found: Columns, offered: Sequence[str]) -> tuple[str, ...]:
    """The offered names that no kept column is read from, at most a hundred."""
    taken = {plain(name) for name in found.names.values()}
    return tuple(name for name in offered if name and plain(name) not in taken)[:100]
