"""Reports as their organ, their divisions and the bureau see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from yiwang.apps.forms import place
from yiwang.apps.forms.models import Report, ReportRound, ReportRow, RosterEntry
from yiwang.apps.forms.reporting import PERIODS, asked_fields, content_of
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed, NotFound
from yiwang.packkit.kinds.reports import Report as Content


class ReportUnknown(NotFound):
    """There is no such report, round or row."""

    code = "forms.report_unknown"


class NotYourReport(NotAllowed):
    """The officer neither issued the report nor fills it in for any of their divisions."""

    code = "forms.not_your_report"


@dataclass(frozen=True)
class RefusalView:
    """A column that was not let through, and where its value is already."""

    field: str
    other: str
    other_title: str
    prefill: str
    refused_at: datetime


@dataclass(frozen=True)
class ReportView:
    """报表 as its organ sees it."""

    ref: str
    title: str
    organ: str
    period_title: str
    state: str
    state_title: str
    content: Content
    created_at: datetime
    issued_at: datetime | None
    rounds: tuple["RoundLine", ...]
    refusals: tuple[RefusalView, ...]

    @property
    def asked(self) -> int:
        """How many columns somebody has to fill in."""
        return len(asked_fields(self.content))


@dataclass(frozen=True)
class RoundLine:
    """One period of a report, with how many of its rows are filled."""

    id: int
    report: str
    title: str
    organ: str
    label: str
    opened_at: datetime
    due_at: datetime
    rows: int
    filled: int
    asked: int
    provisional: int | None
    """The year whose working days its limit counts by weekdays until it is announced."""


def own_report(ref: str, *, actor: identity.Actor | None) -> Report:
    """The report's row for whoever of its organ designs reports, else a refusal."""
    row = Report.objects.filter(ref=ref).first()
    if row is None:
        raise ReportUnknown(f"没有报表“{ref}”。", hint="请从报表清单中打开。", report=ref)
    identity.require(actor, "forms.design", organ=row.organ)
    return row


def reports(*, actor: identity.Actor | None) -> list[ReportView]:
    """The reports of the officer's organ; whoever watches sees all."""
    rows = Report.objects.order_by("state", "organ", "ref")
    if not identity.may(actor, "forms.watch"):
        identity.require(actor, "forms.see")
        rows = rows.filter(organ=getattr(actor, "organ", ""))
    return [report_view(row) for row in rows]


def report(ref: str, *, actor: identity.Actor | None) -> ReportView:
    """One report of the officer's organ."""
    return report_view(own_report(ref, actor=actor))


def report_view(row: Report) -> ReportView:
    """A stored report as its organ sees it."""
    return ReportView(
        row.ref,
        row.title,
        row.organ,
        PERIODS[row.period],
        row.state,
        row.get_state_display(),
        content_of(row.content),
        row.created_at,
        row.issued_at,
        tuple(round_line(one) for one in counted(row.rounds.all()).order_by("-id")),
        tuple(
            RefusalView(one.field, one.other, one.other_title, one.prefill, one.refused_at)
            for one in row.refusals.order_by("id")
        ),
    )


def counted(rounds: "QuerySet[ReportRound]") -> "QuerySet[ReportRound]":
    """Rounds with how many rows they have and how many are filled."""
    return rounds.select_related("report").annotate(
        rows_all=Count("rows"), rows_filled=Count("rows", filter=Q(rows__filled_at__isnull=False))
    )


def round_line(row: Any) -> RoundLine:
    return RoundLine(
        row.pk,
        row.report.ref,
        row.report.title,
        row.report.organ,
        row.label,
        row.opened_at,
        row.due_at,
        row.rows_all,
        row.rows_filled,
        len(asked_fields(content_of(row.content))),
        place.library().calendar.unannounced(local_date(row.opened_at), local_date(row.due_at)),
    )


def rounds(*, actor: identity.Officer) -> list[RoundLine]:
    """Rounds that the officer's organ issued, and those with rows of the officer's divisions."""
    found = ReportRound.objects.all()
    if not identity.may(actor, "forms.watch"):
        mine = Q(report__organ=actor.organ) if identity.may(actor, "forms.see") else Q(pk=None)
        if identity.may(actor, "forms.fill"):
            codes = covered(actor)
            rows = ReportRow.objects.filter(division__in=codes)
            mine |= Q(pk__in=rows.values("round"))
        found = found.filter(mine)
    return [round_line(one) for one in counted(found).order_by("due_at", "report__ref")]


def covered(actor: identity.Officer) -> list[str]:
    """The reporting divisions that lie in those of an officer."""
    codes = ReportRow.objects.order_by("division").values_list("division", flat=True).distinct()
    return [
        code for code in codes if any(identity.is_within(code, cover) for cover in actor.divisions)
    ]


def round_for(number: int, *, actor: identity.Actor | None) -> tuple[ReportRound, list[str] | None]:
    """A round, and the divisions whose rows the actor may see; None: all of them."""
    row = ReportRound.objects.select_related("report").filter(pk=number).first()
    if row is None:
        raise ReportUnknown("没有这一期报表。", hint="请从报表清单中打开。", round=number)
    if identity.may(actor, "forms.watch"):
        return row, None
    if identity.may(actor, "forms.see", organ=row.report.organ):
        return row, None
    if isinstance(actor, identity.Officer) and identity.may(actor, "forms.fill"):
        own = set(covered(actor))
        here = row.rows.filter(division__in=own).values_list("division", flat=True)
        if mine := list(here):
            return row, mine
    raise NotYourReport(
        "这张报表不是您的机构下发的，也不由您填报。", hint="需要汇总结果请向下发机构申请共享。"
    )


@dataclass(frozen=True)
class Waiting:
    """A round with rows that an officer has yet to fill in."""

    round: int
    title: str
    organ: str
    label: str
    rows: int
    opened_at: datetime
    due_at: datetime


def reports_waiting(*, officer: identity.Officer) -> list[Waiting]:
    """What the officer has yet to fill in, by deadline: one line per round."""
    if not identity.may(officer, "forms.fill"):
        return []
    open_rows = ReportRow.objects.filter(filled_at=None, division__in=covered(officer))
    found = (
        open_rows.values("round")
        .annotate(n=Count("id"))
        .values_list(
            "round",
            "round__report__title",
            "round__report__organ",
            "round__label",
            "n",
            "round__opened_at",
            "round__due_at",
        )
        .order_by("round__due_at", "round")
    )
    return [Waiting(*line) for line in found]


def divisions_waiting(number: int, *, officer: identity.Officer) -> list[str]:
    """The officer's divisions whose row or list of a round is still to be filled in."""
    held, own = round_for(number, actor=officer)
    codes = covered(officer) if own is None else own
    waiting = held.rows.filter(filled_at=None, division__in=codes).order_by("division")
    return list(waiting.values_list("division", flat=True))


def may_fill(actor: identity.Actor | None, division: str) -> bool:
    """Whether the actor fills reports in for a division."""
    return identity.may(actor, "forms.fill", division=division)


def values_of(row: ReportRow | RosterEntry) -> Mapping[str, Any]:
    """Everything a row says: what was known, and what was answered."""
    return {**row.answers, **row.known}
