"""Bars of the rules: 25 benefit-like rules on a million persons, and on one person."""

import resource
import time
from datetime import date

import duckdb

from yiwang.rules import Condition, DatedValue, DecisionRow, Parameter, RuleSet

PERSONS = 1_000_000
TODAY = date(2026, 11, 22)
COLUMNS = {
    "id_number": "text", "birth_on": "date", "sex": "text", "division": "text",
    "is_alive": "boolean", "household_size": "integer", "income": "decimal", "assets": "decimal",
    "degree": "text", "assistance": "text", "account": "text", "account_status": "text",
    "account_holders": "integer", "phone": "text", "since": "date", "employed": "boolean",
    "marital": "text", "children": "integer", "enrolled": "boolean", "rent": "decimal",
}  # fmt: skip
PEOPLE = f"""
CREATE TABLE people AS SELECT
  CASE WHEN r1 > 0.01 THEN '321323' || strftime(DATE '1925-01-01' + (r2 * 36000)::INT, '%Y%m%d')
    || lpad((i % 1000)::VARCHAR, 3, '0') || 'X' END AS id_number,
  CASE WHEN r1 > 0.02 THEN DATE '1925-01-01' + (r2 * 36000)::INT END AS birth_on,
  CASE WHEN r3 < 0.49 THEN '1' WHEN r3 < 0.98 THEN '2' END AS sex,
  CASE WHEN r4 > 0.01 THEN '321323' || lpad((i % 300)::VARCHAR, 6, '0') END AS division,
  CASE WHEN r5 > 0.03 THEN r5 > 0.05 END AS is_alive, (1 + r6 * 6)::BIGINT AS household_size,
  CASE WHEN r7 > 0.2 THEN (r7 * 9000)::DECIMAL(12, 2) END AS income,
  CASE WHEN r8 > 0.3 THEN (r8 * 300000)::DECIMAL(12, 2) END AS assets,
  CASE WHEN r9 < 0.1 THEN (1 + r9 * 39)::INT::VARCHAR END AS degree,
  CASE WHEN r10 < 0.1 THEN '低保' WHEN r10 < 0.2 THEN '特困' END AS assistance,
  '622202' || lpad(((i * 7919) % 10000000000000)::VARCHAR, 13, '0') AS account,
  CASE WHEN r11 > 0.1 THEN CASE WHEN r11 > 0.2 THEN '1' ELSE '2' END END AS account_status,
  (1 + r12 * 1.2)::BIGINT AS account_holders,
  '138' || lpad((i % 100000000)::VARCHAR, 8, '0') AS phone,
  DATE '2000-01-01' + (r3 * 9000)::INT AS since, CASE WHEN r4 > 0.4 THEN r5 > 0.5 END AS employed,
  CASE WHEN r6 > 0.1 THEN (1 + r6 * 3)::INT::VARCHAR END AS marital, (r7 * 4)::BIGINT AS children,
  CASE WHEN r8 > 0.2 THEN r9 > 0.8 END AS enrolled,
  CASE WHEN r10 > 0.3 THEN (r10 * 3000)::DECIMAL(12, 2) END AS rent
FROM (SELECT i, {", ".join(f"random() AS r{n}" for n in range(1, 13))} FROM range({PERSONS}) t(i))
"""
CHECKS = (
    "is_alive", "age >= least_age", "starts_with(division, '321323')",
    "is_code(account_status, 'base.account_status')", "account_holders = 1",
    "income_each <= line", "assets is null or assets < 200000", "degree in ('1', '2')",
    "assistance is null or assistance <> '特困'", "is_code(sex, 'base.sex')", "length(phone) = 11",
    "age_on_birthday(birth_on, as_of) between 0 and 130", "since <= add_months(as_of, -60)",
    "not employed or income_each < line", "marital in ('1', '2', '3')",
    "children >= 1 or age >= 60",
    "enrolled or age >= 16", "rent <= income * 0.5", "days_between(since, as_of) >= 365",
    "coalesce(income, 0) < 9000", "case when sex = '1' then age >= 60 else age >= 55 end",
    "household_size between 1 and 10", "is_digits(account)",
    "age_after_birthday(birth_on, as_of) >= 18",
    "(degree is not null and age >= 16) or assistance = '低保' or income_each < line",
)  # fmt: skip


def rule_set() -> RuleSet:
    """25 conditions over 20 columns, two derived values, parameters, a decision table."""

    def dated(title: str, value: int | str, kind: str = "integer") -> Parameter:
        entry = DatedValue(from_=date(2020, 1, 1), value=value, basis="notice")
        return Parameter(title=title, type=kind, values=(entry,))

    return RuleSet.build(
        columns=COLUMNS,
        parameters={"least_age": dated("年龄", 60), "line": dated("低保线", "780", "decimal")},
        derived={
            "age": "age_on_birthday(birth_on, as_of)",
            "income_each": "income / household_size",
        },
        conditions=[
            Condition(id=f"c{place:02}", title=check, check=check, basis="notice")
            for place, check in enumerate(CHECKS, start=1)
        ],
        outputs={"monthly": "decimal"},
        decision=[
            DecisionRow(when="age >= 90", then={"monthly": "120.00"}, basis="notice"),
            DecisionRow(when="true", then={"monthly": "line - income_each"}, basis="notice"),
        ],
        codes={"base.sex": ("1", "2"), "base.account_status": ("1",)},
    )


def run() -> list[str]:
    """Measure, and say what was measured."""
    return [*_population(), *_one_person()]


def _population() -> list[str]:
    sql = rule_set().population_sql(as_of=TODAY, table="people", keep=("id_number",))
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute("SELECT setseed(0.5)")
        connection.execute(PEOPLE)
        best, cpu = 1e9, 0.0
        for _ in range(3):
            began, used = time.perf_counter(), _cpu()
            connection.execute(f"CREATE OR REPLACE TABLE judged AS {sql}")
            if time.perf_counter() - began < best:
                best, cpu = time.perf_counter() - began, _cpu() - used
        counted = connection.execute(
            "SELECT verdict, count(*), sum(len(missing)) FROM judged GROUP BY 1 ORDER BY 1"
        ).fetchall()
    named = ", ".join(
        f"{verdict} {count:,} (missing {lack:,.0f})" for verdict, count, lack in counted
    )
    return [
        f"25 conditions x {PERSONS:,} persons with reasons, written to a table: {best:.2f} s"
        f" wall, {cpu:.2f} s CPU, {PERSONS / best / 1e6:.2f} M persons/s (bar: 5 s)",
        f"verdicts: {named}",
    ]


def _one_person() -> list[str]:
    rules = rule_set()
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(PEOPLE.replace(f"range({PERSONS})", "range(2000)"))
        found = connection.execute("SELECT * FROM people")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    rules.judge(rows[0], as_of=TODAY)
    taken = []
    for row in rows:
        began = time.perf_counter()
        for reason in rules.judge(row, as_of=TODAY).reasons:
            _ = reason.sentence
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return [
        f"one person, 25 conditions with reasons as sentences: p50 {taken[1000]:.3f} ms,"
        f" p95 {taken[1900]:.3f} ms (bar: 5 ms)"
    ]


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
