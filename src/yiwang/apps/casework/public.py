"""Casework's door: cases and incidents, one kernel with two profiles.

A case begins with somebody's right and a legal clock, an incident with an observation and an
operational clock. Both follow a flow from a pack, frozen when they begin; every move has an
actor, a time, a reason where the flow asks for one, a line of trail that never changes, and a
journal record in the same transaction.
"""

from yiwang.apps.casework.access import RIGHTS, CaseNotYours
from yiwang.apps.casework.actions.alerting import Watch, watch
from yiwang.apps.casework.actions.amending import AmendmentWithoutReason, CaseBeyondStart, amend
from yiwang.apps.casework.actions.beginning import (
    Beginning,
    BeginningMalformed,
    NotToBegin,
    begin_case,
    beginning,
    beginnings,
)
from yiwang.apps.casework.actions.deciding import ActBeforeLast, PostUnknown, TaskTaken
from yiwang.apps.casework.actions.field import (
    EntryDiffers,
    EntryUnreadable,
    FieldAnswer,
    FieldReport,
    take_field_entry,
)
from yiwang.apps.casework.actions.grids import (
    CellsImported,
    LayerUnreadable,
    assign_worker,
    end_worker,
    import_cells,
)
from yiwang.apps.casework.actions.installing import install
from yiwang.apps.casework.actions.joining import (
    NotMerged,
    NotTwoIncidents,
    ReasonMissing,
    SignalsNotSplit,
    call_back,
    link_cases,
    merge_incidents,
    regrade,
    split_signals,
    unmerge_incident,
)
from yiwang.apps.casework.actions.keys import (
    IntakeKeyMissing,
    IntakeKeyNamed,
    IntakeKeyUnknown,
    IntakeKeyView,
    KindNotForKey,
    Reporter,
    intake_keys,
    issue_intake_key,
    reporter_of,
    revoke_intake_key,
)
from yiwang.apps.casework.actions.lateness import act_on_late
from yiwang.apps.casework.actions.moving import (
    CaseMoved,
    EvidenceFile,
    Which,
    act,
    act_on_many,
)
from yiwang.apps.casework.actions.opening import (
    FlowUnknown,
    NewCase,
    PartyMissing,
    open_case,
    open_cases,
)
from yiwang.apps.casework.actions.rating import (
    AlreadyRated,
    InvitationBroken,
    NotYetEnded,
    invitation,
    invited_case,
    rate,
    rate_invited,
)
from yiwang.apps.casework.actions.recounting import recount
from yiwang.apps.casework.actions.reporting import (
    IncidentKindUnknown,
    NewSignal,
    PlaceIncomplete,
    Reported,
    report_signal,
    report_signals,
)
from yiwang.apps.casework.actions.rounds import begin_rounds
from yiwang.apps.casework.actions.supervising import watch_conduct
from yiwang.apps.casework.cells import CellUnknown
from yiwang.apps.casework.clock import light_before
from yiwang.apps.casework.commanding import *  # noqa: F403 - its own __all__ says what
from yiwang.apps.casework.commanding import __all__ as _commanding
from yiwang.apps.casework.events import EVENTS
from yiwang.apps.casework.evidence_store import EvidenceLost, KeptFile, content_of, keep_file
from yiwang.apps.casework.flow import (
    EvidenceMissing,
    FlowBroken,
    MoveNotOpen,
    is_rule,
)
from yiwang.apps.casework.flow_views import FlowView, StepView, division_name, flow_of
from yiwang.apps.casework.machine import Post, PostMissing
from yiwang.apps.casework.pictures import FileRefused
from yiwang.apps.casework.place import PostChoice, posts, role_title
from yiwang.apps.casework.polygons import AreaBroken
from yiwang.apps.casework.published import published
from yiwang.apps.casework.queries.alerts import RuleAlertView, conduct_alerts, rule_alerts
from yiwang.apps.casework.queries.at_once import InstantMove, instant_move
from yiwang.apps.casework.queries.cases import (
    CaseTask,
    CaseUnknown,
    CaseView,
    case,
    cases_of,
    cases_of_flow,
    parties_of,
    rules_needed,
)
from yiwang.apps.casework.queries.clocks import ClockLine, ClockView, clock_of
from yiwang.apps.casework.queries.grids import (
    CellScore,
    CellView,
    VisitView,
    cell,
    cell_scores,
    cells,
    own_cells,
    visits_of,
)
from yiwang.apps.casework.queries.incident_maps import Box, Circle, MapPart, incident_map
from yiwang.apps.casework.queries.incidents import (
    MOST_COUNTED,
    AskedIncidents,
    IncidentLine,
    IncidentPage,
    IncidentView,
    count_incidents,
    incident,
    incident_kinds,
    incident_list,
    incidents,
    incidents_seen,
    watches_all,
)
from yiwang.apps.casework.queries.offers import MoveView
from yiwang.apps.casework.queries.open_reports import (
    OwnReport,
    PublicKind,
    PublicReport,
    ReportUnknown,
    own_reports,
    public_kinds,
    public_reports,
    report_of_token,
)
from yiwang.apps.casework.queries.signals import (
    CallBackView,
    LinkView,
    SignalView,
    call_backs_of,
    links_of,
    signals_of,
)
from yiwang.apps.casework.queries.trails import (
    EvidenceView,
    TrailView,
    evidence_file,
    trail,
    written,
)
from yiwang.apps.casework.queries.waiting import (
    Asked,
    CasePage,
    TaskView,
    Waiting,
    case_list,
    cases_waiting,
    count_waiting,
    work_list,
)
from yiwang.apps.casework.ratings import (
    RatingView,
    ToRate,
    invited,
    rating_of,
    ratings,
    scores,
    to_rate,
)
from yiwang.apps.casework.scores import Score
from yiwang.apps.casework.standing import Standing, cases_by_flow, standing

