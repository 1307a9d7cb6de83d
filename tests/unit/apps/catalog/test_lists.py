"""The four lists: three people act on an entry, what was published stays for ever, signed."""

import pytest
from cast import NINE
from county import FIRM, RESIDENT
from django.db.models import ProtectedError
from prepared import library

from yiwang.apps.catalog import metadata
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import ListEntry, ListEntryVersion
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.public import NotAllowed

pytestmark = pytest.mark.django_db

GIVEN = {
    "title": "殡葬服务信息",
    "abstract": "殡仪馆办理的殡葬服务。",
    "class": "部门信息资源",
    "format": "数据库",
    "items": "逝者姓名，字符型，50\n证件号码，C，18，id_number\n办理日期，日期型",
    "share": "2",
    "share_condition": "按需申请",
    "share_mode": "1",
    "open": "3",
    "cycle": "每日",
}


@pytest.fixture
def chief(county):
    """The chief data officer of civil affairs, registered by Gu of the data bureau."""
    identity.create_account(
        username="chief",
        name="首席",
        password="Tests-only-2026",
        at=NINE,
        organ=county.li.organ,
        posts=["首席数据官"],
    )
    catalog.set_duty(
        organ=county.li.organ, duty="chief", username="chief", officer=county.gu, at=NINE
    )
    return identity.officer("chief", at=NINE)


def drafted(county, **changes):
    return catalog.draft_entry(
        list_name="data",
        organ=county.li.organ,
        given={**GIVEN, **changes},
        officer=county.li,
        at=NINE,
    )


def published(county, chief, number=""):
    number = number or drafted(county)
    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    catalog.publish_entry(number=number, officer=chief, at=NINE)
    return number


def test_what_the_packs_declare_is_the_first_version(county):
    about = catalog.entries_about([RESIDENT])[RESIDENT]
    entry = catalog.list_entry(about.number, actor=county.sun)
    assert (entry.state, entry.version, entry.organ) == ("published", 1, "public-security")
    assert {
        "title": "公民身份号码",
        "type": "C",
        "name": "id_number",
        "length": "18",
    } in entry.values["items"]
    assert entry.versions[0].is_signed is None
    assert entry.values["grade"] == str(catalog.dataset(RESIDENT).grade)
    every = catalog.list_entries("data", actor=county.sun, limit=1000)
    assert {one.about for one in every} == {*library().feeds(), *library().tables()}
    assert not metadata.faults(metadata.LISTS["data"], entry.values, codes=catalog.codes())


def test_installing_again_makes_no_version_and_keeps_what_people_said(county, chief):
    before = ListEntryVersion.objects.count()
    catalog.install(library(), at=NINE)
    assert ListEntryVersion.objects.count() == before


def test_an_entry_goes_from_draft_to_a_signed_version_in_three_hands(county, chief):
    number = published(county, chief)
    entry = catalog.list_entry(number, actor=county.sun)
    assert (entry.state, entry.version) == ("published", 1)
    assert entry.versions[0].is_signed
    assert entry.versions[0].signed_by == "chief"
    assert entry.values["class"] == "3"
    assert entry.values["items"][0] == {"title": "逝者姓名", "type": "C", "length": "50"}
    found = catalog.list_entries("data", actor=county.sun, query="殯葬")
    assert number in [one.number for one in found]
    assert number in [
        one.number for one in catalog.list_entries("data", actor=county.sun, query="bzfw")
    ]


def test_a_changed_version_is_noticed_by_its_signature(county, chief):
    number = published(county, chief)
    ListEntryVersion.objects.filter(entry__number=number).update(
        values={**catalog.list_entry(number, actor=county.li).values, "share": "1"}
    )
    assert catalog.list_entry(number, actor=county.li).versions[0].is_signed is False


def test_a_change_shows_its_differences_and_leaves_the_old_version_in_force(county, chief):
    number = published(county, chief)
    items = GIVEN["items"].replace("50", "80") + "\n殡仪馆，C"
    catalog.change_entry(
        number=number, given={**GIVEN, "cycle": "4", "items": items}, officer=county.li, at=NINE
    )
    entry = catalog.list_entry(number, actor=county.li)
    assert (entry.state, entry.version, entry.values["cycle"]) == ("draft", 1, "2")
    assert [(one.title, one.before, one.after) for one in entry.draft_changes] == [
        ("信息项 逝者姓名", "逝者姓名，C，50", "逝者姓名，C，80"),
        ("信息项 殡仪馆", "", "殡仪馆，C"),
        ("更新周期", "每日", "每月"),
    ]
    assert published(county, chief, number)
    entry = catalog.list_entry(number, actor=county.sun)
    assert [one.version for one in entry.versions] == [2, 1]
    assert len(entry.versions[0].changes) == 3
    assert all(one.is_signed for one in entry.versions)


