"""Spreadsheets as officials make them: titles, merged headers, sections; and hostile ones."""

import os
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from lake_feeds import NINE

from yiwang.lake import (
    FeedColumn,
    FeedPlan,
    FormHeadsMissing,
    FormUnreadable,
    Lake,
    Shape,
    Source,
    filled_rows,
)
from yiwang.lake.extracts import SourceUnreadable
from yiwang.lake.sheets import WorkbookRefused

_NEAR = (folder / "shared" for folder in Path(__file__).parents)
SHARED = Path(os.environ.get("YIWANG_SHARED") or next(filter(Path.is_dir, _NEAR), "shared"))
UNIVERSITIES = 2631
"""The list numbers them 1 to 2631; the counts in its section rows add up to the same."""


def _firms(file: str = "firms.xlsx") -> FeedPlan:
    return FeedPlan(
        name="base.firm",
        shape=Shape(file=file),
        key=("uscc",),
        columns=(
            FeedColumn(name="uscc", sources=("统一社会信用代码",)),
            FeedColumn(name="name", sources=("名称",), required=True),
            FeedColumn(name="founded_on", sources=("登记/成立日期",), type="date"),
            FeedColumn(name="capital", sources=("注册资本",), type="decimal"),
        ),
    )


@pytest.fixture
def workbook(folder: Source) -> openpyxl.Workbook:
    """Two title rows, a header merged over two rows, a section row per township."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["泗阳县市场主体名录"])
    sheet.merge_cells("A1:E1")
    sheet.append(["制表：县市场监督管理局"])
    sheet.append(["统一社会信用代码", "名称", "登记", None, "注册资本\n（万元）"])
    sheet.append([None, None, "成立日期", "机关", None])
    for cells in ("A3:A4", "B3:B4", "C3:D3", "E3:E4"):
        sheet.merge_cells(cells)
    sheet["E3"] = "注册\n资本"
    sheet.append(["众兴镇（2户）"])
    sheet.merge_cells("A5:E5")
    sheet.append(["91A", "泗阳甲\n有限公司", date(2020, 1, 5), "县局", 100])
    sheet.append(["91B", "ABC\nLimited", "2021/3/4", "县局", 12.5])
    sheet.append(["来安街道（1户）"])
    sheet.append(["91C", None, "2021年3月4日", "县局", "=1+1"])
    return book


def test_titles_merged_headers_sections_and_line_breaks(lake: Lake, folder, workbook) -> None:
    workbook.save(folder.path / "firms.xlsx")

    done = lake.collect(_firms(), folder, at=NINE, run="r1")

    assert (done.read, done.accepted) == (3, 2)
    rows = lake.rows("SELECT * FROM base.firm ORDER BY uscc")
    assert [row["name"] for row in rows] == ["泗阳甲有限公司", "ABC Limited"]
    assert [str(row["founded_on"]) for row in rows] == ["2020-01-05", "2021-03-04"]
    assert [str(row["capital"]) for row in rows] == ["100", "12.5"]
    [rejected] = lake.rejected("base.firm")
    assert (rejected.line, rejected.rules) == (9, ("name.required",))
    assert any("第 5、8 行" in note for note in done.notes)


def test_formulas_are_never_evaluated(lake, folder, workbook) -> None:
    workbook.active["B9"] = "丙"
    workbook.save(folder.path / "firms.xlsx")  # openpyxl stores no result beside a formula

    done = lake.collect(_firms(), folder, at=NINE, run="r1")

    [row] = lake.rows("SELECT capital FROM base.firm WHERE uscc = '91C'")
    assert row["capital"] is None
    assert any("公式" in note for note in done.notes)


def test_macros_are_noted_and_ignored(lake, folder, workbook) -> None:
    workbook.save(folder.path / "firms.xlsm")
    with zipfile.ZipFile(folder.path / "firms.xlsm", "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro")

    done = lake.collect(_firms("firms.xlsm"), folder, at=NINE, run="r1")

    assert done.accepted == 2 and any("宏" in note for note in done.notes)


def test_a_number_too_long_for_a_spreadsheet_is_not_taken_for_an_id(lake, folder, workbook) -> None:
    workbook.active["B6"] = 321323199001011232
    workbook.save(folder.path / "firms.xlsx")

    lake.collect(_firms(), folder, at=NINE, run="r1")

    assert "e+17" in lake.rows("SELECT name FROM base.firm WHERE uscc = '91A'")[0]["name"]


def test_a_zip_bomb_is_refused_unopened(lake, folder) -> None:
    with zipfile.ZipFile(folder.path / "firms.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * (60 << 20))

    with pytest.raises(WorkbookRefused, match="压缩炸弹"):
        lake.collect(_firms(), folder, at=NINE, run="r1")


def test_a_sheet_of_billions_of_cells_harms_nobody(lake, folder, workbook) -> None:
    workbook.active["XFD1048576"] = "x"
    workbook.save(folder.path / "firms.xlsx")

    with pytest.raises(SourceUnreadable, match="反常"):
        lake.collect(_firms(), folder, at=NINE, run="r1")
    assert lake.tables() == []


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"no workbook at all", b""])
def test_a_damaged_workbook_is_refused(lake, folder, content) -> None:
    (folder.path / "firms.xlsx").write_bytes(content)

    with pytest.raises(SourceUnreadable):
        lake.collect(_firms(), folder, at=NINE, run="r1")


@pytest.mark.parametrize("kind", ["csv", "xls"])
def test_the_ministry_list_loads_every_university_and_no_section_row(lake, kind) -> None:
    if not (SHARED / "data").is_dir():
        pytest.skip("the shared folder is not there")
    plan = FeedPlan(
        name="base.university",
        shape=Shape(file=f"universities-official-list.{kind}"),
        key=("code",),
        columns=(
            FeedColumn(name="code", sources=("学校标识码",)),
            FeedColumn(name="name", sources=("学校名称",), required=True),
            FeedColumn(name="number", sources=("序号",), type="integer", required=True),
            FeedColumn(name="authority", sources=("主管部门",)),
            FeedColumn(name="level", sources=("办学层次",)),
        ),
    )

    done = lake.collect(plan, Source(kind="folder", path=SHARED / "data"), at=NINE, run="r1")

    assert (done.read, done.accepted, done.rejected) == (UNIVERSITIES, UNIVERSITIES, 0)
    [sums] = lake.rows(
        "SELECT max(number) AS n, count(DISTINCT number) AS d, "
        "count(*) FILTER (WHERE name LIKE '%所）%' OR contains(name, chr(10))) AS bad "
        "FROM base.university"
    )
    assert sums == {"n": UNIVERSITIES, "d": UNIVERSITIES, "bad": 0}
    assert any("31 行" in note for note in done.notes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_form_filled_in_as_text_is_read_like_a_workbook(encoding: str) -> None:
    text = '2026年名录\n编码,名称\n91320, 宿迁水务 \n,\n91321,"泗阳\n供水"\n'
    rows = filled_rows("名录.csv", text.encode(encoding), {"name": ("名称",), "code": ("编码",)})
    assert rows == [
        (3, {"code": "91320", "name": "宿迁水务"}),
        (5, {"code": "91321", "name": "泗阳\n供水"}),
    ]


def test_a_form_without_its_heads_says_which_are_missing() -> None:
    columns = {"name": ("名称",), "code": ("编码",)}
    for text, missing in (("编码\n1\n", "“名称”"), ("甲\n1\n", "“名称”、“编码”")):
        with pytest.raises(FormHeadsMissing) as refusal:
            filled_rows("名录.csv", text.encode(), columns)
        assert refusal.value.message == f"名录.csv 的表头缺少{missing}。"


def test_a_form_that_is_no_workbook_cannot_be_opened() -> None:
    with pytest.raises(FormUnreadable, match="打不开"):
        filled_rows("名录.xlsx", b"PK\x03\x04 nothing", {"name": ("名称",)})
