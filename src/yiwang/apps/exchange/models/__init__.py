"""Demands, grants, keys and metered calls. No personal value is kept in any of them."""

from yiwang.apps.exchange.models.calls import CallRecord, DailyUse
from yiwang.apps.exchange.models.demands import Demand
from yiwang.apps.exchange.models.grants import Grant, Key, Nonce, Retry, SourceRoute
from yiwang.apps.exchange.models.notices import Notice, Subscription
from yiwang.apps.exchange.models.pushes import PushRecord
from yiwang.apps.exchange.models.reception import OpenRequest, OpenUse, Question, Reuse, Stars
from yiwang.apps.exchange.models.releases import (
    DownloadCount,
    Release,
    ReleaseKeyword,
    ReleaseVersion,
)
from yiwang.apps.exchange.models.scenarios import AgendaItem, Meeting, Scenario, ScenarioPart
from yiwang.apps.exchange.models.specials import SpecialGrant, SpecialTable

__all__ = [
    "AgendaItem",
    "CallRecord",
    "DailyUse",
    "Demand",
    "DownloadCount",
    "Grant",
    "Key",
    "Meeting",
    "Nonce",
    "Notice",
    "OpenRequest",
    "OpenUse",
    "PushRecord",
    "Question",
    "Release",
    "ReleaseKeyword",
    "ReleaseVersion",
    "Retry",
    "Reuse",
    "Scenario",
    "ScenarioPart",
    "SourceRoute",
    "SpecialGrant",
    "SpecialTable",
    "Stars",
    "Subscription",
]
