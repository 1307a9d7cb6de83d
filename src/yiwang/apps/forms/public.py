"""Forms' door: what is asked of one and of many, what is already known, whether answers fit.

A form is filled in by an applicant about themselves; a report by divisions, one row each.
"""

from datetime import datetime

from yiwang.apps.forms.actions.applicants import check_answers, check_known, known_in, prefill
from yiwang.apps.forms.actions.designing import (
    Again,
    AsksAgain,
    ReportMalformed,
    ReportNotDraft,
    asked_again,
    change_report,
    draft_report,
    issue_report,
    listed_field,
    take_known,
    withdraw_report,
)
from yiwang.apps.forms.actions.filling import RosterNotOneRow, RowChanged, fill_row
from yiwang.apps.forms.actions.installing import install as install_forms
from yiwang.apps.forms.actions.returning import (
    KnownValueAltered,
    Line,
    Taken,
    WorkbookOfAnotherRound,
    fill_from_workbook,
    refused_workbook,
    round_workbook,
)
from yiwang.apps.forms.actions.rosters import (
    AlreadyListed,
    RosterUnfinished,
    StrikeWithoutReason,
    add_entry,
    fill_entry,
    restore_entry,
    strike_entry,
    submit_roster,
)
from yiwang.apps.forms.actions.rounds import (
    RoundAlreadyOpen,
    begin_round,
    install_reports,
    open_due_rounds,
    open_round,
)
from yiwang.apps.forms.actions.templates import import_template, with_known
from yiwang.apps.forms.answers import (
    AnswersRefused,
    Known,
    asked,
    deciding,
    deciding_materials,
    values_in,
)
from yiwang.apps.forms.events import EVENTS
from yiwang.apps.forms.published import published
from yiwang.apps.forms.queries.forms import FormUnknown, form, options
from yiwang.apps.forms.queries.listable import ListedTable, listed_table, tables_to_list
from yiwang.apps.forms.queries.reduction import Overlapping, Reduction, overlaps, reduction
from yiwang.apps.forms.queries.reports import (
    NotYourReport,
    RefusalView,
    ReportUnknown,
    ReportView,
    RoundLine,
    Waiting,
    divisions_waiting,
    report,
    reports,
    reports_waiting,
    rounds,
)
from yiwang.apps.forms.queries.returns import ReturnView, workbook_return, workbook_returns
from yiwang.apps.forms.queries.rosters import RosterLine, RosterView, is_roster, roster
from yiwang.apps.forms.queries.rows import Cell, RoundView, RowView, report_round, report_row
from yiwang.apps.forms.reporting import PERIODS, REPORTED, sums_up
from yiwang.apps.forms.rolling import Total
from yiwang.apps.jobs import public as jobs
from yiwang.packkit import Library

RIGHTS = {
    "forms.design": "编制、下发本机构的报表",
    "forms.see": "查看本机构下发的报表及汇总",
    "forms.fill": "填报覆盖区划的报表",
    "forms.watch": "查看全部报表的汇总和减负成效（数据主管部门、领导）",
}
TIMETABLE = (jobs.Entry("forms.rounds", "按周期开始填报", "daily 06:00", open_due_rounds),)


def install(library: Library, *, at: datetime) -> int:
    """Store the forms and reports of a place; returns how many versions are new."""
    return install_forms(library, at=at) + install_reports(library, at=at)


__all__ = [
    "EVENTS",
    "PERIODS",
    "REPORTED",
    "RIGHTS",
    "TIMETABLE",
    "Again",
    "AlreadyListed",
    "AnswersRefused",
    "AsksAgain",
    "Cell",
    "FormUnknown",
    "Known",
    "KnownValueAltered",
    "Line",
    "ListedTable",
    "NotYourReport",
    "Overlapping",
    "Reduction",
    "RefusalView",
    "ReportMalformed",
    "ReportNotDraft",
    "ReportUnknown",
    "ReportView",
    "ReturnView",
    "RosterLine",
    "RosterNotOneRow",
    "RosterUnfinished",
    "RosterView",
    "RoundAlreadyOpen",
    "RoundLine",
    "RoundView",
    "RowChanged",
    "RowView",
    "StrikeWithoutReason",
    "Taken",
    "Total",
    "Waiting",
    "WorkbookOfAnotherRound",
    "add_entry",
    "asked",
    "asked_again",
    "begin_round",
    "change_report",
    "check_answers",
    "check_known",
    "deciding",
    "deciding_materials",
    "divisions_waiting",
    "draft_report",
    "fill_entry",
    "fill_from_workbook",
    "fill_row",
    "form",
    "import_template",
    "install",
    "install_reports",
    "is_roster",
    "issue_report",
    "known_in",
    "listed_field",
    "listed_table",
    "open_due_rounds",
    "open_round",
    "options",
    "overlaps",
    "prefill",
    "published",
    "reduction",
    "refused_workbook",
    "report",
    "report_round",
    "report_row",
    "reports",
    "reports_waiting",
    "restore_entry",
    "roster",
    "round_workbook",
    "rounds",
    "strike_entry",
    "submit_roster",
    "sums_up",
    "tables_to_list",
    "take_known",
    "values_in",
    "with_known",
    "withdraw_report",
    "workbook_return",
    "workbook_returns",
]
