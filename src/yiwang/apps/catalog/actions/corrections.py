"""更正: what was decided reaches every copy, and lasts until the source says the same.

A collection replaces a feed by what the source holds, the wrong value too. So after each one the
corrections that the source does not yet agree with are made again, as a snapshot of their own,
and the tables made of that feed are published anew. When a collection brings the corrected value
by itself the correction is settled and never applied again.
"""

from collections.abc import Sequence
from datetime import datetime

from yiwang.apps.catalog.actions.publications import republish
from yiwang.apps.catalog.models import Correction
from yiwang.apps.catalog.serving import lake
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.lake import Amendment, Lake
from yiwang.lake.store import TableUnknown

CARRY = "catalog.carry_corrections"
"""The job that carries corrections."""


def run_carrying(work: jobs.Work) -> jobs.Result:
    """The job: carry what waits; ``about`` is the objection for whose sake it was asked."""
    renewed = carry_corrections(at=work.at)
    return jobs.Result(counts={"更新的表": len(renewed)})


def carry_corrections(*, at: datetime, feed: str = "") -> list[str]:
    """落实更正: bring open corrections into their feeds and all that is made of them.

    Returns the tables renewed. Idempotent; called after a decision, after each collection, and
    by the timetable.
    """
    waiting: dict[str, list[Correction]] = {}
    rows = Correction.objects.filter(settled_at=None).exclude(feed="").select_related("objection")
    for row in rows.filter(feed=feed) if feed else rows:
        waiting.setdefault(row.feed, []).append(row)
    renewed = [name for name, some in waiting.items() if _carried(name, some, at)]
    renewed += republish(renewed, at=at) if renewed else []
    _settle_computed(at)
    return renewed


def _carried(feed: str, rows: Sequence[Correction], at: datetime) -> bool:
    """Settle what the source agrees with, amend the feed by the rest; whether it was amended."""
    store = lake()
    try:
        latest = store.snapshots(feed)[-1]
    except TableUnknown:
        return False
    if all(row.snapshot == latest.id for row in rows):
        return False
    open_rows = [row for row in rows if not _agreed(store, row, at)]
    if not open_rows:
        return False
    amendments = [
        Amendment(key=row.key, column=row.column, value=row.value or None) for row in open_rows
    ]
    snapshot = store.amend(feed, amendments, at=max(at, latest.at))
    Correction.objects.filter(pk__in=[row.pk for row in open_rows]).update(
        snapshot=snapshot, carried_at=at
    )
    for row in open_rows:
        _note("catalog.correction_carried", row, at)
    return True


def _agreed(store: Lake, row: Correction, at: datetime) -> bool:
    """Whether the source's own delivery has the corrected value; then the correction is settled."""
    latest = store.snapshots(row.feed)[-1]
    if not latest.run or not _holds(store, row.feed, row):
        return False  # an amendment says what we said: that is no agreement
    _settle(row, at)
    return True


def _holds(store: Lake, table: str, row: Correction) -> bool:
    key = row.key if table == row.feed else row.objection.key
    column = row.column if table == row.feed else row.objection.column
    pack, _, name = table.partition(".")
    where = " AND ".join(f'UPPER(CAST("{one}" AS VARCHAR)) = UPPER(${one})' for one in key)
    sql = (
        f'SELECT COUNT(*) AS n, COUNT(CASE WHEN CAST("{column}" AS VARCHAR) = $_value THEN 1 END) '  # noqa: S608 - names come from the catalogue
        f'AS same FROM "{pack}"."{name}" WHERE {where}'
    )
    (found,) = store.rows(sql, values={**key, "_value": row.value})
    return bool(found["n"]) and found["n"] == found["same"]


def _settle_computed(at: datetime) -> None:
    """A computed value is right when the published table shows it: only the source brings that."""
    for row in Correction.objects.filter(settled_at=None, feed="").select_related("objection"):
        try:
            if _holds(lake(), row.objection.table, row):
                _settle(row, at)
        except TableUnknown:
            continue


def _settle(row: Correction, at: datetime) -> None:
    Correction.objects.filter(pk=row.pk).update(settled_at=at)
    _note("catalog.correction_settled", row, at)


def _note(event: str, row: Correction, at: datetime) -> None:
    number = row.objection.number
    facts = {"feed": row.feed, "column": row.column}
    journal.record(event, subject=number, actor="catalog", at=at, case=number, facts=facts)
