"""A wrong value found, contested by the resident, corrected at the source, told to who used it."""

from datetime import datetime, timedelta

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

TABLE, COLUMN = "base.resident", "address"
REASON = "今年八月迁居，户口簿已变更，平台上的住址仍是旧的。"


def objection(journey: Journey) -> Told:
    """异议: from my file to the source, the correction to every copy, a notice to each user."""
    at = journey.begun_at + timedelta(hours=8)
    person = cast.resident(journey)["id_number"]
    resident = identity.applicant(person)
    known = catalog.objections(actor=resident)
    number = known[0].number if known else _objected(journey, resident, person)
    journey.keep(objection=number)
    if catalog.objection(number, actor=resident).state == "waiting":
        source, bureau = cast.officer(journey, "gongan"), cast.officer(journey, "shuju")
        if not catalog.objection(number, actor=bureau).answered:
            catalog.answer_objection(
                number,
                agrees=True,
                reason="迁入登记属实，已在户籍系统改正。",
                officer=source,
                at=at + timedelta(hours=1),
            )
        exchange.check_objection(
            number, verdict="corrected", officer=bureau, at=at + timedelta(hours=2)
        )
    renewed = catalog.carry_corrections(at=at + timedelta(hours=2))
    found = catalog.objection(number, actor=resident)
    shown = catalog.lake().lookup(TABLE, where={"id_number": person}, columns=[COLUMN])
    user = cast.officer(journey, "minzheng").organ
    told = exchange.told_about(number, actor=cast.officer(journey, "shuju"))
    return Told(
        counts={"异议": 1, "更新的表": len(renewed), "告知的机构": len(told)},
        balances=[
            Balance("查询副本已是更正后的值", int(shown[0][COLUMN] == found.value), 1),
            Balance("调用过这个值的机构已告知", len({one.organ for one in told} & {user}), 1),
        ],
        page=("steward:objections",),
    )


def _objected(journey: Journey, resident: identity.Applicant, person: str) -> str:
    (row,) = catalog.lake().lookup(TABLE, where={"id_number": person}, columns=[COLUMN])
    return catalog.object_to(
        TABLE,
        key=person,
        column=COLUMN,
        claimed=f"{row[COLUMN]}（新址）",
        reason=REASON,
        by=resident,
        at=journey.begun_at + timedelta(hours=8),
        source="citizen",
    )


def scenario(journey: Journey) -> Told:
    """场景清单: a window's list judged once; one part refused and brought before the council."""
    at = journey.begun_at + timedelta(hours=9)
    asking, bureau = cast.officer(journey, "minzhengshuju"), cast.officer(journey, "shuju")
    known = exchange.scenarios(actor=bureau)
    listing = known[0] if known else _listed(asking, bureau, at)
    refused = next(part.demand for part in listing.parts if part.table == "base.legal_person")
    if exchange.demand(refused, actor=bureau).state == "waiting":
        exchange.decide_demand(
            refused,
            agree=False,
            reason="清单用途与法人登记信息的关联未说明。",
            officer=cast.officer(journey, "shichang"),
            at=at + timedelta(hours=1),
        )
        exchange.escalate_demand(
            refused,
            reason="救助核对须排除经营主体，上位文件已有要求。",
            officer=asking,
            at=at + timedelta(hours=2),
        )
    return Told(
        counts={"场景清单": 1, "分项": len(listing.parts), "提请协调": 1},
        balances=[Balance("分项都成为需求", sum(bool(p.demand) for p in listing.parts), 2)],
        page=("steward:scenarios",),
    )


def _listed(
    asking: identity.Officer, bureau: identity.Officer, at: datetime
) -> exchange.ScenarioView:
    made = exchange.open_scenario(
        title="社会救助家庭经济状况核对",
        item="最低生活保障对象认定",
        purpose="社会救助家庭经济状况核对",
        basis="社会救助暂行办法；县公共数据管理办法（示例）",
        parts=[
            exchange.Part(
                "base.resident",
                ("id_number", "name", "household", "is_alive"),
                exchange.Bounds(lookup=("id_number",)),
            ),
            exchange.Part(
                "base.legal_person",
                ("uscc", "name", "representative"),
                exchange.Bounds(lookup=("uscc",)),
            ),
        ],
        officer=asking,
        at=at,
    )
    return exchange.judge_scenario(
        made.number, approve=True, reason="字段为核对所必需。", officer=bureau, at=at
    )


def special(journey: Journey) -> Told:
    """特别授权与预警: four eyes, one look-up, a review; use held against the rules."""
    at = journey.begun_at + timedelta(hours=10)
    window, guard = cast.officer(journey, "chuangkou"), cast.officer(journey, "anquanyuan")
    auditor = cast.officer(journey, "shenji")
    known = exchange.specials(actor=auditor, at=at)
    number = known[0].number if known else _used(journey, window, guard, at)
    view = exchange.special(number, actor=auditor, at=at + timedelta(hours=3))
    raised = exchange.watch_use(at, library=journey.library)
    return Told(
        counts={"特别授权": 1, "查询": len(view.uses), "用数预警": raised},
        balances=[Balance("每次查询都经网关留痕", len(view.uses), 1)],
        page=("steward:flows",),
    )


def _used(journey: Journey, window: identity.Officer, guard: identity.Officer, at: datetime) -> str:
    number = exchange.ask_special(
        kind="super",
        tables=["base.resident"],
        purpose="窗口免交户口簿",
        basis="国务院关于在线政务服务的若干规定；县公共数据管理办法（示例）",
        case=str(journey.kept["demand"]),
        hours=2,
        officer=window,
        at=at,
    ).number
    exchange.open_special(number, agree=True, reason="个案属实。", officer=guard, at=at)
    person = cast.resident(journey)["id_number"]
    later = at + timedelta(minutes=20)
    exchange.look_up(number, table="base.resident", value=person, officer=window, at=later)
    exchange.close_special(number, officer=window, at=later)
    return number
