"""The market regulator's workbook: title rows, a merged two-row header, section rows, breaks."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from yiwang.boot.demo.departments.firms import Firm
from yiwang.boot.demo.departments.homeland import county_name
from yiwang.kernel.divisions import Division

_HEADER = (
    ("序号", ""),
    ("主体信息", "统一社会信用代码"),
    ("", "名称"),
    ("", "法定代表人"),
    ("", "住所"),
    ("", "类型"),
    ("登记信息", "成立日期"),
    ("", "行业代码"),
    ("", "登记机关"),
    ("", "状态"),
)


def write_firms(
    folder: Path, firms: Sequence[Firm], *, villages: Sequence[Division], random: Random
) -> int:
    """Write ``市场主体名录.xlsx`` by township; returns the number of firm rows."""
    folder.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "法人"
    sheet.append([f"{county_name(villages[0].code)}市场主体名录（演示数据，均为虚构）"])
    sheet.append(["填报单位：县市场监督管理局"])
    sheet.append([top for top, _ in _HEADER])
    sheet.append([below for _, below in _HEADER])
    for area in ("A1:J1", "A2:J2", "A3:A4", "B3:F3", "G3:J3"):
        sheet.merge_cells(area)
    sheet["A1"].font = Font(bold=True, size=16)
    sheet["A1"].alignment = Alignment(horizontal="center")
    number = 0
    for township in sorted({village.parent for village in villages}):
        here = [firm for firm in firms if firm.township == township]
        sheet.append([f"{township[:9]} 辖区（{len(here)}户）"])
        for firm in here:
            number += 1
            sheet.append(_row(number, firm, random))
    book.save(folder / "市场主体名录.xlsx")
    return number


def _row(number: int, firm: Firm, random: Random) -> list[object]:
    """One firm as a clerk typed it: breaks in long names, a small code, a wrong digit."""
    name, code = firm.name, firm.uscc
    if random.random() < 0.05:
        name = f"{name[:6]}\n{name[6:]}"
    if random.random() < 0.004:
        code = code[:-1] + ("0" if code[-1] != "0" else "1")
    established = (
        firm.established_on if random.random() < 0.7 else f"{firm.established_on:%Y/%m/%d}"
    )
    return [
        number,
        code,
        name,
        firm.representative,
        firm.address,
        firm.kind,
        established,
        firm.industry,
        f"{county_name(firm.township)}市场监督管理局",
        firm.state,
    ]
