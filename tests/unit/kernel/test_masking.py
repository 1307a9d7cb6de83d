"""What a mask shows and what it never shows."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel import masking


@pytest.mark.parametrize(
    ("element", "clear", "shown"),
    [
        ("id_number", "321323195003071234", "321*************34"),
        ("id_number", "32132319500307123x", "321*************3x"),
        ("name", "王小明", "王**"),
        ("name", "欧阳娜娜", "欧**"),
        ("name", "王", "*"),
        ("name", "𠀀𠀁", "𠀀*"),
        ("name", "葛󠄀某", "葛󠄀*"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "+86 138-1234-5678", "138****5678"),
        ("phone", "0527-85200001", "****01"),
        ("bank_card", "6228480402564890018", "****0018"),
        ("address", "江苏省宿迁市泗阳县众兴街道北京路1号", "江苏省宿迁市泗阳县众兴街道****"),
        ("address", "泗阳县北京路1号", "泗阳县****"),
        ("address", "某处", "****"),
        ("", "长期慢性病治疗", "长****疗"),
        ("", "残疾", "****"),
    ],
)
def test_a_graded_value_is_shown_by_its_element(element, clear, shown):
    assert masking.mask(clear, element=element, grade=3) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(date(1950, 3, 7), "1950-**-**"), (Decimal("12.50"), "****"), (True, "****"), (None, None)],
)
def test_values_that_are_not_text_are_masked_too(value, shown):
    assert masking.mask(value, grade=3) == shown


def test_grades_decide_before_elements():
    assert masking.mask("321323195003071234", element="id_number", grade=1).endswith("1234")
    assert masking.mask("321323195003071234", element="id_number", grade=2).endswith("*34")
    assert masking.mask("众兴街道", grade=2) == "众兴街道"
    assert masking.mask("321323195003071234", element="id_number", grade=4) == "****"


@given(st.text(min_size=1), st.sampled_from(["", "id_number", "name", "phone", "bank_card"]))
def test_a_mask_never_gives_the_value_back(clear, element):
    if len(clear.strip()) > 1 and "*" not in clear:
        assert masking.mask(clear, element=element, grade=3) != clear


@given(st.text(alphabet="𠀀𠀁張三·", min_size=2, max_size=40))
def test_no_half_character_leaves(clear):
    for element in ("", "name", "address", "id_number"):
        masking.mask(clear, element=element, grade=3).encode("utf-8")


def test_a_column_tells_its_element_by_declaration_then_by_name():
    assert masking.element_of(element="phone", column="lxdh") == "phone"
    assert masking.element_of(column="holder_id_number") == "id_number"
    assert masking.element_of(column="x1", title="户主身份证号") == "id_number"
    assert masking.element_of(column="name") == "name"
    assert masking.element_of(element="firm_name", column="name") == ""
    assert masking.element_of(column="water_level") == ""
