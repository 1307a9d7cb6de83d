"""Workbooks that came back, for whoever brought them: what was typed is shown to nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.forms.models import WorkbookReturn
from yiwang.apps.forms.queries.reports import ReportUnknown, round_for
from yiwang.apps.identity import public as identity


@dataclass(frozen=True)
class RefusedLine:
    """A line that was not written."""

    line: int
    division: str
    problem: str


@dataclass(frozen=True)
class ReturnView:
    """传回记录 as whoever brought the workbook sees it."""

    id: int
    round: int
    title: str
    name: str
    read: int
    saved: int
    unchanged: int
    refused: tuple[RefusedLine, ...]
    returned_at: datetime


def workbook_returns(number: int, *, officer: identity.Officer) -> list[ReturnView]:
    """The workbooks of a round that the officer brought back, the latest first."""
    held, _ = round_for(number, actor=officer)
    found = held.returns.filter(returned_by=officer.username).select_related("round__report")
    return [_view(row) for row in found.order_by("-pk")[:20]]


def workbook_return(number: int, *, officer: identity.Officer) -> ReturnView:
    """One of the officer's own."""
    return _view(own_return(number, officer=officer))


def own_return(number: int, *, officer: identity.Officer) -> WorkbookReturn:
    """The stored one; who did not bring it is told that there is none."""
    identity.require(officer, "forms.fill")
    found = WorkbookReturn.objects.select_related("round__report")
    row = found.filter(pk=number, returned_by=officer.username).first()
    if row is None:
        raise ReportUnknown("没有这份传回的工作簿。", hint="请从这一期报表中打开。")
    return row


def _view(row: WorkbookReturn) -> ReturnView:
    refused: list[Mapping[str, object]] = row.refused
    return ReturnView(
        row.pk,
        row.round_id,
        row.round.report.title,
        row.name,
        row.read,
        row.saved,
        row.unchanged,
        tuple(
            RefusedLine(int(str(one["line"])), str(one["division"]), str(one["problem"]))
            for one in refused
        ),
        row.returned_at,
    )
