"""Collection: every row accepted or quarantined, the counts balance, refusals change nothing."""

import sqlite3
from datetime import date
from decimal import Decimal

import pytest
from lake_feeds import GOOD, HEADER, NINE, residents

from yiwang.lake import Check, Lake, Reference, Shape, Source
from yiwang.lake.collecting import SourceEmpty
from yiwang.lake.extracts import SchemaDrift
from yiwang.lake.staging import ReferenceMissing


def _leave(folder: Source, *lines: str, name: str = "residents.csv", encoding="utf-8") -> None:
    (folder.path / name).write_text("\n".join(lines) + "\n", encoding=encoding)


def test_good_rows_become_typed_values(lake: Lake, folder: Source) -> None:
    _leave(folder, HEADER, *GOOD)

    done = lake.collect(residents(), folder, at=NINE, run="r1")

    assert (done.read, done.accepted, done.rejected, done.broken) == (3, 3, 0, 0)
    rows = lake.rows("SELECT * FROM base.resident_feed ORDER BY id_number")
    assert [row["born_on"] for row in rows] == [date(2025, 3, 1)] * 3
    assert rows[0]["amount"] == Decimal(50) and str(rows[1]["amount"]) == "1.5"
    assert set(rows[0]) == {"id_number", "name", "sex", "born_on", "amount"}


def test_a_row_is_quarantined_with_line_key_reasons_and_values_as_read(lake, folder) -> None:
    _leave(folder, HEADER, *GOOD, "A4,,9,90/3/4,12x", "A1,王伟,1,20250301,1")

    done = lake.collect(residents(), folder, at=NINE, run="r1")

    assert (done.read, done.accepted, done.rejected) == (5, 3, 2)
    assert done.by_rule == {
        "amount.type": 1,
        "born_on.type": 1,
        "key.unique": 1,
        "name.required": 1,
        "sex.known": 1,
    }
    first, second = lake.rejected("base.resident_feed")
    assert (first.line, first.key) == (5, "A4")
    assert set(first.rules) == {"amount.type", "born_on.type", "name.required", "sex.known"}
    assert first.values["born_on"] == "90/3/4" and first.values["name"] is None
    assert (second.line, second.rules) == (6, ("key.unique",))


def test_a_flagged_row_is_kept(lake, folder) -> None:
    _leave(folder, HEADER, *GOOD)
    plan = residents(checks=(Check(id="name.twice", unique=("sex",), otherwise="flag"),))

    done = lake.collect(plan, folder, at=NINE, run="r1")

    assert (done.accepted, done.rejected, done.flagged) == (3, 0, 1)


def test_the_same_run_is_collected_once(lake, folder) -> None:
    _leave(folder, HEADER, *GOOD)
    first = lake.collect(residents(), folder, at=NINE, run="r1")
    _leave(folder, HEADER, GOOD[0])

    again = lake.collect(residents(), folder, at=NINE, run="r1")

    assert again.snapshot == first.snapshot and again.accepted == 3 and again.repeated
    assert len(lake.snapshots("base.resident_feed")) == 1


def test_a_lost_column_is_named_and_nothing_changes(lake, folder) -> None:
    _leave(folder, HEADER, *GOOD)
    lake.collect(residents(), folder, at=NINE, run="r1")
    _leave(folder, HEADER.replace("CSRQ", "CSRQ1"), *GOOD)

    with pytest.raises(SchemaDrift) as refused:
        lake.collect(residents(), folder, at=NINE, run="r2")

    assert "CSRQ" in refused.value.message and "CSRQ1" in refused.value.message
    assert len(lake.snapshots("base.resident_feed")) == 1


def test_another_accepted_name_is_found(lake, folder) -> None:
    _leave(folder, HEADER.replace("XM", "姓 名"), *GOOD)

    done = lake.collect(residents(), folder, at=NINE, run="r1")

    assert done.accepted == 3 and done.columns["name"] == "姓名"


@pytest.mark.parametrize("lines", [[], [HEADER]])
def test_an_empty_file_where_rows_were_is_held(lake, folder, lines) -> None:
    _leave(folder, HEADER, *GOOD)
    lake.collect(residents(), folder, at=NINE, run="r1")
    (folder.path / "residents.csv").write_text("\n".join(lines))

    with pytest.raises(SourceEmpty):
        lake.collect(residents(), folder, at=NINE, run="r2")
    assert lake.count("base.resident_feed") == 3

    lake.collect(residents(), folder, at=NINE, run="r3", allow_empty=True)
    assert lake.count("base.resident_feed") == 0


