"""50,000 neighbouring keys upserted into a table of 1.8 million, against plain copy-on-write.

Ours judges every row of the increment by the rules of the feed, says what it changes, rewrites the
files that hold its keys and commits a snapshot. The other side is the same engine rewriting one
Parquet file of the whole table, without rules, counts or snapshot. Each run is a process of its
own; CPU is what the process used, imports on both sides apart.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import duckdb

from bench.collect import HEADER, NINE, PLAN, VILLAGES, used, write_residents
from yiwang.lake import Increment, Lake, Source

ROWS, DELTA, FROM = 1_800_000, 50_000, 900_000
ROUNDS = 3
ROAD = re.compile("[上北][海京]路[0-9]+号")
UPSERT = replace(PLAN, increment=Increment(by="updated_on"))
COLUMNS = dict.fromkeys(HEADER.split(","), "VARCHAR") | {"GXSJ": "DATE"}


def _prepare(folder: Path) -> None:
    """The table as the lake has it, the same as one Parquet file, and the increment."""
    (folder / "whole").mkdir()
    (folder / "delta").mkdir()
    whole = folder / "whole" / "residents.csv"
    write_residents(whole, ROWS)
    with whole.open(encoding="utf-8") as rows, (folder / "delta/residents.csv").open("w") as out:
        out.write(next(rows))
        out.writelines(islice(rows, FROM, FROM + DELTA))
    lake = Lake(folder / "lake")
    divisions = [{"code": one} for one in VILLAGES]
    lake.write("base.divisions", divisions, columns={"code": "text"}, at=NINE)
    lake.collect(UPSERT, Source(kind="folder", path=folder / "whole"), at=NINE, run="whole")
    duckdb.connect().execute(
        f"COPY (SELECT * FROM read_csv('{whole}', columns = {COLUMNS})) "
        f"TO '{folder / 'plain.parquet'}' (FORMAT parquet, COMPRESSION snappy)"
    )


def rewritten(folder: Path) -> dict[str, object]:
    """The engine alone: the whole table written anew with the rows of the increment."""
    engine = duckdb.connect(":memory:", config={"threads": 2})
    delta = f"read_csv('{folder / 'delta/residents.csv'}', columns = {COLUMNS})"
    engine.execute(
        f"COPY (SELECT * FROM '{folder / 'plain.parquet'}' "
        f"ANTI JOIN (SELECT GMSFHM FROM {delta}) USING (GMSFHM) "
        f"UNION ALL BY NAME SELECT * FROM {delta}) "
        f"TO '{folder / 'next.parquet'}' (FORMAT parquet, COMPRESSION snappy)"
    )
    return {}


def merged(folder: Path) -> dict[str, object]:
    """The lake: the increment judged, compared and merged, one snapshot; each round a new value."""
    delta, run = folder / "delta/residents.csv", str(time.time_ns())
    delta.write_text(ROAD.sub(f"上海路{run[-6:]}号", delta.read_text("utf-8")), "utf-8")
    before = used()
    done = Lake(folder / "lake").collect(
        UPSERT,
        Source(kind="folder", path=folder / "delta"),
        at=NINE,
        run=run,
        merge=True,
        gate=lambda _: "commit",
    )
    changed = done.changes.changed if done.changes else 0
    return {"cpu": used() - before, "changed": changed, "rejected": done.rejected}


def run() -> list[str]:
    """Measure both sides in turn and print their ratio."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as name:
        folder = Path(name)
        _prepare(folder)
        sides: dict[str, list[dict[str, object]]] = {"rewritten": [], "merged": []}
        for _ in range(ROUNDS):
            for side, runs in sides.items():
                command = [sys.executable, "-m", "bench.upsert", side, str(folder)]
                said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                runs.append(json.loads(said))
    best = {side: min(runs, key=lambda one: one["cpu"]) for side, runs in sides.items()}
    ours, plain = best["merged"], best["rewritten"]
    return [
        f"upsert: {DELTA} keys into {ROWS} rows: CPU {ours['cpu']:.2f} s = "
        f"{ours['cpu'] / plain['cpu']:.2f} × {plain['cpu']:.2f} s of plain copy-on-write (bar 1.0)",
        f"upsert: {ours['changed']} changed, {ours['rejected']} rejected with reasons",
    ]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        start = used()
        found = {"rewritten": rewritten, "merged": merged}[sys.argv[1]](Path(sys.argv[2]))
        print(json.dumps({"cpu": used() - start, **found}))
    else:
        print("\n".join(run()))
