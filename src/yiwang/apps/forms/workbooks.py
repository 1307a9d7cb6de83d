"""A round as a workbook: handed out with what is known locked, taken in line by line.

A list has one line per person or object, and empty lines at its end for who is missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter

from yiwang.kernel.errors import Invalid
from yiwang.lake import filled_rows
from yiwang.packkit.kinds.reports import Report

CODE, NAME, ROUND, VERSION = "row_code", "row_name", "row_round", "row_version"
ENTRY, STRUCK, REASON = "row_entry", "row_struck", "row_reason"
HEADS = {
    CODE: "区划代码",
    NAME: "填报单位",
    STRUCK: "剔除原因",
    ENTRY: "名册行号",
    ROUND: "期次编号",
    VERSION: "版本",
    REASON: "没有写入的原因",
}
"""Columns beside those of the report: whose line it is, of which round, in which version."""
MOST_ROWS = 5_000
EMPTY_LINES = 30
"""What a list has room for beside its lines."""
_KNOWN, _HEAD = PatternFill("solid", fgColor="E8EEF4"), PatternFill("solid", fgColor="DCE6F1")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class Row(NamedTuple):
    """One line: ``known`` is locked, ``answers`` is not; ``entry`` is the line of a list."""

    division: str
    version: int
    known: Mapping[str, Any]
    answers: Mapping[str, Any]
    entry: int = 0
    reason: str = ""
    """Why it was not written the last time."""


def write(
    report: Report, rows: Iterable[Row], *, number: int, name_of: Callable[[str], str]
) -> bytes:
    """The workbook of the rows; what is known, and whose line it is, is locked."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = report.title[:31]
    lines = list(rows)
    paths = _paths(report, is_back=any(one.reason for one in lines))
    depth = max(len(path) for path in paths.values())
    for position, path in enumerate(paths.values(), 1):
        for level, text in enumerate(path):
            sheet.cell(level + 1, position, text)
        if len(path) < depth:
            sheet.merge_cells(
                start_row=len(path), end_row=depth, start_column=position, end_column=position
            )
    _merge_alike(sheet, list(paths.values()), depth)
    for line, row in enumerate(lines, depth + 1):
        lead = _lead(row, number, name_of)
        for position, column in enumerate(paths, 1):
            value = lead.get(column, row.known.get(column, row.answers.get(column)))
            cell = sheet.cell(line, position, safe(value))
            is_open = column not in lead and column not in row.known
            cell.protection = Protection(locked=not is_open)
            if not is_open:
                cell.fill = _KNOWN
    _dress(sheet, depth, len(paths))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lead(row: Row, number: int, name_of: Callable[[str], str]) -> dict[str, Any]:
    """What says whose line it is; of a new line, or one to be put right, the clerk may say it."""
    lead = {
        CODE: row.division,
        NAME: name_of(row.division) if row.division else "",
        ENTRY: str(row.entry or ""),
        ROUND: str(number),
        VERSION: str(row.version or ""),
        REASON: row.reason,
    }
    if row.division and not row.reason:
        return lead
    return {name: said for name, said in lead.items() if name != CODE}


def read(report: Report, *, name: str, content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines of a filled workbook: line number, cells by field."""
    columns = {
        column: ("/".join(path), path[-1]) if len(path) > 1 else (path[-1],)
        for column, path in _paths(report).items()
        if column not in (NAME, REASON)
    }
    rows = [
        (line, row)
        for line, row in filled_rows(name, content, columns)
        if row.get(CODE) or row.get(ROUND)
    ]
    if len(rows) > MOST_ROWS:
        raise Invalid(
            f"工作簿有 {len(rows)} 行，一次最多 {MOST_ROWS} 行。", hint="请分几个文件导入。"
        )
    return [
        (line, {column: text.removeprefix("'") for column, text in row.items()})
        for line, row in rows
    ]


def _paths(report: Report, *, is_back: bool = False) -> dict[str, tuple[str, ...]]:
    """Column to its heads from the top, the leading ones first and the version last."""
    beside = [*((STRUCK, ENTRY) if report.roster else ()), ROUND, VERSION]
    fields = {
        name: (*filter(None, one.group.split("/")), one.title)
        for name, one in report.fields.items()
    }
    return {
        CODE: (HEADS[CODE],),
        NAME: (HEADS[NAME],),
        **fields,
        **{name: (HEADS[name],) for name in (*beside, *((REASON,) if is_back else ()))},
    }


def _merge_alike(sheet: Any, paths: Sequence[tuple[str, ...]], depth: int) -> None:
    """Neighbours under one head share its cell."""
    for level in range(1, depth):
        heads = [path[:level] if len(path) > level else None for path in paths]
        first = 0
        for position in range(1, len(heads) + 1):
            if position < len(heads) and heads[position] == heads[first]:
                continue
            if heads[first] is not None and position - first > 1:
                sheet.merge_cells(
                    start_row=level, end_row=level, start_column=first + 1, end_column=position
                )
            first = position


def _dress(sheet: Any, depth: int, width: int) -> None:
    for row in sheet.iter_rows(min_row=1, max_row=depth, max_col=width):
        for cell in row:
            cell.font, cell.fill = Font(bold=True), _HEAD
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for position in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(position)].width = 16
    sheet.freeze_panes = sheet.cell(depth + 1, 3)
    sheet.protection.sheet = True  # without a password: it guards against slips, not against will


def safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, as a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value
