"""Whatever expression and whatever row: every back end gives the same answer."""

import os
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_engines import (
    Closure,
    duckdb_engine,
    missing_in_population,
    postgres_engine,
    sqlite_engine,
)

from yiwang.rules import ExpressionRefused, compile, parse  # noqa: A004
from yiwang.rules.wording import worded

KINDS = {
    "t": "text", "u": "text", "i": "integer", "j": "integer", "x": "decimal", "y": "decimal",
    "b": "boolean", "c": "boolean", "d": "date", "e": "date",
}  # fmt: skip
VALUES = {"base.sex": frozenset({"1", "2"}), "base.empty": frozenset()}
TODAY = date(2026, 2, 28)
TEXTS = (
    "", "1", "2", "张三", "張三豐", "𠮷野家", "👨‍👩‍👧", "a'b", "O\\K",
    "%_*[?", " 空 格\u3000", "é", "Straße",
    "11010519491231002X", "11010519491231002x", "110105194912310021", "110105200002290010",
    "91350100M000100Y43", "13800138000", "0527-85221234", "6222021234567890128", "-",
    "4111111111111111", "000000000000000000", "99999999999999999X", "ﬀ", "\t\r\n", "İı",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=6),
    st.text("0123456789X", min_size=16, max_size=19),
)
integers = st.one_of(
    st.integers(-20, 130),
    st.sampled_from((0, 1, -1, 10**18 - 1, 1 - 10**18, 10**12, 999_999_999_999, 10**9)),
    st.integers(1 - 10**18, 10**18 - 1),
)
decimals = st.one_of(
    st.sampled_from([Decimal(x) for x in ("0", "0.000001", "-0.000001", "0.5", "-2.5", "60.00")]),
    st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-4)),
    st.integers(1 - 10**18, 10**18 - 1).map(lambda n: Decimal(n).scaleb(-6)),
)
dates = st.one_of(
    st.sampled_from((date(2000, 2, 29), date(2024, 2, 29), date(2023, 2, 28), date(2026, 3, 1))),
    st.dates(date(1890, 1, 1), date(2100, 12, 31)),
    st.integers(0, 40000).map(lambda n: TODAY - timedelta(days=n)),
    st.sampled_from((date(1, 1, 2), date(9999, 12, 31), TODAY, TODAY + timedelta(days=1))),
)
SCALARS = {
    "text": texts, "integer": integers, "decimal": decimals, "date": dates, "boolean": st.booleans()
}  # fmt: skip
rows = st.lists(
    st.fixed_dictionaries({name: st.none() | SCALARS[kind] for name, kind in KINDS.items()}),
    min_size=1,
    max_size=6,
)


def written(value):
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:.6f}"
    return f"date '{value.isoformat()}'" if isinstance(value, date) else str(value)


def leaf(kind):
    names = st.sampled_from([name for name, its in KINDS.items() if its == kind])
    constants = SCALARS[kind].map(written)
    if kind == "date":
        constants = constants | st.just("as_of")
    return st.one_of(names, names, names, constants)


def made(template, *parts):
    return st.tuples(*parts).map(lambda found: template.format(*found))


