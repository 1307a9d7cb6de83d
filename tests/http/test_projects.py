"""A project waits until its data is shared; reviewers, refusals and strangers on the way."""

from decimal import Decimal

import pytest
from cast import NINE, OFFICE, PASSWORD
from county import settle
from visiting import browser_of, text_of

from yiwang.apps.boards import public as boards
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import ListEntry, ListEntryVersion, Register, RegisterEntry
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db
SYSTEM, TWIN, DATA, SHARING = "XT9", "XT8", "D9", "GX9"
REVIEWERS = ("security", "planning", "finance", "audit", "command")


def entry(number: str, name: str, *, organ: str = OFFICE, **values: object) -> None:
    """A published entry in force, as the lists hold it."""
    row = ListEntry.objects.create(
        number=number,
        list=name,
        organ=organ,
        title=str(values["title"]),
        state="published",
        version=1,
        origin="person",
        touched_at=NINE,
    )
    ListEntryVersion.objects.create(
        entry=row, version=1, values=values, digest="0" * 64, origin="person", active_from=NINE
    )


@pytest.fixture
def county():
    settled = settle()
    posts = {"command": "项目联动审核"}
    for party, organ in boards.reviewers(settled.library).items():
        if party in REVIEWERS:
            identity.create_account(
                username=party,
                name=party,
                password=PASSWORD,
                at=NINE,
                organ=organ,
                posts=[posts.get(party, "项目审核")],
            )
    Account.objects.update(password_set_at=system_clock())
    items = [{"title": "姓名"}, {"title": "床位"}]
    entry(SYSTEM, "system", title="养老服务系统", abstract="养老机构和床位管理")
    entry(TWIN, "system", organ="health", title="医养服务系统", abstract="养老机构和床位管理")
    entry(DATA, "data", title="养老床位", share="1", system=SYSTEM, items=items)
    entry("D8", "data", organ="health", title="医养床位", share="1", system=TWIN, items=items)
    return settled


@pytest.fixture
def number(county) -> str:
    told = {
        "system": SYSTEM,
        "title": "养老系统改造",
        "kind": "改建",
        "budget": "700,000",
        "baseline": "1000000",
        "baseline_rule": "上年费用",
    }
    browser_of("li").post("/steward/projects/declare/", told)
    return boards.projects(actor=county.li, at=NINE)[0].number


def do(number: str, verb: str, officer: identity.Officer, **more: object) -> casework.CaseView:
    return services.act_on_case(
        number=number, verb=verb, officer=officer, at=system_clock(), reason="意见", **more
    )


def test_no_sharing_list_no_submission_and_three_refusals_on_the_way(county, number):
    with pytest.raises(services.RuleNotMet, match="共享清单"):
        do(number, "submit", county.li)
    with pytest.raises(casework.EvidenceMissing):  # no rule is handed in as evidence
        casework.act(
            number=number,
            verb="submit",
            officer=county.li,
            at=system_clock(),
            reason="意见",
            evidence={"projects.may_list": "满足"},
        )
    page = text_of(browser_of("li"), f"/steward/projects/{number}/")
    assert all(words in page for words in ("三个不予", "不满足", "医养服务系统", "30.0%"))

    entry(SHARING, "sharing", title="养老床位", resource=DATA, share="1")
    assert do(number, "submit", county.li).step == "review"
    for party in REVIEWERS:
        view = do(number, "approve", identity.officer(party, at=NINE))
    assert view.step == "listing"
    with pytest.raises(casework.EvidenceMissing):
        do(number, "approve", county.gu)
    granted = {"核定预算（元）": "600,000", "核定基线（元）": "1000000"}
    assert do(number, "approve", county.gu, evidence=granted).step == "starting"
    assert do(number, "approve", identity.officer("planning", at=NINE)).step == "building"
    do(number, "handle", county.li)
    signed = {"等保测评编号": "DB-1"}
    do(number, "approve", identity.officer("security", at=NINE), evidence=signed)
    accepted = {"绩效评分": "92", "资产登记编号": "ZC-1", "决算金额（元）": "580000"}
    assert do(number, "approve", county.gu, evidence=accepted).step == "paying"
    finance = identity.officer("finance", at=NINE)
    _start, last = boards.project_payments(number, actor=finance, at=NINE)
    assert (last.score, last.amount, last.is_due, last.voucher) == (92, 360000, True, "")
    with pytest.raises(casework.EvidenceMissing):
        do(number, "approve", finance)
    do(number, "approve", finance, evidence={"支付凭证编号": "PZ-7"})
    page = text_of(browser_of("li"), f"/steward/projects/{number}/")
    assert all(words in page for words in ("按绩效付款", "360,000", "PZ-7", "42.0%", "580,000"))
    (asset,) = boards.project_assets(actor=county.li, at=NINE)
    assert (asset.number, asset.value) == ("ZC-1", 580000)
    assert "ZC-1" in text_of(browser_of("li"), "/steward/projects/assets/")
    gates = boards.project_gates(number, actor=finance, at=NINE)
    kept = {one.title: one.result for gate in gates for one in gate.reasons}
    assert kept["资产已登记"] == "yes", "the number that acceptance gave"
    with pytest.raises(services.RuleNotMet, match="运维经费"):  # built and not used
        do(number, "approve", finance)
    assert do(number, "refuse", finance).step == "not_funded"


