"""Serving copies: one indexed SQLite file per snapshot, swapped atomically, read by any process.

``serving/<table>/current`` is a symbolic link to the copy in force. A reader looks at the link on
each lookup (2 µs) and opens a new copy only when it has moved.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from yiwang.kernel.errors import Invalid, NotFound
from yiwang.kernel.ids import new_id
from yiwang.lake.backends.serving_copy import Copier
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

    def __init__(self, name: str, folder: str, target: str) -> None:
        self.target = target
        self.connection = sqlite3.connect(
            f"file:{folder}/{target}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        (text,) = self.connection.execute("SELECT content FROM about").fetchone()
        about = json.loads(text)
        self.serving = Serving(
            name=name,
            snapshot=about["snapshot"],
            at=datetime.fromisoformat(about["at"]) if "at" in about else None,
            rows=about["rows"],
            lookup=tuple(about["lookup"]),
        )
        self.types: dict[str, Type] = about["columns"]


class Servings:
    """All serving copies of a lake. Thread-safe: every thread has its own connections."""

    def __init__(self, store: Store, copier: Copier) -> None:
        self._store = store
        self._copier = copier
        self._root = store.root / "serving"
        self._local = threading.local()
        self._folders: dict[str, str] = {}

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
            "at": state.facts["yiwang.at"],
            "rows": int(state.facts["yiwang.rows"]),
            "lookup": list(lookup),
            "columns": types,
        }
        with self._store.run() as work:
            self._copier.write(
                work.folder / target,
                files=self._store.files(name, state),
                types=types,
                lookup=lookup,
                about=json.dumps(about),
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
        return self._copy(name).serving

    def lookup(
        self, name: str, *, where: Mapping[str, str], columns: Sequence[str], limit: int
    ) -> list[dict[str, Any]]:
        """The rows that match every value of ``where``."""
        return self.lookup_at(name, where=where, columns=columns, limit=limit)[1]

    def lookup_at(
        self, name: str, *, where: Mapping[str, str], columns: Sequence[str], limit: int
    ) -> tuple[Serving, list[dict[str, Any]]]:
        """The copy that answers, and its rows that match every value of ``where``."""
        copy = self._copy(name)
        _check_known(name, [*where, *columns], copy.types)
        if not set(where) & set(copy.serving.lookup):
            raise _unindexed(name, copy.serving.lookup)
        condition = " AND ".join(f'"{column}" = ?' for column in where)
        chosen = ", ".join(f'"{column}"' for column in columns)
        found = copy.connection.execute(
            f"SELECT {chosen} FROM rows WHERE {condition} LIMIT ?",
            (*where.values(), min(limit, _MOST)),
        ).fetchall()
        readers = [_READERS.get(copy.types[column]) for column in columns]
        return copy.serving, [
            {
                column: value if value is None or reader is None else reader(value)
                for column, value, reader in zip(columns, row, readers, strict=True)
            }
            for row in found
        ]

    def lookup_each(
        self,
        name: str,
        *,
        by: str,
        values: Sequence[str],
        columns: Sequence[str],
        limit: int,
        most: int | None = None,
    ) -> dict[str, list[dict[str, Any]]]:
        """The rows of many values of one indexed column, in one question to the copy.

        At most ``limit`` for each value and ``most`` in all.
        """
        copy = self._copy(name)
        _check_known(name, [by, *columns], copy.types)
        if by not in copy.serving.lookup:
            raise _unindexed(name, copy.serving.lookup)
        chosen = ", ".join(f'"{column}"' for column in columns)
        marks = ",".join("?" * len(values))
        readers = [(place, _READERS[kind]) for place, column in enumerate(columns, 1)
                   if (kind := copy.types[column]) in _READERS]  # fmt: skip
        found: dict[str, list[dict[str, Any]]] = {}
        for row in copy.connection.execute(
            f'SELECT "{by}", {chosen} FROM rows WHERE "{by}" IN ({marks}) LIMIT ?',
            (*values, -1 if most is None else most),
        ):
            rows = found.setdefault(row[0], [])
            if len(rows) < limit:
                shown = list(row)
                for place, reader in readers:
                    if shown[place] is not None:
                        shown[place] = reader(shown[place])
                rows.append(dict(zip(columns, shown[1:], strict=True)))
        return found

    def _folder(self, name: str) -> Path:
        pack, table = check_name(name)
        return self._root / pack / table

    def _copy(self, name: str) -> _Copy:
        copies: dict[str, _Copy] = self._local.__dict__.setdefault("copies", {})
        folder = self._folders.get(name) or self._folders.setdefault(name, str(self._folder(name)))
        for _ in range(3):
            try:
                target = os.readlink(f"{folder}/current")  # noqa: PTH115 - a Path costs ten times the look
                if name not in copies or copies[name].target != target:
                    if old := copies.pop(name, None):
                        old.connection.close()
                    copies[name] = _Copy(name, folder, target)
                return copies[name]
            except (FileNotFoundError, sqlite3.OperationalError):
                continue  # swapped between the two looks: look again
        raise NotServed(
            f"表 {name} 还没有服务副本。", hint="请先发布并生成服务副本（serve）。", table=name
        )


def _unindexed(name: str, lookup: Sequence[str]) -> LookupRefused:
    return LookupRefused(
        f"查询 {name} 须给出 {'、'.join(lookup)} 之一。", hint="请补上查询条件。", table=name
    )


def _check_known(name: str, columns: Sequence[str], types: Mapping[str, Type]) -> None:
    if unknown := [column for column in columns if column not in types]:
        raise LookupRefused(
            f"表 {name} 没有列 {'、'.join(unknown)}。", hint="请核对列名。", table=name
        )