def expressions(kind, depth):
    if depth == 0:
        return leaf(kind)
    text, whole, exact, day, truth = (
        expressions(each, depth - 1) for each in ("text", "integer", "decimal", "date", "boolean")
    )
    number = whole | exact
    small = st.integers(1, 5)
    shapes = {
        "text": (
            made("({} || {})", text, text), made("substr({}, {}, {})", text, small, small),
            made("substr({}, {})", text, small), made("upper({})", text), made("lower({})", text),
            made("trim({})", text), made("replace({}, {}, {})", text, text, text),
            made("sex_of_id({})", text),
        ),
        "integer": (
            made("({} + {})", whole, whole), made("({} - {})", whole, whole),
            made("({} * {})", whole, whole), made("({} // {})", whole, whole),
            made("({} % {})", whole, whole), made("(- {})", whole), made("abs({})", whole),
            made("length({})", text), made("age_on_birthday({}, {})", day, day),
            made("age_after_birthday({}, {})", day, day), made("days_between({}, {})", day, day),
            made("year_of({})", day), made("month_of({})", day), made("day_of({})", day),
            made("least({}, {})", whole, whole),
        ),
        "decimal": (
            made("({} + {})", exact, number), made("({} - {})", number, exact),
            made("({} * {})", exact, number), made("({} / {})", number, number),
            made("round({}, {})", exact, st.integers(0, 6)), made("round({})", number),
            made("(- {})", exact), made("abs({})", exact), made("greatest({}, {})", exact, number),
        ),
        "date": (
            made("birth_of_id({})", text), made("add_days({}, {})", day, whole),
            made("add_months({}, {})", day, whole),
        ),
        "boolean": (
            made("({} and {})", truth, truth), made("({} or {})", truth, truth),
            made("(not {})", truth), made("({} is true)", truth), made("({} is not false)", truth),
            made("({} {} {})", text, comparisons, text), made("({} {} {})", day, comparisons, day),
            made("({} {} {})", number, comparisons, number), made("({} = {})", truth, truth),
            made("({} is null)", text | number | day), made("({} is not null)", truth),
            made("({} between {} and {})", number, number, number),
            made("({} in ({}, {}))", text, texts.map(written), texts.map(written)),
            made("({} not in ({}))", whole, integers.map(str)),
            made("is_code({}, 'base.sex')", text), made("is_code({}, 'base.empty')", text),
            made("starts_with({}, {})", text, text), made("ends_with({}, {})", text, text),
            made("contains({}, {})", text, text), made("({} like '张%')", text),
            made("is_digits({})", text), made("is_id_number({})", text), made("is_uscc({})", text),
            made("is_phone({})", text), made("is_bank_card({})", text),
            made("(age_on_birthday({}, as_of) {} {})", day, comparisons, ages),
            made("(age_after_birthday({}, as_of) {} {})", day, comparisons, ages),
        ),
    }  # fmt: skip
    either = expressions(kind, depth - 1)
    chosen = made(
        "case when {} then {} when {} then {} else {} end", truth, either, truth, either, either
    )
    return st.one_of(*shapes[kind], chosen, made("coalesce({}, {})", either, either), leaf(kind))


comparisons = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
ages = st.integers(-1, 130)
anything = st.sampled_from(sorted(SCALARS)).flatmap(lambda kind: expressions(kind, 2))
often = settings(
    derandomize="YIWANG_EXAMPLES" not in os.environ,  # a hunt for new examples is asked for
    max_examples=int(os.environ.get("YIWANG_EXAMPLES", "50")),
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)


def parsed(text):
    try:
        return parse(text, columns=KINDS)
    except ExpressionRefused as refusal:
        # The only refusals of well-formed text: too deep, too long, or a constant too wide.
        assert any(word in refusal.message for word in ("嵌套", "超过", "小数最多"))
        return None


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


@often
@given(text=anything, people=rows)
def test_duckdb_and_sqlite_say_what_the_closure_says(duck, lite, text, people):
    expression = parsed(text)
    if expression:
        expected = Closure().run(expression, KINDS, people, VALUES, TODAY)
        assert duck.run(expression, KINDS, people, VALUES, TODAY) == expected
        assert lite.run(expression, KINDS, people, VALUES, TODAY) == expected


@often
@given(text=anything, people=rows)
def test_postgres_says_what_the_closure_says(post, text, people):
    expression = parsed(text)
    if expression:
        expected = Closure().run(expression, KINDS, people, VALUES, TODAY)
        assert post.run(expression, KINDS, people, VALUES, TODAY) == expected


@often
@given(text=anything, people=rows)
def test_a_population_is_missing_what_each_of_its_members_is_missing(duck, text, people):
    expression = parsed(text)
    if expression:
        judge = compile(expression, values=VALUES, as_of=TODAY)
        expected = [sorted(judge(row).unknown) for row in people]
        found = missing_in_population(duck, text, KINDS, people, VALUES, TODAY)
        assert found == expected


@often
@given(text=anything)
def test_an_expression_written_back_is_the_same_expression(text):
    expression = parsed(text)
    if expression:
        assert parse(worded(expression.tree), columns=KINDS).tree == expression.tree
