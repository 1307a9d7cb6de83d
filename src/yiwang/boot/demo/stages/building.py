"""A project that is refused until its system's data is on the sharing list, then reviewed."""

from datetime import datetime
from decimal import Decimal

from yiwang.apps.boards import public as boards
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

DECLARER = "minzhengshuju"
TITLE = "社会救助与养老服务系统改造"
REASON = "方案已对照数据目录，新增数据全部共享。"


def projects(journey: Journey) -> Told:
    """信息化项目: declared, refused for want of a sharing list, handed in, reviewed by finance."""
    officer, at = cast.officer(journey, DECLARER), journey.told_at
    known = [one for one in boards.projects(actor=officer, at=at) if one.title.startswith(TITLE)]
    number = known[0].number if known else _declared(officer, at)
    refused = 0
    if casework.standing(number).step == "declare":
        refused = _handed_in(number, officer, at)
        _share(journey, boards.project(number, actor=officer, at=at).system, officer, at)
        refused += _handed_in(number, officer, at)
        services.act_on_case(
            number=number,
            verb="approve",
            officer=cast.officer(journey, cast.REVIEWER),
            at=at,
            reason="预算有基线可比，同意。",
        )
    view = casework.case(number, actor=officer, at=at)
    waiting = [one for one in view.tasks if not one.is_answered]
    return Told(
        counts={"申报": 1, "因没有共享清单被拒": refused, "等待审核的部门": len(waiting)},
        balances=[
            Balance(
                "参审部门 = 已审 + 待审",
                len(view.tasks),
                len(waiting) + sum(one.is_answered for one in view.tasks),
            )
        ],
        page=("steward:project", number),
    )


def _declared(officer: identity.Officer, at: datetime) -> str:
    systems = catalog.list_entries(
        "system", actor=officer, organ=officer.organ, state="published", limit=1
    )
    return boards.declare_project(
        boards.Project(
            system=systems[0].number,
            kind="改建",
            title=TITLE,
            budget=Decimal(860_000),
            baseline=Decimal(1_300_000),
            baseline_rule="上年建设和运维费用（示例）",
        ),
        officer=officer,
        at=at,
    )


def _handed_in(number: str, officer: identity.Officer, at: datetime) -> int:
    """Hand the project in; 1 when the rules refuse it."""
    try:
        services.act_on_case(number=number, verb="submit", officer=officer, at=at, reason=REASON)
    except services.RuleNotMet:
        return 1
    return 0


def _share(journey: Journey, system: str, officer: identity.Officer, at: datetime) -> None:
    """The system's data put on the sharing list: drafted, checked, signed by the chief."""
    source = catalog.list_entry(system, actor=officer).values.get("source", "")
    organ = officer.organ
    for line in catalog.list_entries("data", actor=officer, organ=organ, limit=200):
        entry = catalog.list_entry(line.number, actor=officer)
        if entry.values.get("system") not in (system, source) or line.state != "published":
            continue
        number = catalog.draft_entry(
            list_name="sharing",
            organ=organ,
            given={
                "title": line.title,
                "resource": line.number,
                "share": entry.values["share"],
                "share_condition": entry.values.get("share_condition", ""),
                "share_mode": entry.values["share_mode"],
                "promise": "申请后5个工作日内答复（示例）。",
                "cycle": entry.values["cycle"],
            },
            officer=officer,
            at=at,
        )
        catalog.submit_entry(number=number, officer=officer, at=at)
        bureau, chief = cast.officer(journey, "shuju"), cast.officer(journey, cast.CHIEF)
        catalog.check_entry(number=number, passes=True, reason="", officer=bureau, at=at)
        catalog.publish_entry(number=number, officer=chief, at=at)
