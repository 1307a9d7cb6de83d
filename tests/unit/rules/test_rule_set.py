"""A rule set judges one subject and a population alike, with reasons and dated values."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from yiwang.rules import (
    Condition,
    DatedValue,
    DecisionRow,
    DerivedInCycle,
    ExpressionRefused,
    Parameter,
    ParameterRefused,
    PopulationRefused,
    RuleSet,
    RuleSetRefused,
    ValueNotInForce,
    dated_value,
)

TODAY = date(2026, 11, 22)
COLUMNS = {
    "id_number": "text",
    "birth_on": "date",
    "is_alive": "boolean",
    "account_status": "text",
    "degree": "text",
}
LEAST_AGE = Parameter(
    title="起始年龄",
    values=(
        DatedValue(from_=date(2020, 1, 1), until=date(2024, 1, 1), value=85, basis="notice_old"),
        DatedValue(from_=date(2024, 1, 1), value=80, basis="notice"),
    ),
)
AMOUNT = Parameter(
    title="每月金额",
    type="decimal",
    values=(DatedValue(from_=date(2020, 1, 1), value="60.00", basis="notice"),),
)


def allowance(**changes):
    return RuleSet.build(
        **{
            "columns": COLUMNS,
            "parameters": {"least_age": LEAST_AGE, "amount": AMOUNT},
            "derived": {"age": "age_on_birthday(birth_on, as_of)"},
            "conditions": [
                Condition(id="alive", title="在世", check="is_alive", basis="law"),
                Condition(id="old", title="到达起始年龄", check="age >= least_age", basis="notice"),
                Condition(
                    id="account",
                    title="账户正常",
                    check="is_code(account_status, 'base.account_status')",
                    basis="notice",
                ),
            ],
            "outputs": {"tier": "text", "monthly": "decimal"},
            "decision": [
                DecisionRow(
                    when="degree = '1' or age >= 100",
                    then={"tier": "'高'", "monthly": "amount * 2"},
                    basis="notice",
                ),
                DecisionRow(
                    when="age >= least_age",
                    then={"tier": "'低'", "monthly": "amount"},
                    basis="notice",
                ),
            ],
            "bases": ("law", "notice", "notice_old"),
            "codes": {"base.account_status": ("1",)},
            "titles": {"birth_on": "出生日期", "degree": "残疾等级"},
            **changes,
        }
    )


OLD = {
    "id_number": "a",
    "birth_on": date(1940, 1, 1),
    "is_alive": True,
    "account_status": "1",
    "degree": "2",
}
PEOPLE = [
    OLD,
    {**OLD, "id_number": "b", "degree": None},
    {**OLD, "id_number": "c", "birth_on": None},
    {**OLD, "id_number": "d", "birth_on": None, "is_alive": False},
    {**OLD, "id_number": "e", "birth_on": date(2000, 1, 1), "account_status": None},
    {**OLD, "id_number": "f", "birth_on": date(2027, 1, 1)},
    {**OLD, "id_number": "g", "birth_on": date(1926, 11, 22), "degree": None},
    dict.fromkeys(OLD) | {"id_number": "h"},
]


def judged_in_duckdb(rules, rows, *, keep=("id_number",)):
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA pack")
        connection.execute(
            "CREATE TABLE pack.people (id_number VARCHAR, birth_on DATE, is_alive BOOLEAN,"
            " account_status VARCHAR, degree VARCHAR)"
        )
        connection.executemany(
            "INSERT INTO pack.people VALUES (?, ?, ?, ?, ?)", [list(row.values()) for row in rows]
        )
        sql = rules.population_sql(as_of=TODAY, table="pack.people", keep=keep)
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_a_person_who_fulfils_everything_gets_the_outputs_with_their_basis():
    verdict = allowance().judge(OLD, as_of=TODAY)

    assert verdict.result == "yes"
    assert verdict.outputs == {"tier": "低", "monthly": Decimal("60.000000")}
    assert (verdict.decided, verdict.basis, verdict.missing) == (2, "notice", ())


def test_every_condition_gives_its_reason_as_a_sentence_without_values():
    verdict = allowance().judge({**OLD, "birth_on": None}, as_of=TODAY)

    assert [reason.sentence for reason in verdict.reasons] == [
        "在世：符合；所看：is_alive；依据：law",
        "到达起始年龄：无法判断（缺 出生日期）；所看：age；依据：notice",
        "账户正常：符合；所看：account_status；依据：notice",
    ]


def test_the_population_is_judged_as_each_of_its_members():
    rules = allowance()
    found = judged_in_duckdb(rules, PEOPLE)

    for row, person in zip(found, PEOPLE, strict=True):
        verdict = rules.judge(person, as_of=TODAY)
        assert row == {
            "id_number": person["id_number"],
            "verdict": verdict.result,
            "failed": list(verdict.failed),
            "unknown": list(verdict.unknown),
            "missing": list(verdict.missing),
            "decided": verdict.decided,
            **verdict.outputs,
        }
    assert [row["verdict"] for row in found] == [
        "yes", "yes", "unknown", "no", "no", "unknown", "yes", "unknown"
    ]  # fmt: skip


def test_an_unknown_row_of_the_decision_table_leaves_the_outputs_unknown():
    verdict = allowance().judge({**OLD, "degree": None}, as_of=TODAY)

    assert verdict.result == "yes"
    assert verdict.outputs == {"tier": None, "monthly": None}
    assert verdict.missing == ("degree",)


def test_a_parameter_has_the_value_and_basis_of_the_day():
    assert dated_value(LEAST_AGE, on=date(2023, 12, 31)).value == 85
    assert dated_value(LEAST_AGE, on=date(2024, 1, 1)).basis == "notice"
    assert allowance().in_force(as_of=date(2023, 12, 31))["least_age"].basis == "notice_old"


def test_a_day_without_a_value_in_force_is_an_error_not_a_guess():
    with pytest.raises(ValueNotInForce, match=r"起始年龄.*2019-12-31"):
        allowance().judge(OLD, as_of=date(2019, 12, 31))


def test_a_cycle_among_derived_values_is_named():
    with pytest.raises(DerivedInCycle, match="a → b → c → a"):
        allowance(derived={"a": "b + 1", "b": "c + 1", "c": "a + 1", "age": "1"})


def test_derived_values_may_build_on_each_other_in_any_order():
    rules = allowance(
        derived={"over": "age - least_age", "age": "age_on_birthday(birth_on, as_of)"},
        conditions=[Condition(id="over", title="超龄", check="over >= 0", basis="law")],
    )

    assert rules.judge(OLD, as_of=TODAY).result == "yes"
    assert judged_in_duckdb(rules, [{**OLD, "birth_on": None}])[0]["missing"] == ["birth_on"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"conditions": []}, "没有条件"),
        ({"conditions": [Condition(id="x", title="x", check="is_alive", basis="")]}, "没有依据"),
        ({"conditions": [Condition(id="x", title="x", check="age", basis="law")]}, "应得是否"),
        ({"derived": {"age": "1", "birth_on": "as_of"}}, "已被列、参数或派生值占用"),
        ({"outputs": {"tier": "text"}}, "then 与 outputs 不一致：monthly"),
        ({"codes": {}}, "没有这个代码表"),
        ({"bases": ("law",)}, "未登记"),
    ],
)
def test_an_incomplete_rule_set_is_refused_with_the_part(changes, says):
    with pytest.raises((RuleSetRefused, ParameterRefused), match=says):
        allowance(**changes)


def test_a_condition_that_does_not_parse_names_the_part():
    bad = Condition(id="bad", title="坏", check="agee > 1", basis="law")
    with pytest.raises(ExpressionRefused, match="是不是 age") as refusal:
        allowance(conditions=[bad])

    assert refusal.value.data["part"] == "conditions.bad"


def test_overlapping_values_of_a_parameter_are_refused():
    twice = Parameter(title="重叠", values=(LEAST_AGE.values[0], AMOUNT.values[0]))
    with pytest.raises(ParameterRefused):
        allowance(parameters={"least_age": twice, "amount": AMOUNT})


@pytest.mark.parametrize(
    ("table", "keep"), [("people; drop", ()), ("(select 1)", ()), ("people", ("verdict",))]
)
def test_only_a_plain_table_and_its_columns_reach_the_sql(table, keep):
    with pytest.raises(PopulationRefused):
        allowance().population_sql(as_of=TODAY, table=table, keep=keep)
