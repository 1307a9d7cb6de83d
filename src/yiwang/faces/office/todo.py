"""One list for everything that waits for an officer: cases, incidents, reports, held loads, asks.

Each room says what waits in it; here it is put in the order of its clocks and counted by kind.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.apps.boards import public as boards
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.web import names
from yiwang.web.routes import OFFICER, address, route
from yiwang.web.tables import Column, listing, wish

COLUMNS = (
    Column(title=_("类别")),
    Column(title=_("事项")),
    Column(title=_("要做什么")),
    Column(title=_("到达时间")),
    Column(title=_("期限")),
)
KINDS: dict[str, str | Promise] = {
    "case": _("办件"),
    "incident": _("事件"),
    "report": _("报表"),
    "load": _("归集批次"),
    "entry": _("清单条目"),
    "overdue": _("更新周期"),
    "census": _("资源普查"),
    "grading": _("分级建议"),
    "source": _("一数一源"),
    "neighbour": _("邻目录"),
    "appeal": _("评分申诉"),
    "plan": _("规划任务"),
    "question": _("开放数据咨询"),
    "request": _("开放申请"),
    "reuse": _("利用成果"),
    "special": _("特别授权"),
    "notice": _("用数通知"),
}
MOST = 500
"""Lines of one kind; whoever has more works on that kind's own page."""
ENTRY_STEPS = {
    "checking": _("审核"),
    "checked": _("签名发布或退回"),
    "draft": _("按意见修改后提交"),
}


@dataclass(frozen=True)
class Todo:
    """One thing that waits. ``light`` is empty for what has no deadline."""

    kind: str
    title: str
    ask: str
    address: str
    since: datetime | None
    due_at: datetime | None = None
    light: str = ""
    provisional: int | None = None

    @property
    def kind_title(self) -> str | Promise:
        """What kind it is."""
        return KINDS[self.kind]


def waiting(officer: identity.Officer, at: datetime) -> list[Todo]:
    """Everything that waits for an officer, soonest deadline first, without a clock last."""
    found = [one for source in SOURCES for one in source(officer, at)]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or at, one.title))


def todo(request: HttpRequest) -> HttpResponse:
    """The list, all of it or one kind, with counts by kind and by light."""
    officer, at = officer_of(request), system_clock()
    everything = waiting(officer, at)
    kind = request.GET.get("kind", "")
    shown = [one for one in everything if kind not in KINDS or one.kind == kind]
    asked = wish(request, COLUMNS)
    return render(
        request,
        "office/todo.html",
        {
            "todos": listing(request, COLUMNS, shown[asked.offset :], wish=asked, total=len(shown)),
            "kinds": counts_of(everything),
            "kind": kind if kind in KINDS else "",
            "total": len(everything),
            "lights": Counter(one.light for one in everything),
        },
    )


def counts_of(todos: Iterable[Todo]) -> list[tuple[str, str | Promise, int]]:
    """Kind, its title, how many: only kinds of which something waits."""
    counted = Counter(one.kind for one in todos)
    return [(kind, title, counted[kind]) for kind, title in KINDS.items() if counted[kind]]


def _cases(officer: identity.Officer, at: datetime) -> list[Todo]:
    tasks = casework.cases_waiting(officer=officer, at=at, limit=MOST)
    return [
        Todo(
            "incident" if one.profile == "incident" else "case",
            one.title,
            one.step_title,
            address(
                "oversight:incident" if one.profile == "incident" else "office:case", one.number
            ),
            one.entered_at,
            None if one.is_paused else one.due_at,
            "" if one.is_paused else one.light,
            one.provisional,
        )
        for one in tasks
    ]


def _reports(officer: identity.Officer, at: datetime) -> list[Todo]:
    return [
        Todo(
            "report",
            f"{one.title}（{one.label}，{names.organ(one.organ)}）",
            _t("填报 %(n)s 个单位") % {"n": one.rows},
            address("office:report_round", one.round),
            one.opened_at,
            one.due_at,
            casework.light_before(one.due_at, at),
        )
        for one in forms.reports_waiting(officer=officer)
    ]


def _loads(officer: identity.Officer, at: datetime) -> list[Todo]:
    if not identity.may(officer, "catalog.collect"):
        return []
    held = catalog.loads(state="held", limit=MOST)
    return [
        Todo("load", one.title, _t("决定是否入库"), address("steward:load", one.run), one.begun_at)
        for one in held
    ]


def _grading(officer: identity.Officer, at: datetime) -> list[Todo]:
    if not identity.may(officer, "catalog.grade"):
        return []
    found = catalog.grade_proposals(officer=officer, state="waiting", limit=MOST)
    count = sum(one.may_decide for one in found)
    title = _t("%(n)s 个字段有分级建议") % {"n": count}
    return [Todo("grading", title, _t("采纳或不采纳"), address("steward:grading"), None)] * bool(
        count
    )


def _entries(officer: identity.Officer, at: datetime) -> list[Todo]:
    return [
        Todo(
            "entry",
            f"{one.title}（{one.list_title}，{names.organ(one.organ)}）",
            str(ENTRY_STEPS[one.state]),
            address("steward:entry", one.slug),
            one.touched_at,
        )
        for one in catalog.entries_waiting(officer=officer, at=at, limit=MOST)
    ]


