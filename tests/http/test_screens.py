"""Vital signs and screens as their readers open them."""

import prepared
import pytest
from cast import NINE, PASSWORD
from county import County, settle
from visiting import browser_of, text_of

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.actions.indicators import take_snapshot
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.jobs import public as jobs
from yiwang.boot.work import register_work
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db
CITY = "/oversight/vitals/vital_signs.city/"


@pytest.fixture(scope="module")
def counted(django_db_setup, django_db_blocker):
    yield from prepared.for_module(django_db_blocker, count)


@pytest.fixture
def county(counted, db):
    return counted


def count() -> County:
    settled = settle()
    identity.create_account(
        username="cheng",
        name="程领导",
        password=PASSWORD,
        at=NINE,
        organ="command-center",
        posts=["分管领导"],
    )
    Account.objects.update(password_set_at=system_clock())
    boards.publish_platform(catalog.lake(), at=NINE)
    for ref in ("base.residents", "grid.handled_on_time", "vital_signs.incidents"):
        indicator = settled.library.indicator(ref)
        take_snapshot(ref, indicator, lake=catalog.lake(), at=NINE, library=settled.library)
    return settled


def test_every_sign_opens_down_to_its_indicator_and_rows(county):
    leader = browser_of("cheng")
    page = text_of(leader, CITY)

    assert leader.get("/oversight/vitals/", follow=True).redirect_chain[-1][0] == CITY
    assert all(words in page for words in ("公共安全", "城市生命线", "在世户籍人口", "尚未取数"))
    assert "数据过期" in page
    for address in ("/steward/indicators/base.residents/", "numerator/"):
        assert address in page
    assert "在世户籍人口" not in text_of(leader, f"{CITY}?only=red")
    assert "没有体征体系" in text_of(leader, "/oversight/vitals/tests.none/", 404)


def test_who_may_not_see_indicators_sees_no_signs(county):
    assert browser_of("sun").get(CITY).status_code == 403
    assert browser_of("wang").get(CITY).status_code == 403


def test_the_first_page_shows_the_signs_to_who_may_see_them(county):
    page = text_of(browser_of("cheng"), "/oversight/")
    assert "城市运行体征" in page and "的实时数。" in page
    assert "按 2026-11-02 09:00 取的指标" in page, "every number says as of when it is"
    assert "城市运行体征" not in text_of(browser_of("sun"), "/oversight/")


def test_what_packs_compute_from_what_the_platform_records_is_fresh_before_it_is_counted(county):
    """Reports of several channels in one place: the warning is there as soon as values are."""
    casework.report_signals(
        signals=[
            casework.NewSignal(kind=kind, source=kind, summary="占道", lon=118.662, lat=33.736)
            for kind in (
                "hotline.complaint",
                "risk_control.dispute",
                "risk_control.petition",
                "risk_control.opinion",
            )
        ],
        actor="events",
        at=NINE,
    )
    catalog.write_registers(county.library, lake=catalog.lake(), at=NINE)
    register_work()
    jobs.ask(boards.TAKE, about="all", params={}, by="gu", at=NINE)
    while jobs.Worker(clock=lambda: NINE).run_next():
        pass

    warned = {one.ref: one for one in boards.indicators()}["risk_control.warned"]
    assert (warned.value, warned.is_met) == (1, False)


def test_a_list_that_an_officer_changed_counts_by_night(county):
    seals = "targets.electronic_seals"
    number = catalog.propose_change(
        register=seals,
        lines=[("YZ12", {"organ": "archives", "is_valid": "true"})],
        reason="档案馆换领新章",
        effective_on=NINE.date(),
        officer=county.gu,
        at=NINE,
    )
    seen = len(catalog.standard_change(number).impact)
    catalog.publish_change(number=number, seen=seen, officer=county.gu, at=NINE)

    register_work()
    jobs.ask(boards.TAKE, about="all", params={}, by="timetable", at=NINE)
    jobs.Worker(clock=lambda: NINE).run_next()

    taken = {one.ref: one for one in boards.indicators()}["targets.organs_with_seal"]
    assert taken.numerator == 14
