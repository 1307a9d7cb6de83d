"""The counter: every call is metered and journalled, and the answer waits until both are durable.

Group commit without a thread of its own: a caller puts its call on the pile and waits for its
turn; whoever's turn comes commits the whole pile in one transaction and one journal block, and
those behind it find their call settled. In that transaction the grant's version and the day's
quota are read again, so several gate processes share one quota and none outlives a withdrawal.
"""

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from django.db import transaction

from yiwang.apps.exchange.gate import Call, Decision, decide
from yiwang.apps.exchange.holding import Held
from yiwang.apps.exchange.models import CallRecord, DailyUse, Grant
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.ids import new_id


@dataclass
class Draft:
    """A judged call on its way to the record. ``rows`` counts what would be delivered."""

    call: Call
    held: Held | None
    decision: Decision
    at: datetime
    subject: str = ""
    rows: int = 0
    masked: tuple[str, ...] = ()
    micros: int = 0
    number: str = field(default_factory=new_id)
    entry: str = ""
    is_stale: bool = False
    is_settled: bool = False
    error: BaseException | None = None

    @property
    def place(self) -> tuple[int, date]:
        """The grant and local day on which the call counts."""
        return (self.held.grant_id if self.held else 0, local_date(self.at))


class Counter:
    """One per process; ``settle`` returns when the call is on record."""

    def __init__(self) -> None:
        self._pile: list[Draft] = []
        self._pile_lock = threading.Lock()
        self._turn = threading.Lock()

    def settle(self, draft: Draft) -> None:
        """Put the call on record; afterwards ``decision`` is final, or ``is_stale`` is set."""
        with self._pile_lock:
            self._pile.append(draft)
        with self._turn:
            if not draft.is_settled:
                with self._pile_lock:
                    batch, self._pile = self._pile, []
                _settle_batch(batch)
        if draft.error is not None:
            raise draft.error


def _settle_batch(batch: Sequence[Draft]) -> None:
    try:
        _commit(batch)
    except BaseException as error:  # every waiting caller must hear of it
        for draft in batch:
            draft.error = error
    finally:
        for draft in batch:
            draft.is_settled = True


def _commit(batch: Sequence[Draft]) -> None:
    entries = {draft.number: _entry_id() for draft in batch}
    with transaction.atomic():
        _mark_stale(batch)
        recorded = [draft for draft in batch if not draft.is_stale]
        _count(recorded)
        for draft in recorded:
            draft.entry = entries[draft.number]
        CallRecord.objects.bulk_create([_record(draft) for draft in recorded])
    if recorded:
        journal.append([_journal_entry(draft) for draft in recorded])


def _entry_id() -> str:
    return new_id()


def _mark_stale(batch: Sequence[Draft]) -> None:
    ids = {draft.held.grant_id for draft in batch if draft.held}
    versions = dict(Grant.objects.filter(pk__in=ids).values_list("pk", "version")) if ids else {}
    for draft in batch:
        if draft.held and versions.get(draft.held.grant_id) != draft.held.terms.version:
            draft.is_stale = True


def _count(drafts: Sequence[Draft]) -> None:
    """Count the allowed calls on their day; those beyond the quota become refusals."""
    wanted = {draft.place for draft in drafts if draft.held and draft.decision.is_allowed}
    if not wanted:
        return
    rows = DailyUse.objects.filter(
        grant__in={grant for grant, _ in wanted}, day__in={day for _, day in wanted}
    )
    used = {(row.grant_id, row.day): row.calls for row in rows}
    for draft in drafts:
        if draft.held is None or not draft.decision.is_allowed:
            continue
        so_far = used.get(draft.place, 0)
        if so_far >= draft.held.terms.quota_per_day:
            draft.decision = decide(
                draft.call,
                draft.held.terms,
                columns=draft.held.columns,
                at=draft.at,
                used_today=so_far,
            )
            draft.rows, draft.masked = 0, ()
        else:
            used[draft.place] = so_far + 1
    DailyUse.objects.bulk_create(
        [DailyUse(grant_id=grant, day=day, calls=used[grant, day]) for grant, day in wanted],
        update_conflicts=True,
        unique_fields=["grant", "day"],
        update_fields=["calls"],
    )


def _record(draft: Draft) -> CallRecord:
    held, known = draft.held, draft.held.columns if draft.held else {}
    return CallRecord(
        number=draft.number,
        grant_id=held.grant_id if held else None,
        organ=held.terms.organ if held else "",
        table=held.terms.table if held else "",
        columns=[name for name in draft.call.columns if name in known],
        lookup=sorted(name for name in draft.call.where if name in known),
        purpose=draft.call.purpose if _is_granted_purpose(draft) else "",
        case=draft.call.case[:64],
        code=draft.decision.code,
        status=draft.decision.status,
        checks=[asdict(check) for check in draft.decision.checks],
        rows=draft.rows,
        masked=list(draft.masked),
        micros=draft.micros,
        entry=draft.entry,
        at=draft.at,
    )


def _is_granted_purpose(draft: Draft) -> bool:
    """Only a granted purpose is kept: free text from outside may hold a personal value."""
    return draft.held is not None and draft.call.purpose == draft.held.terms.purpose


def _journal_entry(draft: Draft) -> journal.Entry:
    held = draft.held
    return journal.Entry(
        id=draft.entry,
        at=draft.at,
        event="gate.answered" if draft.decision.is_allowed else "gate.refused",
        subject=draft.subject or (held.terms.table if held else ""),
        actor=f"{held.terms.organ}/{held.shown}" if held else "",
        purpose=draft.call.purpose if _is_granted_purpose(draft) else "",
        case=draft.call.case[:64],
        facts={
            "call": draft.number,
            "grant": held.terms.number if held else "",
            "organ": held.terms.organ if held else "",
            "table": held.terms.table if held else "",
            "columns": ",".join(draft.decision.columns),
            "code": draft.decision.code,
            "rows": draft.rows,
        },
    )
