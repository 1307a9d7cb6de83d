"""What a feed need not write: its key is unique, its columns keep to element and code table."""

import msgspec

from yiwang.packkit.kinds.resources import Feed, FeedColumn, QualityRule, Shape
from yiwang.packkit.standard_rules import Element, standard_rules

ELEMENTS = {
    "id_number": Element("公民身份号码", "is_id_number(upper(value))"),
    "amount": Element("金额", "value >= 0"),
    "address": Element("住址", ""),
}
FEED = Feed(
    title="优待证",
    organ="civil-affairs",
    source="cards",
    shape=Shape(file="cards.csv"),
    key=("card",),
    cycle="P1M",
    columns={
        "card": FeedColumn(from_="证号", title="证号", required=True),
        "holder": FeedColumn(from_="号码", title="持有人号码", element="id_number", required=True),
        "child": FeedColumn(from_="子女", title="子女号码", element="id_number"),
        "sex": FeedColumn(from_="性别", title="性别", codes="base.sex"),
        "home": FeedColumn(from_="住址", title="住址", element="address"),
        "born": FeedColumn(from_="出生", title="出生日期", type="date", element="id_number"),
    },
)


def rules(*declared):
    feed = msgspec.structs.replace(FEED, quality=declared)
    found = standard_rules(feed, elements=ELEMENTS, code_titles={"base.sex": "性别"})
    return {rule.id: (rule.check or rule.unique, rule.otherwise) for rule in found}


def declared(check="", **more):
    return QualityRule(id="own", title="自定", dimension="validity", check=check, **more)


def test_required_columns_reject_others_flag_and_the_key_is_unique():
    assert rules() == {
        "key.unique": (("card",), "reject"),
        "holder.element": ("is_id_number(upper(holder))", "reject"),
        "child.element": ("is_id_number(upper(child))", "flag"),
        "sex.codes": ("is_code(sex, 'base.sex')", "flag"),
    }


def test_what_a_feed_says_itself_about_the_same_stands_instead():
    own = "is_id_number(upper(holder)) or is_uscc(holder)"
    assert "holder.element" not in rules(declared(own, otherwise="flag"))
    assert "holder.element" in rules(declared("birth_of_id(upper(holder)) < as_of"))
    assert "sex.codes" not in rules(declared("is_code(sex, 'base.sex') or sex = '9'"))
    assert "sex.codes" not in rules(declared(reference="sex in base.sex.code"))
    assert "key.unique" not in rules(declared(unique=("card",)))


def test_a_rule_that_cannot_be_read_hides_nothing():
    assert "holder.element" in rules(declared("is_id_number(holder"))
