"""Training: who signs up, attends and passes gets a certificate; who stays away gets none."""

import pytest
from applying import CARDLESS, ELDER
from cast import PASSWORD
from django.utils import timezone

from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.errors import NotAllowed

ITEM, CERTIFICATE = "talent.training", "talent.certificate"
COURSE = "C03 公共数据目录编制"
MARKS = {"签到学时": "16", "考核成绩": "合格"}


@pytest.fixture
def county(applying_county, db):
    for username, post in (("keeper", "人才库管理"), ("trainer", "培训组织")):
        identity.create_account(
            username=username, name=username, password=PASSWORD, at=timezone.now(),
            organ="human-resources", posts=[post],
        )  # fmt: skip


def signed_up(number: str) -> str:
    given = services.Given(answers={"course": COURSE, "workplace": "县民政局"})
    person, at = identity.applicant(number), timezone.now()
    case = services.file_application(ITEM, token=number, given=given, actor=person, at=at).case
    act(case, "accept", "keeper")
    return case


def act(case: str, verb: str, username: str, **given: object) -> None:
    at = timezone.now()
    services.act_on_case(
        number=case, verb=verb, officer=identity.officer(username, at=at), at=at, **given
    )


def certificates(number: str) -> list[str]:
    own = credentials.licenses_of(number, actor=identity.applicant(number), at=timezone.now())
    return [one.fields["course"][1] for one in own if one.kind == CERTIFICATE]


def test_who_attended_and_passed_gets_the_certificate_and_who_stayed_away_gets_none(county):
    act(signed_up(ELDER), "approve", "trainer", evidence=MARKS)
    reason = {"reason": "没有到课", "evidence": {"clause": "县数字政府建设实施意见"}}
    act(signed_up(CARDLESS), "refuse", "trainer", **reason)

    assert certificates(ELDER) == [COURSE]
    assert certificates(CARDLESS) == []


def test_without_attendance_and_by_a_stranger_nobody_is_certified(county):
    case = signed_up(ELDER)

    with pytest.raises(Exception, match="签到学时"):
        act(case, "approve", "trainer")
    for username in ("stranger", "keeper"):
        with pytest.raises(NotAllowed):
            act(case, "approve", username, evidence=MARKS)
    assert certificates(ELDER) == []
