"""What is not of the language is refused, with its position and what to write instead."""

from datetime import date

import pytest

from yiwang.rules import ExpressionRefused, ValueNotGiven, parse, to_sql

COLUMNS = {"a": "integer", "b": "boolean", "s": "text", "d": "date", "j": "json", "x.y": "integer"}

REFUSED = [
    ("", 0, "空的"),
    ("a +", 3, "不是一个完整的表达式"),
    ("b; b", 2, "分号"),
    ("b -- note", 3, "注释"),
    ("b and /* x */ b", 7, "注释"),
    ("select 1", 8, "子查询"),
    ("a in (select a from s)", 1, "子查询"),
    ("exists(select 1)", 15, "Exists"),
    ("drop table s", 12, "Drop"),
    ("count(*) > 1", 1, "汇总"),
    ("sum(a) over () > 1", 1, "汇总"),
    ("aa > 1", 1, "是不是 a"),
    ("lenght(s) > 1", 1, "是不是 length"),
    ("add(a, a) > 1", 1, "没有名为"),
    ("read_csv('/etc/passwd') = 1", 1, "ReadCSV"),
    ("a > 'x'", 5, "整数与文本"),
    ("d > '2023-01-01'", 5, "date '2026-01-31'"),
    ("d = date '2023-02-29'", 10, "不是日期"),
    ("a::text = '1'", 1, "不能转换类型"),
    ("a = null", 1, "is null"),
    ("j = j", 1, "结构"),
    ("not a", 5, "需要是否"),
    ("b < b", 1, "没有大小"),
    ("case when b then 1 end", 11, "else"),
    ("substr(s, 0) = 's'", 11, "1 至"),
    ("s like 'a%b'", 1, "两端"),
    ("s like 'a_'", 1, "两端"),
    ("a in (a, 1)", 7, "常量或参数"),
    ("a > 12345678901234567890", 5, "18 位"),
    ("a > 1e5", 5, "普通写法"),
    ("length(s, s) > 1", 1, "Length"),
    ("trim(s, 'x') = s", 6, "Trim"),
    ("current_date > d", 0, "as_of"),
    ("if(b, 1, 2) > 1", 4, "case when"),
    ("s = '\ud800'", 0, "不能存储"),
    ("null", 0, "没有类型"),
    ("z.a = 1", 1, "没有名为"),
]


@pytest.mark.parametrize(("text", "position", "says"), REFUSED)
def test_a_refusal_says_where_and_what_to_write(text, position, says):
    with pytest.raises(ExpressionRefused) as refusal:
        parse(text, columns=COLUMNS)

    assert refusal.value.data["position"] == position
    assert says in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60 + "b" + ")" * 60,
        "not " * 400 + "b",
        " and ".join(["b"] * 900),
        "a" * 5000,
        "-" + " -" * 300 + "a > 1",
        "case when b then " * 60 + "1" + " else 2 end" * 60 + " > 1",
        "+".join(["a"] * 200) + " > 1",
        "[" * 500,
        "{" * 500,
    ],
)
def test_an_expression_of_any_size_ends_in_a_refusal(text):
    with pytest.raises(ExpressionRefused):
        parse(text, columns=COLUMNS)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres", "spark"])
def test_sql_that_would_grow_without_bound_is_refused_or_stays_small(dialect):
    for step in (" / a", " * 1.5", " + a"):
        expression = parse("a" + step * 30 + " > 1", columns=COLUMNS)
        try:
            printed = to_sql(expression, dialect=dialect, as_of=date(2026, 1, 1))
        except ExpressionRefused as refusal:
            assert "太长" in refusal.message
        else:
            assert len(printed) < 1_000_000


def test_a_dotted_name_is_a_column_when_the_row_has_it():
    assert parse("x.y > 1", columns=COLUMNS).columns == {"x.y"}


def test_names_and_text_cannot_leave_their_quotes():
    columns = {'a" OR 1=1 --': "text"}
    expression = parse("\"a\"\" OR 1=1 --\" = 'it''s'", columns=columns)

    assert to_sql(expression, dialect="duckdb", as_of=date(2026, 1, 1)) == (
        "(\"a\"\" OR 1=1 --\" = 'it''s')"
    )


def test_a_code_table_that_nobody_gave_is_named():
    expression = parse("is_code(s, 'base.sex')", columns=COLUMNS)

    with pytest.raises(ValueNotGiven, match="base"):
        to_sql(expression, dialect="sqlite", as_of=date(2026, 1, 1))


def test_identifiers_agree_with_the_kernel():
    from yiwang.kernel.identifiers import gbt11643, uscc
    from yiwang.rules.meaning import MEANING

    for text in ("11010519491231002X", "110105194912310021", "11010519490231002X", "1" * 18):
        assert MEANING["is_id_number"](text) == gbt11643.is_valid(text)
    for text in ("91350100M000100Y43", "91350100M000100Y44", "9135010" + "0" * 11):
        assert MEANING["is_uscc"](text) == uscc.is_valid(text)
