"""What casework remembers: cases and incidents, grids, command."""

from yiwang.apps.casework.models.alerts import RuleAlert
from yiwang.apps.casework.models.cases import (
    Case,
    Evidence,
    FlowVersion,
    IncidentKind,
    NumberSeries,
    Party,
    Rating,
    RoleHolder,
    Signal,
    StepTask,
    TrailEntry,
)
from yiwang.apps.casework.models.command import DutyShift, Minutes, PlanSwitch, ShiftLine
from yiwang.apps.casework.models.grids import FieldEntry, GridCell, GridPost, RoundMark, Visit
from yiwang.apps.casework.models.incidents import CallBack, CaseLink, IntakeKey, MapTile, SignalMove
from yiwang.apps.casework.models.listed import LISTED
from yiwang.apps.casework.models.rolls import RollAnswer, RollCall

__all__ = [
    "LISTED",
    "CallBack",
    "Case",
    "CaseLink",
    "DutyShift",
    "Evidence",
    "FieldEntry",
    "FlowVersion",
    "GridCell",
    "GridPost",
    "IncidentKind",
    "IntakeKey",
    "MapTile",
    "Minutes",
    "NumberSeries",
    "Party",
    "PlanSwitch",
    "Rating",
    "RoleHolder",
    "RollAnswer",
    "RollCall",
    "RoundMark",
    "RuleAlert",
    "ShiftLine",
    "Signal",
    "SignalMove",
    "StepTask",
    "TrailEntry",
    "Visit",
]