TIMETABLE = (
    ("casework.lateness", "逾期视为与无人领取", "every 1m", act_on_late),
    ("casework.recount", "放假安排公布后重算期限", "every 1m", recount),
    ("casework.conduct", "按规则核对工作人员办理行为", "every 1h", watch_conduct),
    ("casework.rounds", "开始到期的巡查", "every 10m", begin_rounds),
)

__all__ = [
    "EVENTS",
    "MOST_COUNTED",
    "RIGHTS",
    "TIMETABLE",
    "ActBeforeLast",
    "AlreadyRated",
    "AmendmentWithoutReason",
    "AreaBroken",
    "Asked",
    "AskedIncidents",
    "Beginning",
    "BeginningMalformed",
    "Box",
    "CallBackView",
    "CaseBeyondStart",
    "CaseMoved",
    "CaseNotYours",
    "CasePage",
    "CaseTask",
    "CaseUnknown",
    "CaseView",
    "CellScore",
    "CellUnknown",
    "CellView",
    "CellsImported",
    "Circle",
    "ClockLine",
    "ClockView",
    "EntryDiffers",
    "EntryUnreadable",
    "EvidenceFile",
    "EvidenceLost",
    "EvidenceMissing",
    "EvidenceView",
    "FieldAnswer",
    "FieldReport",
    "FileRefused",
    "FlowBroken",
    "FlowUnknown",
    "FlowView",
    "IncidentKindUnknown",
    "IncidentLine",
    "IncidentPage",
    "IncidentView",
    "InstantMove",
    "IntakeKeyMissing",
    "IntakeKeyNamed",
    "IntakeKeyUnknown",
    "IntakeKeyView",
    "InvitationBroken",
    "KeptFile",
    "KindNotForKey",
    "LayerUnreadable",
    "LinkView",
    "MapPart",
    "MoveNotOpen",
    "MoveView",
    "NewCase",
    "NewSignal",
    "NotMerged",
    "NotToBegin",
    "NotTwoIncidents",
    "NotYetEnded",
    "OwnReport",
    "PartyMissing",
    "PlaceIncomplete",
    "Post",
    "PostChoice",
    "PostMissing",
    "PostUnknown",
    "PublicKind",
    "PublicReport",
    "RatingView",
    "ReasonMissing",
    "ReportUnknown",
    "Reported",
    "Reporter",
    "RuleAlertView",
    "Score",
    "SignalView",
    "SignalsNotSplit",
    "Standing",
    "StepView",
    "TaskTaken",
    "TaskView",
    "ToRate",
    "TrailView",
    "VisitView",
    "Waiting",
    "Watch",
    "Which",
    "act",
    "act_on_late",
    "act_on_many",
    "amend",
    "assign_worker",
    "begin_case",
    "begin_rounds",
    "beginning",
    "beginnings",
    "call_back",
    "call_backs_of",
    "case",
    "case_list",
    "cases_by_flow",
    "cases_of",
    "cases_of_flow",
    "cases_waiting",
    "cell",
    "cell_scores",
    "cells",
    "clock_of",
    "conduct_alerts",
    "content_of",
    "count_incidents",
    "count_waiting",
    "division_name",
    "end_worker",
    "evidence_file",
    "flow_of",
    "import_cells",
    "incident",
    "incident_kinds",
    "incident_list",
    "incident_map",
    "incidents",
    "incidents_seen",
    "install",
    "instant_move",
    "intake_keys",
    "invitation",
    "invited",
    "invited_case",
    "is_rule",
    "issue_intake_key",
    "keep_file",
    "light_before",
    "link_cases",
    "links_of",
    "merge_incidents",
    "open_case",
    "open_cases",
    "own_cells",
    "own_reports",
    "parties_of",
    "posts",
    "public_kinds",
    "public_reports",
    "published",
    "rate",
    "rate_invited",
    "rating_of",
    "ratings",
    "recount",
    "regrade",
    "report_of_token",
    "report_signal",
    "report_signals",
    "reporter_of",
    "revoke_intake_key",
    "role_title",
    "rule_alerts",
    "rules_needed",
    "scores",
    "signals_of",
    "split_signals",
    "standing",
    "take_field_entry",
    "to_rate",
    "trail",
    "unmerge_incident",
    "visits_of",
    "watch",
    "watch_conduct",
    "watches_all",
    "work_list",
    "written",
]
__all__ += _commanding
