"""Public money in the places that ask for it: nothing is paid, closed or waived past the rules."""

import prepared
import pytest
from cast import NINE, PASSWORD
from prepared import library
from visiting import browser_of, text_of

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db
PROJECT, SETTLEMENT = "government_investment.project", "data_revenue.settlement"
DISPUTE = "data_revenue.dispute"
INVESTORS = {
    "planning": "government_investment.planning",
    "unit": "government_investment.unit",
    "finance": "government_investment.finance",
    "audit": "government_investment.audit",
}
PARTNERS = {
    "operator": "data_revenue.operator",
    "finance": "data_revenue.finance",
    "bureau": "data_revenue.bureau",
}


def settle(place: str, roles: dict[str, str], settings) -> dict[str, identity.Officer]:
    """The packs of a place, an officer for each role, and a stranger of another organ."""
    settings.PLACE = place
    prepared.once(lambda: install(place, roles), name=(install, place))
    return {name: identity.officer(name, at=NINE) for name in (*roles, "stranger")}


def install(place: str, roles: dict[str, str]) -> None:
    known = library(place)
    for room in (identity, casework, catalog):
        room.install(known, at=NINE)
    posts = {
        role: (organ, post)
        for organ, one in reversed(known.organs().items())
        for post, held in one.roles.items()
        for role in held
    }
    people = {name: posts[role] for name, role in roles.items()}
    for name, (organ, post) in {**people, "stranger": ("market", "数据专员")}.items():
        identity.create_account(
            username=name, name=name, password=PASSWORD, at=NINE, organ=organ, posts=[post]
        )
    Account.objects.update(password_set_at=system_clock())


def begin(flow: str, about: str, officer: identity.Officer) -> str:
    return casework.begin_case(
        flow=flow, about=about, purpose="按计划", parties={}, officer=officer, at=NINE
    ).number


def do(number: str, verb: str, officer: identity.Officer, to: str = "", **evidence: str) -> str:
    given = {name: text for name, text in evidence.items() if name != "reason"}
    return services.act_on_case(
        number=number,
        verb=verb,
        officer=officer,
        at=system_clock(),
        reason=evidence.get("reason", "意见"),
        evidence=given,
        to=to,
    ).step


@pytest.fixture
def invested(settings):
    return settle("liangshan", INVESTORS, settings)


@pytest.fixture
def shared(settings):
    return settle("luoyang", PARTNERS, settings)


def unit_entry(officer: identity.Officer) -> str:
    reserve = library("liangshan").entries("government_investment.reserve")
    return next(str(one["id"]) for one in reserve if one["unit"] == officer.organ)


def started(people, *, estimate: str, declared: str, contract: str, method: str) -> str:
    """A project brought to the approval of its beginning."""
    planning, unit, finance = (people[name] for name in ("planning", "unit", "finance"))
    number = begin(PROJECT, unit_entry(unit), planning)
    do(number, "submit", unit, 项目建议书文号="建1")
    do(number, "approve", planning)
    do(number, "submit", unit, **{"可研估算（元）": estimate, "申报概算（元）": declared})
    do(number, "approve", planning, **{"核定概算（元）": declared, "批复文号": "批1"})
    do(number, "approve", finance, **{"已安排预算（元）": declared, "预算文号": "预1"})
    signed = {"采购方式": method, "中标单位": "某公司", "合同金额（元）": contract}
    do(number, "handle", unit, 交易项目编号="JY1", **signed)
    return number


def test_a_project_beyond_its_estimate_is_not_approved(invested):
    planning, unit = invested["planning"], invested["unit"]
    number = begin(PROJECT, unit_entry(unit), planning)
    do(number, "submit", unit, 项目建议书文号="建1")
    do(number, "approve", planning)
    told = {"可研估算（元）": "1,000,000", "申报概算（元）": "1,100,000.01"}
    do(number, "submit", unit, **told)
    with pytest.raises(services.RuleNotMet, match="110%"):
        do(number, "approve", planning, **{"核定概算（元）": "1100000.01", "批复文号": "批1"})
    assert do(number, "return", planning) == "study"
    do(number, "submit", unit, **{**told, "申报概算（元）": "1,100,000"})
    assert (
        do(number, "approve", planning, **{"核定概算（元）": "1,100,000", "批复文号": "批1"})
        == "budget"
    )


def test_a_large_contract_without_tender_does_not_begin(invested):
    money = {"estimate": "9000000", "declared": "9000000", "contract": "8000000"}
    number = started(invested, **money, method="直接委托")
    with pytest.raises(services.RuleNotMet, match="招标"):
        do(number, "approve", invested["planning"], 施工许可证编号="SG1")
    assert do(number, "return", invested["planning"]) == "tender"


