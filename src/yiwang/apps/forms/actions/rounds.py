"""Open a round of a report: one row per division, prefilled with what is known of it."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.actions.listing import list_entries
from yiwang.apps.forms.actions.offering import said_by
from yiwang.apps.forms.models import Report, ReportedValue, ReportRound, ReportRow
from yiwang.apps.forms.reporting import REPORTED, content_of, kept, label_of
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict
from yiwang.kernel.limits import Limit
from yiwang.lake.store import TableUnknown
from yiwang.packkit import Library
from yiwang.packkit.kinds.reports import Report as Content

Known = dict[str, dict[str, Any]]
"""Division to field to value."""


class RoundAlreadyOpen(Conflict):
    """The report has a round for this period."""

    code = "forms.round_already_open"


@transaction.atomic
def install_reports(library: Library, *, at: datetime) -> int:
    """Take over the reports of the packs as issued by their organs; returns how many are new."""
    new = 0
    declared = library.reports()
    for ref, content in declared.items():
        row, is_new = Report.objects.get_or_create(
            ref=ref,
            defaults={
                "title": content.title,
                "organ": content.organ,
                "period": content.period,
                "origin": "pack",
                "content": msgspec.to_builtins(content),
                "state": Report.State.ISSUED,
                "created_at": at,
                "created_by": "pack",
                "issued_at": at,
            },
        )
        if not is_new and row.content != msgspec.to_builtins(content):
            row.title, row.organ, row.period = content.title, content.organ, content.period
            row.content = msgspec.to_builtins(content)
            row.save()
        new += is_new
    gone = Report.objects.filter(origin="pack", state="issued").exclude(ref__in=declared)
    gone.update(state=Report.State.WITHDRAWN)
    return new


def open_due_rounds(at: datetime) -> int:
    """Open the round of the present period of every issued report; returns how many were new.

    Rounds that are open already take what was corrected in the tables since.
    """
    _recount(at)
    _renew(at)
    opened = 0
    for row in Report.objects.filter(state=Report.State.ISSUED).order_by("ref"):
        label = label_of(row.period, local_date(at))
        if not row.rounds.filter(label=label).exists():
            open_round(row.ref, by="system", at=at)
            opened += 1
    return opened


@transaction.atomic
def _recount(at: datetime) -> None:
    """Count limits again whose year was announced since; only then do they come out otherwise."""
    for row in ReportRound.objects.select_for_update().filter(due_at__gte=at).order_by("pk"):
        due = _due(content_of(row.content), row.opened_at)
        if due != row.due_at:
            row.due_at = due
            row.save(update_fields=["due_at"])
            facts = {"period": row.label, "due": due.isoformat()}
            journal.record(
                "report.recounted", subject=row.report.ref, actor="system", at=at, facts=facts
            )


@transaction.atomic
def _renew(at: datetime) -> None:
    """Values that open rounds took from tables follow the tables; what was asked stays asked."""
    for held in ReportRound.objects.select_for_update().filter(due_at__gte=at).order_by("pk"):
        content = content_of(held.content)
        known, sources = ({}, {}) if content.roster else _known_in_lake(content)
        if sources == held.sources:
            continue
        renewed = []
        for row in held.rows.all():
            fresh = known.get(row.division, {})
            values = {name: fresh.get(name, value) for name, value in row.known.items()}
            if values != row.known:
                row.known = values
                renewed.append(row)
        ReportRow.objects.bulk_update(renewed, ["known"], batch_size=500)
        held.sources = sources
        held.save(update_fields=["sources"])
        if renewed:
            facts = {"period": held.label, "rows": len(renewed)}
            journal.record(
                "report.renewed", subject=held.report.ref, actor="system", at=at, facts=facts
            )


def _due(content: Content, at: datetime) -> datetime:
    return Limit.parse(content.limit).due(at, place.library().calendar)


@transaction.atomic
def open_round(ref: str, *, by: str, at: datetime) -> int:
    """开始一期: a row for every division, prefilled; who is asked nothing is done at once."""
    report = Report.objects.select_for_update().get(ref=ref)
    content, label = content_of(report.content), label_of(report.period, local_date(at))
    if report.rounds.filter(label=label).exists():
        raise RoundAlreadyOpen(
            f"“{report.title}”的 {label} 期已经开始。", hint="请打开已有的一期。", report=ref
        )
    known, sources = ({}, {}) if content.roster else _known_in_lake(content)
    row = ReportRound.objects.create(
        report=report,
        label=label,
        content=report.content,
        sources=sources,
        opened_at=at,
        due_at=_due(content, at),
    )
    rows = _rows(row, content, known, at)
    ReportRow.objects.bulk_create(rows, batch_size=500)
    if content.roster:
        list_entries(row, content, by=by, at=at)
    journal.record(
        "report.opened", subject=ref, actor=by, at=at, facts={"period": label, "rows": len(rows)}
    )
    return row.pk


def _rows(row: ReportRound, content: Content, known: Known, at: datetime) -> list[ReportRow]:
    """A row for every division; that of a list is empty until its lines are drawn."""
    taken, origins = ({}, {}) if content.roster else _known_from_reports(content, on=local_date(at))
    rows = []
    for one in place.reporting_divisions(content.tier):
        held = {**taken.get(one.code, {}), **known.get(one.code, {})}
        asked = 0 if content.roster else len(content.fields.keys() - held.keys())
        is_done = not asked and not content.roster
        rows.append(
            ReportRow(
                round=row,
                division=one.code,
                known=held,
                origins=origins.get(one.code, {}),
                asked=asked,
                filled_at=at if is_done else None,
                filled_by="system" if is_done else None,
            )
        )
    return rows


def begin_round(*, ref: str, officer: identity.Officer, at: datetime) -> int:
    """The officer's organ opens the present round of its own report; returns the round."""
    row = Report.objects.filter(ref=ref).first()
    identity.require(officer, "forms.design", organ=row.organ if row else "")
    return open_round(ref, by=officer.username, at=at)


