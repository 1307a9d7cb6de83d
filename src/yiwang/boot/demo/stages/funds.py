"""Public money: an investment project that is paid too much for, proceeds handed over too little.

Stages of places that have the pack of investment projects or the pack of data revenue.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yiwang.apps.casework import public as casework
from yiwang.apps.services import public as services
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.demo.stages.begun import began

PROJECT, PRODUCT = "government_investment.project", "data_revenue.product"
SETTLEMENT, DISPUTE = "data_revenue.settlement", "data_revenue.dispute"
PLANNING, UNIT, AUDIT, OPERATOR = "touzi", "xiangmu", "juesuan", "yunying"
FINANCE, BUREAU = cast.REVIEWER, "shuju"


@dataclass(frozen=True)
class Act:
    """Who does what; with ``refused`` the platform's rule says no, and nothing is changed."""

    by: str
    verb: str
    given: dict[str, str] = field(default_factory=dict)
    to: str = ""
    refused: bool = False


def _plan(estimate: str, declared: str) -> Act:
    return Act(UNIT, "submit", {"可研估算（元）": estimate, "申报概算（元）": declared})


def _approve(total: str, *, refused: bool = False) -> Act:
    given = {"核定概算（元）": total, "批复文号": "演示批〔2026〕7号"}
    return Act(PLANNING, "approve", given, refused=refused)


def _start(budget: str, contract: str, method: str) -> tuple[Act, ...]:
    signed = {
        "采购方式": method,
        "中标单位": "演示建筑公司",
        "合同金额（元）": contract,
        "交易项目编号": "JY-演示",
    }
    return (
        Act(FINANCE, "approve", {"已安排预算（元）": budget, "预算文号": "演示预〔2026〕3号"}),
        Act(UNIT, "handle", signed),
        Act(PLANNING, "approve", {"施工许可证编号": "SG-演示"}),
    )


def _claim(output: str, amount: str) -> Act:
    return Act(
        UNIT, "submit", {"累计完成产值（元）": output, "申请金额（元）": amount}, to="paying"
    )


def _pay(voucher: str, *, refused: bool = False) -> Act:
    return Act(FINANCE, "approve", {"支付凭证编号": voucher}, refused=refused)


INTO_RESERVE = (
    Act(UNIT, "submit", {"项目建议书文号": "演示建〔2026〕2号", "reason": "列入本年度重点。"}),
    Act(PLANNING, "approve"),
)
OVERPAID = (
    *INTO_RESERVE,
    _plan("8,600,000", "9,900,000"),
    _approve("9,900,000", refused=True),
    Act(PLANNING, "return", {"reason": "概算超过可研估算的110%，重新报送。"}),
    _plan("8,600,000", "8,950,000"),
    _approve("8,900,000"),
    *_start("6,000,000", "8,200,000", "公开招标"),
    Act(
        UNIT,
        "handle",
        {"形象进度": "管网完成三成", "累计完成产值（元）": "2,500,000"},
        to="building",
    ),
    _claim("2,500,000", "2,400,000"),
    _pay("PZ-演示-1"),
    _claim("4,000,000", "2,000,000"),
    _pay("PZ-演示-2", refused=True),
)
"""Too dear at first, then built, paid once, and a second claim beyond what was built."""

FINISHED = (
    *INTO_RESERVE,
    _plan("3,500,000", "3,600,000"),
    _approve("3,600,000"),
    *_start("3,600,000", "3,400,000", "竞争性磋商"),
    _claim("3,400,000", "3,200,000"),
    _pay("PZ-演示-3"),
    Act(UNIT, "handle", {"累计完成产值（元）": "3,400,000"}, to="acceptance"),
    Act(PLANNING, "approve", {"验收意见": "合格"}),
    Act(UNIT, "submit", {"决算金额（元）": "3,395,000.50"}),
    Act(AUDIT, "approve", {"审定金额（元）": "3,310,000.00", "审计报告文号": "演示审〔2026〕5号"}),
    Act(UNIT, "submit", {"申请金额（元）": "195,000"}),
    _pay("PZ-演示-4", refused=True),
    Act(
        FINANCE,
        "return",
        {"reason": "已付加尾款超过审定金额。", "clause": "建设工程质量保证金管理办法第七条"},
    ),
    Act(UNIT, "submit", {"申请金额（元）": "110,000"}),
    _pay("PZ-演示-5"),
    Act(FINANCE, "close", {"资产移交编号": "ZC-演示", "结余缴回（元）": "290,000"}),
)
"""Built, audited and closed; the last claim was more than the audit allowed."""

APPROVED = (
    Act(
        OPERATOR,
        "submit",
        {
            "应用场景": "分级诊疗规划",
            "数据清单": "就医人次（按街道汇总）",
            "reason": "不含个人信息。",
        },
    ),
    Act(BUREAU, "approve", {"审定编号": "演示审定2026-02"}),
)
TERMS = "数据要素运营收益分成办法（示例）"


