"""Opened files: one CSV, one JSON, one Parquet file and a searchable copy, of one snapshot.

They are written into a folder of their own that appears whole or not at all; whoever reads an
older version goes on reading it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yiwang.kernel.ids import new_id
from yiwang.lake.backends.duck import copy_out, open_engine
from yiwang.lake.backends.open_files import write_csv, write_json
from yiwang.lake.backends.serving_copy import Copier
from yiwang.lake.openness import OpenPlan, select_opened
from yiwang.lake.plans import Type
from yiwang.lake.reading import Reading
from yiwang.lake.store import Store

FORMATS = ("csv", "json", "parquet")
STORE = "rows.sqlite"


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """One file of a version: its name in the folder, bytes and SHA-256."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What was written: rows, the snapshot they are of, column types, files by format."""

    rows: int
    snapshot: str
    columns: Mapping[str, Type]
    files: Mapping[str, OpenFile]


def open_rows(store: Store, copier: Copier, plan: OpenPlan, *, folder: Path) -> Opened:
    """Write the opened rows of the latest snapshot into ``folder``, which must not exist."""
    query, snapshots = Reading(store).bound(select_opened(plan))
    types = {column.name: column.opened_type for column in plan.columns}
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.with_name(f".{folder.name}-{new_id()}")
    work.mkdir()
    try:
        rows = _write_all(store, copier, query, types, work)
        files = {one: _described(work / f"data.{one}") for one in FORMATS}
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return Opened(rows=rows, snapshot=snapshots[plan.table], columns=types, files=files)


def _write_all(
    store: Store, copier: Copier, query: str, types: Mapping[str, Type], work: Path
) -> int:
    engine = open_engine(folders=[store.root / "tables", work], scratch=work / "scratch", threads=1)
    try:
        rows = copy_out(engine, query, work / "data.parquet")
        write_csv(engine, work / "data.parquet", work / "data.csv", types=types)
        write_json(engine, work / "data.parquet", work / "data.json", types=types)
    finally:
        engine.close()
    about = json.dumps({"rows": rows, "columns": dict(types)})
    with store.run() as inside:  # the only place where the copier may write
        source = Path(shutil.copyfile(work / "data.parquet", inside.folder / "data.parquet"))
        copy = inside.folder / STORE
        copier.write(copy, files=[source], types=types, lookup=(), about=about)
        shutil.move(copy, work / STORE)
    shutil.rmtree(work / "scratch", ignore_errors=True)
    return rows


def _described(file: Path) -> OpenFile:
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while part := handle.read(1 << 20):
            digest.update(part)
        os.fsync(handle.fileno())
    return OpenFile(name=file.name, size=file.stat().st_size, digest=digest.hexdigest())
