"""Spreadsheets: checked before they are opened, read in a limited process, header by content."""

from __future__ import annotations

import csv
import itertools
import json
import subprocess  # the reader runs in a process of its own, see sheet_reader
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from yiwang.kernel.errors import Invalid
from yiwang.lake import sheet_reader
from yiwang.lake.encodings import encoding_of
from yiwang.lake.extracts import SchemaDrift, SourceUnreadable
from yiwang.lake.headers import HEAD, HeaderPlace, Merged, find_header, need_header
from yiwang.lake.plans import FeedColumn, FeedPlan, Shape
from yiwang.lake.prepared import Prepared, write_prepared

_LARGEST = 400 << 20
_PLAUSIBLE = 20 << 20
_RATIO = 100
_ENTRIES = 5000
_PATIENCE = sheet_reader.SECONDS + 30
_HEADS_STAY = "请用导出的样板填写，表头不要改动。"
_SHOWN = 5
_Row = tuple[int, list[str], int]
"""The line in the sheet, its cells, its index from 0."""


class WorkbookRefused(Invalid):
    """A workbook that unpacks to far more than any real one: it was not opened."""

    code = "lake.workbook_refused"


class FormUnreadable(Invalid):
    """A form that was filled in cannot be opened."""

    code = "lake.form_unreadable"


class FormHeadsMissing(FormUnreadable):
    """The file has not the columns of its form: another form, or its heads were changed."""

    code = "lake.form_heads_missing"


def prepare_sheet(plan: FeedPlan, file: Path, *, to: Path) -> Prepared:
    """The rows of the sheet that has the plan's columns."""
    notes = _check_package(file) if zipfile.is_zipfile(file) else []
    folder = to.with_suffix(".sheets")
    folder.mkdir()
    _unpack(plan, file, folder)
    sheet, place = _choose(plan, file, folder)
    with sheet.open(encoding="utf-8", newline="") as handle:
        rows = _numbered(handle)
        body = itertools.dropwhile(lambda item: item[2] < place.row + place.span, rows)
        width = len(place.names)
        return write_prepared(
            ((line, cells) for line, cells, _ in body),
            to=to,
            place=place,
            width=width,
            broken=[],
            notes=notes,
        )


def filled_rows(
    name: str, content: bytes, columns: Mapping[str, Sequence[str]]
) -> list[tuple[int, dict[str, str]]]:
    """A form filled in as a workbook or CSV: (line, cells by column) of rows that are not empty.

    ``columns`` are the accepted titles of each column; a line break within a cell stays.
    """
    wanted = tuple(FeedColumn(name=column, sources=tuple(of)) for column, of in columns.items())
    plan = FeedPlan(name="form.workbook", shape=Shape(), key=(), columns=wanted)
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"form{Path(name).suffix.lower() or '.xlsx'}"
        file.write_bytes(content)
        try:
            rows, place = _delimited(plan, file) if file.suffix == ".csv" else _sheet(plan, file)
        except (SchemaDrift, SourceUnreadable) as refusal:
            raise _unreadable(name, refusal) from refusal
    positions = place.columns.positions.items()
    return [
        (line, {column: cells[at].strip() for column, at in positions if at < len(cells)})
        for line, cells, index in rows
        if index >= place.row + place.span and any(cell.strip() for cell in cells)
    ]


def _unreadable(name: str, refusal: SchemaDrift | SourceUnreadable) -> FormUnreadable:
    told: dict[str, Any] = refusal.data
    if doubled := told.get("doubled"):
        return FormHeadsMissing(f"{name} 的表头有重复的列：{_named(doubled)}。", hint=_HEADS_STAY)
    if missing := list(told.get("missing", {}).values()) or told.get("expected"):
        return FormHeadsMissing(f"{name} 的表头缺少{_named(missing)}。", hint=_HEADS_STAY)
    return FormUnreadable(f"{name} 打不开。", hint="请去掉密码、重新导出，或另存为 CSV 再传。")


def _named(heads: Sequence[str]) -> str:
    shown = "、".join(f"“{head}”" for head in heads[:_SHOWN])
    return f"{shown}等 {len(heads)} 列" if len(heads) > _SHOWN else shown


