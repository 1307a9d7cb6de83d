from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.kernel.identifiers.gbt11643 import IdNumberMistyped
from yiwang.kernel.identifiers.uscc import UsccMistyped

EXAMPLE = "11010519491231002X"  # printed in GB 11643
DAY = date(2026, 11, 2)

birth_dates = st.dates(date(1850, 1, 1), date(2026, 11, 2))
sequences = st.integers(0, 999).map("{:03d}".format)
prefixes = st.integers(110000, 659999).map(str)


@st.composite
def id_numbers(draw):
    first17 = f"{draw(prefixes)}{draw(birth_dates):%Y%m%d}{draw(sequences)}"
    return first17 + gbt11643.check_digit(first17)


def test_the_example_of_the_standard_is_read():
    number = gbt11643.check(EXAMPLE)
    assert number == gbt11643.IdNumber(EXAMPLE, date(1949, 12, 31), "2", "110105")


def test_a_lower_case_x_and_spaces_are_normalized():
    assert gbt11643.check(" 110105 19491231 002x ").text == EXAMPLE
    assert gbt11643.is_valid("11010519491231002x")


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("", "form"),
        ("1101051949123100２X", "form"),  # a full-width digit
        ("X1010519491231002X", "form"),
        ("110105491231002", "form"),
        (f"11010519490230002{gbt11643.check_digit('11010519490230002')}", "birth_date"),
        (f"11010500001231002{gbt11643.check_digit('11010500001231002')}", "birth_date"),
        ("110105194912310021", "check_digit"),
    ],
)
def test_a_wrong_number_is_refused_for_the_first_thing_wrong(text, failed):
    with pytest.raises(IdNumberMistyped) as refused:
        gbt11643.check(text)
    assert refused.value.data == {"failed": failed}
    assert not gbt11643.is_valid(text)


def test_an_error_never_repeats_the_number():
    with pytest.raises(IdNumberMistyped) as refused:
        gbt11643.check("110105194912310021")
    assert "110105" not in f"{refused.value}{refused.value.data}"


def test_a_birth_date_in_the_future_is_refused_as_of_a_day():
    first17 = "32132320261103001"
    number = first17 + gbt11643.check_digit(first17)
    assert gbt11643.check(number).birth_on == date(2026, 11, 3)
    assert gbt11643.check(number, as_of=date(2026, 11, 3))
    with pytest.raises(IdNumberMistyped):
        gbt11643.check(number, as_of=DAY)


@pytest.mark.parametrize(("born", "doubtful"), [("18961102", False), ("18951102", True)])
def test_an_age_over_130_is_flagged_not_refused(born, doubtful):
    first17 = f"321323{born}001"
    number = gbt11643.check(first17 + gbt11643.check_digit(first17), as_of=DAY)
    assert number.over_130 is doubtful


def test_a_prefix_never_known_does_not_fail_the_check():
    first17 = "99999919900101001"
    assert gbt11643.check(first17 + gbt11643.check_digit(first17)).prefix == "999999"


def test_fifteen_digits_become_eighteen():
    assert gbt11643.upgrade15("110105491231002") == EXAMPLE
    assert gbt11643.upgrade15("110105951231998")[6:10] == "1895"  # kept for centenarians
    with pytest.raises(IdNumberMistyped):
        gbt11643.upgrade15("110105490230002")


@given(id_numbers())
def test_a_well_formed_number_says_what_went_into_it(text):
    number = gbt11643.check(text, as_of=DAY)
    assert number.text == text
    assert number.birth_on.strftime("%Y%m%d") == text[6:14]
    assert (number.sex == "1") == (text[16] in "13579")
    assert gbt11643.is_valid(text)


@given(id_numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(text, place, shift):
    wrong = str((int(text[place]) + shift) % 10)
    assert not gbt11643.is_valid(text[:place] + wrong + text[place + 1 :])


@given(id_numbers(), st.integers(0, 15))
def test_two_swapped_digits_are_always_found(text, place):
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert swapped == text or not gbt11643.is_valid(swapped)


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 995), prefixes)
def test_upgrading_keeps_prefix_birth_and_sequence(born, sequence, prefix):
    old = f"{prefix}{born:%y%m%d}{sequence:03d}"
    number = gbt11643.check(gbt11643.upgrade15(old))
    assert (number.birth_on, number.prefix, number.text[14:17]) == (born, prefix, old[12:])


@given(st.text(max_size=20))
def test_any_text_is_answered_and_both_answers_agree(text):
    try:
        gbt11643.check(text)
    except IdNumberMistyped:
        assert not gbt11643.is_valid(text)
    else:
        assert gbt11643.is_valid(text)


def test_the_credit_code_of_the_standard_is_read_in_parts():
    code = uscc.check("91350100M000100Y43")
    assert code == uscc.Uscc("91350100M000100Y43", "9", "1", "350100", "M000100Y4")


@pytest.mark.parametrize("text", ["914403001922038216", " 91350100m000100y43 "])
def test_real_credit_codes_are_valid(text):
    assert uscc.is_valid(text)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("91350100M000100Y4", "form"),
        ("91350100I000100Y43", "form"),
        ("9135010AM000100Y43", "form"),
        ("91350100M000100Y53", "organization_check"),
        ("91350100M000100Y44", "check_digit"),
    ],
)
def test_a_wrong_credit_code_is_refused_for_the_first_thing_wrong(text, failed):
    with pytest.raises(UsccMistyped) as refused:
        uscc.check(text)
    assert refused.value.data == {"failed": failed}


@st.composite
def credit_codes(draw):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    head = "".join(draw(st.lists(st.sampled_from(alphabet), min_size=2, max_size=2)))
    organization = "".join(draw(st.lists(st.sampled_from(alphabet), min_size=8, max_size=8)))
    first17 = f"{head}{draw(prefixes)}{organization}{uscc.organization_check(organization)}"
    return first17 + uscc.check_digit(first17)


@given(credit_codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_credit_code_is_always_found(text, place, other):
    assert uscc.is_valid(text)
    changed = text[:place] + other + text[place + 1 :]
    assert changed == text or not uscc.is_valid(changed)
