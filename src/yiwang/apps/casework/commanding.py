"""The part of the door for the command centre: duty, plans, the daily report, trends.

``public`` hands out all of it; nobody else imports this module.
"""

from yiwang.apps.casework.actions.command import (
    NoPlanAtAll,
    PlanAlreadyOn,
    PlanNotOn,
    PlanUnknown,
    ShiftTwice,
    accept_shift,
    change_level,
    instruct,
    plan_shift,
    record_minutes,
    switch_off,
    switch_on,
    write_shift_line,
)
from yiwang.apps.casework.queries.command import (
    LineView,
    MinutesView,
    Nearby,
    PlanView,
    Review,
    ShiftView,
    StayView,
    minutes_of,
    nearest,
    on_duty,
    plans,
    plans_on,
    review,
    shift_lines,
)
from yiwang.apps.casework.queries.telling import daily, trends
from yiwang.apps.casework.routing import owner_of

__all__ = [
    "LineView",
    "MinutesView",
    "Nearby",
    "NoPlanAtAll",
    "PlanAlreadyOn",
    "PlanNotOn",
    "PlanUnknown",
    "PlanView",
    "Review",
    "ShiftTwice",
    "ShiftView",
    "StayView",
    "accept_shift",
    "change_level",
    "daily",
    "instruct",
    "minutes_of",
    "nearest",
    "on_duty",
    "owner_of",
    "plan_shift",
    "plans",
    "plans_on",
    "record_minutes",
    "review",
    "shift_lines",
    "switch_off",
    "switch_on",
    "trends",
    "write_shift_line",
]
