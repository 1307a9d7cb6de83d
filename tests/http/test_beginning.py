"""发起办件: an officer begins what the pack lets the post begin; nobody else begins anything."""

import pytest
from cast import NINE, PASSWORD
from county import settle
from visiting import browser_of, text_of

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db
BATCH, PAGE = "digitising.batch", "/office/cases/new/"


@pytest.fixture
def archivist():
    settle()
    identity.create_account(
        username="he",
        name="何档案",
        password=PASSWORD,
        at=NINE,
        organ="archives",
        posts=["档案数字化"],
    )
    Account.objects.update(password_set_at=system_clock())
    return browser_of("he")


def test_a_post_begins_its_own_flow_about_an_entry_of_the_register(archivist):
    assert "档案数字化批次" in text_of(archivist, PAGE)
    assert "marriage-01" in text_of(archivist, f"{PAGE}{BATCH}/")

    begun = archivist.post(f"{PAGE}{BATCH}/", {"about": "marriage-01", "purpose": "按计划"})

    assert begun.status_code == 302
    number = begun.headers["Location"].rstrip("/").rpartition("/")[2]
    case = casework.case(number, actor=identity.officer("he"), at=system_clock())
    assert (case.flow, case.organ, case.subject) == (BATCH, "archives", "marriage-01")
    assert case.facts == {"数字化批次计划": "marriage-01", "事由": "按计划"}
    assert "按计划" in text_of(archivist, f"/office/cases/{number}/")


@pytest.mark.parametrize(
    "given", [{"about": "none", "purpose": "按计划"}, {"about": "marriage-01"}]
)
def test_what_is_not_in_the_register_or_without_a_reason_begins_nothing(archivist, given):
    refused = archivist.post(f"{PAGE}{BATCH}/", given)

    assert refused.status_code == 422
    assert "要写明事由" in refused.content.decode()
    assert not casework.cases_of_flow(BATCH, officer=identity.officer("he"), at=system_clock())


def test_a_stranger_and_another_post_begin_nothing(archivist):
    for username in ("sun", "li"):
        browser = browser_of(username)
        assert BATCH not in text_of(browser, PAGE)
        text_of(browser, f"{PAGE}{BATCH}/", 403)
        assert browser.post(f"{PAGE}{BATCH}/", {"about": "marriage-01"}).status_code == 403
    text_of(archivist, f"{PAGE}base.rectification/", 403)
    text_of(archivist, f"{PAGE}base.nothing/", 404)
