"""Answering a call: judge, fetch from the serving copy, filter, mask, put on record, hand over."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.counter import Counter, Draft
from yiwang.apps.exchange.gate import Call, Decision, decide
from yiwang.apps.exchange.holding import Held, Holding
from yiwang.kernel import masking
from yiwang.kernel.errors import NotAllowed, Unavailable

PAGE = 1000
"""The most rows one answer holds."""


class CallRefused(NotAllowed):
    """The gate refused a call; ``data`` has the call's number under which it is explained."""

    code = "exchange.call_refused"

    def __init__(self, decision: Decision, *, number: str) -> None:
        super().__init__(
            decision.explanation, hint=decision.hint, reason=decision.code, call=number
        )
        self.status = decision.status  # type: ignore[misc] # the check that failed knows it


class GrantKeepsChanging(Unavailable):
    """The grant was changed again and again while the call was being answered."""

    code = "exchange.grant_keeps_changing"


@dataclass(frozen=True)
class Answer:
    """Rows as the grant lets them out; ``receipt`` is the journal entry's id."""

    call: str
    receipt: str
    table: str
    columns: tuple[str, ...]
    masked: tuple[str, ...]
    rows: list[dict[str, Any]]
    grant: str


class Rates:
    """Calls of each grant within the last second, in this process."""

    def __init__(self) -> None:
        self._calls: dict[int, deque[float]] = {}
        self._lock = threading.Lock()

    def is_exceeded(self, grant: int, limit: int) -> bool:
        """Count a call now and tell whether it is one too many for this second."""
        now = time.monotonic()
        with self._lock:
            calls = self._calls.setdefault(grant, deque())
            while calls and calls[0] <= now - 1:
                calls.popleft()
            if len(calls) >= limit:
                return True
            calls.append(now)
            return False


_holding, _counter, _rates = Holding(), Counter(), Rates()


def answer(call: Call, *, at: datetime) -> Answer:
    """Answer a call or raise ``CallRefused``; either way it is on record before this returns."""
    began = time.perf_counter_ns()
    call = _canonical(call)
    for _ in range(3):
        held = _holding.of(call.key)
        draft, rows = _drafted(call, held, at)
        draft.micros = (time.perf_counter_ns() - began) // 1000
        _counter.settle(draft)
        if not draft.is_stale:
            return _handed_over(draft, rows)
        _holding.forget(call.key)
    raise GrantKeepsChanging("授权正在变更，本次未答复。", hint="请稍后重试。")


def _canonical(call: Call) -> Call:
    """ID numbers and uscc are looked up in capitals: a lower-case x is the same person."""
    where = {
        name: value.strip().upper() if len(value.strip()) == 18 else value.strip()
        for name, value in call.where.items()
    }
    return replace(call, where=where, limit=max(1, min(call.limit, PAGE)))


def _drafted(call: Call, held: Held | None, at: datetime) -> tuple[Draft, list[dict[str, Any]]]:
    too_fast = held is not None and _rates.is_exceeded(held.grant_id, held.terms.rate_per_second)
    decision = decide(
        call,
        held.terms if held else None,
        columns=held.columns if held else {},
        at=at,
        used_today=0,  # the counter reads the day's use in its transaction
        is_rate_exceeded=too_fast,
    )
    draft = Draft(call=call, held=held, decision=decision, at=at)
    if held is None or not decision.is_allowed:
        return draft, []
    fetched = _fetched(call, held, decision, at)
    draft.rows = len(fetched)
    draft.subject = _subject(call, held, fetched)
    draft.masked = _masked_columns(held, decision.columns)
    return draft, [_shown(row, held, decision.columns) for row in fetched]


def _fetched(call: Call, held: Held, decision: Decision, at: datetime) -> list[dict[str, Any]]:
    hidden = (held.subject_column,) if held.subject_column else ()
    columns = tuple(dict.fromkeys((*decision.columns, *held.filter_columns, *hidden)))
    if held.terms.lookup:
        rows = catalog.lake().lookup(
            held.terms.table, where=call.where, columns=columns, limit=call.limit
        )
    else:
        rows = catalog.page(held.terms.table, columns=columns, limit=call.limit, offset=call.offset)
    return [row for row in rows if held.keeps(row, at)]


def _subject(call: Call, held: Held, rows: list[dict[str, Any]]) -> str:
    """Whom the call was about: the one person or firm found, or the one asked for."""
    if not held.subject_column:
        return ""
    if len(rows) == 1:
        return str(rows[0].get(held.subject_column) or "")
    return call.where.get(held.subject_column, "")


def _masked_columns(held: Held, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        name
        for name in columns
        if name not in held.terms.clear
        and masking.is_masked(element=held.columns[name].element, grade=held.columns[name].grade)
    )


def _shown(row: Mapping[str, Any], held: Held, columns: tuple[str, ...]) -> dict[str, Any]:
    shown = {}
    for name in columns:
        term, value = held.columns[name], row.get(name)
        clear = name in held.terms.clear
        shown[name] = (
            value if clear else masking.mask(value, element=term.element, grade=term.grade)
        )
    return shown


def _handed_over(draft: Draft, rows: list[dict[str, Any]]) -> Answer:
    if not draft.decision.is_allowed or draft.held is None:
        raise CallRefused(draft.decision, number=draft.number)
    return Answer(
        call=draft.number,
        receipt=draft.entry,
        table=draft.held.terms.table,
        columns=draft.decision.columns,
        masked=draft.masked,
        rows=rows,
        grant=draft.held.terms.number,
    )
