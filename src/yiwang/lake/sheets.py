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

from yiwang.kernel.errors import Invalid
from yiwang.lake import sheet_reader
from yiwang.lake.extracts import SourceUnreadable
from yiwang.lake.headers import HEAD, HeaderPlace, Merged, find_header, need_header
from yiwang.lake.plans import FeedColumn, FeedPlan, Shape
from yiwang.lake.prepared import Prepared, write_prepared

_LARGEST = 400 << 20
_PLAUSIBLE = 20 << 20
_RATIO = 100
_ENTRIES = 5000
_PATIENCE = sheet_reader.SECONDS + 30


class WorkbookRefused(Invalid):
    """A workbook that unpacks to far more than any real one: it was not opened."""

    code = "lake.workbook_refused"


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
    file: Path, columns: Mapping[str, Sequence[str]], *, work: Path
) -> list[tuple[int, dict[str, str]]]:
    """A form filled in as a workbook: (line, cells by column) of each row that is not empty.

    ``columns`` are the accepted titles of each column; a line break within a cell stays.
    """
    wanted = tuple(FeedColumn(name=name, sources=tuple(of)) for name, of in columns.items())
    plan = FeedPlan(name="form.workbook", shape=Shape(), key=(), columns=wanted)
    folder = unpacked(file, work=work)
    sheet, place = _choose(plan, file, folder)
    positions = place.columns.positions.items()
    found = []
    with sheet.open(encoding="utf-8", newline="") as handle:
        for line, cells, index in _numbered(handle):
            if index >= place.row + place.span and any(cell.strip() for cell in cells):
                row = {name: cells[at].strip() for name, at in positions if at < len(cells)}
                found.append((line, row))
    return found


def unpacked(file: Path, *, work: Path) -> Path:
    """A folder of CSV files, one per sheet, each line after its number, and ``sheets.json``."""
    folder = work / "sheets"
    folder.mkdir()
    if zipfile.is_zipfile(file):
        _check_package(file)
    _unpack(FeedPlan(name="form.workbook", shape=Shape(), key=(), columns=()), file, folder)
    return folder


def _numbered(handle: Iterator[str]) -> Iterator[tuple[int, list[str], int]]:
    """(line in the sheet, cells, index from 0)."""
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
