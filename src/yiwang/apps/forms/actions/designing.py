"""Design a report, have it held against what is known and asked already, issue it or stop it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from django.db import transaction
from django.db.models import Q

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.models import Report, ReportRefusal
from yiwang.apps.forms.overlap import Words, nearest, plain
from yiwang.apps.forms.queries.listable import ListedTable, listed_table
from yiwang.apps.forms.queries.reports import ReportView, own_report, report_view
from yiwang.apps.forms.reporting import (
    DIVISION,
    PERIODS,
    REPORTED,
    asked_fields,
    content_of,
    element_of,
    given_fields,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.reports import Report as Content
from yiwang.packkit.kinds.reports import ReportField
from yiwang.packkit.kinds.shared import Type

MOST_FIELDS = 60
MOST_SENSITIVE = 2
"""Columns of a higher grade are not offered to reports."""


class ReportMalformed(Invalid):
    """A report without a title, a period or a column."""

    code = "forms.report_malformed"


class ReportNotDraft(Conflict):
    """Only a draft can be changed or issued."""

    code = "forms.report_not_draft"


class AsksAgain(Conflict):
    """The report asks what is known or was asked already; ``data["fields"]`` says where."""

    code = "forms.asks_again"


@dataclass(frozen=True)
class Again:
    """A column that need not be asked: where its value is, and what to write instead."""

    field: str
    title: str
    other: str
    other_title: str
    prefill: str


@transaction.atomic
def draft_report(
    *,
    title: str,
    period: str,
    fields: Sequence[ReportField],
    officer: identity.Officer,
    at: datetime,
    origin: str = "page",
    roster: str = "",
) -> str:
    """编制报表: begin a draft of the officer's organ; returns its number.

    With ``roster``, a table of the organ, it is a list: a line for each person or object there.
    """
    identity.require(officer, "forms.design")
    year = local_date(at).year
    count = Report.objects.filter(ref__startswith=f"BB{year}-").count()
    content = _content(title, period, officer.organ, fields, roster)
    row = Report.objects.create(
        ref=f"BB{year}-{count + 1:04}",
        title=content.title,
        organ=officer.organ,
        period=period,
        origin=origin,
        content=msgspec.to_builtins(content),
        created_at=at,
        created_by=officer.username,
    )
    _note("report.drafted", row, officer.username, at)
    return row.ref


@transaction.atomic
def change_report(
    *, ref: str, fields: Sequence[ReportField], officer: identity.Officer, at: datetime
) -> ReportView:
    """改报表: give a draft other columns."""
    row = _draft(ref, officer)
    roster = content_of(row.content).roster
    content = _content(row.title, row.period, row.organ, fields, roster)
    row.content = msgspec.to_builtins(content)
    row.save(update_fields=["content"])
    _note("report.changed", row, officer.username, at)
    return report_view(row)


def asked_again(content: Content, *, ref: str, at: datetime) -> list[Again]:
    """The columns of a report that the catalogue knows, or that another report asks these days.

    Only what is of the report's own grain is held against it: see ``reporting``.
    """
    words, on = place.words(), local_date(at)
    least = place.parameter(place.ALIKE, on=on)
    known = _known_to_catalog(content)
    since = at - timedelta(days=place.parameter(place.AGAIN_DAYS, on=on))
    asked = _asked_since(since, content, except_for=ref, words=words)
    plain_known = {path: plain(title, words) for path, (title, _) in known.items()}
    plain_asked = {element: plain(element, words) for element in asked}
    found = []
    for name, field in asked_fields(content).items():
        mine = element_of(field, words)
        if path := nearest(field.title, plain_known, words=words, least=least):
            found.append(Again(name, field.title, path, known[path][1], path))
        elif element := nearest(mine, plain_asked, words=words, least=least):
            other, title = asked[element]
            found.append(Again(name, field.title, other, title, f"{REPORTED}{element}"))
    return found


def _known_to_catalog(content: Content) -> dict[str, tuple[str, str]]:
    """Path to title, and to the table with it: of divisions, or of the persons of the list."""
    if content.roster:
        if (table := listed_table(content.roster, content.organ)) is None:
            return {}
        ref, title = table.ref, table.title
        return {f"{ref}.{one.name}": (one.title, f"{title}·{one.title}") for one in table.columns}
    return {
        one.path: (one.title, f"{one.table_title}·{one.title}")
        for one in catalog.columns_keyed_by(DIVISION)
        if one.grade <= MOST_SENSITIVE
    }


def _asked_since(
    since: datetime, content: Content, *, except_for: str, words: Words
) -> dict[str, tuple[str, str]]:
    """What others of the same grain asked since an instant: element to report and titles.

    One that was withdrawn has asked all the same, once a round was opened. Of a list, a report of
    divisions may take what is added up; a list may take from lists of the same table, line by
    line.
    """
    lately = Q(rounds__opened_at__gte=since)
    others = Report.objects.filter(
        Q(state=Report.State.ISSUED) & (lately | Q(issued_at__gte=since))
        | Q(state=Report.State.WITHDRAWN) & lately
    )
    found: dict[str, tuple[str, str]] = {}
    for row in others.exclude(ref=except_for).order_by("issued_at").distinct():
        other = content_of(row.content)
        if content.roster not in ("", other.roster):
            continue
        fields = asked_fields(other) if content.roster else given_fields(other)
        added_up = "（逐条合计）" if other.roster and not content.roster else ""
        for field in fields.values():
            told = f"{row.title}·{field.title}{added_up}"
            found.setdefault(element_of(field, words), (row.ref, told))
    return found


def issue_report(*, ref: str, officer: identity.Officer, at: datetime) -> ReportView:
    """下发报表: let a draft out, unless it asks again; what it asked again is put on record."""
    row = _draft(ref, officer)
    again = asked_again(content_of(row.content), ref=ref, at=at)
    if again:
        _refuse(row, again, officer, at)
    with transaction.atomic():
        row = Report.objects.select_for_update().get(pk=row.pk)
        row.state, row.issued_at = Report.State.ISSUED, at
        row.save(update_fields=["state", "issued_at"])
        _note("report.issued", row, officer.username, at)
    return report_view(row)


def _refuse(row: Report, again: Sequence[Again], officer: identity.Officer, at: datetime) -> None:
    with transaction.atomic():  # stays on record although the issue is refused
        for one in again:
            ReportRefusal.objects.update_or_create(
                report=row,
                field=one.title,
                defaults={
                    "other": one.other,
                    "other_title": one.other_title,
                    "prefill": one.prefill,
                    "refused_at": at,
                },
            )
        _note("report.refused", row, officer.username, at, columns=len(again))
    told = "；".join(f"“{one.title}”已有：{one.other_title}" for one in again)
    raise AsksAgain(
        f"“{row.title}”有 {len(again)} 个栏目平台已有或近期已问过，没有下发：{told}。",
        hint="点“改为取数”直接取用已有的值；确属不同内容的，请把栏目名称写清楚。",
        fields={one.field: one.other for one in again},
    )


@transaction.atomic
def take_known(*, ref: str, officer: identity.Officer, at: datetime) -> ReportView:
    """改为取数: have every column of a draft that would be asked again take what is there."""
    row = _draft(ref, officer)
    content = content_of(row.content)
    fields = dict(content.fields)
    for one in asked_again(content, ref=ref, at=at):
        fields[one.field] = msgspec.structs.replace(fields[one.field], prefill=one.prefill)
    row.content = msgspec.to_builtins(msgspec.structs.replace(content, fields=fields))
    row.save(update_fields=["content"])
    _note("report.changed", row, officer.username, at)
    return report_view(row)


@transaction.atomic
def withdraw_report(*, ref: str, officer: identity.Officer, at: datetime) -> ReportView:
    """停用报表: no further round is opened; what was filled in stays."""
    row = own_report(ref, actor=officer)
    if row.state == Report.State.ISSUED:
        row.state = Report.State.WITHDRAWN
        row.save(update_fields=["state"])
        _note("report.withdrawn", row, officer.username, at)
    return report_view(row)


def _draft(ref: str, officer: identity.Officer) -> Report:
    row = own_report(ref, actor=officer)
    if row.state != Report.State.DRAFT:
        raise ReportNotDraft(
            f"报表“{row.title}”{row.get_state_display()}，不能再改。", hint="需要改动请另编一张。"
        )
    return row


def _content(
    title: str, period: str, organ: str, fields: Sequence[ReportField], roster: str
) -> Content:
    listing = listed_table(roster, organ) if roster else None
    if listing:
        fields = _with_key(listing, fields)
    ReportMalformed.unless(
        (
            not roster or listing is not None,
            "roster",
            "名册取自本机构一人（一物）一行、写明区划的表。",
        ),
        (2 <= len(title.strip()) <= 60, "title", "请写报表名称（2 至 60 字）。"),
        (
            listing is None or all(_may_list(listing, one) for one in fields),
            "",
            "有栏目不能列入名册。",
        ),
        (period in PERIODS, "period", "请选择填报周期。"),
        (len(fields) <= MOST_FIELDS, "", f"栏目不能超过 {MOST_FIELDS} 个。"),
        (all(one.title.strip() for one in fields), "", "每个栏目都要有名称。"),
        (len({(one.group, one.title) for one in fields}) == len(fields), "", "栏目名称重复。"),
    )
    named: dict[str, Any] = {f"f{number}": one for number, one in enumerate(fields, 1)}
    return Content(
        title=title.strip(),
        organ=organ,
        period=cast(Any, period),
        limit="10wd",
        basis="page",
        roster=roster,
        fields=named,
    )


def _may_list(listing: ListedTable, field: ReportField) -> bool:
    taken = field.prefill
    return not taken or taken.startswith(REPORTED) or listing.column(taken) is not None


def _with_key(listing: ListedTable, fields: Sequence[ReportField]) -> list[ReportField]:
    """The columns with the key first: by it the lines are told apart."""
    path = f"{listing.ref}.{listing.key}"
    if any(one.prefill == path for one in fields):
        return list(fields)
    key = listed_field(listing, path=path)
    return [*([key] if key else []), *fields]


def listed_field(listing: ListedTable, *, path: str) -> ReportField | None:
    """A column of a list that is taken from its table."""
    one = listing.column(path)
    if one is None:
        return None
    kind = cast(Type, one.type)
    return ReportField(
        title=one.title,
        type=kind,
        prefill=path,
        element=one.element,
        codes=one.codes,
        required=one.is_required or one.name == listing.key,
        total="none",
    )


def _note(event: str, row: Report, actor: str, at: datetime, **facts: int) -> None:
    journal.record(event, subject=row.ref, actor=actor, at=at, facts={"organ": row.organ, **facts})
