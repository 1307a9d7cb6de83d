"""Casework's door: cases and incidents, one kernel with two profiles.

A case begins with somebody's right and a legal clock, an incident with an observation and an
operational clock. Both follow a flow from a pack, frozen when they begin; every move has an
actor, a time, a reason where the flow asks for one, a line of trail that never changes, and a
journal record in the same transaction.
"""

from yiwang.apps.casework.access import RIGHTS, CaseNotYours
from yiwang.apps.casework.actions.incidents import (
    AlreadyRated,
    IncidentKindUnknown,
    NotYetEnded,
    PlaceIncomplete,
    rate,
    report_signal,
)
from yiwang.apps.casework.actions.installing import install
from yiwang.apps.casework.actions.moving import ActBeforeLast, CaseMoved, EvidenceFile, act
from yiwang.apps.casework.actions.opening import FlowUnknown, NewCase, open_case, open_cases
from yiwang.apps.casework.evidence_store import EvidenceLost, KeptFile, content_of, keep_file
from yiwang.apps.casework.flow import EVIDENCE, EvidenceMissing, FlowBroken, MoveNotOpen
from yiwang.apps.casework.flow_views import FlowView, StepView, division_name, flow_of
from yiwang.apps.casework.pictures import FileRefused
from yiwang.apps.casework.published import published
from yiwang.apps.casework.queries import (
    CaseUnknown,
    CaseView,
    EvidenceView,
    IncidentView,
    MoveView,
    TaskView,
    TrailView,
    Waiting,
    case,
    cases_of,
    cases_waiting,
    count_waiting,
    evidence_file,
    incident,
    incident_kinds,
    incidents,
    trail,
)

__all__ = [
    "EVIDENCE",
    "RIGHTS",
    "ActBeforeLast",
    "AlreadyRated",
    "CaseMoved",
    "CaseNotYours",
    "CaseUnknown",
    "CaseView",
    "EvidenceFile",
    "EvidenceLost",
    "EvidenceMissing",
    "EvidenceView",
    "FileRefused",
    "FlowBroken",
    "FlowUnknown",
    "FlowView",
    "IncidentKindUnknown",
    "IncidentView",
    "KeptFile",
    "MoveNotOpen",
    "MoveView",
    "NewCase",
    "NotYetEnded",
    "PlaceIncomplete",
    "StepView",
    "TaskView",
    "TrailView",
    "Waiting",
    "act",
    "case",
    "cases_of",
    "cases_waiting",
    "content_of",
    "count_waiting",
    "division_name",
    "evidence_file",
    "flow_of",
    "incident",
    "incident_kinds",
    "incidents",
    "install",
    "keep_file",
    "open_case",
    "open_cases",
    "published",
    "rate",
    "report_signal",
    "trail",
]
