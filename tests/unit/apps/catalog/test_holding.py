"""When a load waits for a decision, as pure rules; and how a past period is cut."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import NINE

from yiwang.apps.catalog.actions.backfill import periods
from yiwang.apps.catalog.holding import Before, verdict
from yiwang.lake import Changes, Collection


def found(**more):
    given = {
        "run": "r", "feed": "base.death", "read": 1000, "accepted": 1000, "rejected": 0,
        "flagged": 0, "by_rule": {}, "snapshot": "", "at": NINE, "seconds": 0.1,
        "changes": Changes(changed=1, same=999), "newest": "2026-11-01",
    }  # fmt: skip
    return Collection(**{**given, **more})


STANDING = Before(rows=1_000_000, newest="2026-10-31", at=NINE - timedelta(days=1))


@pytest.mark.parametrize(
    ("load", "before", "words"),
    [
        ({"read": 0, "accepted": 0}, STANDING, "来源是空的，而现有数据 1,000,000 行"),
        ({"read": 9, "accepted": 0, "rejected": 9}, STANDING, "全部未通过质量规则"),
        ({}, STANDING, "比现有数据少 99.9%"),
        ({"accepted": 650, "rejected": 350}, Before(), "隔离 35.0%"),
        (
            {"newest": "2026-10-01"},
            Before(rows=1000, newest="2026-10-31"),
            "早于已入库的 2026-10-31",
        ),
        ({"ahead": 11}, Before(), "时间在未来"),
        ({}, Before(rows=1000, at=NINE + timedelta(hours=1)), "时钟"),
    ],
)
def test_what_looks_wrong_is_held_with_its_reason(load, before, words):
    reasons = verdict(found(**load), before)

    assert isinstance(reasons, tuple) and words in "；".join(reasons)


def test_an_increment_may_be_small_old_or_empty():
    increment = Before(rows=1_000_000, newest="2026-11-01", at=NINE, is_whole=False)

    assert verdict(found(newest="2026-10-30"), increment) == "commit"
    assert verdict(found(read=0, accepted=0), increment) == "skip"


def test_what_changes_nothing_is_skipped_unless_other_rows_fail():
    same = Changes(same=1000)
    before = Before(rows=1000, at=NINE, rejected_mark="ab")

    assert verdict(found(changes=same, read=1002, rejected=2, rejected_mark="ab"), before) == "skip"
    assert verdict(found(changes=same), before) == "commit"


def test_limits_are_those_of_the_feed():
    strict = Before(rows=1100, at=NINE, drop_limit=Decimal("0.05"))

    assert "超过上限 5%" in verdict(found(), strict)[0]
    assert verdict(found(), Before(rows=1100, at=NINE, drop_limit=Decimal("0.1"))) == "commit"


def test_a_past_period_is_cut_at_firsts_of_months_or_at_days():
    months = list(periods(date(2026, 1, 15), date(2026, 3, 2), "month"))
    assert months == [
        (date(2026, 1, 15), date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 2)),
    ]
    assert len(list(periods(date(2026, 1, 1), date(2026, 2, 1), "day"))) == 31
