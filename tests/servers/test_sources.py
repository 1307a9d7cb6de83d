"""Feeds from real PostgreSQL and MariaDB servers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from yiwang.lake import Check, FeedColumn, FeedPlan, Lake, Shape, Source
from yiwang.lake.extracts import SchemaDrift, SourceUnreadable

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
GOOD = ("A1", "王伟𠮷", date(2025, 3, 1), Decimal("650.50"), "2025-03-01 10:20:30")
BAD = ("A2", None, date(1850, 3, 1), None, None)


def _plan(table: str) -> FeedPlan:
    return FeedPlan(
        name="base.assistance",
        shape=Shape(table=table),
        key=("id_number",),
        columns=(
            FeedColumn(name="id_number", sources=("id_number",)),
            FeedColumn(name="kind", sources=("种类",), required=True),
            FeedColumn(name="since", sources=("since",), type="date"),
            FeedColumn(name="amount", sources=("monthly_amount",), type="decimal"),
            FeedColumn(name="changed_at", sources=("changed",), type="instant"),
        ),
        checks=(Check(id="since.plausible", check="since >= date '1950-01-01'"),),
    )


def _assert_collected(lake: Lake, source: Source, table: str) -> None:
    done = lake.collect(_plan(table), source, at=NINE, run="r1")

    assert (done.read, done.accepted, done.rejected) == (2, 1, 1)
    [row] = lake.rows("SELECT * FROM base.assistance")
    assert row["kind"] == "王伟𠮷" and row["amount"] == Decimal("650.5")
    assert row["since"] == date(2025, 3, 1)
    assert row["changed_at"] == datetime(2025, 3, 1, 2, 20, 30, tzinfo=UTC)
    [rejected] = lake.rejected("base.assistance")
    assert rejected.key == "A2" and set(rejected.rules) == {"kind.required", "since.plausible"}
    with pytest.raises(SourceUnreadable) as refused:
        lake.collect(_plan("nowhere"), source, at=NINE, run="r2")
    assert "127.0.0.1" not in str(refused.value) + repr(refused.value.data)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_a_postgresql_table_is_collected(lake: Lake, postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE SCHEMA civil_affairs")
        connection.execute(
            'CREATE TABLE civil_affairs.assistance (id_number text, "种类" text, since date, '
            "monthly_amount numeric(10,2), changed timestamp, other jsonb)"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO civil_affairs.assistance VALUES (%s, %s, %s, %s, %s)", [GOOD, BAD]
            )
    source = Source(kind="postgres", url=postgres)

    _assert_collected(lake, source, "civil_affairs.assistance")

    with psycopg.connect(postgres) as connection:
        connection.execute("ALTER TABLE civil_affairs.assistance RENAME since TO since_on")
    with pytest.raises(SchemaDrift, match="since_on"):
        lake.collect(_plan("civil_affairs.assistance"), source, at=NINE, run="r3")


def test_a_mariadb_table_is_collected(lake: Lake, mariadb: str) -> None:
    url = urlsplit(mariadb)
    connection = pymysql.connect(
        host=url.hostname,
        port=url.port or 3306,
        user=url.username or "root",
        password=url.password or "",
        database=url.path[1:],
        charset="utf8mb4",
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE assistance (id_number varchar(20), `种类` varchar(20), since date, "
            "monthly_amount decimal(10,2), changed datetime, other blob)"
        )
        cursor.executemany("INSERT INTO assistance VALUES (%s, %s, %s, %s, %s, NULL)", [GOOD, BAD])

        _assert_collected(lake, Source(kind="mariadb", url=mariadb), "assistance")


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_server_that_does_not_answer_is_said_without_its_password(lake: Lake, kind) -> None:
    scheme = {"postgres": "postgresql", "mariadb": "mysql"}[kind]
    source = Source(kind=kind, url=f"{scheme}://root:geheim@127.0.0.1:9/x")

    with pytest.raises(SourceUnreadable) as refused:
        lake.collect(_plan("assistance"), source, at=NINE, run="r1")

    assert "geheim" not in str(refused.value) + repr(refused.value.data) + repr(source)
    assert refused.value.__cause__ is None
