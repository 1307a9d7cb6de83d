"""A derived index over the log, to find entries by id, subject, actor or event.

An SQLite file beside the segments. It holds nothing that is not in them: delete it and it is
built again.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from yiwang.apps.journal.entry import unpacked
from yiwang.apps.journal.segments import Tail, blocks, first_of, segments

_SCHEMA = """
PRAGMA journal_mode=WAL;
CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, event TEXT NOT NULL,
    subject TEXT NOT NULL, actor TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_subject ON entry (subject, number) WHERE subject <> '';
CREATE INDEX IF NOT EXISTS entry_actor ON entry (actor, number) WHERE actor <> '';
CREATE INDEX IF NOT EXISTS entry_event ON entry (event, number);
CREATE TABLE IF NOT EXISTS reached (
    one INTEGER PRIMARY KEY CHECK (one = 1), segment TEXT NOT NULL, offset INTEGER NOT NULL,
    number INTEGER NOT NULL
) STRICT;
"""

Row = tuple[int, bytes]
"""An entry's number and its line."""


class Index:
    """The index of the log in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def refresh(self) -> None:
        """Take in the blocks written since the last time."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            held = db.execute("SELECT segment, offset, number FROM reached").fetchone()
            name, offset, number = held or ("", 0, 0)
            for path in segments(self.folder):
                if path.name < name:
                    continue
                start = (offset, number) if path.name == name else (0, first_of(path))
                name, offset, number = self._take_in(db, path, *start)
            db.execute("REPLACE INTO reached VALUES (1, ?, ?, ?)", (name, offset, number))
            db.execute("COMMIT")

    def known(self, ids: list[str]) -> set[str]:
        """Those of ``ids`` that are in the log."""
        found: set[str] = set()
        with self._connection() as db:
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT id FROM entry WHERE id IN ({marks})"  # noqa: S608 - marks only
                found.update(row[0] for row in db.execute(query, part))
        return found

    def by_id(self, entry_id: str) -> Row | None:
        """The entry with this id."""
        with self._connection() as db:
            query = "SELECT number, body FROM entry WHERE id = ?"
            found: Row | None = db.execute(query, (entry_id,)).fetchone()
            return found

    def rows(
        self, *, subject: str, actor: str, event: str, since: str, before: int | None, limit: int
    ) -> list[Row]:
        """The newest entries that fit; empty means any. An event ending in ``.`` is a prefix."""
        where, values = ["1"], []
        for column, value in (("subject", subject), ("actor", actor)):
            if value:
                where.append(f"{column} = ? AND {column} <> ''")
                values.append(value)
        if event:
            where.append("event GLOB ?" if event.endswith(".") else "event = ?")
            values.append(event + "*" if event.endswith(".") else event)
        if since:
            where.append("at >= ?")
            values.append(since)
        limits: list[object] = [*values]
        if before is not None:
            where.append("number < ?")
            limits.append(before)
        query = (
            f"SELECT number, body FROM entry WHERE {' AND '.join(where)} "  # noqa: S608 - own text
            "ORDER BY number DESC LIMIT ?"
        )
        with self._connection() as db:
            return db.execute(query, (*limits, limit)).fetchall()

    def _take_in(
        self, db: sqlite3.Connection, path: Path, offset: int, number: int
    ) -> tuple[str, int, int]:
        for block in blocks(path, offset=offset, first=number):
            if isinstance(block, Tail):
                break
            rows = []
            for place, line in enumerate(block.lines, block.first):
                entry = unpacked(line)
                at = entry.at.astimezone(UTC).isoformat()
                rows.append((place, entry.id, at, entry.event, entry.subject, entry.actor, line))
            db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            offset, number = block.end, block.size
        return path.name, offset, number

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        path = self.folder / "index.sqlite"
        fresh = not path.exists()
        db = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous=NORMAL")
            if fresh or not db.execute("PRAGMA table_list(reached)").fetchone():
                db.executescript(_SCHEMA)
            yield db
        finally:
            db.close()