def test_a_version_is_not_deleted_with_its_entry(county, chief):
    number = published(county, chief)
    with pytest.raises(ProtectedError):
        ListEntry.objects.get(number=number).delete()


def test_a_withdrawn_entry_is_found_no_more_and_stays_readable(county, chief):
    number = published(county, chief)
    with pytest.raises(catalog.EntryReasonMissing):
        catalog.withdraw_entry(number=number, reason=" ", officer=chief, at=NINE)
    catalog.withdraw_entry(number=number, reason="系统停用", officer=chief, at=NINE)
    left = catalog.list_entries("data", actor=county.li, query="殡葬")
    assert number not in [one.number for one in left]
    assert catalog.list_entry(number, actor=county.sun).versions[0].is_signed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"abstract": ""}, "abstract"),
        ({"share": "绝对共享"}, "share"),
        ({"share_condition": ""}, "share_condition"),
        ({"items": "姓名，C\n姓名，C"}, "items"),
        ({"items": "姓名，怪，五"}, "items"),
        ({"title": "机密人员名单"}, "title"),
    ],
)
def test_a_faulty_draft_is_kept_but_not_submitted(county, changes, field):
    number = drafted(county, **changes)
    with pytest.raises(catalog.EntryIncomplete) as refused:
        catalog.submit_entry(number=number, officer=county.li, at=NINE)
    assert set(refused.value.data["faults"]) == {field}


def test_who_drafted_does_not_check_and_a_return_needs_its_reason(county, chief):
    number = catalog.draft_entry(
        list_name="data", organ=county.gu.organ, given=GIVEN, officer=county.gu, at=NINE
    )
    catalog.submit_entry(number=number, officer=county.gu, at=NINE)
    with pytest.raises(catalog.CheckedByDrafter):
        catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    other = drafted(county)
    catalog.submit_entry(number=other, officer=county.li, at=NINE)
    with pytest.raises(catalog.EntryReasonMissing):
        catalog.check_entry(number=other, passes=False, reason="", officer=county.gu, at=NINE)
    catalog.check_entry(number=other, passes=False, reason="摘要太略", officer=county.gu, at=NINE)
    assert catalog.list_entry(other, actor=county.li).note == "摘要太略"


def test_only_the_registered_chief_data_officer_signs(county, chief):
    number = drafted(county)
    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    for stranger in (county.li, county.gu, county.sun):
        with pytest.raises(NotAllowed):
            catalog.publish_entry(number=number, officer=stranger, at=NINE)
    catalog.set_duty(
        organ=county.li.organ, duty="chief", username="zhao", officer=county.gu, at=NINE
    )
    with pytest.raises(catalog.NotTheChief):
        catalog.publish_entry(number=number, officer=chief, at=NINE)


def test_the_chief_gives_a_draft_back_and_who_checked_does_not_sign(county, chief):
    number = drafted(county)
    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    with pytest.raises(catalog.EntryNotInState):
        catalog.return_entry(number=number, reason="不准确", officer=chief, at=NINE)
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    with pytest.raises(catalog.EntryReasonMissing):
        catalog.return_entry(number=number, reason=" ", officer=chief, at=NINE)
    for stranger in (county.li, county.gu, county.sun):
        with pytest.raises(NotAllowed):
            catalog.return_entry(number=number, reason="不准确", officer=stranger, at=NINE)
    catalog.return_entry(number=number, reason="信息项不全", officer=chief, at=NINE)
    entry = catalog.list_entry(number, actor=county.li)
    assert (entry.state, entry.note, entry.checked_by) == ("draft", "信息项不全", "")

    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    ListEntry.objects.filter(number=number).update(state="checked", checked_by="chief")
    with pytest.raises(catalog.SignedByChecker):
        catalog.publish_entry(number=number, officer=chief, at=NINE)


