"""Readings at scale: one sorted file a day behind the operational store's hot window.

A day is the UTC day of the instant. A file is replaced whole by a rename, so a reader sees the
old or the new one; settling the same rows twice leaves them once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from yiwang.lake.backends import day_files
from yiwang.lake.backends.duck import Connection, open_engine

DAY = 86_400_000_000
"""Microseconds."""
MOST = 10_000_000
LAST_DAY = 2_900_000

Row = tuple[int, int, float, bool]
"""Point, instant in microseconds, value, whether it came late."""


class DayStore:
    """日文件: the settled readings under one folder. Threads and processes may share the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._engine: Connection | None = None
        self._lock = threading.Lock()

    def settle(self, rows: Iterable[Row]) -> int:
        """Merge rows into the files of their days; returns how many days were written."""
        days: dict[int, list[Row]] = {}
        for row in rows:
            days.setdefault(row[1] // DAY, []).append(row)
        for day, own in days.items():
            file = self._file(day)
            file.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                day_files.write_day(self._open(), file, own, known=file.exists())
        return len(days)

    def rows(
        self,
        *,
        since: int,
        until: int,
        points: Sequence[int] = (),
        limit: int = MOST,
        newest_first: bool = False,
    ) -> list[Row]:
        """Rows of [since, until) in order of their instants."""
        files = self.files(since=since, until=until)
        if not files:
            return []
        return day_files.rows_between(
            self._cursor(),
            files,
            since=since,
            until=until,
            points=points,
            limit=limit,
            newest_first=newest_first,
        )

    def count(self, *, since: int, until: int, points: Sequence[int] = ()) -> int:
        """How many rows of [since, until)."""
        files = self.files(since=since, until=until)
        if not files:
            return 0
        return day_files.count_between(
            self._cursor(), files, since=since, until=until, points=points
        )

    def means(self, *, since: int, until: int, step: int) -> list[tuple[int, int, float, int]]:
        """(point, begin of step, sum, count) of [since, until)."""
        files = self.files(since=since, until=until)
        if not files:
            return []
        return day_files.means_between(self._cursor(), files, since=since, until=until, step=step)

    def files(self, *, since: int, until: int) -> list[Path]:
        """The day files that may hold rows of [since, until)."""
        held = sorted(self._root.glob("*/*.parquet")) if self._root.exists() else []
        first, last = _name(since // DAY), _name((until - 1) // DAY)
        return [file for file in held if first <= file.stem <= last]

    def drop_before(self, day: date) -> int:
        """Delete the files of days before ``day``; returns how many."""
        old = [f for f in self._root.glob("*/*.parquet") if f.stem < day.isoformat()]
        for file in old:
            file.unlink()
        return len(old)

    def size(self) -> tuple[int, int]:
        """Number of files and their bytes."""
        sizes = [file.stat().st_size for file in self._root.glob("*/*.parquet")]
        return len(sizes), sum(sizes)

    def _file(self, day: int) -> Path:
        name = _name(day)
        return self._root / name[:7] / f"{name}.parquet"

    def _open(self) -> Connection:
        if self._engine is None:
            self._root.mkdir(parents=True, exist_ok=True)
            scratch = self._root / "scratch"
            scratch.mkdir(exist_ok=True)
            self._engine = open_engine(folders=[self._root], scratch=scratch)
        return self._engine

    def _cursor(self) -> Any:
        with self._lock:
            return self._open().cursor()


def _name(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=min(max(day, 0), LAST_DAY))).isoformat()
