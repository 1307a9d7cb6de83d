"""Serving copies: one indexed SQLite file per snapshot, swapped atomically, read by any process.

``serving/<table>/current`` is a symbolic link to the copy in force. A reader looks at the link on
each lookup (2 µs) and opens a new copy only when it has moved.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from yiwang.kernel.errors import Invalid, NotFound
from yiwang.kernel.ids import new_id
from yiwang.lake.backends.serving_copy import write_copy
from yiwang.lake.outcomes import Serving
from yiwang.lake.plans import Type, check_name
from yiwang.lake.store import Store

_READERS: Mapping[Type, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "boolean": bool,
}
_MOST = 10_000


class NotServed(NotFound):
    """The table has no serving copy yet."""

    code = "lake.not_served"


class LookupRefused(Invalid):
    """A lookup by or of columns that the serving copy does not have."""

    code = "lake.lookup_refused"


class _Copy:
    """One open serving copy, for one thread."""

    def __init__(self, file: Path, target: str) -> None:
        self.target = target
        self.connection = sqlite3.connect(
            f"file:{file.parent / target}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        (text,) = self.connection.execute("SELECT content FROM about").fetchone()
        about = json.loads(text)
        self.snapshot: str = about["snapshot"]
        self.rows: int = about["rows"]
        self.lookup: tuple[str, ...] = tuple(about["lookup"])
        self.types: dict[str, Type] = about["columns"]


class Servings:
    """All serving copies of a lake. Thread-safe: every thread has its own connections."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._root = store.root / "serving"
        self._local = threading.local()

    def serve(self, name: str, *, lookup: Sequence[str]) -> None:
        """Make the copy of the latest snapshot and put it in force."""
        state = self._store.state(name)
        types = {c: t for c, t in state.columns.items() if not c.startswith("_")}
        _check_known(name, lookup, types)
        folder = self._folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        target = f"{state.id}-{new_id()}.sqlite"
        about = {
            "snapshot": state.id,
            "rows": int(state.facts["yiwang.rows"]),
            "lookup": list(lookup),
            "columns": types,
        }
        with self._store.run() as work:
            write_copy(
                work.folder / target,
                files=self._store.files(name, state),
                types=types,
                lookup=lookup,
                about=json.dumps(about),
                lake=self._store.root,
            )
            (work.folder / target).rename(folder / target)
            link = work.folder / "current"
            link.symlink_to(target)
            link.replace(folder / "current")
        for old in folder.glob("*.sqlite"):
            if old.name != target:
                old.unlink(missing_ok=True)

    def served(self, name: str) -> Serving:
        """Which snapshot answers lookups now."""
        copy = self._copy(name)
        return Serving(name=name, snapshot=copy.snapshot, rows=copy.rows, lookup=copy.lookup)

    def lookup(
        self, name: str, *, where: Mapping[str, str], columns: Sequence[str], limit: int
    ) -> list[dict[str, Any]]:
        """The rows that match every value of ``where``."""
        copy = self._copy(name)
        _check_known(name, [*where, *columns], copy.types)
        if not set(where) & set(copy.lookup):
            raise LookupRefused(
                f"查询 {name} 须给出 {'、'.join(copy.lookup)} 之一。",
                hint="请补上查询条件。",
                table=name,
            )
        condition = " AND ".join(f'"{column}" = ?' for column in where)
        chosen = ", ".join(f'"{column}"' for column in columns)
        found = copy.connection.execute(
            f"SELECT {chosen} FROM rows WHERE {condition} LIMIT ?",
            (*where.values(), min(limit, _MOST)),
        ).fetchall()
        readers = [_READERS.get(copy.types[column]) for column in columns]
        return [
            {
                column: value if value is None or reader is None else reader(value)
                for column, value, reader in zip(columns, row, readers, strict=True)
            }
            for row in found
        ]

    def _folder(self, name: str) -> Path:
        pack, table = check_name(name)
        return self._root / pack / table

    def _copy(self, name: str) -> _Copy:
        copies: dict[str, _Copy] = self._local.__dict__.setdefault("copies", {})
        link = self._folder(name) / "current"
        for _ in range(3):
            try:
                target = str(link.readlink())
                if name not in copies or copies[name].target != target:
                    if old := copies.pop(name, None):
                        old.connection.close()
                    copies[name] = _Copy(link, target)
                return copies[name]
            except (FileNotFoundError, sqlite3.OperationalError):
                continue  # swapped between the two looks: look again
        raise NotServed(
            f"表 {name} 还没有服务副本。", hint="请先发布并生成服务副本（serve）。", table=name
        )


def _check_known(name: str, columns: Sequence[str], types: Mapping[str, Type]) -> None:
    if unknown := [column for column in columns if column not in types]:
        raise LookupRefused(
            f"表 {name} 没有列 {'、'.join(unknown)}。", hint="请核对列名。", table=name
        )
