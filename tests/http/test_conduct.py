"""行为监察: late work and repeated requests become cards with a case; strangers see none."""

from datetime import timedelta

import pytest
from cast import PASSWORD, WANG_NUMBER
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, RuleAlert, StepTask
from yiwang.apps.identity import public as identity
from yiwang.apps.journal.models import Outbox
from yiwang.packkit.current import current_library

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=120)
PAGE = "/office/conduct/"
NAMES = {"banli": "毛经办"}


@pytest.fixture
def county(db, settings, tmp_path):
    """The office of items with an officer who works and one who supervises."""
    settings.HOME = tmp_path
    library = current_library(django_settings.PACKS, django_settings.PLACE, tmp_path)
    for room in (identity, casework):
        room.install(library, at=LONG_AGO)
    for username, organ, post in (
        ("banli", "approval", "事项经办"),
        ("jiancha", "approval", "监督审核"),
        ("sun", "civil-affairs", "证照管理"),
    ):
        identity.create_account(
            username=username,
            name=NAMES.get(username, username),
            password=PASSWORD,
            organ=organ,
            posts=[post],
            at=NOW - timedelta(hours=1),
        )
    return library


def opened(count: int, *, at) -> list[str]:
    return casework.open_cases(
        flow="base.item_approval",
        cases=[
            casework.NewCase(
                subject=WANG_NUMBER, title="申请", organ="approval", division="321323000000"
            )
            for _ in range(count)
        ],
        actor="services",
        at=at,
    )


def decided(numbers: list[str]) -> None:
    officer = identity.officer("banli")
    refused = casework.act_on_many(
        numbers=numbers, verb="accept", officer=officer, at=NOW, reason="材料齐全"
    )
    assert not refused


def signed_in(username: str) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"username": username, "password": PASSWORD, "code": ""})
    return browser


def test_late_work_is_a_card_with_one_open_case_and_says_why(county):
    numbers = opened(4, at=NOW - timedelta(hours=30))
    StepTask.objects.update(due_at=NOW - timedelta(hours=5))
    decided(numbers[:2])
    assert casework.watch_conduct(NOW, library=county) == 0
    decided(numbers[2:])

    assert casework.watch_conduct(NOW, library=county) == 1
    assert casework.watch_conduct(NOW + timedelta(days=1), library=county) == 0, "still open"
    alert = RuleAlert.objects.get()
    assert (alert.rule, alert.condition, alert.object) == ("base.conduct_yellow", "late", "banli")
    assert alert.measured == {"late": 4, "late_month": 4}
    assert (alert.values, alert.check_text[:9]) == ({"late_times": "3"}, "late >= 1")
    assert Outbox.objects.get(event="case.conduct_alert").subject == "banli"

    supervisor = signed_in("jiancha")
    page = supervisor.get(PAGE).content.decode()
    assert "三十日内多次逾期" in page and "黄牌" in page and "效能监察办法" in page
    assert "毛经办" in page and "当日逾期 ≥ 1 且 三十日内逾期 ≥ 3" in page
    assert Case.objects.get(number=alert.case).title == (
        "行为监察黄牌：三十日内多次逾期（人员 毛经办）"
    )
    assert WANG_NUMBER not in page
    assert supervisor.get(f"/office/cases/{alert.case}/").status_code == 200
    casework.act(
        number=alert.case,
        verb="close",
        officer=identity.officer("jiancha"),
        at=NOW + timedelta(hours=1),
        reason="系统故障期间，已说明。",
    )
    assert "正常办理" in supervisor.get(PAGE).content.decode()
    assert casework.watch_conduct(NOW, library=county) == 0, "the same day is not told again"


def test_a_red_card_is_not_told_a_second_time_as_a_yellow_one(county):
    numbers = opened(6, at=NOW - timedelta(days=100))
    StepTask.objects.update(due_at=NOW - timedelta(days=20))
    decided(numbers)

    assert casework.watch_conduct(NOW, library=county) == 2
    found = RuleAlert.objects.order_by("condition").values_list("rule", "condition")
    assert list(found) == [("base.conduct_red", "late"), ("base.conduct_red", "overdue")]


def test_asking_for_further_materials_again_and_again_is_told(county):
    officer = identity.officer("banli")
    (number,) = opened(1, at=NOW - timedelta(hours=2))
    for n in range(3):
        at = NOW - timedelta(minutes=50 - n * 10)
        casework.act(
            number=number, verb="pause", officer=officer, at=at, reason="缺", pause="supplement"
        )
        at += timedelta(minutes=5)
        casework.act(number=number, verb="resume", officer=officer, at=at, reason="齐")

    casework.watch_conduct(NOW, library=county)

    assert [one.condition for one in RuleAlert.objects.all()] == ["again"]
    assert "行政许可法" in RuleAlert.objects.get().basis


def test_strangers_and_the_one_concerned_have_no_hand_in_it(county):
    numbers = opened(3, at=NOW - timedelta(hours=30))
    StepTask.objects.update(due_at=NOW - timedelta(hours=5))
    decided(numbers)
    casework.watch_conduct(NOW, library=county)
    alert = RuleAlert.objects.get()

    for username in ("sun", "banli"):
        browser = signed_in(username)
        assert browser.get(PAGE).status_code == 403
        assert browser.post("/office/conduct/now/").status_code == 403
        with pytest.raises(identity.NotAllowed):
            casework.conduct_alerts(actor=identity.officer(username))
    supervisor = identity.officer("jiancha")
    assert casework.case(alert.case, actor=supervisor, at=NOW).moves
    Case.objects.filter(number=alert.case).update(subject="jiancha")
    assert casework.case(alert.case, actor=supervisor, at=NOW).moves == ()
    with pytest.raises(identity.NotAllowed, match="回避"):
        casework.act(number=alert.case, verb="close", officer=supervisor, at=NOW, reason="无事")


def test_the_supervisor_can_have_it_judged_at_once(county):
    answer = signed_in("jiancha").post("/office/conduct/now/", follow=True)

    assert "新预警 0 条" in answer.content.decode()
