"""Bars of the subsidies: 25 policies on a million persons with evidence, and on one person."""

import resource
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

PERSONS = 1_000_000
DAY = date(2026, 11, 22)
TABLE = "benefits.person"
REPOSITORY = Path(__file__).parents[1]


def run() -> list[str]:
    """Measure, and say what was measured."""
    sys.path.insert(0, str(REPOSITORY / "tests"))
    with tempfile.TemporaryDirectory() as folder:
        from yiwang.boot.starting import start_django

        start_django(home=Path(folder) / "home", place="siyang")
        return [*_population(Path(folder)), *_counter(Path(folder))]


def _lake(folder: Path):  # type: ignore[no-untyped-def]
    from generated_people import people_sql

    from yiwang.lake import Lake

    lake = Lake(folder / "lake")
    file = folder / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute(f"COPY ({people_sql(PERSONS)}) TO '{file}' (FORMAT parquet)")
        described = connection.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
    kinds = {"VARCHAR": "text", "BIGINT": "integer", "DATE": "date", "BOOLEAN": "boolean"}
    columns = {name: kinds.get(kind, "decimal") for name, kind, *_ in described}
    with lake._store.run() as work:
        target = work.folder / "rows.parquet"
        file.rename(target)
        facts = {"yiwang.at": "2026-11-22T00:00:00+08:00", "yiwang.rows": str(PERSONS)}
        facts["yiwang.inputs"] = "{}"
        lake._store.commit(work, TABLE, columns=columns, files=[target], facts=facts)
    return lake


def _parts():  # type: ignore[no-untyped-def]
    import msgspec

    from yiwang.apps.services.evidence import judged_parts
    from yiwang.apps.services.frozen import FrozenPolicy
    from yiwang.packkit import Library

    library = Library.read(REPOSITORY / "packs", "siyang")
    refs = [r for r in library.policies() if r.split(".")[0] in ("benefits", "elder_allowance")]
    frozen = [FrozenPolicy.of(ref, library) for ref in sorted(refs)]
    columns = {name: kind for one in frozen for name, kind in one.columns.items()}
    same = [
        msgspec.structs.replace(
            one, columns=columns, rules=msgspec.structs.replace(one.rules, table=TABLE)
        )
        for one in frozen
    ]
    return judged_parts(same)


def _population(folder: Path) -> list[str]:
    from yiwang.apps.services.evidence import counts, judge_all
    from yiwang.kernel.clock import system_clock

    lake, parts = _lake(folder), _parts()
    walls, cpus = [], []
    for _ in range(3):
        began, used = time.perf_counter(), time.process_time()
        made = judge_all(parts, lake, as_of=DAY, at=system_clock())
        found = counts(parts, lake, made)
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - used)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(one.stat().st_size for one in (folder / "lake/tables/judged").rglob("*.parquet")) / 3
    yes = sum(one["yes"] for one in found.values())
    unknown = sum(one["unknown"] for one in found.values())
    lake.close()
    return [
        f"{len(parts)} subsidies x {PERSONS:,} persons, evidence committed and counted: best"
        f" {min(walls):.2f} s wall, {min(cpus):.2f} s CPU, peak {peak:,.0f} MB (bars: 10 s, 2 GB)",
        f"evidence {size / 1e6:,.0f} MB; verdicts yes {yes:,}, unknown {unknown:,} of"
        f" {len(parts) * PERSONS:,}",
    ]


def _counter(folder: Path) -> list[str]:
    from yiwang.lake import Lake

    lake, parts = Lake(folder / "lake"), _parts()
    lake.serve(TABLE, lookup=["id_number"])
    found = lake.rows(f"SELECT id_number FROM {TABLE} LIMIT 2000")
    columns = list(parts[0].frozen.columns)
    taken = []
    for one in found:
        began = time.perf_counter()
        (row,) = lake.lookup(TABLE, where=one, columns=columns, limit=1)
        for part in parts:
            for reason in part.rules.judge(row, as_of=DAY).reasons:
                _ = reason.sentence
        taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken, n=20)
    lake.close()
    return [
        f"one person looked up, {len(parts)} subsidies with every reason as a sentence: p50"
        f" {statistics.median(taken):.2f} ms, p95 {cuts[18]:.2f} ms (bar: 5 ms)"
    ]
