"""Reading a plan (实施方案、实施意见) as published: text in, proposed entries out, pure.

What comes out is a proposal with its place in the text; a person confirms it. Nothing here knows
a county, an organ or a brand; it knows how such papers are written: chapters 一、, sections （一）,
items 1., and the brackets that name who leads and who helps.
"""

from yiwang.apps.boards.plan_text.model import Heading, Milestone, PlanText, Target, Task
from yiwang.apps.boards.plan_text.reading import PlanUnreadable, read_plan

__all__ = [
    "Heading",
    "Milestone",
    "PlanText",
    "PlanUnreadable",
    "Target",
    "Task",
    "read_plan",
]
