"""What stands in a department's system, read from its own description."""

import sqlite3
from contextlib import closing

import pytest
from openpyxl import Workbook

from yiwang.lake import FeedColumn, FeedPlan, Shape, Source, scan
from yiwang.lake.extracts import SourceUnreadable


def names(table):
    return [column.name for column in table.columns]


def test_every_table_and_view_of_a_database_file_is_found_with_its_columns(tmp_path):
    file = tmp_path / "police.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE HK_RYXX (GMSFHM TEXT, CSRQ DATE)")
        db.execute("INSERT INTO HK_RYXX VALUES ('x', '2000-01-01')")
        db.execute('CREATE TABLE "odd ""name" (a INTEGER)')
        db.execute("CREATE VIEW v AS SELECT GMSFHM FROM HK_RYXX")
        db.commit()
    found = {one.name: one for one in scan(Source(kind="sqlite", path=file))}
    assert list(found) == ["HK_RYXX", 'odd "name', "v"]
    assert names(found["HK_RYXX"]) == ["GMSFHM", "CSRQ"]
    assert found["HK_RYXX"].columns[1].type == "DATE"
    assert found["HK_RYXX"].rows == 1


def test_files_are_found_by_the_pattern_of_their_feed_or_their_name_without_digits(tmp_path):
    (tmp_path / "死亡登记_202610.csv").write_text("身份证号,死亡日期\n1,2\n", encoding="gb18030")
    (tmp_path / "死亡登记_202611.csv").write_text(
        "身份证号,死亡日期,原因\n1,2,3\n", encoding="gb18030"
    )
    (tmp_path / "门诊20261101.txt").write_text("号\t科室\n1\t2\n", encoding="utf-8")
    (tmp_path / "说明.pdf").write_bytes(b"%PDF")
    book = Workbook()
    book.active.append(["市场主体名录"])
    book.active.append(["名称", "代码", "状态"])
    book.active.append(["甲", "1", "在业"])
    book.save(tmp_path / "主体.xlsx")
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    plan = FeedPlan(
        name="t.death",
        shape=Shape(file="死亡登记_*.csv"),
        key=(),
        columns=(FeedColumn(name="id", sources=("身份证号",)),),
    )
    found = {one.name: one for one in scan(Source(kind="folder", path=tmp_path), [plan])}
    assert set(found) == {"死亡登记_*.csv", "门诊*.txt", "主体.xlsx", "坏.xlsx"}
    assert names(found["死亡登记_*.csv"]) == ["身份证号", "死亡日期", "原因"]  # of the latest
    assert names(found["门诊*.txt"]) == ["号", "科室"]
    assert names(found["主体.xlsx"]) == ["名称", "代码", "状态"]
    assert found["坏.xlsx"].note


@pytest.mark.parametrize("kind", ["sqlite", "folder"])
def test_a_source_that_is_gone_says_so_without_its_address(tmp_path, kind):
    with pytest.raises(SourceUnreadable) as refused:
        scan(Source(kind=kind, path=tmp_path / "secret-place"))
    assert "secret-place" not in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        Source(kind="postgres", url="postgresql://u:hidden@127.0.0.1:1/x"),
        Source(kind="mariadb", url="mysql://u:hidden@127.0.0.1:1/x"),
    ],
    ids=["postgres", "mariadb"],
)
def test_a_server_that_does_not_answer_says_so_without_its_password(source):
    with pytest.raises(SourceUnreadable) as refused:
        scan(source)
    assert "hidden" not in str(refused.value)
