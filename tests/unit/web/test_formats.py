"""Values read as people write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from yiwang.web.formats import count, day, in_words, limit, moment, percent, shown, yuan


def test_a_moment_is_shown_in_local_time():
    assert moment(datetime(2026, 11, 21, 18, 30, tzinfo=UTC)) == "2026-11-22 02:30"


def test_a_day_of_an_instant_is_the_local_one():
    assert day(datetime(2026, 11, 21, 18, 30, tzinfo=UTC)) == "2026年11月22日"
    assert day(date(2026, 1, 2)) == "2026年1月2日"


def test_figures_carry_their_separators_and_nothing_is_a_dash():
    assert (count(1234567), percent(0.97312), yuan(Decimal("1234.5"))) == (
        "1,234,567",
        "97.3%",
        "1,234.50 元",
    )
    assert {count(None), percent(None), yuan(None), day(None), moment(None)} == {"—"}


def test_a_limit_is_said_in_words():
    assert [limit(text) for text in ("5wd", "3d", "2h", "15m", "")] == [
        "5 个工作日",
        "3 天",
        "2 小时",
        "15 分钟",
        "—",
    ]


def test_an_expression_is_read_with_the_names_and_values_of_its_parts():
    names = {"late": "逾期", "late_month": "三十日内逾期", "late_times": "3"}
    said = in_words("late >= 1 and late_month >= late_times", names)

    assert said == "逾期 ≥ 1 且 三十日内逾期 ≥ 3"


def test_a_value_of_any_kind_is_shown_as_people_write_it():
    assert shown(Decimal("1234.50")) == "1,234.50"
    assert shown(Decimal("12.345600")) == "12.3456"
    assert shown(Decimal("9000000.000000")) == "9,000,000.00"
    assert shown(1234) == "1,234"
    assert shown(True) == "是"
    assert shown(date(2026, 7, 1)) == "2026年7月1日"
    assert shown("市财政局") == "市财政局"
    assert shown(None) == "—"
