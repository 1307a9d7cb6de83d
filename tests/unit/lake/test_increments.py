"""Increments, gates, held loads, changes by key, windows of databases, bytes that are no text."""

import sqlite3
from pathlib import Path

import pytest
from lake_feeds import GOOD, HEADER, NINE, RESIDENTS, residents

from yiwang.lake import FeedColumn, Increment, Shape, Source, Window
from yiwang.lake.backends.windows import earlier
from yiwang.lake.loading import ColumnsMoved
from yiwang.lake.plans import PlanMalformed
from yiwang.lake.store import BaseMoved

UPDATED = (*RESIDENTS, FeedColumn(name="updated_at", sources=("GX",), type="instant"))


def table(path: Path, *rows: tuple, fresh: bool = True) -> Source:
    """A SQLite department with its residents and when they were updated."""
    with sqlite3.connect(path) as base:
        if fresh:
            base.execute("DROP TABLE IF EXISTS RY")
            base.execute("CREATE TABLE RY (GMSFHM, XM, XB, CSRQ, JE, GX)")
        base.executemany("INSERT INTO RY VALUES (?,?,?,?,?,?)", rows)
    base.close()
    return Source(kind="sqlite", path=path)


def plan(**more):
    return residents(
        shape=Shape(table="RY"), columns=UPDATED, increment=Increment(by="updated_at"), **more
    )


def row(number: str, name: str, day: int, sex: str = "1") -> tuple:
    return number, name, sex, "2000-01-01", "1", f"2026-11-{day:02} 08:00:00"


def commit(_):
    return "commit"


def names(lake):
    found = lake.rows("SELECT id_number, name FROM base.resident_feed ORDER BY id_number")
    return {one["id_number"]: one["name"] for one in found}


def test_an_increment_replaces_its_keys_and_leaves_the_others(lake, tmp_path):
    source = table(tmp_path / "d.sqlite", *(row(f"A{n}", f"王{n}", 1) for n in range(50)))
    lake.collect(plan(), source, at=NINE, run="1", gate=commit)
    assert lake.newest("base.resident_feed").startswith("2026-11-01T00:00:00")
    source = table(source.path, row("A7", "改名", 2), row("B1", "新人", 2), fresh=False)
    with sqlite3.connect(source.path) as base:
        base.execute("DELETE FROM RY WHERE GMSFHM = 'A7' AND XM <> '改名'")
    base.close()

    window = Window(since=earlier(lake.newest("base.resident_feed"), "instant", "PT1H"))
    done = lake.collect(plan(), source, at=NINE, run="2", window=window, merge=True, gate=commit)

    assert (done.read, done.total) == (51, 51), "the overlap reads the day before again"
    assert (done.changes.inserted, done.changes.changed, done.changes.same) == (1, 1, 49)
    later = Window(since="2026-11-02T08:00:00+08:00")
    done = lake.collect(plan(), source, at=NINE, run="3", window=later, merge=True, gate=commit)
    assert (done.read, done.total) == (2, 51)
    assert names(lake)["A7"] == "改名" and names(lake)["B1"] == "新人" and len(names(lake)) == 51


def test_an_increment_of_other_columns_replaces_nothing(lake, tmp_path):
    source = table(tmp_path / "d.sqlite", row("A1", "王一", 1), row("A2", "王二", 1))
    lake.collect(plan(), source, at=NINE, run="1", gate=commit)
    more = residents(
        shape=Shape(table="RY"),
        columns=(*UPDATED, FeedColumn(name="again", sources=("XM",))),
        increment=Increment(by="updated_at"),
    )
    later = Window(since="2026-11-02T00:00:00+08:00")
    table(source.path, row("A3", "王三", 3), fresh=False)

    with pytest.raises(ColumnsMoved, match="先全量归集一次"):
        lake.collect(more, source, at=NINE, run="2", window=later, merge=True, gate=commit)

    assert set(names(lake)) == {"A1", "A2"}


def test_rows_that_are_flagged_as_gone_are_removed(lake, tmp_path):
    gone = plan().increment.__class__(by="updated_at", gone="sex", gone_values=("2",))
    feed = residents(shape=Shape(table="RY"), columns=UPDATED, increment=gone)
    source = table(tmp_path / "d.sqlite", row("A1", "王一", 1), row("A2", "王二", 1))
    lake.collect(feed, source, at=NINE, run="1", gate=commit)
    source = table(source.path, row("A1", "王一", 2, sex="2"))

    done = lake.collect(feed, source, at=NINE, run="2", merge=True, gate=commit)

    assert (done.changes.deleted, done.total) == (1, 1)
    assert names(lake) == {"A2": "王二"}


def test_changes_are_counted_by_key_against_the_snapshot_before(lake, tmp_path):
    source = table(tmp_path / "d.sqlite", row("A1", "王一", 1), row("A2", "王二", 1))
    first = lake.collect(plan(), source, at=NINE, run="1", gate=commit)
    assert first.changes.inserted == 2
    source = table(source.path, row("A1", "王一", 1), row("A2", "王贰", 1), row("A3", "王三", 1))

    second = lake.collect(plan(), source, at=NINE, run="2", gate=commit)

    told = second.changes
    assert (told.inserted, told.changed, told.deleted, told.same) == (1, 1, 0, 1)
    source = table(source.path, row("A3", "王三", 1))
    third = lake.collect(plan(), source, at=NINE, run="3", gate=commit).changes
    assert (third.inserted, third.changed, third.deleted, third.same) == (0, 0, 2, 1)


