"""Day files: every reading once, in order, whoever settles it how often."""

from yiwang.lake import DayStore
from yiwang.lake.day_store import DAY

NOON = 20_000 * DAY + DAY // 2
MINUTE = 60_000_000


def rows(points: int, minutes: int, start: int = NOON):
    return [
        (point, start + n * MINUTE, point + n / 10, False)
        for point in range(points)
        for n in range(minutes)
    ]


def test_what_is_settled_is_read_again(tmp_path):
    store = DayStore(tmp_path)
    assert store.settle(rows(3, 10)) == 1

    assert store.rows(since=NOON, until=NOON + DAY, points=[1]) == [
        (1, NOON + n * MINUTE, 1 + n / 10, False) for n in range(10)
    ]


def test_settling_twice_leaves_each_reading_once_and_the_first_value(tmp_path):
    store = DayStore(tmp_path)
    store.settle(rows(2, 5))
    store.settle([(0, NOON, 99.0, True), *rows(2, 6)])

    found = store.rows(since=NOON, until=NOON + DAY)
    assert len(found) == 12
    assert found[0] == (0, NOON, 0.0, False)


def test_a_span_over_midnight_reads_both_days(tmp_path):
    store = DayStore(tmp_path)
    assert store.settle(rows(1, 4, start=20_001 * DAY - 2 * MINUTE)) == 2
    newest = store.rows(since=NOON, until=NOON + DAY, limit=3, newest_first=True)

    assert [row[2] for row in newest] == [0.3, 0.2, 0.1]


def test_means_come_as_sums_and_counts(tmp_path):
    store = DayStore(tmp_path)
    store.settle(rows(1, 120))
    hour = 60 * MINUTE

    assert sorted(store.means(since=NOON, until=NOON + DAY, step=hour)) == [
        (0, NOON, sum(n / 10 for n in range(60)), 60),
        (0, NOON + hour, sum(n / 10 for n in range(60, 120)), 60),
    ]


def test_an_empty_store_answers_with_nothing(tmp_path):
    store = DayStore(tmp_path / "none")
    assert store.rows(since=0, until=NOON) == []
    assert store.means(since=0, until=NOON, step=MINUTE) == []
    assert store.settle([]) == 0
