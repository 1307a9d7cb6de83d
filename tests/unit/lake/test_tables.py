"""Tables: published whole or not at all, read at any time, served by key."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from lake_feeds import NINE

from yiwang.kernel.errors import Unavailable
from yiwang.lake import Amendment, ContractColumn, Lake, TableContract
from yiwang.lake.backends.arrow import ValueUnfit
from yiwang.lake.guard import SqlRefused
from yiwang.lake.publishing import ContractBroken
from yiwang.lake.serving import LookupRefused, NotServed
from yiwang.lake.store import SnapshotUnknown, TableUnknown

COLUMNS = {"id": "text", "amount": "decimal", "on": "date", "at": "instant", "ok": "boolean"}
ROWS = [
    {"id": "A1", "amount": Decimal("50.50"), "on": date(2025, 3, 1), "at": NINE, "ok": True},
    {"id": "A2", "amount": None, "on": None, "at": None, "ok": False},
]
CONTRACT = TableContract(
    name="base.sums",
    key=("id",),
    columns=(ContractColumn(name="id"), ContractColumn(name="amount", type="decimal")),
)


@pytest.fixture
def filled(lake: Lake) -> Lake:
    lake.write("base.things", ROWS, columns=COLUMNS, at=NINE)
    return lake


def test_a_day_is_cut_out_of_an_instant_alike_whoever_asks(lake: Lake) -> None:
    late = datetime(2026, 11, 2, 20, tzinfo=UTC)  # already the third in China, where this runs
    lake.write("base.late", [{"at": late}], columns={"at": "instant"}, at=NINE)
    sql = "SELECT CAST(at AS DATE) AS day FROM base.late"
    days = TableContract(
        name="base.days", key=("day",), columns=(ContractColumn(name="day", type="date"),)
    )
    lake.publish("base.days", sql, contract=days, at=NINE)
    assert lake.rows(sql) == lake.rows("SELECT day FROM base.days")


def test_rows_come_back_as_they_were_written(filled: Lake) -> None:
    assert filled.rows("SELECT * FROM base.things ORDER BY id") == ROWS
    assert filled.columns("base.things") == COLUMNS
    assert filled.tables() == ["base.things"] and filled.count("base.things") == 2


def test_a_table_is_read_as_it_was(filled: Lake) -> None:
    later = NINE + timedelta(days=1)
    filled.write("base.things", ROWS[:1], columns=COLUMNS, at=later)
    first, second = filled.snapshots("base.things")

    count = "SELECT count(*) AS n FROM base.things"
    assert filled.rows(count) == [{"n": 1}]
    assert filled.rows(count, as_of=NINE + timedelta(hours=1)) == [{"n": 2}]
    assert filled.rows(count, as_of={"base.things": first.id}) == [{"n": 2}]
    assert (first.rows, second.rows, second.at) == (2, 1, later)
    with pytest.raises(SnapshotUnknown):
        filled.rows(count, as_of=datetime(2020, 1, 1, tzinfo=UTC))


def test_columns_may_change_and_earlier_snapshots_keep_theirs(filled: Lake) -> None:
    changed = {"id": "text", "amount": "text", "extra": "integer"}
    filled.write("base.things", [{"id": "B", "amount": "x", "extra": 7}], columns=changed, at=NINE)

    assert filled.rows("SELECT * FROM base.things") == [{"id": "B", "amount": "x", "extra": 7}]
    first = filled.snapshots("base.things")[0].id
    assert filled.rows("SELECT * FROM base.things", as_of={"base.things": first}, limit=1)[0]["ok"]


def test_a_publication_names_the_snapshots_it_was_computed_from(filled: Lake) -> None:
    done = filled.publish(
        "base.sums", "SELECT amount, t.id FROM base.things t", contract=CONTRACT, at=NINE
    )

    assert done.rows == 2
    assert done.inputs == {"base.things": filled.snapshots("base.things")[0].id}
    assert filled.columns("base.sums") == {"id": "text", "amount": "decimal"}


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT id FROM base.things", "amount"),
        ("SELECT id, amount, ok FROM base.things", "ok"),
        ("SELECT 'A' AS id, amount FROM base.things", "重复"),
        ("SELECT CAST(NULL AS VARCHAR) AS id, amount FROM base.things", "为空"),
    ],
)
def test_a_broken_contract_is_refused_whole(filled: Lake, sql: str, reason: str) -> None:
    with pytest.raises(ContractBroken, match=reason):
        filled.publish("base.sums", sql, contract=CONTRACT, at=NINE)

    assert filled.tables() == ["base.things"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT getenv('HOME') FROM base.things",
        "SELECT (SELECT content FROM read_text('/etc/passwd')) FROM base.things",
        "SELECT current_setting('temp_directory') FROM base.things",
        "COPY base.things TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.sqlite' AS x",
        "INSTALL httpfs",
        "LOAD sqlite_scanner",
        "SET threads = 9",
        "PRAGMA database_list",
        "DROP TABLE base.things",
        "SELECT 1; SELECT 2",
        "WITH x AS (DELETE FROM base.things RETURNING *) SELECT * FROM x",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM things",
        "FROM base.things SELECT *; --",
        "not sql at all (",
    ],
)
def test_sql_never_reaches_beyond_the_tables(filled: Lake, sql: str) -> None:
    with pytest.raises((SqlRefused, TableUnknown)):
        if filled.rows(sql) == ROWS:
            raise SqlRefused("only reads")


def test_common_tables_joins_and_values_are_read(filled: Lake) -> None:
    sql = """
        WITH some AS (SELECT id, amount FROM base.things WHERE id = $id)
        SELECT things.id, s.amount FROM base.things JOIN some AS s ON s.id = base.things.id
        UNION ALL SELECT id, amount FROM some ORDER BY 1
    """

    assert (
        filled.rows(sql, values={"id": "A1"}, limit=5)
        == [{"id": "A1", "amount": Decimal("50.5")}] * 2
    )


def test_lookups_answer_from_the_snapshot_that_was_served(filled: Lake) -> None:
    with pytest.raises(NotServed):
        filled.lookup("base.things", where={"id": "A1"}, columns=["id"])
    filled.serve("base.things", lookup=["id"])

    [row] = filled.lookup("base.things", where={"id": "A1"}, columns=list(COLUMNS))
    assert row == ROWS[0]

    filled.write("base.things", ROWS[1:], columns=COLUMNS, at=NINE)
    assert filled.lookup("base.things", where={"id": "A1"}, columns=["id"])
    filled.serve("base.things", lookup=["id"])
    assert not filled.lookup("base.things", where={"id": "A1"}, columns=["id"])
    assert filled.served("base.things").snapshot == filled.snapshots("base.things")[-1].id


@pytest.mark.parametrize(
    ("where", "columns"),
    [({"ok": "1"}, ["id"]), ({}, ["id"]), ({"id": "A1"}, ["nope"]), ({'id" OR 1': "x"}, ["id"])],
)
def test_a_lookup_needs_a_known_key(filled: Lake, where, columns) -> None:
    filled.serve("base.things", lookup=["id"])

    with pytest.raises(LookupRefused):
        filled.lookup("base.things", where=where, columns=columns)


def test_lookups_from_many_threads_survive_swaps(filled: Lake) -> None:
    filled.serve("base.things", lookup=["id"])
    seen, stop = [], time.monotonic() + 1.5

    def ask() -> None:
        while time.monotonic() < stop:
            seen.append(len(filled.lookup("base.things", where={"id": "A1"}, columns=["ok"])))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        filled.serve("base.things", lookup=["id"])
    for thread in threads:
        thread.join()

    assert len(seen) > 100 and set(seen) == {1}


def test_a_table_without_rows_is_read_as_one(lake: Lake) -> None:
    lake.write("base.things", [], columns=COLUMNS, at=NINE)

    assert lake.rows("SELECT id, amount FROM base.things") == []
    assert lake.rows("SELECT count(*) AS n FROM base.things") == [{"n": 0}]


SUMS = "SELECT id, amount FROM base.things"


def test_a_table_is_as_made_until_its_sql_or_what_it_reads_changes(filled: Lake) -> None:
    assert not filled.is_as_made("base.sums", SUMS, contract=CONTRACT)
    filled.publish("base.sums", SUMS, contract=CONTRACT, at=NINE)
    assert filled.is_as_made("base.sums", SUMS, contract=CONTRACT)

    filled.write("base.things", ROWS, columns=COLUMNS, at=NINE + timedelta(days=1))
    assert filled.is_as_made("base.sums", SUMS, contract=CONTRACT), "the same rows written again"
    assert not filled.is_as_made("base.sums", f"{SUMS} WHERE id = 'A1'", contract=CONTRACT)

    filled.write("base.things", ROWS[:1], columns=COLUMNS, at=NINE + timedelta(days=2))
    assert not filled.is_as_made("base.sums", SUMS, contract=CONTRACT)


def test_what_an_amendment_changed_is_not_as_made(filled: Lake) -> None:
    filled.publish("base.sums", SUMS, contract=CONTRACT, at=NINE)

    filled.amend("base.things", [Amendment(key={"id": "A1"}, column="amount", value="7")], at=NINE)

    assert not filled.is_as_made("base.sums", SUMS, contract=CONTRACT)


def test_a_new_table_appears_with_its_first_rows_or_not_at_all(lake: Lake) -> None:
    with pytest.raises(ValueUnfit):
        lake.write("base.things", [{"id": "A1", "on": "never"}], columns=COLUMNS, at=NINE)
    assert lake.tables() == []

    lake.write("base.things", ROWS, columns=COLUMNS, at=NINE)
    metadata = lake._store.tables.folder("base.things") / "metadata"
    assert len(lake.snapshots("base.things")) == 1
    assert len(list(metadata.glob("*.metadata.json"))) == 1


def test_one_table_read_twice_in_a_query_keeps_its_names(filled: Lake) -> None:
    sql = (
        "SELECT a.id, things.amount FROM base.things AS a JOIN base.things USING (id) "
        "WHERE a.id <> 'yiwang_0' ORDER BY a.id"
    )

    assert [row["id"] for row in filled.rows(sql)] == ["A1", "A2"]
    filled.write("base.things", ROWS[:1], columns=COLUMNS, at=NINE)
    assert [row["id"] for row in filled.rows(sql)] == ["A1"], "the rendering is kept, the rows not"


def test_a_copy_that_failed_does_not_stop_the_next(filled: Lake) -> None:
    filled.write("base.others", ROWS, columns=COLUMNS, at=NINE)
    for file in filled._store.tables.folder("base.others").glob("data/*"):
        file.unlink()

    with pytest.raises(Unavailable):
        filled.serve("base.others", lookup=["id"])

    filled.serve("base.things", lookup=["id"])
    [row] = filled.lookup("base.things", where={"id": "A1"}, columns=list(COLUMNS))
    assert row == ROWS[0]
