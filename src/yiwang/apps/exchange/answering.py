"""Answering calls: judge, fetch, filter, mask, put on record, hand over; many at once.

``answer`` is for one caller of this process, ``Line`` for who collects callers himself (the
gateway). Either way the calls that arrive while others are being recorded share the next turn:
one question to the serving copy, one transaction, one block of the journal.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from yiwang import rules
from yiwang.apps.exchange import counter, fetching
from yiwang.apps.exchange.drafts import Answer, CallRefused, Draft
from yiwang.apps.exchange.gate import PAGE, SINGLE, Call, Proof, Wish, decide
from yiwang.apps.exchange.holding import Held, Holding, digest_of
from yiwang.apps.exchange.signatures import Malformed, examine
from yiwang.apps.exchange.watermark import mark_of
from yiwang.kernel import masking
from yiwang.kernel.errors import Unavailable
from yiwang.kernel.ids import new_ids

_TRIES = 3


class GrantKeepsChanging(Unavailable):
    """The grant was changed again and again while the call was being answered."""

    code = "exchange.grant_keeps_changing"


_holding = Holding()


def answer(call: Call, *, at: datetime) -> Answer:
    """应答: rows as the grant lets them out, when they are on record; or ``CallRefused``."""
    draft = Draft(call, at)
    _line.settle(draft)
    return draft.answer()


class Line:
    """Callers of one process in a line: whoever's turn comes settles all who wait.

    Group commit without a thread of its own: those behind find their call settled.
    """

    def __init__(self) -> None:
        self._pile: list[Draft] = []
        self._pile_lock = threading.Lock()
        self._turn = threading.Lock()

    def settle(self, draft: Draft) -> None:
        """Return when the call is on record."""
        with self._pile_lock:
            self._pile.append(draft)
        with self._turn:
            if draft.decision is None and draft.error is None:
                with self._pile_lock:
                    batch, self._pile = self._pile, []
                settle(batch)


_line = Line()


def settle(drafts: Sequence[Draft]) -> None:
    """Answer calls together; each ends with a decision on record, or with its own error."""
    began, count = time.perf_counter_ns(), len(drafts)
    for draft, number, entry in zip(drafts, new_ids(count), new_ids(count), strict=True):
        draft.began, draft.number, draft.entry = began, number, entry
        draft.call = _canonical(draft.call)
        draft.digest = draft.signed.keyid if draft.signed else _digest(draft.call.key)
    waiting = list(drafts)
    try:
        for _ in range(_TRIES):
            waiting = _tried(waiting)
            if not waiting:
                return
            for draft in waiting:
                _holding.forget(draft.digest)
                draft.is_stale = False
        raise GrantKeepsChanging("授权正在变更，本次未答复。", hint="请稍后重试。")
    except BaseException as error:  # every waiting caller must hear of it
        for draft in waiting:
            draft.error = error


def _tried(drafts: list[Draft]) -> list[Draft]:
    """One round; returns the calls whose grant has changed meanwhile."""
    held = _holding.of(draft.digest for draft in drafts)
    for draft in drafts:
        _judge(draft, held.get(draft.digest))
    _deliver([draft for draft in drafts if draft.is_allowed])
    now = time.perf_counter_ns()
    for draft in drafts:
        draft.micros = (now - draft.began) // 1000
    counter.record(drafts)
    return [draft for draft in drafts if draft.is_stale]


def _digest(secret: str) -> str:
    return digest_of(secret) if secret else ""


def _canonical(call: Call) -> Call:
    """ID numbers and uscc are looked up in capitals: a lower-case x is the same person."""
    limit = max(1, min(call.limit, PAGE))
    where = {name: canonical(value) for name, value in call.where.items()}
    keys = tuple(dict.fromkeys(canonical(key) for key in call.keys))
    if limit == call.limit and where == call.where and keys == call.keys:
        return call
    return replace(call, where=where, keys=keys, limit=limit)


def canonical(value: str) -> str:
    """A key as the tables hold it."""
    value = value.strip()
    return value.upper() if len(value) == 18 else value


def _judge(draft: Draft, held: Held | None) -> None:
    draft.held, draft.rows, draft.wish, draft.subjects, draft.stale = held, [], Wish(), (), ""
    if draft.signed is not None:
        draft.proof = _proof(draft, held)
    if draft.call.filter and held:
        draft.wish = _wish(draft.call, held)
    draft.decision = decide(
        draft.call,
        held.terms if held else None,
        columns=held.columns if held else {},
        at=draft.at,
        used_today=0,  # the counter reads the day's use in its transaction
        proof=draft.proof,
        wish=draft.wish,
        passed=held.passed if held else None,
    )


def _proof(draft: Draft, held: Held | None) -> Proof:
    assert draft.signed is not None
    if held is None:  # nobody's key: all that can be said is whether it can be read
        return Proof("signed", "malformed" if isinstance(draft.signed, Malformed) else "")
    return examine(draft.signed, kind=held.kind, public=held.public, at=draft.at)


def _wish(call: Call, held: Held) -> Wish:
    """The caller's filter parsed over the granted columns: any other name is unknown to it."""
    types = {name: held.types[name] for name in held.terms.columns if name in held.types}
    try:
        expression = rules.parse(call.filter, columns=types)  # type: ignore[arg-type]
    except rules.ExpressionRefused as refused:
        return Wish(fault=f"{refused.message}{refused.hint}")
    if expression.type != "boolean" or expression.code_tables or expression.parameters:
        return Wish(fault="筛选条件应是能判断是否的表达式，例如 sex = '2'。")
    return Wish(reads=expression.columns)


