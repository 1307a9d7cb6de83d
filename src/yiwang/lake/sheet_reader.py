"""Run as a script in a process of its own: turns a workbook into CSV files within fixed limits.

A hostile workbook can claim billions of cells; this process may use only so much memory and time,
and when it dies only the file is refused. Formulas are never evaluated: the value that the
spreadsheet program stored is taken. It imports nothing of Yiwang, so it starts at once.
"""

import csv
import json
import resource
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import python_calamine

MEMORY = 1 << 31
SECONDS = 120
EXACT = 2**53


def text_of(value: object) -> str:
    """A cell as text: whole numbers without a point, days in ISO form."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < EXACT:
            return str(int(value))
        case float() if 1e-6 <= abs(value) < EXACT:
            return format(value, "f").rstrip("0") if abs(value) < 1 else repr(value)
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return "" if value is None else str(value)


def main(workbook: str, folder: str, wanted: str) -> None:
    """Write ``<n>.csv`` for each sheet and ``sheets.json`` with names and merged cells."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    book = python_calamine.load_workbook(workbook)
    listed = []
    for number, name in enumerate(book.sheet_names):
        if wanted and name != wanted:
            continue
        sheet = book.get_sheet_by_index(number)
        top, left = sheet.start or (0, 0)
        merged = [[*first, *last] for first, last in sheet.merged_cell_ranges or []]
        listed.append({"name": name, "file": f"{number}.csv", "merged": merged})
        with (Path(folder) / f"{number}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            for line, row in enumerate(sheet.to_python(skip_empty_area=True), start=top + 1):
                writer.writerow([line, *[""] * left, *map(text_of, row)])
    (Path(folder) / "sheets.json").write_text(json.dumps(listed))


if __name__ == "__main__":
    main(*sys.argv[1:4])
