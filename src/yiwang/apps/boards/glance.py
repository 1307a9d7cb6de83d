"""One look at the stores, shared by every screen that is drawn at the same moment.

Two hundred open screens must not ask two hundred times: what does not depend on the reader is read
once for a glance, and rows of the lake once for each snapshot.
"""

from collections import OrderedDict
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from yiwang.apps.boards.queries.indicators import IndicatorView, indicators
from yiwang.apps.boards.queries.vitals import Past, VitalsView, pasts, vitals
from yiwang.apps.sensing import public as sensing
from yiwang.lake import Lake
from yiwang.lake.store import TableUnknown
from yiwang.packkit import Library

Rows = list[dict[str, Any]]
MOST_KEPT = 256
_kept: OrderedDict[tuple[str, str, str], Rows] = OrderedDict()
_lock = Lock()


class Glance:
    """What all readers of screens see alike at one instant."""

    def __init__(self, *, lake: Lake, library: Library, at: datetime) -> None:
        self.lake, self.library, self.at = lake, library, at
        self._trees: dict[str, VitalsView] = {}

    @cached_property
    def devices(self) -> dict[str, sensing.DeviceView]:
        """Every device with its newest value, by id."""
        return {one.id: one for one in sensing.devices()}

    @cached_property
    def indicators(self) -> dict[str, IndicatorView]:
        """The newest value of every indicator, by reference."""
        return {one.ref: one for one in indicators()}

    @cached_property
    def past(self) -> dict[str, list[Past]]:
        """The values of a month, by indicator."""
        return pasts(at=self.at)

    def vitals(self, ref: str) -> VitalsView:
        """A tree of vital signs."""
        if ref not in self._trees:
            self._trees[ref] = vitals(
                ref, library=self.library, at=self.at, values=self.indicators, past=self.past
            )
        return self._trees[ref]

    def entries(self, table: str) -> Rows:
        """The rows of a table's newest snapshot; none where nobody has filled it."""
        try:
            snapshot = self.lake.snapshots(table)[-1].id
        except TableUnknown:
            return []
        return self.rows(f"SELECT * FROM {table}", {table: snapshot})  # a pack's own table name

    def rows(self, sql: str, sources: dict[str, str]) -> Rows:
        """The rows of a query over named snapshots, which never change."""
        key = (str(id(self.lake)), sql, ",".join(sorted(sources.values())))
        with _lock:
            if key in _kept:
                _kept.move_to_end(key)
                return _kept[key]
        found = self.lake.rows(sql, as_of=sources)
        with _lock:
            _kept[key] = found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        return found
