"""A query tried on rows in memory: same guard, same engine, nothing kept."""

from datetime import date
from decimal import Decimal

import pytest

from yiwang.lake import TableNotGiven, try_sql
from yiwang.lake.guard import SqlRefused

PEOPLE = (
    {"name": "text", "born": "date", "pay": "decimal"},
    [{"name": "王小明", "born": date(1940, 2, 29), "pay": Decimal("60.50")}, {"name": "李"}],
)


def test_rows_come_back_as_python_values():
    found = try_sql("SELECT * FROM p.people ORDER BY name DESC", {"p.people": PEOPLE})

    assert found == [
        {"name": "王小明", "born": date(1940, 2, 29), "pay": Decimal("60.5")},
        {"name": "李", "born": None, "pay": None},
    ]


def test_a_table_that_nobody_gave_is_named():
    with pytest.raises(TableNotGiven, match=r"p\.places"):
        try_sql("SELECT * FROM p.people, p.places", {"p.people": PEOPLE})


@pytest.mark.parametrize("sql", ["SELECT * FROM '/etc/passwd'", "DROP TABLE p.people"])
def test_the_lake_s_guard_stands_before_it(sql):
    with pytest.raises(SqlRefused):
        try_sql(sql, {"p.people": PEOPLE})
