"""Every row of the spec tables, on every back end, and in the manual."""

import pytest
from rule_engines import (
    Closure,
    duckdb_engine,
    missing_in_population,
    postgres_engine,
    sqlite_engine,
)

from yiwang.rules import Parameter, compile, parse, to_sql, valued  # noqa: A004
from yiwang.rules.manual import manual
from yiwang.rules.spec import chapters
from yiwang.rules.values import read_value

CASES = [
    pytest.param(chapter, table, case, id=f"{table.title}: {case.expression}")
    for chapter in chapters()
    for table in chapter.tables
    for case in table.cases
]
every_case = pytest.mark.parametrize(("chapter", "table", "case"), CASES)


@pytest.fixture(scope="module")
def duck():
    engine = duckdb_engine()
    yield engine
    engine.connection.close()


@pytest.fixture(scope="module")
def lite():
    engine = sqlite_engine()
    yield engine
    engine.connection.close()


@pytest.fixture(scope="module")
def post(postgres_server):
    engine = postgres_engine(postgres_server)
    yield engine
    engine.connection.close()


def expression_of(chapter, table, case):
    return parse(case.expression, columns=table.given, parameters=chapter.parameters)


def check(engine, chapter, table, case):
    expression = expression_of(chapter, table, case)
    rows = [
        {name: read_value(value, table.given[name]) for name, value in row.given.items()}
        for row in case.rows
    ]
    found = engine.run(expression, table.given, rows, chapter.values, chapter.as_of)
    assert found == [read_value(row.expected, expression.type) for row in case.rows]


@every_case
def test_the_closure_means_it(chapter, table, case):
    check(Closure(), chapter, table, case)


@every_case
def test_duckdb_means_it(duck, chapter, table, case):
    check(duck, chapter, table, case)


@every_case
def test_sqlite_means_it(lite, chapter, table, case):
    check(lite, chapter, table, case)


@every_case
def test_postgres_means_it(post, chapter, table, case):
    check(post, chapter, table, case)


@every_case
def test_the_closure_names_what_is_missing(chapter, table, case):
    judge = compile(expression_of(chapter, table, case), values=chapter.values, as_of=chapter.as_of)

    assert [judge(row.given).unknown for row in case.rows] == [
        frozenset(row.missing) for row in case.rows
    ]


@every_case
def test_who_asks_for_values_only_gets_the_same_values(chapter, table, case):
    expression = expression_of(chapter, table, case)
    judge = compile(expression, values=chapter.values, as_of=chapter.as_of)
    value = valued(expression, values=chapter.values, as_of=chapter.as_of)

    assert [value(row.given) for row in case.rows] == [judge(row.given).value for row in case.rows]


@every_case
def test_a_population_is_told_what_is_missing(duck, chapter, table, case):
    if any(isinstance(value, Parameter) for value in chapter.values.values()):
        pytest.skip("rule sets with parameters are tested in tests/unit/rules")
    rows = [row.given for row in case.rows]
    found = missing_in_population(
        duck, case.expression, table.given, rows, chapter.values, chapter.as_of
    )

    assert found == [sorted(row.missing) for row in case.rows]


@every_case
def test_spark_reads_it(chapter, table, case):
    import sqlglot

    expression = expression_of(chapter, table, case)
    printed = to_sql(expression, dialect="spark", values=chapter.values, as_of=chapter.as_of)

    assert sqlglot.parse_one(printed, dialect="spark").sql(dialect="spark")


def test_the_manual_is_printed_from_these_tables(repository):
    page = repository / "docs" / "reference" / "expressions.md"

    assert page.read_text(encoding="utf-8") == manual(), "run `make docs`"
