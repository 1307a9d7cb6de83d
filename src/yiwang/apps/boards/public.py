"""The door of boards: values that open down to their rows."""

from yiwang.apps.boards.actions import publish_platform, take_snapshots
from yiwang.apps.boards.queries import (
    IndicatorNotTaken,
    IndicatorView,
    Part,
    drill,
    history,
    indicator,
    indicators,
)
from yiwang.apps.boards.screens import ScreenView, Spot, WidgetView, screen, screens

RIGHTS = {
    "boards.see": "查看指标、专题和大屏",
    "boards.drill": "下钻到指标背后的逐行记录",
    "boards.take": "立即取数",
}

__all__ = [
    "RIGHTS",
    "IndicatorNotTaken",
    "IndicatorView",
    "Part",
    "ScreenView",
    "Spot",
    "WidgetView",
    "drill",
    "history",
    "indicator",
    "indicators",
    "publish_platform",
    "screen",
    "screens",
    "take_snapshots",
]
