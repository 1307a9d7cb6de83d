"""The door of the sharing gate: demand → decision → grant → key → metered, masked call.

``answer`` is the only way of a person's row from one organ to another; it returns when the call
is on record in the journal, and raises ``CallRefused`` with a reason a caller can act on.
"""

from yiwang.apps.exchange.actions import (
    Bounds,
    DemandAlreadyDecided,
    DemandMalformed,
    GrantNotInForce,
    decide_demand,
    demand_from_pack,
    issue_key,
    open_demand,
    revoke_key,
    withdraw_grant,
)
from yiwang.apps.exchange.answering import Answer, CallRefused, answer
from yiwang.apps.exchange.gate import Call, Check
from yiwang.apps.exchange.published import published
from yiwang.apps.exchange.queries import (
    CallUnknown,
    CallView,
    DemandUnknown,
    DemandView,
    GrantUnknown,
    GrantView,
    Totals,
    calls,
    demand,
    demands,
    explain,
    grant,
    grants,
    totals,
)

RIGHTS = {
    "exchange.see": "查看本机构的数据需求、授权与调用",
    "exchange.demand": "提出数据需求、申领密钥",
    "exchange.decide": "审定对本机构数据的需求、撤回授权",
    "exchange.watch": "查看全部需求、授权与调用（数据主管部门）",
}

__all__ = [
    "RIGHTS",
    "Answer",
    "Bounds",
    "Call",
    "CallRefused",
    "CallUnknown",
    "CallView",
    "Check",
    "DemandAlreadyDecided",
    "DemandMalformed",
    "DemandUnknown",
    "DemandView",
    "GrantNotInForce",
    "GrantUnknown",
    "GrantView",
    "Totals",
    "answer",
    "calls",
    "decide_demand",
    "demand",
    "demand_from_pack",
    "demands",
    "explain",
    "grant",
    "grants",
    "issue_key",
    "open_demand",
    "published",
    "revoke_key",
    "totals",
    "withdraw_grant",
]
