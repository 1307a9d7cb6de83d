"""Registers as departments export them: files of comma-separated values."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_csv(
    file: Path,
    heading: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    encoding: str = "utf-8",
) -> int:
    """Write ``rows`` below ``heading``, and the folders above ``file``; how many rows."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = list(rows)
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out)
        writer.writerow(heading)
        writer.writerows(kept)
    return len(kept)
