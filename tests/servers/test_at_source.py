"""Tables asked by key at their provider's PostgreSQL and MariaDB, over real connections."""

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from yiwang.lake import Question, Source, SourceDown, SourceUnlike, ask

COLUMNS = {
    "id_number": "sfzh",
    "name": "姓名",
    "born_on": "csrq",
    "sum": "je",
    "changed_at": "gxsj",
}
TYPES = {"id_number": "text", "name": "text", "born_on": "date", "sum": "decimal",
         "changed_at": "instant", "number": "integer"}  # fmt: skip
WANG = {
    "id_number": "A1", "name": "王伟𠮷", "born_on": date(1956, 3, 14), "sum": Decimal("650.50"),
    "changed_at": datetime(2025, 3, 1, 2, 20, 30, tzinfo=UTC),
}  # fmt: skip
ROWS = [
    ("A1", 12, "王伟𠮷", "1956-03-14", "650.50", "2025-03-01 10:20:30"),
    ("A2", 13, "李小龙", None, None, None),
]


def question(**change):
    given = {"relation": "people", "columns": COLUMNS, "types": TYPES, "limit": 9}
    return Question(**{**given, "where": {"id_number": ["A1"]}, **change})


def asked_by_key(source: Source) -> None:
    assert ask(source, question()) == [WANG]
    both = ask(source, question(where={"id_number": ["A2", "A1", "A3"]}))
    assert {row["id_number"] for row in both} == {"A1", "A2"}
    assert ask(source, question(where={"id_number": ["A1"], "name": ["李小龙"]})) == []
    for hostile in ("a1", "A1 ", "' OR '1'='1", "A1\\", "%", "A1;--", "𠮷" * 40):
        assert ask(source, question(where={"id_number": [hostile]})) == []
    by_number = {"columns": {"number": "xh", "name": "姓名"}, "where": {"number": ["12"]}}
    assert [row["name"] for row in ask(source, question(**by_number))] == ["王伟𠮷"]
    assert ask(source, question(**{**by_number, "where": {"number": ["no number"]}})) == []
    unlike = question(columns={**COLUMNS, "number": "姓名"}, where={"id_number": ["A1"]})
    with pytest.raises(SourceUnlike) as refused:
        ask(source, unlike)
    assert "王伟" not in str(refused.value)
    for nothing in ({"relation": "nowhere"}, {"columns": {**COLUMNS, "name": "no_such"}}):
        with pytest.raises(SourceDown) as down:
            ask(source, question(**nothing))
        assert "127.0.0.1" not in str(down.value)


def test_postgresql_answers_by_key(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute(
            'CREATE TABLE people (sfzh text, xh int, "姓名" text, csrq date, je numeric(9, 2), '
            "gxsj timestamp)"
        )
        connection.cursor().executemany("INSERT INTO people VALUES (%s,%s,%s,%s,%s,%s)", ROWS)
    asked_by_key(Source(kind="postgres", url=postgres))


def test_mariadb_answers_by_key(mariadb: str) -> None:
    parts = urlsplit(mariadb)
    with (
        pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username or "root",
            password=parts.password or "", database=parts.path[1:], charset="utf8mb4",
            autocommit=True,
        ) as connection,
        connection.cursor() as cursor,
    ):  # fmt: skip
        cursor.execute(
            "CREATE TABLE people (sfzh varchar(20), xh int, `姓名` varchar(60), csrq date, "
            "je decimal(9, 2), gxsj datetime) CHARACTER SET utf8mb4"
        )
        cursor.executemany("INSERT INTO people VALUES (%s,%s,%s,%s,%s,%s)", ROWS)
    asked_by_key(Source(kind="mariadb", url=mariadb))


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_server_that_is_not_there_is_told_in_seconds_without_its_address(kind: str) -> None:
    scheme = {"postgres": "postgresql", "mariadb": "mysql"}[kind]
    source = Source(kind=kind, url=f"{scheme}://reader:secret@127.0.0.1:9/people")
    with pytest.raises(SourceDown) as down:
        ask(source, question())
    assert "secret" not in str(down.value) + repr(down.value.data)
    assert "127.0.0.1" not in str(down.value) + repr(down.value.data)