def test_a_gate_may_skip_what_changes_nothing(lake, tmp_path):
    source = table(tmp_path / "d.sqlite", row("A1", "王一", 1))
    lake.collect(plan(), source, at=NINE, run="1")

    done = lake.collect(
        plan(), source, at=NINE, run="2",
        gate=lambda found: "skip" if found.changes.is_nothing else "commit",
    )  # fmt: skip

    assert done.skipped and len(lake.snapshots("base.resident_feed")) == 1


def test_a_held_load_is_published_as_it_was_read_or_thrown_away(lake, tmp_path):
    source = table(tmp_path / "d.sqlite", row("A1", "王一", 1), row("A2", "王二", 1))
    lake.collect(plan(), source, at=NINE, run="1")
    table(source.path, row("A9", "王九", 3), row("B", "", 3))
    for run in ("2", "3"):
        held = lake.collect(plan(), source, at=NINE, run=run, gate=lambda _: ("行数减少",))
        assert held.held == ("行数减少",)
    assert names(lake) == {"A1": "王一", "A2": "王二"}
    table(source.path)  # the source has gone on meanwhile

    done = lake.release(plan(), "2")

    assert (done.accepted, done.rejected, names(lake)) == (1, 1, {"A9": "王九"})
    assert [row.key for row in lake.rejected("base.resident_feed", run="2")] == ["B"]
    assert lake.release(plan(), "2").snapshot == done.snapshot, "twice is once"
    lake.discard("base.resident_feed", "3")
    with pytest.raises(Exception, match="没有暂缓的批次"):
        lake.release(plan(), "3")


def test_a_value_of_the_future_does_not_move_the_watermark(lake, tmp_path):
    source = table(
        tmp_path / "d.sqlite",
        row("A1", "王一", 1),
        ("A2", "王二", "1", "2000-01-01", "1", "2099-01-01 00:00:00"),
    )

    done = lake.collect(plan(), source, at=NINE, run="1")

    assert done.ahead == 1
    assert lake.newest("base.resident_feed").startswith("2026-11-01")


def test_a_row_without_a_moment_is_in_every_window_to_the_present(lake, tmp_path):
    source = table(
        tmp_path / "d.sqlite", row("A1", "王一", 1), ("A2", "王二", "1", None, "1", None)
    )

    window = Window(since="2026-11-02T00:00:00+08:00")
    done = lake.collect(plan(), source, at=NINE, run="1", window=window, merge=True)

    assert names(lake) == {"A2": "王二"} and done.read == 1
    past = Window(since="2026-10-01", until="2026-11-01T09:00:00+08:00")
    assert lake.collect(plan(), source, at=NINE, run="2", window=past, merge=True).total == 2


def test_a_row_of_a_sqlite_table_that_is_no_utf_8_is_quarantined_alone(lake, tmp_path):
    source = table(tmp_path / "d.sqlite", *(row(f"A{n}", f"王{n}", 1) for n in range(30)))
    with sqlite3.connect(source.path) as base:
        base.execute("UPDATE RY SET XM = CAST(x'CDF5CEB0' AS TEXT) WHERE GMSFHM = 'A4'")
    base.close()

    done = lake.collect(plan(), source, at=NINE, run="1")

    assert (done.read, done.accepted, done.rejected, done.broken) == (30, 29, 1, 1)
    [aside] = lake.rejected("base.resident_feed")
    assert aside.rules == ("line.broken",) and aside.line == 5
    assert "\\xcd" in aside.values["_text"]


def test_a_column_that_was_decided_to_be_gone_is_read_as_missing(lake, folder):
    columns = tuple(
        FeedColumn(**{**column.__dict__, "absent": column.name == "sex"}) for column in RESIDENTS
    )
    (folder.path / "residents.csv").write_text("GMSFHM,XM,CSRQ,JE,备注\nA1,王伟,2025-03-01,5,x\n")

    done = lake.collect(residents(columns=columns), folder, at=NINE, run="1")

    assert (done.accepted, done.unused) == (1, ("备注",))
    assert lake.rows("SELECT sex FROM base.resident_feed") == [{"sex": None}]


def test_two_increments_at_once_lose_nothing(lake, tmp_path, monkeypatch):
    """The second to commit finds that its base has moved, and merges anew."""
    source = table(tmp_path / "d.sqlite", row("A1", "王一", 1))
    lake.collect(plan(), source, at=NINE, run="0")
    other = table(tmp_path / "e.sqlite", row("B1", "李一", 2))
    table(source.path, row("A2", "王二", 2))

    def between(_):
        lake.collect(plan(), other, at=NINE, run="other", merge=True)
        return "commit"

    lake.collect(plan(), source, at=NINE, run="1", merge=True, gate=between)
    assert set(names(lake)) == {"A1", "A2", "B1"}
    store = lake._store
    with store.run() as work, pytest.raises(BaseMoved):
        store.commit(work, "base.resident_feed", columns={}, files=[], base="1", facts={})


@pytest.mark.parametrize(
    ("text", "type_", "overlap", "expected"),
    [
        ("2026-11-02", "date", "P2D", "2026-10-31"),
        ("2026-11-02T08:00:00+08:00", "instant", "PT6H", "2026-11-02T02:00:00+08:00"),
        ("5000", "integer", "100", "4900"),
    ],
)
def test_an_overlap_reads_again_what_lies_just_before(text, type_, overlap, expected):
    assert earlier(text, type_, overlap) == expected


def test_an_increment_by_text_is_refused(lake, folder):
    (folder.path / "residents.csv").write_text("\n".join([HEADER, *GOOD]))
    with pytest.raises(PlanMalformed, match="不能用来判断新旧"):
        lake.collect(residents(increment=Increment(by="name")), folder, at=NINE, run="1")
    with pytest.raises(PlanMalformed, match="不在列清单里"):
        residents(increment=Increment(by="nothing"))
