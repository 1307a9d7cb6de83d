"""The door of the sharing gate: demand → decision → grant → key → metered, masked call.

``answer`` is the only way of a person's row from one organ to another; it returns when the call
is on record in the journal, and raises ``CallRefused`` with a reason a caller can act on.
"""

from yiwang.apps.exchange.actions.demands import (
    Bounds,
    DemandAlreadyDecided,
    DemandMalformed,
    DemandWaiting,
    decide_demand,
    demand_from_pack,
    open_demand,
)
from yiwang.apps.exchange.actions.grants import (
    GrantIsSpecial,
    GrantNotInForce,
    ReasonMissing,
    issue_key,
    register_key,
    revoke_key,
    withdraw_grant,
)
from yiwang.apps.exchange.actions.reception import (
    AgreementMissing,
    ApplicantsOnly,
    OpenKeyRefused,
    OpenQuotaOver,
    RequestAlreadyDecided,
    RequestAlreadyWaiting,
    admit_open_use,
    answer_question,
    ask_about,
    decide_open_request,
    decide_reuse,
    end_open_request,
    rate_release,
    request_release,
    send_reuse,
    take_open_key,
)
from yiwang.apps.exchange.actions.releases import (
    DecidedByProposer,
    Proposal,
    ReleaseMalformed,
    ReleaseNameTaken,
    ReleaseNotInState,
    decide_release,
    propose_release,
    refresh_releases,
    release_from_pack,
    withdraw_release,
)
from yiwang.apps.exchange.answering import PAGE, GrantKeepsChanging, answer, settle
from yiwang.apps.exchange.drafts import Answer, CallRefused, Draft
from yiwang.apps.exchange.events import EVENTS
from yiwang.apps.exchange.gate import Call, Check
from yiwang.apps.exchange.holding import is_at_source
from yiwang.apps.exchange.measuring import (
    ColumnNotOffered,
    NoThreshold,
    Outcome,
)
from yiwang.apps.exchange.measuring import measured as measure_release
from yiwang.apps.exchange.opening import (
    COARSE,
    ROLES,
)
from yiwang.apps.exchange.published import published
from yiwang.apps.exchange.queries.calls import CallUnknown, CallView, Totals, calls, explain, totals
from yiwang.apps.exchange.queries.demands import DemandUnknown, DemandView, demand, demands
from yiwang.apps.exchange.queries.duties import Duty, duties
from yiwang.apps.exchange.queries.grants import (
    GrantUnknown,
    GrantView,
    KeyOpens,
    grant,
    grants,
    opened_by,
)
from yiwang.apps.exchange.queries.open_rows import (
    open_rows,
)
from yiwang.apps.exchange.queries.open_samples import sample_rows
from yiwang.apps.exchange.queries.open_search import (
    OPEN_FACETS,
    Answered,
    Asked,
    SortUnknown,
    open_keywords,
    open_names,
    search_releases,
    tombstones,
)
from yiwang.apps.exchange.queries.reception import (
    OpenRequestUnknown,
    OpenRequestView,
    OpenTotals,
    QuestionView,
    ReuseView,
    open_requests,
    open_totals,
    own_requests,
    questions_of,
    questions_waiting,
    reuses_of,
    reuses_waiting,
)
from yiwang.apps.exchange.queries.releases import (
    FORMATS,
    MEDIA,
    LicenseUnknown,
    LicenseView,
    Liked,
    OpenColumnView,
    ReleaseGone,
    ReleaseUnknown,
    ReleaseView,
    ThemeView,
    VersionView,
    license_of,
    licenses,
    liked,
    open_release,
    release,
    releases,
    themes,
)
from yiwang.apps.exchange.signatures import PublicKeyUnreadable
from yiwang.apps.exchange.signatures import Request as SignableRequest
from yiwang.apps.exchange.signatures import read as read_signature
from yiwang.apps.exchange.streaming import Stream, StreamBroken, open_stream
from yiwang.apps.exchange.supply import *  # noqa: F403 - its own __all__ says what
from yiwang.apps.exchange.supply import __all__ as _supply
from yiwang.apps.exchange.supply import announce_ends, push_due, tell_subscribers, watch_use
from yiwang.apps.exchange.watermark import (
    Found,
    Mark,
    PageMark,
    is_genuine,
    mark_of,
    page_code,
    page_mark,
)
from yiwang.apps.exchange.watermark import read as read_marks
from yiwang.apps.jobs import public as jobs

