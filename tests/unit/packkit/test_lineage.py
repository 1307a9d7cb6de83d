"""Lineage and inherited grades, read off the parse of a query."""

import pytest

from yiwang.packkit.derived import Derived
from yiwang.packkit.kinds.resources import Feed, FeedColumn, Register, Shape
from yiwang.packkit.kinds.shared import Column
from yiwang.packkit.queries import QueryRefused, parse_query

PEOPLE = Feed(
    title="人",
    organ="a",
    source="a",
    shape=Shape(table="t"),
    key=("id_number",),
    cycle="P1D",
    columns={
        "id_number": FeedColumn(title="号", from_="x", grade=3),
        "village": FeedColumn(title="村", from_="x", grade=2),
        "illness": FeedColumn(title="病", from_="x", grade=4),
        "born": FeedColumn(title="生", from_="x", grade=2, type="date"),
    },
)
CODES = Register(
    title="码",
    owner="a",
    key="code",
    source="x",
    columns={"code": Column(title="码", grade=1), "title": Column(title="名", grade=1)},
)


def derived(sql: str) -> Derived:
    """What is derived of a table ``p.out`` computed by ``sql``."""
    found = Derived.of(
        registers={"p.codes": CODES}, feeds={"p.people": PEOPLE}, tables={}, sql={"p.out": sql}
    )
    for refusal in found.refusals.values():
        raise refusal
    return found


@pytest.mark.parametrize(
    ("sql", "column", "sources", "grade"),
    [
        ("SELECT id_number AS n FROM p.people", "n", {"id_number"}, 3),
        ("SELECT * FROM p.people", "illness", {"illness"}, 4),
        (
            "SELECT n FROM (SELECT UPPER(id_number) || village AS n FROM p.people) AS a",
            "n",
            {"id_number", "village"},
            3,
        ),
        (
            "WITH a AS (SELECT illness AS i FROM p.people) SELECT a.i AS n FROM a",
            "n",
            {"illness"},
            4,
        ),
        (
            "SELECT village AS n FROM p.people UNION ALL SELECT illness FROM p.people",
            "n",
            {"village", "illness"},
            4,
        ),
        ("SELECT MAX(illness) AS n FROM p.people", "n", {"illness"}, 4),
        ("SELECT COUNT(*) AS n FROM p.people", "n", set(), 1),
        ("SELECT SUM(LENGTH(illness)) AS n FROM p.people GROUP BY id_number", "n", {"illness"}, 4),
        (
            "SELECT COUNT(illness) AS n FROM p.people GROUP BY village HAVING COUNT(*) >= 3",
            "n",
            {"illness"},
            1,
        ),
        (
            "SELECT COUNT(illness) AS n FROM p.people GROUP BY village HAVING COUNT(*) > 1",
            "n",
            {"illness"},
            4,
        ),
        (
            "SELECT COUNT(illness) AS n FROM p.people GROUP BY village"
            " HAVING COUNT(*) >= 3 OR village = 'x'",
            "n",
            {"illness"},
            4,
        ),
        (
            "SELECT MIN(illness) AS n FROM p.people GROUP BY village HAVING COUNT(*) >= 3",
            "n",
            {"illness"},
            4,
        ),
        (
            "SELECT village AS n FROM p.people GROUP BY village HAVING COUNT(*) >= 3",
            "n",
            {"village"},
            1,
        ),
        (
            "SELECT id_number AS n FROM p.people GROUP BY id_number HAVING COUNT(*) >= 3",
            "n",
            {"id_number"},
            3,
        ),
        (
            "SELECT c.title AS n FROM p.people AS a JOIN p.codes AS c ON c.code = a.illness",
            "n",
            {"illness", "title"},
            4,
        ),
        (
            "SELECT (SELECT MAX(b.illness) FROM p.people AS b WHERE b.village = a.village) AS n"
            " FROM p.people AS a",
            "n",
            {"illness", "village"},
            4,
        ),
    ],
)
def test_a_column_comes_from_and_is_graded_by_what_it_is_computed_from(
    sql: str, column: str, sources: set[str], grade: int
) -> None:
    found = derived(sql)

    assert {name for _, name in found.sources("p.out", column)} == sources
    assert found.grade("p.out", column) == grade


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("DROP TABLE x", "只能写一条 SELECT"),
        ("SELECT 1; SELECT 2", "只能写一条 SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "只能读“包.表”|不允许使用"),
        ("SELECT * FROM '/etc/passwd'", "没有写明属于哪个包"),
        ("SELECT getenv('HOME') AS a FROM p.people", "不允许使用 GETENV"),
        ("SELECT CURRENT_DATE AS a FROM p.people", "不允许使用 CURRENTDATE"),
        ("SELECT RANDOM() AS a FROM p.people", "不允许使用 RAND"),
        ("SELECT id_number FROM people", "表“people”没有写明属于哪个包"),
        ("SELECT nothing FROM p.people", "nothing"),
        ("SELECT a FROM", "SQL 写法有误"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "SQL 写法有误|过于复杂"),
        ("SELECT * FROM p.peple", "没有表“p.peple”"),
        ("COPY p.people TO '/tmp/x'", "只能写一条 SELECT"),
        ("SELECT * FROM p.people, LATERAL (SELECT 1) AS x", "不允许使用 LATERAL"),
    ],
)
def test_sql_outside_the_subset_is_refused_with_the_reason(sql: str, what: str) -> None:
    with pytest.raises(QueryRefused, match=what):
        derived(sql)


def test_a_refusal_knows_its_line() -> None:
    with pytest.raises(QueryRefused) as refusal:
        parse_query("SELECT\n  id_number,\n  getenv('x') AS a\nFROM p.people")

    assert refusal.value.line == 3