def _overdue(officer: identity.Officer, at: datetime) -> list[Todo]:
    if not identity.may(officer, "catalog.draft"):
        return []
    return [
        Todo(
            "overdue",
            one.title,
            _t("超过更新周期：补交数据，或变更周期"),
            address("steward:entry", one.slug),
            one.heard_at,
            one.due_at,
            "red",
        )
        for one in catalog.overdue_entries(organ=officer.organ, at=at)[:MOST]
    ]


def _census(officer: identity.Officer, at: datetime) -> list[Todo]:
    found = []
    for one in catalog.census_waiting(officer=officer):
        where, due = (
            address("steward:campaign", one.number),
            datetime.combine(one.due_on, time.max, CHINA),
        )
        if one.lists:
            title = f"{one.title}：{'、'.join(one.lists)}"
            ask = (
                _t("填报（已催报 %(n)s 次）") % {"n": one.reminders}
                if one.reminders
                else _t("填报")
            )
            light = casework.light_before(due, at)
            found.append(Todo("census", title, ask, where, one.since, due, light))
        if one.answers:
            ask = _t("核实 %(n)s 条答卷") % {"n": one.answers}
            found.append(Todo("census", one.title, ask, where, one.since))
    return found


def _sources(officer: identity.Officer, at: datetime) -> list[Todo]:
    count = subjects.count_to_settle(officer=officer)
    title = _t("%(n)s 项来源疑似一号多人") % {"n": count}
    where = f"{address('steward:conflicts')}?kind=apart"
    return [Todo("source", title, _t("核实决定"), where, None)] * bool(count)


def _neighbours(officer: identity.Officer, at: datetime) -> list[Todo]:
    return [
        Todo(
            "neighbour",
            one.title,
            _t("决定 %(n)s 条两边都改过的条目") % {"n": one.count},
            address("steward:neighbour", one.neighbour),
            None,
        )
        for one in catalog.conflicts_to_decide(officer=officer)
    ]


def _appeals(officer: identity.Officer, at: datetime) -> list[Todo]:
    return [
        Todo(
            "appeal",
            f"{one.assessment}：{names.organ(one.organ)}",
            _t("申诉成立，更正得分"),
            address("steward:assessment_sheet", one.run, one.organ),
            one.upheld_at,
        )
        for one in boards.appeals_to_settle(actor=officer)
    ]


def _plans(officer: identity.Officer, at: datetime) -> list[Todo]:
    if not identity.may(officer, "boards.keep_plan"):
        return []
    return [
        Todo(
            "plan",
            one.title,
            _t("确认 %(n)s 项任务") % {"n": one.proposed},
            address("steward:plan", one.id),
            one.read_at,
        )
        for one in boards.plans()
        if one.proposed
    ]


def _questions(officer: identity.Officer, at: datetime) -> list[Todo]:
    if not identity.may(officer, "exchange.release"):
        return []
    asked = exchange.questions_waiting(actor=officer)
    requested = [one for one in exchange.open_requests(actor=officer) if one.state == "waiting"]
    where = address("steward:releases")
    return [
        *(Todo("question", one.title, _t("答复"), where, one.asked_at) for one in asked),
        *(Todo("request", one.title, _t("决定"), where, one.asked_at) for one in requested),
    ]


def _reuses(officer: identity.Officer, at: datetime) -> list[Todo]:
    if not identity.may(officer, "exchange.approve_release"):
        return []
    where = address("steward:releases")
    return [
        Todo("reuse", one.title, _t("审核"), where, one.sent_at)
        for one in exchange.reuses_waiting(actor=officer)
    ]


def _specials(officer: identity.Officer, at: datetime) -> list[Todo]:
    """Special grants to open, and those to review, that are not of the officer's own making."""
    asks = {"exchange.guard": ("opening", _t("审批")), "exchange.review": ("review", _t("审查"))}
    return [
        Todo(
            "special",
            f"{one.kind_title} {one.number}：{one.purpose}",
            ask,
            address("steward:special", one.number),
            one.asked_at,
            one.due_at,
            one.light,
        )
        for right, (waiting, ask) in asks.items()
        if identity.may(officer, right)
        for one in exchange.specials(actor=officer, at=at, waiting=waiting, limit=MOST)
        if officer.username not in (one.holder, one.decided_by)
    ]


def _notices(officer: identity.Officer, at: datetime) -> list[Todo]:
    """What the organ was told of its data and has not read: corrections, changes, ends."""
    if not identity.may(officer, "exchange.see"):
        return []
    told = exchange.notices(actor=officer, organ=officer.organ, unread=True, limit=MOST)
    where = address("steward:notices")
    return [Todo("notice", one.text, _t("阅知"), where, one.at) for one in told]


SOURCES: tuple[Callable[[identity.Officer, datetime], list[Todo]], ...] = (
    _cases,
    _reports,
    _loads,
    _entries,
    _overdue,
    _census,
    _grading,
    _sources,
    _neighbours,
    _appeals,
    _plans,
    _questions,
    _reuses,
    _specials,
    _notices,
)
"""Where things wait; a room that comes later adds a line."""

routes = [
    route("todo/", todo, right=OFFICER, name="todo", menu=_("待办"), icon="inbox"),
]
