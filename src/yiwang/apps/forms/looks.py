"""An organ's own workbook, filled in: its title, merged heads, widths, fonts and foot stay."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles import Protection

from yiwang.apps.forms.workbooks import CODE, HEADS, ROUND, VERSION, Row, safe
from yiwang.kernel.folding import fold
from yiwang.lake import Heads, heads_of
from yiwang.packkit.kinds.reports import Report

WHOSE = frozenset(
    "乡镇 乡镇街道 街道 村 村社区 社区 村居 填报单位 单位 单位名称 行政村 区划 区划代码"
    " 行政区划".split()
)
"""Heads of columns that say whose line it is."""
TURN = frozenset(("序号", "编号"))
_CODES = frozenset(("区划", "区划代码", "行政区划"))


def plain_head(text: str) -> str:
    """A head without brackets and signs: 村（社区） is 村社区."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def write_into(
    template: bytes,
    report: Report,
    rows: Iterable[Row],
    *,
    number: int,
    name_of: Callable[[str], str],
) -> bytes:
    """The template with one line per row.

    What tells the lines apart on their way back stands to the right of the template's columns, as
    do columns that the report has and the template has not.
    """
    heads = _heads(template)
    book = load_workbook(BytesIO(template))
    sheet = book.worksheets[heads.sheet]
    lines = list(rows)
    columns, width = _columns(report, heads)
    beside = {CODE: width + 1, ROUND: width + 2, VERSION: width + 3}
    titles = {place: HEADS[name] for name, place in beside.items()}
    titles |= {at: report.fields[one].title for one, at in columns.items() if at > heads.width}
    for place, title in titles.items():
        sheet.cell(heads.bottom, place, title)._style = copy(sheet.cell(heads.bottom, 1)._style)
    _make_room(sheet, heads.bottom + 1, len(lines))
    for turn, (division, version, known, answers, *_) in enumerate(lines, 1):
        lead = {CODE: division, ROUND: str(number), VERSION: str(version)}
        cells = {place: lead[name] for name, place in beside.items()}
        cells |= {at: known.get(one, answers.get(one)) for one, at in columns.items()}
        cells |= _whose(heads, turn, division, name_of(division))
        is_open = {at for name, at in columns.items() if name not in known}
        _write_line(sheet, heads, turn, cells, is_open)
    sheet.protection.sheet = True  # without a password: it guards against slips, not against will
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _whose(heads: Heads, turn: int, division: str, name: str) -> dict[int, Any]:
    """What stands in the columns that say whose line it is."""
    found: dict[int, Any] = {}
    for place, path in heads.paths.items():
        head = plain_head(path[-1])
        if head in TURN:
            found[place] = turn
        elif head in WHOSE:
            found[place] = division if head in _CODES else name
    return found


def _write_line(
    sheet: Any, heads: Heads, turn: int, cells: Mapping[int, Any], is_open: set[int]
) -> None:
    """A line that looks as the first empty one of the template; open cells are unlocked."""
    first, line = heads.bottom + 1, heads.bottom + turn
    sheet.row_dimensions[line].height = sheet.row_dimensions[first].height
    for place, value in cells.items():
        cell = sheet.cell(line, place, safe(value))
        if place <= heads.width:
            cell._style = copy(sheet.cell(first, place)._style)
        cell.protection = Protection(locked=place not in is_open)


def _heads(template: bytes) -> Heads:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "template.xlsx"
        file.write_bytes(template)
        return heads_of(file, work=Path(folder))


def _columns(report: Report, heads: Heads) -> tuple[dict[str, int], int]:
    """Where each field stands, and how far the columns reach."""
    places = {
        ("/".join(path[:-1])[:60], path[-1][:60]): place for place, path in heads.paths.items()
    }
    width, found = heads.width, {}
    for name, one in report.fields.items():
        place = places.get((one.group, one.title))
        if place is None:
            width += 1
            place = width
        found[name] = place
    return found, width


def _make_room(sheet: Any, first: int, count: int) -> None:
    """Move what stands below the empty lines further down, merged cells with it."""
    foot = next(
        (
            row
            for row in range(first, sheet.max_row + 1)
            if any(cell.value not in (None, "") for cell in sheet[row])
        ),
        0,
    )
    down = first + count - foot
    if not foot or down <= 0:
        return
    merged = [one for one in list(sheet.merged_cells.ranges) if one.min_row >= foot]
    for one in merged:
        sheet.unmerge_cells(one.coord)
    heights = {row: sheet.row_dimensions[row].height for row in range(foot, sheet.max_row + 1)}
    last = sheet.cell(sheet.max_row, sheet.max_column).coordinate
    sheet.move_range(f"A{foot}:{last}", rows=down)
    for row, height in heights.items():
        sheet.row_dimensions[row + down].height = height
    for one in merged:
        one.shift(row_shift=down)
        sheet.merge_cells(one.coord)