def test_a_sqlite_table_is_read_as_text_whatever_its_cells_hold(lake, tmp_path) -> None:
    with sqlite3.connect(tmp_path / "police.sqlite") as database:
        database.execute("CREATE TABLE HK (GMSFHM, XM, XB INTEGER, CSRQ, JE REAL)")
        database.executemany(
            "INSERT INTO HK VALUES (?, ?, ?, ?, ?)",
            [("A1", "王伟", 1, "20250301", 50.5), (None, "李娜", "?", "2025-03-01", 1)],
        )
    database.close()
    source = Source(kind="sqlite", path=tmp_path / "police.sqlite")

    done = lake.collect(residents(shape=Shape(table="HK")), source, at=NINE, run="r1")

    assert (done.read, done.accepted) == (2, 1)
    [rejected] = lake.rejected("base.resident_feed")
    assert set(rejected.rules) == {"id_number.required", "sex.known"}
    assert rejected.line == 2 and rejected.values["sex"] == "?"


RULES = (
    Check(id="sex.coded", check="is_code(sex, 'base.sex')"),
    Check(id="age.possible", check="age_on_birthday(born_on, as_of) <= 130", unknown="fail"),
    Check(id="name.short", check="length(name) <= 20", otherwise="flag"),
    Check(id="amount.limit", check="amount <= most"),
)


def test_expressions_judge_and_unknown_fails_only_where_it_is_said(lake, folder) -> None:
    _leave(
        folder,
        HEADER,
        *GOOD,
        "A5,王五,3,20250301,100.01",
        "A6,赵六,,18900101,",
        "A7,钱七,1,,",
        f"A8,{'长' * 21},2,20250301,100",
    )
    plan = residents(checks=RULES, values={"most": Decimal(100)}, value_types={"most": "decimal"})

    done = lake.collect(plan, folder, at=NINE, run="r1")

    assert (done.read, done.accepted, done.rejected, done.flagged) == (7, 4, 3, 1)
    assert {row.key: row.rules for row in lake.rejected(done.feed)} == {
        "A5": ("sex.coded", "amount.limit"),
        "A6": ("age.possible",),
        "A7": ("age.possible",),
    }


def test_more_rules_than_one_mask_holds(lake, folder) -> None:
    _leave(folder, HEADER, *GOOD)
    checks = tuple(Check(id=f"r{n}", check=f"length(name) <> {n}") for n in range(150))

    done = lake.collect(residents(checks=checks), folder, at=NINE, run="r1", allow_empty=True)

    assert done.by_rule == {"r2": 3}


def test_a_reference_is_looked_up_in_the_lake(lake, folder) -> None:
    _leave(folder, HEADER, *GOOD)
    homes = Reference(column="name", table="base.names", target="name")
    plan = residents(checks=(Check(id="name.listed", reference=homes),))
    with pytest.raises(ReferenceMissing):
        lake.collect(plan, folder, at=NINE, run="r1")

    lake.write("base.names", [{"name": "王伟"}, {"name": None}], columns={"name": "text"}, at=NINE)

    assert lake.collect(plan, folder, at=NINE, run="r1").by_rule == {"name.listed": 2}


def test_a_refused_collection_leaves_no_file_behind(lake, folder, tmp_path) -> None:
    _leave(folder, "other,columns,XM")

    with pytest.raises(SchemaDrift):
        lake.collect(residents(), folder, at=NINE, run="r1")

    assert not [path for path in (tmp_path / "lake").rglob("*") if path.suffix == ".parquet"]
    assert not [path for path in (tmp_path / "lake" / "staging").iterdir() if path.is_dir()]


def test_a_query_over_what_is_given_now_leaves_no_snapshot(lake: Lake) -> None:
    columns = {"id": "text", "n": "integer"}
    rows = [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
    sql = "SELECT id, n FROM platform.now WHERE n > $least"

    found = lake.rows_over(sql, {"platform.now": (columns, rows)}, values={"least": 1})
    assert found == [{"id": "b", "n": 2}]
    assert lake.rows_over(sql, {"platform.now": (columns, [])}, values={"least": 0}) == []
    assert "platform.now" not in lake.tables()
