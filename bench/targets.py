"""All 39 targets of a county of a million people, taken at once; each opened to its rows."""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
FEW = 2_000
SIZES = {
    "base.resident": 1_000_000,
    "targets.issued_codes": 1_100_000,
    "platform.calls": 1_000_000,
    "platform.steps": 1_500_000,
    "platform.cases": 500_000,
    "platform.applications": 300_000,
    "platform.candidates": 300_000,
    "platform.license_uses": 300_000,
    "platform.ratings": 200_000,
    "base.legal_person": 100_000,
    "platform.accounts": 10_000,
}
"""Rows of a county of a million; every other table has ``FEW``."""
REPOSITORY = Path(__file__).parents[1]


def run() -> Iterator[str]:
    """Take every indicator that serves a target, then open each part of each to fifty rows."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-targets-") as home:
        os.environ.update(DJANGO_SETTINGS_MODULE="yiwang.boot.settings")
        from yiwang.boot.starting import start_django

        start_django(home=Path(home), place="siyang")
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from yiwang.apps.boards import public as boards
        from yiwang.apps.boards.actions.indicators import tables_read, take_snapshot
        from yiwang.lake import Lake
        from yiwang.packkit import Library

        library, lake = Library.read(REPOSITORY / "packs", "siyang"), Lake(Path(home) / "lake")
        wanted = {
            ref: one
            for ref, one in library.indicators().items()
            if any(row.startswith("T-") for row in one.serves)
        }
        targets = {row for one in wanted.values() for row in one.serves if row.startswith("T-")}
        tables = sorted({table for one in wanted.values() for table in tables_read(one)})
        for table in tables:
            _fill(lake, library, table)
        began, used = time.perf_counter(), time.process_time()
        taken = [
            take_snapshot(ref, one, lake=lake, at=NINE, library=library)
            for ref, one in wanted.items()
        ]
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        yield (
            f"{len(targets)} targets ({len(wanted)} readings, {len(tables)} tables,"
            f" {SIZES['base.resident']:,} residents): {wall:.1f} s (CPU {cpu:.1f} s; bar 60 s);"
            f" {sum(not one.unknown for one in taken)} with a value"
        )
        slowest, slow_cpu, which = 0.0, 0.0, ""
        for ref in wanted:
            view = boards.indicator(ref)
            for part in ("numerator", "denominator"):
                began, used = time.perf_counter(), time.process_time()
                boards.drill(view, part, lake=lake, library=library)
                seconds = time.perf_counter() - began
                if seconds > slowest:
                    slowest, which = seconds, f"{ref}, {part}"
                    slow_cpu = time.process_time() - used
        yield (
            f"slowest of all opened to its rows: {slowest:.2f} s"
            f" (CPU {slow_cpu:.2f} s; bar 1 s): {which}"
        )
        lake.close()


def _fill(lake, library, table: str) -> None:  # type: ignore[no-untyped-def]
    """The table with made-up rows, committed as one file."""
    columns = _columns(library, table)
    organs = list(library.organs())
    chosen = ", ".join(
        f'{_value(name, kind, organs)} AS "{name}"' for name, kind in columns.items()
    )
    with lake._store.run() as work:
        target = work.folder / "rows.parquet"
        with duckdb.connect() as connection:
            connection.execute("SET threads = 2")
            connection.execute(
                f"COPY (SELECT {chosen} FROM range({SIZES.get(table, FEW)}) AS r(i))"
                f" TO '{target}' (FORMAT parquet)"
            )
        facts = {"yiwang.at": NINE.isoformat(), "yiwang.inputs": "{}"}
        facts["yiwang.rows"] = str(SIZES.get(table, FEW))
        lake._store.commit(work, table, columns=columns, files=[target], facts=facts)


def _columns(library, table: str) -> dict[str, str]:  # type: ignore[no-untyped-def]
    from yiwang.packkit.platform import PLATFORM

    if table in PLATFORM:
        return {name: kind for name, (kind, _grade) in PLATFORM[table].items()}
    held = library.register(table) if table in library.registers() else library.table(table)
    return {name: one.type for name, one in held.columns.items()}


def _value(name: str, kind: str, organs: list[str]) -> str:
    """An expression over the row's number that looks like what the column holds."""
    listed = "[" + ", ".join(f"'{one}'" for one in organs) + "]"
    match kind:
        case "boolean":
            return "i % 10 <> 0"
        case "integer":
            return "CAST(i % 97 AS BIGINT)"
        case "decimal":
            return "CAST(i % 997 AS DECIMAL(18, 2))"
        case "date":
            return "DATE '2026-10-30' - CAST(i % 900 AS INTEGER)"
        case "instant":
            return "TIMESTAMPTZ '2026-10-30 09:00:00+08' - to_hours(CAST(i % 9000 AS INTEGER))"
    if name in ("organ", "provider", "owner"):
        return f"{listed}[1 + i % {len(organs)}]"
    if name == "list":
        return "['system', 'data', 'sharing', 'open'][1 + i % 4]"
    if name in ("state", "outcome"):
        return "['ended', 'answered', 'published', 'granted', 'waiting'][1 + i % 5]"
    if name in ("share", "open", "status", "hosting", "network", "nature"):
        return "CAST(1 + i % 3 AS VARCHAR)"
    if name == "kind":
        return "['person', 'firm', 'ipv4', 'ipv6', 'table'][1 + i % 5]"
    return f"'{name}' || CAST(i AS VARCHAR)"