def test_a_project_that_was_sent_back_has_its_budget_cut_and_keeps_what_stood_before(
    county, number
):
    here, told = f"/steward/projects/{number}/", {"budget": "650,000", "reason": "财政核减"}
    entry(SHARING, "sharing", title="养老床位", resource=DATA, share="1")
    do(number, "submit", county.li)
    late = browser_of("li").post(f"{here}amend/", told, follow=True)
    assert "已经提交" in late.content.decode()
    for party in REVIEWERS:
        verb = "return" if party == "finance" else "approve"
        view = do(number, verb, identity.officer(party, at=NINE))
    assert view.step == "declare", "once all were heard"
    wrong = browser_of("li").post(f"{here}amend/", {"budget": "NaN", "reason": "改"}, follow=True)
    assert "金额不是数" in wrong.content.decode()
    assert browser_of("sun").post(f"{here}amend/", told).status_code == 403
    with pytest.raises(casework.CaseNotYours):
        boards.amend_project(
            number=number,
            budget=Decimal(1),
            reason="改",
            officer=identity.officer("finance", at=NINE),
            at=system_clock(),
        )
    browser_of("li").post(f"{here}amend/", told)

    found = boards.project(number, actor=county.li, at=system_clock())
    assert (found.budget, found.cost_title, found.may_amend) == (650000, "申报", True)
    trail = casework.trail(number, actor=county.li)
    assert trail[-1].title == "预算（元）由 700000 改为 650000"


def test_the_auditor_sees_every_project_with_its_trail_and_moves_only_its_own_part(county, number):
    auditor = identity.officer("audit", at=NINE)
    assert [one.number for one in boards.projects(actor=auditor, at=NINE)] == [number]
    assert len(casework.trail(number, actor=auditor)) == 1
    for act in (
        lambda: do(number, "withdraw", auditor),
        lambda: boards.amend_project(
            number=number, budget=Decimal(1), reason="改", officer=auditor, at=system_clock()
        ),
    ):
        with pytest.raises(casework.CaseNotYours):
            act()


def test_a_stranger_declares_sees_and_moves_nothing(county, number):
    with pytest.raises(boards.ProjectMalformed):
        boards.declare_project(
            boards.Project(
                system=SYSTEM,
                kind="新建",
                title="别人的系统",
                budget=Decimal(1),
                baseline=Decimal(1),
                baseline_rule="无",
            ),
            officer=county.sun,
            at=NINE,
        )
    assert boards.projects(actor=county.sun, at=NINE) == []
    assert browser_of("sun").get(f"/steward/projects/{number}/").status_code == 403
    assert boards.project_assets(actor=county.sun, at=NINE) == []
    with pytest.raises(casework.CaseNotYours):
        boards.project_payments(number, actor=county.sun, at=NINE)
    with pytest.raises(casework.CaseNotYours):
        do(number, "submit", county.sun)


@pytest.mark.parametrize("budget", ["NaN", "Infinity", "1e999999", "七十万"])
def test_a_budget_that_is_no_number_is_refused_and_nothing_is_declared(county, budget):
    told = {"system": SYSTEM, "title": "甲", "kind": "新建", "budget": budget, "baseline": "1"}
    asked = browser_of("li").post("/steward/projects/declare/", told, follow=True)

    assert "金额不是数" in asked.content.decode()
    assert boards.projects(actor=county.li, at=NINE) == []


def test_older_assets_stand_beside_those_of_cases_for_who_uses_or_reviews_them(county):
    values = {"id": "JC-1", "system": SYSTEM, "title": "旧服务器", "organ": OFFICE, "value": "9000"}
    RegisterEntry.objects.create(
        register=Register.objects.get(ref="projects.assets"),
        key="JC-1",
        values={**values, "registered_on": "2020-05-01"},
        active_from=NINE,
    )
    assert "旧服务器" in text_of(browser_of("li"), "/steward/projects/assets/")
    for seer, sees in ((identity.officer("audit", at=NINE), ["JC-1"]), (county.sun, [])):
        assert [one.number for one in boards.project_assets(actor=seer, at=NINE)] == sees


def test_a_system_that_holds_the_same_items_is_most_alike(county):
    (first, *_) = catalog.like_systems(SYSTEM)

    assert (first.number, first.items) == (TWIN, ("姓名", "床位"))
    assert first.likeness > 0.6
