"""Looking into a department's system, and acting on what was found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.catalog.actions.findings import recheck
from yiwang.apps.catalog.actions.lists import change_entry, draft_entry
from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import NotAResource, ScannedTable, SourceScan
from yiwang.apps.catalog.queries.lists import list_entry
from yiwang.apps.catalog.queries.scans import (
    FoundView,
    ScanUnknown,
    SourceScanned,
    compare,
    may_look,
)
from yiwang.apps.catalog.sources import BoundSource, source, sources
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Invalid
from yiwang.lake import FoundTable, scan

_TYPES = (
    ("bool", "L"),
    ("timestamp", "T"),
    ("datetime", "T"),
    ("date", "D"),
    ("int", "I"),
    ("serial", "I"),
    ("num", "N"),
    ("dec", "N"),
    ("real", "N"),
    ("float", "N"),
    ("double", "N"),
    ("blob", "B"),
    ("bytea", "B"),
    ("binary", "B"),
)


class ReasonForExclusionMissing(Invalid):
    """That a table is no data resource needs a reason others can check."""

    code = "catalog.exclusion_reason_missing"


def ask_for_scan(name: str, *, officer: identity.Actor, at: datetime) -> int:
    """扫描: have a source looked into in the background; returns the number of the job."""
    _require(officer, source(name).organ)
    return jobs.ask("catalog.scan", about=name, params={"source": name}, by=officer.username, at=at)


def scan_source(name: str, *, by: str, at: datetime) -> SourceScanned:
    """Look into a source now and keep what was found, with its counts as they stand."""
    one = source(name)
    plans = [library().feed_plan(ref) for ref in one.feeds]
    return _keep(one, scan(one.binding, plans), by=by, at=at)


@transaction.atomic
def _keep(one: BoundSource, found: Sequence[FoundTable], *, by: str, at: datetime) -> SourceScanned:
    row = SourceScan.objects.create(
        source=one.name,
        organ=one.organ,
        kind=one.kind,
        found=len(found),
        excluded=0,
        catalogued=0,
        columns_found=0,
        columns_declared=0,
        overdue=0,
        scanned_at=at,
        scanned_by=by,
    )
    tables = ScannedTable.objects.bulk_create(
        [
            ScannedTable(
                scan=row,
                name=table.name[:200],
                columns=[[column.name, column.type] for column in table.columns],
                rows=table.rows,
                note=table.note[:300],
            )
            for table in found
        ],
        batch_size=200,
    )
    views = compare(one, tables, at=at)
    kept = [view for view in views if view.state not in ("gone", "excluded")]
    row.excluded = sum(view.state == "excluded" for view in views)
    row.catalogued = sum(view.state == "catalogued" for view in views)
    row.columns_found = sum(len(view.columns) for view in kept)
    row.columns_declared = sum(view.declared for view in kept if view.state == "catalogued")
    row.overdue = sum(view.is_overdue for view in views)
    row.save()
    facts = {"found": row.found, "catalogued": row.catalogued}
    journal.record("catalog.source_scanned", subject=one.name, actor=by, at=at, facts=facts)
    recheck(one.organ, at=at)
    return SourceScanned(row.pk, row.found, row.catalogued)


@transaction.atomic
def register_table(
    *, source_name: str, table: str, title: str, officer: identity.Actor, at: datetime
) -> str:
    """登记: a table that no entry describes becomes a draft of its organ; returns the code."""
    view = _found(source_name, table, at)
    return draft_entry(
        list_name="data",
        organ=view.organ,
        given=_drafted(view, title.strip() or table),
        officer=officer,
        at=at,
        about=f"{source_name}:{table}",
        origin="scan",
    )


@transaction.atomic
def declare_columns(*, source_name: str, table: str, officer: identity.Actor, at: datetime) -> str:
    """写入变更草稿: the columns found and not declared are written into a change of the entry.

    Returns the entry's code. A draft that is being written is added to.
    """
    view = _found(source_name, table, at)
    entry = list_entry(view.entry, actor=officer)
    values = entry.values if entry.draft is None else entry.draft
    kinds = dict(view.columns)
    known = {item.get("name") or item["title"] for item in values.get("items", ())}
    added = [_item(name, kinds[name]) for name in view.undeclared if name not in known]
    given = {**values, "items": [*values.get("items", ()), *added]}
    change_entry(number=entry.number, given=given, officer=officer, at=at)
    return entry.number


def _drafted(view: FoundView, title: str) -> dict[str, Any]:
    return {
        "title": title[:200],
        "class": "3",
        "format": "3" if view.columns and view.columns[0][1] else "2",
        "items": [_item(name, kind) for name, kind in view.columns],
        "share_mode": "1",
        "system": view.source,
    }


def _item(name: str, kind: str) -> dict[str, str]:
    return {"title": name, "type": _type(kind), "name": name}


def _type(kind: str) -> str:
    lower = kind.lower()
    return next((code for word, code in _TYPES if word in lower), "C")


@transaction.atomic
def exclude_table(
    *, source_name: str, table: str, reason: str, officer: identity.Actor, at: datetime
) -> None:
    """认定非资源: a log, a cache, a copy; it counts no longer in the denominator."""
    view = _found(source_name, table, at)
    _require(officer, view.organ)
    if len(reason.strip()) < 2:
        raise ReasonForExclusionMissing(
            "认定为非数据资源要写明理由。", hint="例如：系统日志、缓存表、某表的备份。"
        )
    NotAResource.objects.get_or_create(
        source=source_name,
        table=table,
        lifted_at=None,
        defaults={
            "reason": reason.strip()[:300],
            "judged_at": at,
            "judged_by": officer.username,
        },
    )
    _record("catalog.table_excluded", source_name, table, officer, at)


@transaction.atomic
def lift_exclusion(*, source_name: str, table: str, officer: identity.Actor, at: datetime) -> None:
    """撤销认定: the table counts again."""
    _require(officer, source(source_name).organ)
    NotAResource.objects.filter(source=source_name, table=table, lifted_at=None).update(
        lifted_at=at, lifted_by=officer.username
    )
    _record("catalog.exclusion_lifted", source_name, table, officer, at)


def _found(source_name: str, table: str, at: datetime) -> FoundView:
    one = source(source_name)
    row = SourceScan.objects.filter(source=source_name).order_by("-id").first()
    tables = row.tables.filter(name=table) if row else ScannedTable.objects.none()
    views = [view for view in compare(one, tables, at=at) if view.table == table]
    if not views:
        raise ScanUnknown(
            f"最近一次扫描里没有表“{table}”。", hint="请重新扫描数据源。", table=table
        )
    return views[0]


def _require(officer: identity.Actor, organ: str) -> None:
    if not may_look(officer, organ):
        identity.require(officer, "catalog.scan")


def _record(event: str, name: str, table: str, officer: identity.Actor, at: datetime) -> None:
    journal.record(event, subject=name, actor=officer.username, at=at, facts={"table": table[:200]})


def run_scan(work: jobs.Work) -> jobs.Result:
    """The job: one source."""
    name = str(work.params["source"])
    work.say(0, 1, f"扫描 {name}")
    done = scan_source(name, by=work.by, at=work.at)
    return jobs.Result({"发现表": done.found, "已编目": done.catalogued}, ("steward:scan", name))


def scan_all(at: datetime) -> None:
    """The timetable: every source; one that does not answer leaves the others alone."""
    for name in sources():
        jobs.ask("catalog.scan", about=name, params={"source": name}, by="platform", at=at)
