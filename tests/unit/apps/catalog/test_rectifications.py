"""Failing rows as a case of their owner: what puts them right, and when the case ends."""

from datetime import timedelta

import pytest
from cast import NINE
from feed_home import FEED, POLICE, deliver, keep, load, person, push, resident, rows
from prepared import library

from yiwang.apps.casework.models import Case
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import Rectification

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(feeding):
    return feeding


def test_failing_rows_become_a_case_of_their_owner_that_ends_when_they_are_right(county):
    deliver(rows(20, wrong=3))
    load(county)
    one = Rectification.objects.get()
    case = Case.objects.get(number=one.case)
    assert (one.rows, one.left, case.step) == (3, 3, "rectify")
    assert case.organ == library().feed(FEED).organ

    deliver([*rows(20), ("1234", "李0", "2026-10-01", "卫生院")])
    load(county, at=NINE + timedelta(hours=1))
    one.refresh_from_db()
    assert one.left >= 1 and one.closed_at is None

    deliver(rows(25))
    load(county, at=NINE + timedelta(hours=2))
    one.refresh_from_db()
    assert one.left == 0 and one.closed_at is not None
    case.refresh_from_db()
    assert (case.state, case.step) == ("ended", "rectified")


def test_an_increment_that_does_not_read_the_wrong_rows_leaves_the_case_open(county):
    wrong = [resident(n, "2026-10-01", birth_on="没有") for n in (1, 2)]
    right = [resident(n, "2026-10-10") for n in range(10, 40)]
    keep([*wrong, *right])
    load(county, ref=POLICE)
    one = Rectification.objects.get()
    assert (one.rows, one.left) == (2, 2)

    keep([*wrong, *right, resident(50, "2026-10-20")])
    second = load(county, ref=POLICE, at=NINE + timedelta(hours=1))
    one.refresh_from_db()
    assert (second.mode, second.rejected) == ("increment", 0)
    assert (one.left, one.closed_at) == (2, None), "nobody has looked at the wrong rows"

    put_right = resident(1, "2026-10-21")
    keep([put_right, wrong[1], *right])
    load(county, ref=POLICE, at=NINE + timedelta(hours=2))
    one.refresh_from_db()
    assert (one.left, one.closed_at) == (1, None)

    keep([put_right, *right])
    load(county, ref=POLICE, at=NINE + timedelta(hours=3), mode="whole")
    one.refresh_from_db()
    assert one.left == 0 and one.closed_at is not None, "everything was read"


def test_a_push_puts_right_the_keys_that_it_brings_and_no_others(county):
    deliver([*rows(20), *((person(n), "某人", "不详", "卫生院") for n in (901, 902))])
    load(county)
    one = Rectification.objects.get()
    key = catalog.issue_push_key(FEED, officer=county.gu, at=NINE)

    def pushed(delivery, *given):
        push(given, key=key, delivery=delivery, at=NINE + timedelta(hours=1))
        one.refresh_from_db()
        return one.left, one.closed_at is not None

    put_right = (person(901), "某人", "2026-10-05", "卫生院")
    assert pushed("push-1", (person(500), "别人", "2026-10-03", "卫生院")) == (2, False)
    assert pushed("push-2", put_right) == (1, False)
    assert pushed("push-3", put_right) == (1, False), "the same key is not counted twice"
    wrong_again = [(person(901), "某人", "不详", "卫生院")]
    assert pushed("push-4", *wrong_again, *(r for r in rows(9))) == (2, False)
    assert pushed("push-5", put_right, (person(902), "某人", "2026-10-05", "卫生院")) == (0, True)


def test_other_failing_rows_of_the_load_that_ends_a_case_become_the_next_one(county):
    deliver([*rows(20), (person(901), "某人", "不详", "卫生院")])
    load(county)
    deliver([*rows(20), (person(902), "某人", "不详", "卫生院")])

    last = load(county, at=NINE + timedelta(hours=1))

    assert last.state == "done", "as many rows are wrong as before, but others"
    first, second = Rectification.objects.order_by("id")
    assert first.closed_at is not None and first.left == 0
    assert (second.run, second.left, second.closed_at) == (last.run, 1, None)