def _known_in_lake(content: Content) -> tuple[Known, dict[str, str]]:
    """What the catalogue's tables know of each division, and the snapshots read."""
    wanted: dict[str, dict[str, str]] = {}
    for name, field in content.fields.items():
        if field.prefill and not field.prefill.startswith(REPORTED):
            table, _, column = field.prefill.rpartition(".")
            wanted.setdefault(table, {})[name] = column
    known: Known = {}
    sources: dict[str, str] = {}
    lake = catalog.lake()
    for table, columns in wanted.items():
        pack, _, name = table.partition(".")
        chosen = ", ".join(f'"{column}"' for column in sorted({"division", *columns.values()}))
        try:
            sources[table] = str(lake.snapshots(table)[-1].id)
            rows = lake.rows(f'SELECT {chosen} FROM "{pack}"."{name}"')  # noqa: S608 - names come from checked packs and the catalogue
        except TableUnknown:
            continue  # nothing published yet: its columns are asked this time
        for row in rows:
            held = known.setdefault(str(row["division"]), {})
            held |= {f: kept(row[c]) for f, c in columns.items() if row[c] is not None}
    return known, sources


def _known_from_reports(content: Content, *, on: date) -> tuple[Known, Known]:
    """What divisions answered to other reports lately, and where each value comes from."""
    wanted = {
        field.prefill.removeprefix(REPORTED): name
        for name, field in content.fields.items()
        if field.prefill.startswith(REPORTED)
    }
    known: Known = {}
    origins: Known = {}
    since = on - timedelta(days=place.parameter(place.KEPT_DAYS, on=on))
    rows = ReportedValue.objects.filter(element__in=wanted, reported_at__date__gte=since)
    for row in rows.select_related("report"):
        name = wanted[row.element]
        known.setdefault(row.division, {})[name] = row.value
        origins.setdefault(row.division, {})[name] = said_by(row.report, row.reported_at)
    return known, origins