def test_who_drafts_takes_a_submitted_draft_back_until_it_is_signed(county, chief):
    number = drafted(county)
    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    with pytest.raises(NotAllowed):
        catalog.recall_entry(number=number, officer=county.sun, at=NINE)
    catalog.recall_entry(number=number, officer=county.li, at=NINE)
    assert catalog.list_entry(number, actor=county.li).state == "draft"
    published(county, chief, number)
    with pytest.raises(catalog.EntryNotInState):
        catalog.recall_entry(number=number, officer=county.li, at=NINE)


def test_each_step_of_an_entry_waits_for_whose_it_is_and_for_nobody_else(county, chief):
    def waiting():
        people = {"li": county.li, "gu": county.gu, "chief": chief, "sun": county.sun}
        return {
            name
            for name, one in people.items()
            for entry in catalog.entries_waiting(officer=one, at=NINE)
            if entry.number == number
        }

    number = drafted(county)
    assert waiting() == set()
    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    assert waiting() == {"gu"}
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    assert waiting() == {"chief"}
    catalog.return_entry(number=number, reason="信息项不全", officer=chief, at=NINE)
    assert waiting() == {"li", "chief"}  # a chief may draft too
    published(county, chief, number)
    assert waiting() == set()


def test_another_organs_officer_sees_no_draft_and_changes_nothing(county):
    number = drafted(county)
    with pytest.raises(catalog.EntryUnknown):
        catalog.list_entry(number, actor=county.sun)
    assert number not in {one.number for one in catalog.list_entries("data", actor=county.sun)}
    for act in (
        lambda: catalog.change_entry(number=number, given=GIVEN, officer=county.sun, at=NINE),
        lambda: catalog.submit_entry(number=number, officer=county.sun, at=NINE),
        lambda: catalog.drop_draft(number=number, officer=county.sun, at=NINE),
        lambda: catalog.withdraw_entry(number=number, reason="x", officer=county.sun, at=NINE),
        lambda: catalog.set_duty(
            organ=county.sun.organ, duty="chief", username="sun", officer=county.sun, at=NINE
        ),
        lambda: catalog.draft_entry(
            list_name="data", organ=county.li.organ, given=GIVEN, officer=county.sun, at=NINE
        ),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert catalog.list_entry(number, actor=county.li).state == "draft"


def test_a_trade_association_keeps_its_entries_by_the_same_rules_and_sees_no_others_draft(county):
    identity.create_account(
        username="association",
        name="协会",
        password="Tests-only-2026",
        at=NINE,
        organ="elder-care-association",
        posts=["数据专员", "首席数据官"],
    )
    theirs = identity.officer("association", at=NINE)
    given = {**GIVEN, "title": "会员养老机构床位"}
    number = catalog.draft_entry(
        list_name="data", organ=theirs.organ, given=given, officer=theirs, at=NINE
    )
    catalog.change_entry(number=number, given={"cycle": "偶尔"}, officer=theirs, at=NINE)
    with pytest.raises(catalog.EntryIncomplete):
        catalog.submit_entry(number=number, officer=theirs, at=NINE)
    catalog.change_entry(number=number, given=given, officer=theirs, at=NINE)
    with pytest.raises(catalog.EntryUnknown):
        catalog.list_entry(number, actor=county.sun)
    with pytest.raises(catalog.EntryUnknown):
        catalog.list_entry(drafted(county), actor=theirs)
    with pytest.raises(NotAllowed):
        catalog.check_entry(number=number, passes=True, reason="", officer=theirs, at=NINE)
    catalog.set_duty(
        organ=theirs.organ, duty="chief", username="association", officer=county.gu, at=NINE
    )
    catalog.submit_entry(number=number, officer=theirs, at=NINE)
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    catalog.publish_entry(number=number, officer=theirs, at=NINE)
    found = catalog.list_entry(number, actor=county.sun)
    assert (found.state, found.organ, found.values["share"]) == (
        "published",
        "elder-care-association",
        "2",
    )


def test_a_resource_stands_in_a_list_once(county):
    with pytest.raises(catalog.EntryTwice):
        catalog.draft_entry(
            list_name="data",
            organ="market",
            given=GIVEN,
            about=FIRM,
            officer=county.sun,
            at=NINE,
        )
