"""Rows straight from the provider's database, where a table is not collected yet.

The consumer asks as ever. A source that does not answer makes the call a refusal that says so, or,
where the grant allows it, an earlier answer of this process that is marked with its instant. Such
answers are kept in memory only, by key, and never longer than the grant says.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.breaker import REST, Breaker
from yiwang.apps.exchange.holding import Held
from yiwang.kernel.errors import Unavailable
from yiwang.lake import Question, SourceDown, ask

KEPT = 20_000
"""The most answers kept for a source that fails later."""
Row = dict[str, Any]

_breakers: dict[str, Breaker] = {}
_kept: OrderedDict[tuple[int, str], tuple[datetime, list[Row]]] = OrderedDict()
_lock = threading.Lock()


class SourceResting(Unavailable):
    """The source failed several times in a row: the gate does not ask it for a while."""

    code = "exchange.source_resting"


class ColumnNotAtSource(Unavailable):
    """The route to the provider's database does not lead to a column of the call."""

    code = "exchange.column_not_at_source"


@dataclass
class AtSource:
    """The table of a grant at its provider, for the calls of one turn.

    ``since`` is the instant of the oldest kept answer that was used; None while the source answers.
    """

    held: Held
    at: datetime
    since: datetime | None = field(default=None, init=False)
    _fault: Unavailable | None = field(default=None, init=False)

    def lookup_each(
        self,
        table: str,
        *,
        by: str,
        values: Sequence[str],
        columns: Sequence[str],
        limit: int,
        most: int | None = None,
    ) -> dict[str, list[Row]]:
        """The rows of many values of one column, in one question; at most ``most`` in all."""
        most = limit * len(values) if most is None else most
        try:
            rows = self._asked({by: values}, columns, most)
        except Unavailable:
            return {value: self._remembered(value) for value in values}
        found: dict[str, list[Row]] = {value: [] for value in values}
        for row in rows:
            if len(found[str(row[by])]) < limit:
                found[str(row[by])].append(row)
        if len(rows) < most:  # else some may be missing
            for value, one in found.items():
                self._remember(value, one)
        return found

    def lookup(
        self, table: str, *, where: Mapping[str, str], columns: Sequence[str], limit: int
    ) -> list[Row]:
        """The rows that match every value."""
        key = "\n".join(f"{name}={where[name]}" for name in sorted(where))
        try:
            rows = self._asked({name: [value] for name, value in where.items()}, columns, limit)
        except Unavailable:
            return self._remembered(key)
        self._remember(key, rows)
        return rows

    def _asked(
        self, where: Mapping[str, Sequence[str]], columns: Sequence[str], limit: int
    ) -> list[Row]:
        route = self.held.route
        assert route is not None
        granted = [name for name in self.held.terms.columns if name in route.columns]
        wanted = dict.fromkeys((*where, *columns, *granted))
        if lost := [name for name in wanted if name not in route.columns]:
            self._fault = ColumnNotAtSource(
                f"直连的来源没有字段 {'、'.join(lost)}。", hint="请联系数据局补充字段对应。"
            )
            raise self._fault
        breaker = _breakers.setdefault(route.source, Breaker())
        if not breaker.may_ask(time.monotonic()):
            self._fault = SourceResting(
                "提供方的数据库连续没有应答，网关暂停询问。", hint=f"请在 {REST:.0f} 秒后重试。"
            )
            raise self._fault
        try:
            rows = ask(
                catalog.source(route.source).binding,
                Question(
                    relation=route.relation,
                    columns={name: route.columns[name] for name in wanted},
                    types=self.held.types,  # type: ignore[arg-type] # of the catalogue
                    where=where,
                    limit=limit,
                ),
            )
        except Unavailable as fault:
            if isinstance(fault, SourceDown):
                breaker.failed(time.monotonic())
            self._fault = fault
            raise
        breaker.worked()
        return rows

    def _remember(self, key: str, rows: list[Row]) -> None:
        if not self.held.terms.stale_minutes:
            return
        with _lock:
            _kept[self.held.grant_id, key] = (self.at, rows)
            _kept.move_to_end((self.held.grant_id, key))
            while len(_kept) > KEPT:
                _kept.popitem(last=False)

    def _remembered(self, key: str) -> list[Row]:
        """An earlier answer where the grant allows one; else the source's failure."""
        oldest = self.at - timedelta(minutes=self.held.terms.stale_minutes)
        with _lock:
            kept = _kept.get((self.held.grant_id, key))
        if kept is None or kept[0] < oldest or not self.held.terms.stale_minutes:
            assert self._fault is not None
            raise self._fault
        self.since = min(self.since or kept[0], kept[0])
        return kept[1]


def forget_kept() -> None:
    """Forget every kept answer and every failure: a route has changed, or a test ends."""
    with _lock:
        _kept.clear()
    _breakers.clear()
