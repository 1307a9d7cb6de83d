"""What this room writes into the journal, as people read it."""

EVENTS = {
    "assessment.corrected": "更正考核评分",
    "assessment.taken": "算出考核评分",
    "indicator.taken": "指标取数",
    "plan.read": "读入规划文本",
    "plan.target_confirmed": "确认量化目标",
    "plan.target_dropped": "不采纳量化目标",
    "plan.task_confirmed": "确认规划任务",
    "plan.task_dropped": "不采纳规划任务",
    "sign.came_back": "体征恢复",
    "sign.left_band": "体征越界",
    "screen.published": "发布大屏",
    "screen.saved": "保存大屏",
    "screen.withdrawn": "撤下大屏",
}