RIGHTS = {
    "exchange.see": "查看本机构的数据需求、授权与调用",
    "exchange.demand": "提出数据需求、申领密钥",
    "exchange.decide": "审定对本机构数据的需求、撤回授权",
    "exchange.release": "提出、撤下本机构的开放数据，答复申请和反馈",
    "exchange.approve_release": "审定开放数据和开放成果（数据主管部门）",
    "exchange.watch": "查看全部需求、授权与调用（数据主管部门）",
    "exchange.council": "审定场景清单、办理平台提供、召集议事协调",
    "exchange.guard": "核查用数预警、审批特别授权、追查泄露文件（数据安全员）",
    "exchange.special": "为个案申请并使用特别授权",
    "exchange.review": "事后审查特别授权的使用（审计）",
}

TIMETABLE = (
    jobs.Entry("exchange.watch_use", "核对共享数据的异常使用", "every 10m", watch_use),
    jobs.Entry("exchange.tell_subscribers", "告知订阅的数据更新", "every 10m", tell_subscribers),
    jobs.Entry("exchange.push_due", "推送有新快照的授权数据", "every 10m", push_due),
    jobs.Entry("exchange.announce_ends", "提醒即将到期的授权", "daily 08:00", announce_ends),
)

__all__ = [
    "COARSE",
    "EVENTS",
    "FORMATS",
    "MEDIA",
    "OPEN_FACETS",
    "PAGE",
    "RIGHTS",
    "ROLES",
    "TIMETABLE",
    "AgreementMissing",
    "Answer",
    "Answered",
    "ApplicantsOnly",
    "Asked",
    "Bounds",
    "Call",
    "CallRefused",
    "CallUnknown",
    "CallView",
    "Check",
    "ColumnNotOffered",
    "DecidedByProposer",
    "DemandAlreadyDecided",
    "DemandMalformed",
    "DemandUnknown",
    "DemandView",
    "DemandWaiting",
    "Draft",
    "Duty",
    "Found",
    "GrantIsSpecial",
    "GrantKeepsChanging",
    "GrantNotInForce",
    "GrantUnknown",
    "GrantView",
    "KeyOpens",
    "LicenseUnknown",
    "LicenseView",
    "Liked",
    "Mark",
    "NoThreshold",
    "OpenColumnView",
    "OpenKeyRefused",
    "OpenQuotaOver",
    "OpenRequestUnknown",
    "OpenRequestView",
    "OpenTotals",
    "Outcome",
    "PageMark",
    "Proposal",
    "PublicKeyUnreadable",
    "QuestionView",
    "ReasonMissing",
    "ReleaseGone",
    "ReleaseMalformed",
    "ReleaseNameTaken",
    "ReleaseNotInState",
    "ReleaseUnknown",
    "ReleaseView",
    "RequestAlreadyDecided",
    "RequestAlreadyWaiting",
    "ReuseView",
    "SignableRequest",
    "SortUnknown",
    "Stream",
    "StreamBroken",
    "ThemeView",
    "Totals",
    "VersionView",
    "admit_open_use",
    "answer",
    "answer_question",
    "ask_about",
    "calls",
    "decide_demand",
    "decide_open_request",
    "decide_release",
    "decide_reuse",
    "demand",
    "demand_from_pack",
    "demands",
    "duties",
    "end_open_request",
    "explain",
    "grant",
    "grants",
    "is_at_source",
    "is_genuine",
    "issue_key",
    "license_of",
    "licenses",
    "liked",
    "mark_of",
    "measure_release",
    "open_demand",
    "open_keywords",
    "open_names",
    "open_release",
    "open_requests",
    "open_rows",
    "open_stream",
    "open_totals",
    "opened_by",
    "own_requests",
    "page_code",
    "page_mark",
    "propose_release",
    "published",
    "questions_of",
    "questions_waiting",
    "rate_release",
    "read_marks",
    "read_signature",
    "refresh_releases",
    "register_key",
    "release",
    "release_from_pack",
    "releases",
    "request_release",
    "reuses_of",
    "reuses_waiting",
    "revoke_key",
    "sample_rows",
    "search_releases",
    "send_reuse",
    "settle",
    "take_open_key",
    "themes",
    "tombstones",
    "totals",
    "withdraw_grant",
    "withdraw_release",
]
__all__ += _supply
