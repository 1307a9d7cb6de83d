"""Answers are typed, checked and protected on the server."""

from datetime import date
from decimal import Decimal

import pytest
from cast import NINE, WANG_NUMBER
from hypothesis import given
from hypothesis import strategies as st

from yiwang.apps.forms.answers import AnswersRefused, Known, check, fitting
from yiwang.packkit.kinds.work import Field, Form

FORM = Form(
    title="高龄津贴申请表",
    fields={
        "id_number": Field(title="公民身份号码", required=True, prefill="base.resident.id_number"),
        "phone": Field(title="联系电话", required=True, check="is_phone(phone)"),
        "income": Field(title="月收入", type="decimal", check="income >= 0"),
        "by_other": Field(title="由他人代领", type="boolean"),
        "payee": Field(title="代领人", when="by_other", required=True),
        "since": Field(title="居住起", type="date"),
    },
)
KNOWN = {"id_number": Known(WANG_NUMBER, "base.resident", "常住人口")}
GOOD = {"phone": "13800000000"}


def checked(answers):
    return check(FORM, answers, known=KNOWN, as_of=NINE.date())


def refused(answers) -> dict[str, str]:
    with pytest.raises(AnswersRefused) as refusal:
        checked(answers)
    return refusal.value.data["fields"]


def test_known_values_join_the_answers_as_the_platform_holds_them():
    values = checked({**GOOD, "income": "12.50", "since": "2020-02-29"})

    assert values["id_number"] == WANG_NUMBER
    assert values["income"] == Decimal("12.50")
    assert values["since"] == date(2020, 2, 29)
    assert "payee" not in values


def test_an_altered_known_value_is_refused_at_its_field():
    assert "不能修改" in refused({**GOOD, "id_number": "320825195603140011"})["id_number"]


def test_the_same_known_value_sent_back_is_no_alteration():
    assert checked({**GOOD, "id_number": WANG_NUMBER})["id_number"] == WANG_NUMBER


@pytest.mark.parametrize("income", ["NaN", "Infinity", "1e999999"])
def test_what_cannot_be_added_up_is_no_number(income):
    assert set(refused({**GOOD, "income": income})) == {"income"}


def test_each_fault_is_told_at_its_field():
    wrong = refused({"phone": "12", "income": "-1", "since": "2021-02-29", "extra": "x"})

    assert set(wrong) == {"phone", "income", "since", "extra"}


def test_a_conditional_field_is_required_only_when_it_is_asked():
    assert "payee" in refused({**GOOD, "by_other": "true"})
    assert checked({**GOOD, "by_other": "true", "payee": "王强"})["payee"] == "王强"
    assert "payee" not in checked({**GOOD, "payee": "偷偷填的"})


def test_a_required_answer_of_blanks_is_none():
    assert "请填写" in refused({"phone": "   "})["phone"]


@given(st.dictionaries(st.sampled_from(list(FORM.fields)), st.text(max_size=20)))
def test_whatever_is_sent_a_known_value_never_changes(answers):
    try:
        values = checked(answers)
    except AnswersRefused:
        return
    assert values["id_number"] == WANG_NUMBER


def test_a_known_value_that_fails_its_check_is_asked_for_instead():
    form = Form(title="x", fields={"phone": Field(title="电话", check="is_phone(phone)")})
    wrong, right = Known("12345", "t", "公安"), Known("13812345678", "t", "公安")

    assert fitting(form, {"phone": wrong}, as_of=NINE.date()) == {}
    assert fitting(form, {"phone": right}, as_of=NINE.date()) == {"phone": right}


def test_a_code_outside_its_table_is_refused_at_the_field():
    form = Form(title="x", fields={"sex": Field(title="性别", codes="base.sex")})
    codes = {"base.sex": {"1", "2"}}

    assert check(form, {"sex": "1"}, known={}, as_of=NINE.date(), codes=codes) == {"sex": "1"}
    with pytest.raises(AnswersRefused) as refusal:
        check(form, {"sex": "9"}, known={}, as_of=NINE.date(), codes=codes)
    assert "sex" in refusal.value.fields
