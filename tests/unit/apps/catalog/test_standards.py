"""Standards with versions: a change shows what depends on it and is in force from its day."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest
import yaml
from cast import NINE
from county import RESIDENT
from prepared import library

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity.public import NotAllowed

pytestmark = pytest.mark.django_db

SEX = "base.sex"
LATER = NINE + timedelta(days=30)


def proposed(county, lines, on=date(2026, 11, 20), register=SEX):
    return catalog.propose_change(
        register=register,
        lines=lines,
        reason="国家标准修订",
        effective_on=on,
        officer=county.gu,
        at=NINE,
    )


def publish(county, number):
    seen = len(catalog.standard_change(number).impact)
    catalog.publish_change(number=number, seen=seen, officer=county.gu, at=NINE)


def test_a_change_is_in_force_from_its_day_and_the_old_version_stays_readable(county):
    before = catalog.entries_at(SEX, at=NINE)
    number = proposed(county, [("3", {"title": "新代码"}), ("9", None)])
    publish(county, number)
    assert catalog.entries_at(SEX, at=NINE) == before
    after = {one["code"]: one["title"] for one in catalog.entries_at(SEX, at=LATER)}
    assert after.keys() == {"0", "1", "2", "3"}
    assert len(catalog.versions_of(SEX)) == 2


def test_impact_names_columns_what_is_computed_from_them_and_what_packs_build(county):
    impact = catalog.standard_change(proposed(county, [("3", {"title": "新"})])).impact
    refs = {(one.kind, one.ref) for one in impact}
    assert ("字段", "base.police_resident.sex") in refs
    assert ("字段", f"{RESIDENT}.sex") in refs
    assert ("数据表", RESIDENT) in refs
    assert {"规则", "指标"} & {one.kind for one in impact} or len(impact) > 4
    elements = proposed(
        county,
        [("id_number", {"title": "公民身份号码", "type": "字符型"})],
        register="base.elements",
    )
    kinds = {one.kind for one in catalog.standard_change(elements).impact}
    assert {"字段", "数据表", "共享授权"} <= kinds


def test_a_change_whose_impact_was_not_seen_is_not_published(county):
    number = proposed(county, [("3", {"title": "新"})])
    with pytest.raises(catalog.ImpactUnseen):
        catalog.publish_change(number=number, seen=0, officer=county.gu, at=NINE)
    assert catalog.standard_change(number).state == "proposed"


def test_the_plan_of_a_feed_follows_the_code_table_in_force(county):
    plan = library().feed_plan("base.police_resident")
    assert catalog.plan_in_force(plan, at=NINE) is plan
    publish(county, proposed(county, [("3", {"title": "新"}), ("9", None)]))
    assert catalog.plan_in_force(plan, at=NINE).codes[SEX] == plan.codes[SEX]
    assert catalog.plan_in_force(plan, at=LATER).codes[SEX] == {"0", "1", "2", "3"}


def test_the_plan_of_a_feed_follows_the_element_in_force(county):
    assert catalog.elements_in_force(at=NINE) is None
    old = next(
        one for one in catalog.entries_at("base.elements", at=NINE) if one["code"] == "phone"
    )
    stricter = {**old, "check": "is_phone(value) and length(value) = 11"}
    publish(county, proposed(county, [("phone", stricter)], register="base.elements"))
    plan = library().feed_plan("base.police_resident", elements=catalog.elements_in_force(at=LATER))
    checks = {check.id: check.check for check in plan.checks}
    assert checks["phone.element"] == "is_phone(phone) and length(phone) = 11"


def test_titles_of_codes_that_are_kept_in_memory_follow_a_published_change(county):
    assert catalog.code_titles({(SEX, "1"), (SEX, "x")}) == {(SEX, "1"): "男性"}
    number = proposed(county, [("1", {"title": "男"})], on=NINE.date())
    assert catalog.code_titles({(SEX, "1")}) == {(SEX, "1"): "男性"}
    publish(county, number)
    assert catalog.code_titles({(SEX, "1")}) == {(SEX, "1"): "男"}


def test_a_pack_installed_again_leaves_what_people_changed(county):
    publish(county, proposed(county, [("1", {"title": "男"}), ("9", None)], on=NINE.date()))
    changed = catalog.entries_at(SEX, at=LATER)
    catalog.install(library(), at=NINE + timedelta(days=1))
    assert catalog.entries_at(SEX, at=LATER) == changed


def test_a_published_change_is_in_the_lake_from_its_day_also_after_an_installation(county):
    seals, lake = "targets.electronic_seals", catalog.lake()
    sealed = f"SELECT is_valid FROM {seals} WHERE organ = 'archives'"
    valid = {"organ": "archives", "is_valid": "true"}
    publish(county, proposed(county, [("YZ12", valid)], register=seals))

    assert catalog.write_changed_registers(library(), lake=lake, at=NINE).keys() == {seals}
    assert lake.rows(sealed) == [{"is_valid": False}]
    catalog.write_changed_registers(library(), lake=lake, at=LATER)
    assert lake.rows(sealed) == [{"is_valid": True}]
    catalog.write_registers(library(), lake=lake, at=LATER)
    assert lake.rows(sealed) == [{"is_valid": True}]


def test_a_value_that_its_column_cannot_hold_is_refused_when_it_is_proposed(county):
    wrong = {"organ": "archives", "is_valid": "也许"}
    with pytest.raises(catalog.ChangeMalformed, match="“有效”的值“也许”不合类型"):
        proposed(county, [("YZ12", wrong)], register="targets.electronic_seals")


@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_what_is_exported_is_imported_without_a_difference(county, form):
    content = catalog.register_file(SEX, form, at=NINE)
    given = {
        "register": SEX,
        "name": f"sex.{form}",
        "is_whole": True,
        "reason": "核对",
        "effective_on": NINE.date(),
        "officer": county.gu,
        "at": NINE,
    }
    with pytest.raises(catalog.ChangeMalformed, match="没有差别"):
        catalog.propose_from_file(content=content, **given)
    if form == "json":
        fewer = msgspec.json.encode(msgspec.json.decode(content)[:-1])
        change = catalog.standard_change(catalog.propose_from_file(content=fewer, **given))
        assert [(line.key, line.after) for line in change.lines] == [("9", None)]


@pytest.mark.parametrize("content", [b"{", b'[{"title": "x"}]', b'[{"code": "1", "colour": "x"}]'])
def test_a_file_that_is_no_register_changes_nothing(county, content):
    with pytest.raises(catalog.ChangeMalformed):
        catalog.propose_from_file(
            register=SEX,
            name="x.json",
            content=content,
            is_whole=False,
            reason="导入",
            effective_on=NINE.date(),
            officer=county.gu,
            at=NINE,
        )
    assert catalog.standard_changes() == []


def test_a_dropped_change_changes_nothing_and_is_not_published_later(county):
    number = proposed(county, [("9", None)])
    catalog.drop_change(number=number, officer=county.gu, at=NINE)
    with pytest.raises(catalog.ChangeDecided):
        publish(county, number)


def test_the_contract_of_a_table_is_read_again_as_the_same_items(county):
    dataset = catalog.dataset(RESIDENT)
    text = catalog.odcs_contract(dataset, organ="县公安局")
    contract = yaml.safe_load(text)
    assert contract["apiVersion"].startswith("v3")
    first = contract["schema"][0]["properties"][0]
    assert (first["name"], first["primaryKey"], first["logicalType"]) == (
        "id_number",
        True,
        "string",
    )
    read = catalog.read_contract(text)
    assert [item["name"] for item in read["items"]] == [c.name for c in dataset.column_views]
    with pytest.raises(catalog.ContractMalformed):
        catalog.read_contract("a: [")
    with pytest.raises(catalog.ContractMalformed):
        catalog.read_contract("just text")
    assert replace(dataset, description="").title in catalog.odcs_contract(dataset, organ="x")


def test_who_does_not_keep_the_standards_changes_none(county):
    number = proposed(county, [("9", None)])
    for stranger in (county.sun, county.li):
        for act in (
            lambda s=stranger: catalog.publish_change(number=number, seen=0, officer=s, at=NINE),
            lambda s=stranger: catalog.drop_change(number=number, officer=s, at=NINE),
            lambda s=stranger: catalog.propose_change(
                register=SEX,
                lines=[("9", None)],
                reason="试试",
                effective_on=NINE.date(),
                officer=s,
                at=NINE,
            ),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert catalog.standard_change(number).state == "proposed"
