"""The 25 subsidies on generated people: every back end and a plain hand-written judge agree.

2,000 people by default, 100,000 with YIWANG_LONG=1; zero differences either way.
"""

import os
from datetime import date
from decimal import Decimal

import duckdb
import prepared
import pytest
from generated_people import BAR_DAY, people_sql
from plain_rules import DAY, PLAIN
from rule_engines import TYPES, _stored

from yiwang.rules import judgements, to_sql

COUNT = 100_000 if os.environ.get("YIWANG_LONG") == "1" else 2_000
WORDS = {True: "yes", False: "no", None: "unknown"}


@pytest.fixture(scope="module")
def rule_sets():
    library = prepared.library()
    refs = [
        ref for ref in library.policies() if ref.split(".")[0] in ("benefits", "elder_allowance")
    ]
    assert sorted(refs) == sorted(PLAIN)
    assert len(refs) == 25
    return {ref: library.rule_set(library.policy(ref).rules) for ref in sorted(refs)}


@pytest.fixture(scope="module")
def people():
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE people AS {people_sql(COUNT)}")
        found = connection.execute("SELECT * FROM people ORDER BY id_number")
        names = [column[0] for column in found.description]
        yield [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def plain(people):
    """What the hand-written rules say: verdict and cents, by policy and person."""
    assert date.fromisoformat(BAR_DAY) == DAY
    rows = [_in_cents(one) for one in people]
    return {ref: [rule(one) for one in rows] for ref, rule in PLAIN.items()}


def _in_cents(one):
    money = ("assistance_amount", "floor_area")
    return one | {name: None if one[name] is None else int(one[name] * 100) for name in money}


def cents(amount):
    return None if amount is None else int(Decimal(amount) * 100)


def money_of(rules):
    return next(name for name, kind in rules.outputs.items() if kind == "decimal")


def test_the_closure_agrees_with_the_hand_written_rules(rule_sets, people, plain):
    for ref, rules in rule_sets.items():
        money = money_of(rules)
        told = [rules.judge(one, as_of=DAY) for one in people]
        assert [(one.result, cents(one.outputs[money])) for one in told] == plain[ref], ref


def test_the_population_in_one_pass_agrees_with_the_hand_written_rules(rule_sets, plain):
    named = {f"p{place:02}": rules for place, rules in enumerate(rule_sets.values())}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE people AS {people_sql(COUNT)}")
        asked = judgements(named, as_of=DAY, table="people", keep=("id_number",))
        found = connection.execute(f"SELECT * FROM ({asked}) ORDER BY id_number")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    for prefix, (ref, rules) in zip(named, rule_sets.items(), strict=True):
        money = f"{prefix}_{money_of(rules)}"
        told = [
            (
                "no"
                if row[f"{prefix}_failed"]
                else "unknown"
                if row[f"{prefix}_unknown"]
                else "yes",
                cents(row[money]),
            )
            for row in rows
        ]
        assert told == plain[ref], ref


def test_the_bits_name_the_same_conditions_and_columns_as_the_closure(rule_sets, people):
    some = people[: min(400, COUNT)]
    named = {f"p{place:02}": rules for place, rules in enumerate(rule_sets.values())}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE people AS {people_sql(COUNT)}")
        asked = judgements(named, as_of=DAY, table="people", keep=("id_number",))
        sql = f"SELECT * FROM ({asked}) ORDER BY id_number LIMIT {len(some)}"
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    from yiwang.rules import spelled

    for prefix, rules in named.items():
        ids = [condition.id for condition, _ in rules.conditions]
        for row, one in zip(rows, some, strict=True):
            told = rules.judge(one, as_of=DAY)
            assert spelled(row[f"{prefix}_failed"], ids) == told.failed
            assert spelled(row[f"{prefix}_unknown"], ids) == told.unknown
            assert spelled(row[f"{prefix}_missing"], rules.reads) == told.missing


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_the_store_s_sql_agrees_with_the_hand_written_rules(
    dialect, rule_sets, people, plain, request
):
    """Rules as a store would evaluate them: derived values, conditions, decision, in its SQL."""
    with _store(dialect, request) as connection:
        _fill(connection, dialect, rule_sets, people)
        for ref, rules in rule_sets.items():
            told = [(word, cents(amount)) for word, amount in _judged(connection, dialect, rules)]
            assert told == plain[ref], ref


def _store(dialect, request):
    if dialect == "sqlite":
        import sqlite3

        return sqlite3.connect(":memory:")
    import psycopg

    return psycopg.connect(request.getfixturevalue("postgres"))


def _fill(connection, dialect, rule_sets, people):
    kinds = {name: kind for rules in rule_sets.values() for name, kind in rules.columns.items()}
    kept = [name for name in kinds if name in people[0]]
    columns = ", ".join(f'"{name}" {TYPES[dialect][kinds[name]]}' for name in kept)
    connection.execute(f"CREATE TABLE people ({columns})")
    rows = [
        [_stored(one[name]) if dialect == "sqlite" else one[name] for name in kept]
        for one in people
    ]
    if dialect == "sqlite":
        marks = ", ".join("?" * len(kept))
        connection.executemany(f"INSERT INTO people VALUES ({marks})", rows)
        return
    with connection.cursor().copy("COPY people FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _judged(connection, dialect, rules):
    def printed(expression):
        return to_sql(expression, dialect=dialect, values=rules.values, as_of=DAY)

    source = "SELECT * FROM people"
    for each in rules.derived:
        source = f'SELECT *, {printed(each.expression)} AS "{each.name}" FROM ({source}) AS x'
    checks = [printed(expression) for _, expression in rules.conditions]
    failed = " OR ".join(f"({check}) IS FALSE" for check in checks)
    unknown = " OR ".join(f"({check}) IS NULL" for check in checks)
    money = money_of(rules)
    given = "".join(
        f"WHEN ({printed(when)}) IS NULL THEN NULL "
        f"WHEN {printed(when)} THEN {printed(then[money])} "
        for _, when, then in rules.decision
    )
    verdict = f"CASE WHEN {failed} THEN 'no' WHEN {unknown} THEN 'unknown' ELSE 'yes' END"
    amount = f"CASE WHEN {failed} OR {unknown} THEN NULL {given} END"
    sql = f"SELECT {verdict}, {amount} FROM ({source}) AS x ORDER BY id_number"
    found = connection.execute(sql.replace("%", "%%"), []) if dialect == "postgres" else None
    return found.fetchall() if found else connection.execute(sql).fetchall()
