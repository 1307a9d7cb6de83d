"""Delimited text as departments leave it: encodings, separators, broken lines, odd sizes."""

import pytest
from lake_feeds import GOOD, HEADER, NINE, residents

from yiwang.lake import FeedColumn, Lake, Shape, Source
from yiwang.lake.casts import shape_of
from yiwang.lake.extracts import SchemaDrift, SourceUnreadable
from yiwang.lake.gathering import SourceMissing
from yiwang.lake.outcomes import Collection

LINES = [HEADER, *GOOD]


@pytest.fixture
def collect(lake: Lake, folder: Source):
    """Leave bytes in the department's folder and collect them."""

    def leave_and_collect(content: bytes, **changes: object) -> Collection:
        (folder.path / "residents.csv").write_bytes(content)
        done = lake.collect(residents(**changes), folder, at=NINE, run="r1")
        assert done.read == done.accepted + done.rejected
        assert done.rejected == len(lake.rejected(done.feed, limit=10_000))
        return done

    return leave_and_collect


def _bytes(*lines: str, encoding: str = "utf-8", end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_encoding_and_line_end_is_read(collect, lake, encoding, end) -> None:
    done = collect(_bytes(*LINES, encoding=encoding, end=end))

    assert (done.read, done.accepted) == (3, 3)
    names = lake.rows("SELECT name FROM base.resident_feed ORDER BY id_number")
    assert [row["name"] for row in names] == ["王伟", "李娜", "张三"]


@pytest.mark.parametrize("separator", ["\t", "|", ";", "，", "^", "||"])
def test_any_separator_is_read(collect, separator) -> None:
    lines = [line.replace(",", separator) for line in LINES]
    shape = Shape(file="*.csv", separator="||" if separator == "||" else "auto")

    assert collect(_bytes(*lines), shape=shape).accepted == 3


def test_signs_of_four_bytes_and_bars_inside_gb18030_survive(collect, lake) -> None:
    odd = "A9,𠮷田|㐂,1,20250301,1"  # the second byte of a GB18030 sign may be a bar

    collect(_bytes(*LINES, odd, encoding="gb18030"))

    [row] = lake.rows("SELECT name FROM base.resident_feed WHERE id_number = 'A9'")
    assert row["name"] == "𠮷田|㐂"


def test_broken_lines_are_quarantined_with_number_and_reason(collect, lake) -> None:
    content = (
        _bytes(*LINES)
        + "A5,王\n".encode()
        + "A6,赵六,1,20250301,1\n".encode("gb18030")
        + "A7,钱七,1,20250301,1,多\n".encode()
        + "A8,孙八,1,20250301,1\n".encode()
        + "A9,周九,1,2025".encode()[:-1]
    )

    done = collect(content)

    assert (done.read, done.accepted, done.broken) == (8, 4, 4)
    found = {row.line: row.values["_reason"] for row in lake.rejected(done.feed)}
    assert found == {
        5: "列数不对：应为 5，实为 2",
        6: "编码损坏",
        7: "列数不对：应为 5，实为 6",
        9: "列数不对：应为 5，实为 4",
    }


def test_a_few_utf8_lines_in_a_gb18030_file_are_found(collect, lake) -> None:
    content = _bytes(*LINES, encoding="gb18030") + "A5,王小明明,1,20250301,1\n".encode()

    done = collect(content)

    assert (done.accepted, done.broken) == (3, 1)
    assert lake.rejected(done.feed)[0].values["_reason"] == "编码损坏"


def test_a_line_cut_in_the_middle_of_a_sign_is_quarantined(collect) -> None:
    done = collect(_bytes(*LINES) + "A5,王".encode()[:-1])

    assert (done.read, done.accepted, done.broken) == (4, 3, 1)


def test_quotes_separators_and_line_breaks_in_cells_are_read(collect, lake) -> None:
    lines = ['A5,"王,五",1,20250301,1', 'A6,"欧阳\n修",1,20250301,1', 'A7,"说""好""",1,20250301,1']

    done = collect(_bytes(*LINES, *lines, "A8,末,1,20250301,x"))

    names = lake.rows("SELECT name FROM base.resident_feed WHERE id_number > 'A3' ORDER BY 1")
    assert {row["name"] for row in names} == {"王,五", "欧阳修", '说"好"'}
    assert lake.rejected(done.feed)[0].line == 9


def test_a_stray_quote_breaks_one_line_only(collect, lake) -> None:
    lines = ['A5,"王五,1,20250301,1', "A6,赵六,1,20250301,1", "A7,钱七,1,20250301,1"]

    done = collect(_bytes(*LINES, *lines))

    assert (done.read, done.accepted, done.broken) == (6, 5, 1)
    assert lake.rejected(done.feed)[0].line == 5


def test_blank_lines_are_no_rows_and_line_numbers_stay_true(collect, lake) -> None:
    done = collect(_bytes(HEADER, "", GOOD[0], "", "", "A5,,1,20250301,1"))

    assert (done.read, done.accepted) == (2, 1)
    assert lake.rejected(done.feed)[0].line == 6


def test_null_bytes_break_their_line_only(collect) -> None:
    assert collect(_bytes(*LINES, "A5,王\0五,1,20250301,1")).broken == 1


def test_title_lines_before_the_header_are_skipped(collect, lake) -> None:
    done = collect(
        _bytes("泗阳县人口表,,,,", '"说明\n第二行",,,,', *LINES, "众兴镇,,,,", "A5,,1,,")
    )

    assert (done.accepted, done.rejected) == (3, 1)
    assert lake.rejected(done.feed)[0].line == 9
    assert "第 8 行" in done.notes[0]


def test_spaces_around_values_go_and_spaces_alone_are_no_value(collect, lake) -> None:
    done = collect(_bytes(*LINES, "A5, 王五\u3000,1 ,20250301,\u00a0", "A6,\u3000,1,20250301,1"))

    [row] = lake.rows("SELECT * FROM base.resident_feed WHERE id_number = 'A5'")
    assert (row["name"], row["sex"], row["amount"]) == ("王五", "1", None)
    assert done.by_rule == {"name.required": 1}


def test_full_width_digits_are_digits_in_typed_columns(collect, lake) -> None:
    collect(_bytes(*LINES, "Ａ５,王五,1,２０２５－０３－０１,５０．５"))

    [row] = lake.rows("SELECT * FROM base.resident_feed WHERE id_number = 'Ａ５'")
    assert (str(row["born_on"]), str(row["amount"])) == ("2025-03-01", "50.5")


@pytest.mark.parametrize(
    "text",
    [
        "90/3/4",
        "2025111",
        "2025-13-01",
        "2025-02-30",
        "20250301x",
        "45717",
        "1e3",
        "--",
        "2.0251e7",
        "202511e2",
        "20251e03",
        "2025_101",
        "+2025101",
        "2025.101",
        "-2025101",
        "20251 01",
    ],
)
def test_a_date_of_no_stated_form_is_no_date(collect, text) -> None:
    assert collect(_bytes(*LINES, f"A5,王五,1,{text},1")).by_rule == {"born_on.type": 1}


@pytest.mark.parametrize("text", ["1_000", "1e3", "0x1F", "NaN", "∞", "1,5", "12.5元", "+-1"])
def test_a_number_of_no_stated_form_is_no_number(collect, text) -> None:
    cell = f'"{text}"' if "," in text else text
    assert collect(_bytes(*LINES, f"A5,王五,1,20250301,{cell}")).by_rule == {"amount.type": 1}


def test_single_digits_in_dates_need_a_separator() -> None:
    assert shape_of("%Y%m%d") == r"\d{4}\d{2}\d{2}"
    assert shape_of("%Y/%m/%d") == r"\d{4}/\d{1,2}/\d{1,2}"


def test_ten_thousand_columns_are_read(collect) -> None:
    more = [f"c{n}" for n in range(10_000)]
    lines = [",".join([line, *more]) for line in LINES]

    assert collect(_bytes(*lines)).accepted == 3


def test_several_files_are_one_load(lake, folder) -> None:
    (folder.path / "d_1.csv").write_bytes(_bytes(*LINES))
    (folder.path / "d_2.csv").write_bytes(_bytes(HEADER, "B1,赵,1,x,1", encoding="gb18030"))

    done = lake.collect(residents("d_*.csv"), folder, at=NINE, run="r1")

    assert (done.read, done.accepted, done.files) == (4, 3, ("d_1.csv", "d_2.csv"))
    [rejected] = lake.rejected(done.feed)
    assert (rejected.file, rejected.line) == ("d_2.csv", 2)


def test_a_renamed_column_is_suggested(collect) -> None:
    with pytest.raises(SchemaDrift, match=r"CSRQ.*CSRQ_NEW"):
        collect(_bytes(*[line.replace("CSRQ", "CSRQ_NEW") for line in LINES]))


def test_a_column_named_twice_is_refused(collect) -> None:
    with pytest.raises(SchemaDrift, match="多次"):
        collect(_bytes(*[line + "," + line.split(",")[1] for line in LINES]))


def test_another_file_altogether_is_refused(collect) -> None:
    with pytest.raises(SourceUnreadable, match="表头"):
        collect(bytes(range(256)) * 100)


def test_a_missing_file_is_said(lake, folder) -> None:
    with pytest.raises(SourceMissing):
        lake.collect(residents("nothing.csv"), folder, at=NINE, run="r1")


def test_text_goes_in_and_comes_out_unchanged(collect, lake) -> None:
    column = FeedColumn(name="note", sources=("备注",))
    words = ["'; DROP TABLE x; --", "a\\b", "=1+1", "%s{0}", "𠮷", "null", "NULL", "龜龍"]
    lines = ["GMSFHM,备注", *(f"K{n},{word}" for n, word in enumerate(words))]

    collect(_bytes(*lines), columns=(residents().columns[0], column), checks=())

    rows = lake.rows("SELECT note FROM base.resident_feed ORDER BY id_number")
    assert [row["note"] for row in rows] == words