def _deliver(drafts: Sequence[Draft]) -> None:
    """Fetch what was allowed, table by table; one that fails does not fail the others."""
    by_table: dict[tuple[int, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        assert draft.held is not None
        by_table[draft.held.grant_id, draft.call.shape].append(draft)
    for together in by_table.values():
        fetching.fetch(together)
        for draft in together:
            if draft.is_allowed:
                _mask(draft)


def _mask(draft: Draft) -> None:
    held, columns = draft.held, draft.verdict.columns
    assert held is not None
    draft.subjects = _subjects(draft.call, held, draft.rows)
    draft.masked = tuple([name for name in columns if name in held.masks])
    mark = mark_of(draft.number) if draft.call.shape != "lookup" else None
    draft.mark = mark.told if mark else ""
    masks = [(name, held.masks[name]) for name in draft.masked]
    rows = [{name: row.get(name) for name in columns} for row in draft.rows]
    for name, term in masks:
        for shown in rows:
            shown[name] = masking.mask(shown[name], element=term.element, grade=term.grade)
    if mark:
        _hide(mark.hidden, rows, draft.masked)
    draft.rows = rows
    if draft.encode:
        draft.body = draft.encode(draft.answer())


def _hide(hidden: str, rows: Iterable[dict[str, Any]], masked: Sequence[str]) -> None:
    """The mark behind the first masked text of every eighth row, the first row included."""
    for place, row in enumerate(rows):
        if place % 8 == 0:
            for name in masked:
                if isinstance(row[name], str):
                    row[name] += hidden
                    break


def _subjects(call: Call, held: Held, rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Whom the call was about: the persons or firms found by key, or the one asked for."""
    column = held.subject_column
    if not column:
        return ()
    if len(rows) == 1:
        alone = rows[0].get(column)
        return (str(alone),) if alone else ()
    if call.shape not in SINGLE:
        return ()
    found = tuple(dict.fromkeys([str(row[column]) for row in rows if row.get(column)]))
    asked = call.where.get(column, "")
    return found or ((asked,) if asked else ())


__all__ = ["PAGE", "Answer", "CallRefused", "GrantKeepsChanging", "Line", "answer", "settle"]