def test_nothing_is_paid_beyond_what_was_built_and_the_page_shows_the_sums(invested):
    unit, finance = invested["unit"], invested["finance"]
    money = {"estimate": "3000000", "declared": "3000000", "contract": "2900000"}
    number = started(invested, **money, method="竞争性磋商")
    do(number, "approve", invested["planning"], 施工许可证编号="SG1")
    claim = {"累计完成产值（元）": "1,000,000", "申请金额（元）": "970,000.01"}
    assert do(number, "submit", unit, to="paying", **claim) == "paying"
    with pytest.raises(services.RuleNotMet, match="累计完成产值"):
        do(number, "approve", finance, 支付凭证编号="PZ1")
    do(number, "return", finance, clause="政府投资条例")
    do(number, "submit", unit, to="paying", **{**claim, "申请金额（元）": "970,000"})
    assert do(number, "approve", finance, 支付凭证编号="PZ1") == "building"

    page = text_of(browser_of("finance"), f"/office/cases/{number}/")
    assert all(words in page for words in ("已支付（元）", "970,000.00", "2,900,000.00"))


def test_a_stranger_and_another_post_move_no_project(invested):
    number = begin(PROJECT, unit_entry(invested["unit"]), invested["planning"])
    for name in ("stranger", "finance", "audit"):
        with pytest.raises(NotAllowed):
            do(number, "submit", invested[name], 项目建议书文号="建1")
    with pytest.raises(NotAllowed):
        begin(PROJECT, unit_entry(invested["unit"]), invested["unit"])
    assert browser_of("stranger").get(f"/office/cases/{number}/").status_code == 403


def test_a_period_is_closed_when_all_has_arrived_to_the_cent(shared):
    operator, bureau, finance = (shared[name] for name in ("operator", "bureau", "finance"))
    number = begin(SETTLEMENT, "2026Q1", operator)
    do(number, "submit", operator, **{"申报收入（元）": "245,300.21"})
    with pytest.raises(services.RuleNotMet, match="一分不差"):
        do(number, "approve", bureau)
    do(number, "return", bureau, clause="办法")
    do(number, "submit", operator, **{"申报收入（元）": "245,300.22"})
    do(number, "approve", bureau)
    do(number, "approve", finance, 缴款通知书编号="TZ1")
    page = text_of(browser_of("operator"), f"/office/cases/{number}/")
    assert all(words in page for words in ("应上缴（元）", "98,120.09", "147,180.13"))

    do(number, "handle", operator, 缴款书编号="JK1")
    got = {"到账金额（元）": "98,120.08", "缴款书编号": "JK1"}
    do(number, "accept", finance, to="receive", **got)
    with pytest.raises(services.RuleNotMet, match="一分不差"):
        do(number, "close", finance)
    do(number, "accept", finance, to="receive", **{**got, "到账金额（元）": "0.01"})
    assert do(number, "close", finance) == "settled"


def test_an_open_dispute_holds_the_period_and_an_upheld_one_changes_what_is_due(shared):
    operator, bureau, finance = (shared[name] for name in ("operator", "bureau", "finance"))
    number = begin(SETTLEMENT, "2026Q2", operator)
    do(number, "submit", operator, **{"申报收入（元）": "240,350.09"})
    do(number, "approve", bureau)
    do(number, "approve", finance, 缴款通知书编号="TZ1")
    do(number, "handle", operator, 缴款书编号="JK1")
    got = {"到账金额（元）": "92,220.04", "缴款书编号": "JK1"}
    do(number, "accept", finance, to="receive", **got)

    dispute = begin(DISPUTE, "2026Q2", operator)
    do(dispute, "submit", operator, **{"争议金额（元）": "3,920"})
    with pytest.raises(services.RuleNotMet, match="未决的争议"):
        do(number, "close", finance)
    do(dispute, "handle", operator)
    assert do(dispute, "handle", finance) == "decide"
    with pytest.raises(NotAllowed):
        do(dispute, "approve", finance, **{"调整上缴额（元）": "0", "clause": "办法"})
    ruled = {"调整上缴额（元）": "-3,920.00", "clause": "办法"}
    assert do(dispute, "approve", bureau, **ruled) == "upheld"
    assert do(number, "close", finance) == "settled"


def test_a_stranger_sees_and_moves_no_settlement(shared):
    number = begin(SETTLEMENT, "2026Q3", shared["operator"])
    for name in ("stranger", "finance", "bureau"):
        with pytest.raises(NotAllowed):
            do(number, "submit", shared[name], **{"申报收入（元）": "1"})
    for flow in (SETTLEMENT, DISPUTE):
        with pytest.raises(NotAllowed):
            begin(flow, "2026Q3", shared["stranger"])
    assert browser_of("stranger").get(f"/office/cases/{number}/").status_code == 403
