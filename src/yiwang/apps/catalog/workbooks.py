"""Workbooks that the catalogue hands out: templates of the lists, with their code tables."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from yiwang.apps.catalog.metadata import ListKind

_ROWS = 2_000
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def template(kind: ListKind, codes: Mapping[str, Mapping[str, str]]) -> bytes:
    """An empty form: one column per field, choices from the code tables, a sheet that explains."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = kind.title
    sheet.append([field.title for field in kind.fields])
    notes = book.create_sheet("填写说明")
    notes.append(["栏目", "必填", "说明和可选值"])
    for position, field in enumerate(kind.fields, 1):
        titles = list(codes.get(field.codes, {}).values())
        help_ = field.help.replace("每行一项", "各项用；隔开")
        needed = "是" if field.required else "视情况" if field.needed_if[0] else "否"
        notes.append([field.title, needed, "；".join(filter(None, [help_, "、".join(titles)]))])
        if titles and len(",".join(titles)) < 250:
            choice = DataValidation("list", formula1=f'"{",".join(titles)}"', allow_blank=True)
            letter = get_column_letter(position)
            choice.add(f"{letter}2:{letter}{_ROWS}")
            sheet.add_data_validation(choice)
    _dress(sheet)
    _dress(notes)
    return _bytes(book)


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """One sheet with a head; a text that a spreadsheet program would calculate stays text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31]
    sheet.append(list(head))
    for row in rows:
        sheet.append([_plain(value) for value in row])
    _dress(sheet)
    return _bytes(book)


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def _dress(sheet: Any) -> None:
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
        width = max(14, min(48, 2 * len(str(cell.value or "")) + 6))
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"


def _bytes(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
