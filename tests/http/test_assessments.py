"""Organs are scored from indicators, ranked, heard, corrected; strangers see totals only."""

from decimal import Decimal

import prepared
import pytest
from cast import NINE, OFFICE, OTHER_OFFICE, PASSWORD
from county import County, settle
from visiting import browser_of, text_of

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.actions.indicators import take_snapshot
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db
REF, PERIOD = "assessment.annual", "2026年"


@pytest.fixture(scope="module")
def counted(django_db_setup, django_db_blocker):
    yield from prepared.for_module(django_db_blocker, count)


@pytest.fixture
def county(counted, db):
    return counted


def count() -> County:
    settled = settle()
    for username, organ in (("wucdo", OFFICE), ("suncdo", OTHER_OFFICE)):
        identity.create_account(
            username=username,
            name=username,
            password=PASSWORD,
            at=NINE,
            organ=organ,
            posts=["首席数据官"],
        )
    Account.objects.update(password_set_at=system_clock())
    boards.publish_platform(catalog.lake(), at=NINE)
    for ref in ("targets.one_account_found", "targets.collected"):
        indicator = settled.library.indicator(ref)
        take_snapshot(ref, indicator, lake=catalog.lake(), at=NINE, library=settled.library)
    return settled


@pytest.fixture
def run(county) -> int:
    browser_of("gu").post("/steward/assessments/take/", {"assessment": REF, "period": PERIOD})
    return boards.assessment_runs()[0].id


def organ_line(run: int, organ: str) -> boards.OrganLine:
    return next(one for one in boards.ranking(run) if one.organ == organ)


def test_organs_are_ranked_among_their_kind_and_strangers_see_totals_only(county, run):
    lines = boards.ranking(run)
    towns = [one for one in lines if one.kind.startswith("乡镇")]

    assert organ_line(run, OFFICE).score is not None
    assert all(one.score is None and one.rank is None for one in towns)
    page = text_of(browser_of("gu"), f"/steward/assessments/{run}/")
    bulletin = text_of(browser_of("gu"), f"/steward/assessments/{run}/bulletin/")
    targets = text_of(browser_of("gu"), "/steward/targets/")
    assert all(words in page for words in ("县民政局", "不参评", "示例"))
    assert all(words in bulletin for words in ("标杆单位", "量化目标", "逾期任务", "县民政局"))
    assert all(words in targets for words in ("数据应归尽归", "还没有取过数"))

    stranger, officer = browser_of("suncdo"), identity.officer("suncdo", at=NINE)
    assert stranger.get(f"/steward/assessments/{run}/").status_code == 200
    assert stranger.get(f"/steward/assessments/{run}/{OFFICE}/").status_code == 403
    assert stranger.post("/steward/assessments/take/", {"period": "2027年"}).status_code == 403
    with pytest.raises(identity.NotAllowed):
        boards.appeal(run=run, organ=OFFICE, part="staff", reason="不服", officer=officer, at=NINE)


def test_an_organ_scored_on_little_is_not_ranked(county, run):
    """Two of the leaves were measured: less than half of the weight, so a total and no rank."""
    line = organ_line(run, OFFICE)

    assert (line.score is None, line.rank) == (False, None)
    assert 0 < line.covered < Decimal("0.5")
    for page in (f"/steward/assessments/{run}/", f"/steward/assessments/{run}/bulletin/"):
        assert "不参加排名" in text_of(browser_of("gu"), page)


def test_an_organ_appeals_and_is_corrected_when_it_was_right(county, run):
    sheet, chief = f"/steward/assessments/{run}/{OFFICE}/", identity.officer("wucdo", at=NINE)
    told = {"act": "appeal", "part": "staff", "reason": "同名的是两个人"}
    asked = browser_of("wucdo").post(f"{sheet}appeal/", told, follow=True)
    assert "申诉已提交" in asked.content.decode()
    case = boards.organ_sheet(run, OFFICE, actor=chief).appeals[0].case
    with pytest.raises(boards.AppealNotUpheld):
        boards.settle_appeal(case=case, right_points=Decimal(50), officer=county.gu, at=NINE)
    casework.act(number=case, verb="approve", officer=county.gu, at=system_clock(), reason="属实")
    assert sheet in text_of(browser_of("gu"), "/office/todo/?kind=appeal")
    assert sheet not in text_of(browser_of("suncdo"), "/office/todo/")
    (waiting,) = boards.appeals_to_settle(actor=county.gu)
    assert (waiting.organ, waiting.part, waiting.case) == (OFFICE, "一人一号", case)
    assert "还没有更正" in text_of(browser_of("gu"), f"/steward/assessments/{run}/")
    assert boards.appeals_to_settle(actor=identity.officer("suncdo", at=NINE)) == []
    assert "还没有更正" not in text_of(browser_of("suncdo"), f"/steward/assessments/{run}/")
    before = organ_line(run, OFFICE)
    wrong = {"act": "settle", "case": case, "points": "NaN"}
    told = browser_of("gu").post(f"{sheet}appeal/", wrong, follow=True)
    assert "得分不是数" in told.content.decode()
    right = {"act": "settle", "case": case, "points": "0"}
    settled = browser_of("gu").post(f"{sheet}appeal/", right, follow=True)

    after = organ_line(run, OFFICE)
    assert "已更正" in settled.content.decode()
    assert after.is_corrected
    assert boards.appeals_to_settle(actor=county.gu) == []
    assert after.score < before.score
    for again in (
        lambda: boards.settle_appeal(
            case=case, right_points=Decimal(50), officer=county.gu, at=NINE
        ),
        lambda: assess_again(county),
    ):
        with pytest.raises((boards.AppealNotUpheld, boards.AlreadyAssessed)):
            again()


def assess_again(county) -> None:
    boards.assess(
        REF, period=PERIOD, officer=county.gu, at=NINE, lake=catalog.lake(), library=county.library
    )
