"""What boards remember: values of indicators, and plans as ledgers."""

from yiwang.apps.boards.models.assessments import AssessmentRun, OrganScore, ScoreAppeal
from yiwang.apps.boards.models.indicators import IndicatorSnapshot
from yiwang.apps.boards.models.own_screens import OwnScreen, ScreenVersion
from yiwang.apps.boards.models.plans import Notice, Plan, PlanTarget, PlanTask, TaskOrgan
from yiwang.apps.boards.models.signs import SignAlert

__all__ = [
    "AssessmentRun",
    "IndicatorSnapshot",
    "Notice",
    "OrganScore",
    "OwnScreen",
    "Plan",
    "PlanTarget",
    "PlanTask",
    "ScoreAppeal",
    "ScreenVersion",
    "SignAlert",
    "TaskOrgan",
]
