"""A delivery of millions is judged in portions, and nobody can tell from what comes of it."""

from pathlib import Path

import duckdb
import pytest
from lake_feeds import NINE, residents

from yiwang.lake import Collection, FeedColumn, Lake, Shape, Source
from yiwang.lake.portions import Mark, pieces

ROWS = 2_300_000
COLUMNS = (
    FeedColumn(name="id_number", sources=("ID",)),
    FeedColumn(name="sex", sources=("SEX",)),
)
AGAIN = {700_000: 3, 1_500_000: 4, 2_200_000: 3, 2_200_001: 2_199_000}
"""Rows whose key is that of an earlier row: in the same portion, the one before, far before."""
FIRST_WRONG = (5, 2_250_000)
"""Two rows of one key: the first has a sex that no code table knows, so that the second stands."""


def _line(n: int) -> str:
    key = AGAIN.get(n, FIRST_WRONG[0] if n == FIRST_WRONG[1] else n)
    return f"A{key},{'9' if n == FIRST_WRONG[0] else 1 + n % 2}\n"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Collection, Path]:
    home = tmp_path_factory.mktemp("portions")
    (home / "in").mkdir()
    with (home / "in" / "all.csv").open("w", encoding="utf-8") as out:
        out.write("ID,SEX\n")
        for n in range(ROWS):
            out.write("one cell only\n" if n == 1_800_000 else _line(n))
    lake = Lake(home / "lake")
    plan = residents(columns=COLUMNS, shape=Shape(file="all.csv"))
    done = lake.collect(plan, Source(kind="folder", path=home / "in"), at=NINE, run="1")
    return lake, done, home


def test_every_row_is_counted_once_and_a_file_is_named_once(collected):
    done = collected[1]
    assert (done.read, done.accepted, done.rejected) == (ROWS, ROWS - 6, 6)
    assert done.by_rule == {"key.unique": len(AGAIN), "line.broken": 1, "sex.known": 1}
    assert done.files == ("all.csv",)


def test_a_key_that_an_earlier_portion_held_is_rejected_where_it_stands(collected):
    lake = collected[0]
    found = {(row.line, row.rules) for row in lake.rejected("base.resident_feed", limit=100)}
    assert found == {
        *((n + 2, ("key.unique",)) for n in AGAIN),
        (FIRST_WRONG[0] + 2, ("sex.known",)),
        (1_800_002, ("line.broken",)),
    }


def test_accepted_rows_keep_the_line_they_stood_on(collected):
    home = collected[2]
    found = duckdb.sql(
        "SELECT id_number, _line FROM "
        f"read_parquet('{home}/lake/tables/**/*.parquet', union_by_name = true) "
        "WHERE _line IS NOT NULL AND 'A' || CAST(_line - 2 AS VARCHAR) <> id_number"
    )
    assert found.fetchall() == [(f"A{FIRST_WRONG[0]}", FIRST_WRONG[1] + 2)]


def test_a_file_is_cut_between_lines_under_its_own_header(tmp_path: Path):
    file = tmp_path / "file.csv"
    file.write_bytes(b"a,b\r\n1,2\r\n3,4\r\n5,6")
    marks = [Mark(10, 2), Mark(15, 3), Mark(18, 4)]
    cut = list(pieces(file, marks=marks, each=2))
    for number, one in enumerate(cut):
        one.write(tmp_path / str(number))
    assert [
        (Path(tmp_path / str(n)).read_bytes(), one.rows, one.first_line)
        for n, one in enumerate(cut)
    ] == [
        (b"a,b\r\n1,2\r\n3,4\r\n", 2, 2),
        (b"a,b\r\n5,6", 1, 4),
    ]
