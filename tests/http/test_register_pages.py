"""Pages of lists, census, standards and the map, with sparse entries and with the stranger."""

from datetime import date

import pytest
from cast import NINE
from county import RESIDENT, settle
from visiting import browser_of, text_of

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import GradeProposal, ListEntry
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(db):
    settled = settle()
    Account.objects.update(password_set_at=system_clock())
    return settled


def drafted(county, name, **given):
    number = catalog.draft_entry(
        list_name=name, organ=county.li.organ, given=given, officer=county.li, at=NINE
    )
    return number.replace("/", "-")


def test_what_waits_in_the_catalogue_stands_in_the_list_of_whose_it_is(county):
    asked = {"title": "2026年摸底", "lists": ["system"], "organs": [county.li.organ]}
    number = catalog.open_campaign(**asked, due_on=date(2026, 12, 20), officer=county.gu, at=NINE)
    catalog.remind_organs(number=number, officer=county.gu, at=NINE)
    slug = drafted(county, "sharing", title="待审共享")
    ListEntry.objects.filter(number=slug.replace("-", "/")).update(state="checking")
    evidence = {"detector": "address", "category": "户籍", "clause": "示例", "proposed_at": NINE}
    GradeProposal.objects.create(
        table=RESIDENT, column="division", organ=county.chen.organ, grade_now=2, grade=3,
        sampled=30, hits=30, **evidence,
    )  # fmt: skip
    gu, li, sun = (text_of(browser_of(name), "/office/todo/") for name in ("gu", "li", "sun"))
    assert "1 个字段有分级建议" in text_of(browser_of("chen"), "/office/todo/")
    assert "有分级建议" not in gu + li + sun

    assert f"/steward/census/{number}/" in li and "填报（已催报 1 次）" in li
    assert f"/steward/entries/{slug}/" in gu and f"/steward/entries/{slug}/" not in li
    assert "2026年摸底" not in gu + sun and "待审共享" not in sun
    assert "?state=checked" in text_of(browser_of("gu"), "/steward/lists/")


def test_an_entry_that_says_little_is_still_shown_and_changed(county):
    browser = browser_of("li")
    for name, given in (
        ("data", {"title": "台账", "items": "姓名"}),
        ("sharing", {"title": "共享"}),
        ("demand", {"title": "需求"}),
        ("system", {"title": "系统", "items": "事项甲、事项乙"}),
    ):
        slug = drafted(county, name, **given)
        for address in (f"/steward/entries/{slug}/", f"/steward/entries/{slug}/draft/"):
            assert browser.get(address).status_code == 200, address
        assert browser_of("sun").get(f"/steward/entries/{slug}/").status_code == 404
        assert browser.get(f"/steward/lists/{name}/new/").status_code == 200


def test_an_entry_is_submitted_and_recalled_on_its_page_and_takes_no_step_that_is_none(county):
    slug = drafted(county, "sharing", title="共享")
    page, li = f"/steward/entries/{slug}/", browser_of("li")
    assert li.post(f"{page}submit/").status_code == 422  # not complete
    ListEntry.objects.filter(number=slug.replace("-", "/")).update(state="checking")
    assert f"{page}recall/" in li.get(page).content.decode()
    assert browser_of("sun").post(f"{page}recall/").status_code == 404
    assert li.post(f"{page}recall/").status_code == 302
    assert li.post(f"{page}vanish/").status_code == 404
    assert catalog.list_entry(slug, actor=county.li).state == "draft"


def test_every_published_entry_of_the_packs_opens(county):
    browser = browser_of("sun")
    for about in catalog.entries_about([RESIDENT]).values():
        assert browser.get(f"/steward/entries/{about.slug}/").status_code == 200
    for one in catalog.list_entries("sharing", actor=county.sun, limit=2):
        assert browser.get(f"/steward/entries/{one.slug}/").status_code == 200


def test_the_pages_of_census_standards_and_map_open_and_keep_strangers_from_acting(county):
    number = catalog.open_campaign(
        title="普查",
        lists=["system", "data"],
        organs=["civil-affairs"],
        due_on=date(2026, 12, 20),
        officer=county.gu,
        at=NINE,
    )
    change = catalog.propose_change(
        register="base.sex",
        lines=[("9", None), ("3", {"title": "新"})],
        reason="核对",
        effective_on=date(2026, 12, 1),
        officer=county.gu,
        at=NINE,
    )
    gu, li, sun = browser_of("gu"), browser_of("li"), browser_of("sun")
    for address in (
        "/steward/census/",
        "/steward/census/new/",
        f"/steward/census/{number}/",
        "/steward/census/template/system/",
        "/steward/standards/",
        "/steward/standards/base.sex/new/",
        "/steward/standards/base.sex/export.xlsx",
        f"/steward/changes/{change}/",
        "/steward/scans/",
        "/steward/business/",
        "/steward/duties/",
        f"/steward/datasets/{RESIDENT}/contract/",
    ):
        assert gu.get(address).status_code == 200, address
    assert li.get(f"/steward/census/{number}/answers/system/").status_code == 200
    assert sun.get(f"/steward/census/{number}/").status_code == 404
    assert sun.get("/steward/census/new/").status_code == 403
    assert sun.post(f"/steward/changes/{change}/publish/", {"seen": "0"}).status_code == 403