def _declared(income: str) -> Act:
    return Act(OPERATOR, "submit", {"申报收入（元）": income})


def _received(amount: str, slip: str) -> Act:
    return Act(FINANCE, "accept", {"到账金额（元）": amount, "缴款书编号": slip}, to="receive")


def _noticed(slip: str) -> tuple[Act, ...]:
    return (
        Act(BUREAU, "approve"),
        Act(FINANCE, "approve", {"缴款通知书编号": f"TZ-{slip}"}),
        Act(OPERATOR, "handle", {"缴款书编号": slip}),
    )


HANDED_OVER = (
    _declared("245,300.22"),
    *_noticed("JK-演示-1"),
    _received("98,120.09", "JK-演示-1"),
    Act(FINANCE, "close"),
)
SHORT = (
    _declared("240,000.00"),
    Act(BUREAU, "approve", refused=True),
    Act(BUREAU, "return", {"reason": "比台账少350.09元。", "clause": TERMS}),
    _declared("240,350.09"),
    *_noticed("JK-演示-2"),
    _received("90,000.00", "JK-演示-2"),
    Act(FINANCE, "close", refused=True),
    Act(FINANCE, "dispatch", {"reason": "已过上缴期限，还欠6140.04元。", "clause": TERMS}),
)
"""Declared too little, then handed over too little and asked for the rest."""

DISPUTED = (
    Act(
        OPERATOR,
        "submit",
        {"争议金额（元）": "3,920.00", "reason": "二季度的云服务成本9800元应当先列支。"},
    ),
    Act(OPERATOR, "handle", {"reason": "按净收益算，应少缴3920元。"}),
    Act(FINANCE, "handle", {"reason": "上半年按收入分成，不列支成本。"}),
    Act(BUREAU, "refuse", {"reason": "二季度适用的口径是收入。", "clause": TERMS}),
)
OPEN = (_declared("332,680.76"),)


def invested(journey: Journey) -> Told:
    """政府投资项目: one too dear and overpaid, one finished, one just begun."""
    at = journey.begun_at + timedelta(hours=4)
    over = began(journey, PROJECT, "TZ2601", PLANNING, at, "列入本年度投资计划")
    whole = began(journey, PROJECT, "TZ2607", PLANNING, at, "列入民生实事")
    began(journey, PROJECT, "TZ2602", PLANNING, at, "学位缺口")
    refused = _acted(journey, over, OVERPAID, at) + _acted(journey, whole, FINISHED, at)
    actor = cast.officer(journey, PLANNING)
    ended = casework.case(whole, actor=actor, at=journey.told_at).step
    return Told(
        counts={"政府投资项目": 3, "超概算、超付被拒": refused},
        balances=[Balance("一个项目已决算、审计、移交", int(ended == "done"), 1)],
        page=("office:case", over),
    )


def revenue(journey: Journey) -> Told:
    """数据运营收益: a product approved, three periods declared, one in arrears and in dispute."""
    at = journey.begun_at + timedelta(hours=4)
    product = began(journey, PRODUCT, "SJ02", OPERATOR, at, "新产品审定")
    _acted(journey, product, APPROVED, at)
    refused, cases = 0, {}
    for period, acts in (("2026Q1", HANDED_OVER), ("2026Q2", SHORT), ("2026Q3", OPEN)):
        cases[period] = began(journey, SETTLEMENT, period, OPERATOR, at, f"{period}结算")
        refused += _acted(journey, cases[period], acts, at)
    dispute = began(journey, DISPUTE, "2026Q2", OPERATOR, at, "成本列支")
    _acted(journey, dispute, DISPUTED, at)
    even = [
        services.judged(["data_revenue.paid_up"], one, at=journey.told_at)[0].result
        for one in cases
    ]
    return Told(
        counts={"结算期": len(cases), "申报、办结被拒": refused, "争议": 1},
        balances=[Balance("缴足一分不差的期数", even.count("yes"), 1)],
        page=("office:case", cases["2026Q2"]),
    )


def _acted(journey: Journey, number: str, acts: Sequence[Act], at: datetime) -> int:
    """Do what is not done yet, in order; how many acts the rules refused."""
    by = cast.officer(journey, acts[0].by)
    verbs = {act.verb for act in acts}  # the beginning and links stand in the trail too
    done = sum(line.verb in verbs for line in casework.trail(number, actor=by))
    refused = made = 0
    for turn, act in enumerate(acts, 1):
        refused += act.refused
        made += not act.refused
        if made > done:
            _do(journey, number, act, at + timedelta(minutes=20 * turn))
    return refused


def _do(journey: Journey, number: str, act: Act, at: datetime) -> None:
    given = dict(act.given)
    reason = given.pop("reason", "")
    try:
        services.act_on_case(
            number=number,
            verb=act.verb,
            officer=cast.officer(journey, act.by),
            at=at,
            reason=reason,
            evidence=given,
            to=act.to,
        )
    except services.RuleNotMet:
        if not act.refused:
            raise