def _sheet(plan: FeedPlan, file: Path) -> tuple[list[_Row], HeaderPlace]:
    sheet, place = _choose(plan, file, unpacked(file, work=file.parent))
    with sheet.open(encoding="utf-8", newline="") as handle:
        return list(_numbered(handle)), place


def _delimited(plan: FeedPlan, file: Path) -> tuple[list[_Row], HeaderPlace]:
    with file.open(encoding=encoding_of(file), errors="replace", newline="") as handle:
        records = [[cell.lstrip("\ufeff") for cell in cells] for cells in csv.reader(handle)]
    place = need_header(plan, find_header(plan, records[:HEAD]), file=file.name)
    return [(at + 1, cells, at) for at, cells in enumerate(records)], place


def unpacked(file: Path, *, work: Path) -> Path:
    """A folder of CSV files, one per sheet, each line after its number, and ``sheets.json``."""
    folder = work / "sheets"
    folder.mkdir()
    if zipfile.is_zipfile(file):
        _check_package(file)
    _unpack(FeedPlan(name="form.workbook", shape=Shape(), key=(), columns=()), file, folder)
    return folder


def _numbered(handle: Iterator[str]) -> Iterator[_Row]:
    for index, (line, *cells) in enumerate(csv.reader(handle)):
        yield int(line), cells, index


def _check_package(file: Path) -> list[str]:
    """Unpack for size only, stopping at the limit; note macros and formulas."""
    notes: set[str] = set()
    total, packed = 0, max(file.stat().st_size, 1)
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
            if len(entries) > _ENTRIES:
                raise _refused(file)
            for entry in entries:
                if entry.filename.endswith("vbaProject.bin"):
                    notes.add("文件带宏，已忽略")
                with package.open(entry) as content:
                    while piece := content.read(1 << 20):
                        total += len(piece)
                        if total > _LARGEST or total > max(_PLAUSIBLE, packed * _RATIO):
                            raise _refused(file)
                        if b"<f>" in piece or b"<f " in piece:
                            notes.add("文件带公式，取其存储的结果，不作计算")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise SourceUnreadable(
            f"{file.name} 已损坏，打不开。", hint="请让提供部门重新导出。", file=file.name
        ) from error
    return sorted(notes)


def _refused(file: Path) -> WorkbookRefused:
    return WorkbookRefused(
        f"{file.name} 解压后大得反常（疑似压缩炸弹），未打开。",
        hint="请与提供部门核对；真有这么多数据时，改用 CSV 或数据库交付。",
        file=file.name,
    )


def _unpack(plan: FeedPlan, file: Path, folder: Path) -> None:
    command = [sys.executable, "-I", sheet_reader.__file__, str(file), str(folder)]
    try:
        subprocess.run(  # noqa: S603 our own script; the file name is one argument
            [*command, plan.shape.sheet], check=True, capture_output=True, timeout=_PATIENCE
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise SourceUnreadable(
            f"{file.name} 读不了：文件损坏、加密，或单元格多得反常。",
            hint="请让提供部门去掉密码、重新导出，或改用 CSV。",
            file=file.name,
        ) from error


def _choose(plan: FeedPlan, file: Path, folder: Path) -> tuple[Path, HeaderPlace]:
    """The sheet whose header matches best."""
    best: tuple[Path, HeaderPlace] | None = None
    for sheet in json.loads((folder / "sheets.json").read_text()):
        path = folder / sheet["file"]
        with path.open(encoding="utf-8", newline="") as handle:
            head = list(itertools.islice(_numbered(handle), HEAD + 3))
        first = head[0][0] - 1 if head else 0
        merged: Merged = [
            (top - first, left, bottom - first, right)
            for top, left, bottom, right in sheet["merged"]
            if top - first <= HEAD + 3
        ]
        place = find_header(plan, [cells for _, cells, _ in head], merged)
        if place and (best is None or place.score > best[1].score):
            best = path, place
    place = need_header(plan, best[1] if best else None, file=file.name)
    return (best[0] if best else folder), place
