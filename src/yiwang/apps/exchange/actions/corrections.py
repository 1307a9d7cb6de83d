"""A wrong value was corrected: everybody who used it is told which of their calls it was in.

Who used it is read from two ledgers: the journal knows which answered calls and opened files were
about the person or firm, the meter knows who read many rows of the table, or rows about nobody.
Neither holds a value, and neither does what is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.db.models import Q

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.models import CallRecord, Notice
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date

LOOKED_UP, FILE_READ = ("gate.answered", "gate.looked_at"), "subjects.file_read"
RUNNING = ("file", "changes", "push")
"""Forms whose rows leave after the call is on record."""
MOST = 10_000
"""The most entries of the journal about one subject that are gone through."""


@dataclass
class _Use:
    """What one organ did with one table that held the value."""

    moments: dict[str, datetime] = field(default_factory=dict)
    """By the number of the call, or the entry of an opened file."""
    calls: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    is_file: bool = False
    is_page: bool = False

    def add(self, name: str, at: datetime, *, case: str, purpose: str, is_call: bool) -> None:
        """One use more, which both ledgers may know."""
        if name in self.moments:
            return
        self.moments[name] = at
        self.calls += [name] if is_call else []
        self.cases += [case] if case else []
        self.purposes += [purpose] if purpose else []


@transaction.atomic
def check_objection(
    number: str,
    *,
    verdict: Literal["corrected", "kept", "again"],
    officer: identity.Officer,
    at: datetime,
    reason: str = "",
) -> catalog.ObjectionView:
    """核对异议: the bureau's verdict; a correction is asked to be carried and told to its users."""
    found = catalog.check_objection(number, verdict=verdict, officer=officer, at=at, reason=reason)
    if found.state == "corrected":
        spread_correction(number, by=officer.username, at=at)
    return found


def spread_correction(number: str, *, by: str, at: datetime) -> int:
    """Ask for the correction to be carried into every copy, and tell who used the wrong value."""
    jobs.ask(catalog.CARRY, about=number, params={}, by=by, at=at)
    return tell_users(number, at=at)


@transaction.atomic
def tell_users(number: str, *, at: datetime) -> int:
    """告知使用机构: one notice for each organ and table, told once."""
    contested = catalog.contested(number)
    uses: dict[tuple[str, str, str], _Use] = {}
    for table, column in contested.places:
        _looked_up(uses, contested.subject, table, column)
        _paged(uses, table, column)
    fresh = [
        _notice(number, organ, table, column, use, at)
        for (organ, table, column), use in uses.items()
        if organ and organ != contested.provider
    ]
    known = set(
        Notice.objects.filter(kind=Notice.Kind.CORRECTION, reference=number).values_list(
            "organ", "table"
        )
    )
    fresh = [row for row in fresh if (row.organ, row.table) not in known]
    Notice.objects.bulk_create(fresh)
    for row in fresh:
        journal.record(
            "exchange.users_told",
            subject=number,
            actor="exchange",
            at=at,
            case=number,
            facts={"organ": row.organ, "table": row.table, "calls": len(row.calls)},
        )
    return len(fresh)


def _looked_up(
    uses: dict[tuple[str, str, str], _Use], subject: str, table: str, column: str
) -> None:
    """Answered look-ups and opened files about the subject."""
    if not subject:
        return
    for event in (*LOOKED_UP, FILE_READ):
        for entry in journal.entries(subject=subject, event=event, limit=MOST):
            tables = str(entry.facts.get("table", "")).split(",")
            columns = str(entry.facts.get("columns", "")).split(",")
            is_call = event in LOOKED_UP
            if table not in tables or (is_call and column not in columns):
                continue
            use = uses.setdefault((str(entry.facts.get("organ", "")), table, column), _Use())
            use.is_file |= not is_call
            use.add(
                str(entry.facts["call"]) if is_call else entry.id, entry.at,
                case=entry.case, purpose=entry.purpose, is_call=is_call,
            )  # fmt: skip


def _paged(uses: dict[tuple[str, str, str], _Use], table: str, column: str) -> None:
    """Calls that may have held the row: of many rows, or looked up in a table about nobody.

    What broke off counts with the rows that had left; a file without a size was killed or still
    runs. Calls recorded without columns had all of their grant.
    """
    left = Q(rows__gt=0) | Q(code="allowed", form__in=RUNNING, bytes_out=0)
    rows = CallRecord.objects.filter(left, grant__table=table, code__in=("allowed", "broken"))
    if catalog.subject_column(table):
        rows = rows.filter(lookup=[]).exclude(form="batch")  # the journal knows about whom
    for row in rows.select_related("grant").order_by("-pk").iterator():
        assert row.grant is not None
        if column in (row.columns or row.grant.columns):
            use = uses.setdefault((row.organ, table, column), _Use())
            use.is_page = True
            use.add(row.number, row.at, case=row.case, purpose=row.purpose, is_call=True)


def _notice(number: str, organ: str, table: str, column: str, use: _Use, at: datetime) -> Notice:
    titles = {one.name: one.title for one in catalog.columns_of(table)}
    dataset = catalog.dataset(table).title
    days = sorted({local_date(moment).isoformat() for moment in use.moments.values()})
    span = days[0] if len(days) == 1 else f"{days[0]} 至 {days[-1]}"
    how = "打开档案" if use.is_file and not use.calls else "调用"
    maybe = "（成批读取，可能含这一行）" if use.is_page else ""
    cases = _some(use.cases)
    text = (
        f"贵机构 {span} {how} {len(use.moments)} 次取得的“{dataset}·{titles.get(column, column)}”"
        f"{maybe}中有一个值已更正（异议 {number}）。用途：{_some(use.purposes) or '未注明'}；"
        f"办件：{cases or '未注明'}。请重新调用并复核据此办理的事项。"
    )
    return Notice(
        organ=organ,
        kind=Notice.Kind.CORRECTION,
        table=table,
        column=column,
        reference=number,
        calls=use.calls[:100],
        text=text[:500],
        at=at,
    )


def _some(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    return "、".join(found[:3]) + (f"等 {len(found)} 项" if len(found) > 3 else "")


@transaction.atomic
def read_notices(*, officer: identity.Officer, at: datetime) -> int:
    """阅知: note that the organ has read what it was told."""
    identity.require(officer, "exchange.see")
    unread = Notice.objects.filter(organ=officer.organ, read_at=None)
    count: int = unread.update(read_at=at, read_by=officer.username)
    return count
