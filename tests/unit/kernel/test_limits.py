from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from yiwang.kernel.clock import CHINA
from yiwang.kernel.limits import Limit, LimitMistyped
from yiwang.kernel.workdays import Calendar

CALENDAR = Calendar.read(Path(__file__).parents[3] / "packs/base/registers/workdays.csv")


def _at(*parts):
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("limit", "begun", "due"),
    [
        ("5wd", _at(2026, 11, 2, 9), _at(2026, 11, 9, 23, 59, 59)),
        ("1wd", _at(2026, 9, 30, 9), _at(2026, 10, 8, 23, 59, 59)),
        ("3d", _at(2026, 11, 2, 9), _at(2026, 11, 5, 23, 59, 59)),
        ("3d", _at(2026, 9, 30, 9), _at(2026, 10, 8, 23, 59, 59)),  # the last day is a holiday
        ("2h", _at(2026, 11, 2, 23), _at(2026, 11, 3, 1)),
        ("15m", _at(2026, 10, 1, 0), _at(2026, 10, 1, 0, 15)),
    ],
)
def test_a_limit_ends_when_the_law_says(limit, begun, due):
    assert Limit.parse(limit).due(begun, CALENDAR) == due


def test_days_are_counted_in_china_whatever_the_zone_of_the_instant():
    begun = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)  # already Monday in China
    assert Limit.parse("1wd").due(begun, CALENDAR).date() == date(2026, 11, 3)


@pytest.mark.parametrize("text", ["", "5", "wd", "0d", "-1d", "5 wd", "5w", "1.5h", "5wd ", "５d"])
def test_anything_else_is_mistyped(text):
    with pytest.raises(LimitMistyped):
        Limit.parse(text)


def test_a_limit_reads_back_and_speaks_chinese():
    assert str(Limit.parse("5wd")) == "5wd"
    assert Limit.parse("5wd").words == "5个工作日"


def test_working_hours_pass_only_in_office_hours():
    friday = datetime(2026, 11, 6, 16, 30, tzinfo=CHINA)

    assert Limit.parse("1wh").due(friday, CALENDAR) == friday + timedelta(hours=1)
    assert Limit.parse("4wh").due(friday, CALENDAR) == datetime(2026, 11, 9, 11, 30, tzinfo=CHINA)
    early = CALENDAR.within(["09:00-10:00"])
    assert Limit.parse("2wh").due(friday, early) == datetime(2026, 11, 10, 10, tzinfo=CHINA)
