"""Files of the gate: a million rows in four forms; ten gigabytes in little memory.

Every file goes the whole way: judged, on record, masked, marked, part by part; only HTTP is left
out. ``usual`` is JSON as one would write it without Arrow. The plain copy is the engine's own
``COPY (SELECT * FROM file) TO file`` of the same Parquet.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
GIGABYTES = float(os.environ.get("BENCH_GIGABYTES", "1"))
BARS = {"arrow_json": 20, "arrow_copy": 0.3, "memory": 500}
COLUMNS = {
    "id": "integer", "id_number": "text", "name": "text", "phone": "text", "sex": "text",
    "born_on": "date", "village": "text", "town": "text", "sum": "decimal", "is_alive": "boolean",
    "c1": "integer", "c2": "integer", "c3": "text", "c4": "text", "c5": "date", "c6": "decimal",
    "c7": "integer", "c8": "text", "c9": "boolean", "c10": "text",
}  # fmt: skip


def run() -> Iterator[str]:
    """Measure each form in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        _asked("fill", home)
        forms = ("copy", "arrow", "parquet", "csv", "json", "usual")
        took = {form: _asked(form, home) for form in forms}
        for form, found in took.items():
            yield (
                f"{ROWS:,} rows x {len(COLUMNS)} columns, {form}: {found['seconds']:.2f} s, "
                f"{found['cpu']:.2f} s CPU, {found['bytes'] / 1e6:,.0f} MB, "
                f"peak {found['peak']:.0f} MB"
            )
        arrow = took["arrow"]["cpu"]
        for name, form in (("the usual JSON", "usual"), ("our own JSON", "json")):
            yield f"Arrow against {name}: {took[form]['cpu'] / arrow:.1f} x by CPU (bar 20 x)"
        yield f"Arrow against the plain copy: {took['copy']['cpu'] / arrow:.2f} x (bar 0.3 x)"
        big = _asked("big", home)
        yield (
            f"{big['bytes'] / 1e9:.1f} GB streamed as CSV: {big['seconds']:.0f} s, "
            f"peak {big['peak']:.0f} MB (bar 500 MB)"
        )


def _asked(what: str, home: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.files", what, home]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(what: str, home: Path) -> dict[str, float]:
    """One task; seconds, CPU, bytes and the peak of memory."""
    from yiwang.lake import Export, Lake, Mask

    lake = Lake(home / "lake")
    if what == "fill":
        return _fill(home)
    for _ in lake.export(Export(selection=_rows(limit=1), format="json")):
        pass  # a gate that is up has read its catalogue
    began, cpu = time.perf_counter(), time.process_time()
    if what == "copy":
        size = _copied(lake, home)
    elif what == "usual":
        size = _usual(home)
    else:
        form = "csv" if what == "big" else what
        masks = {"id_number": Mask("id_number", 3, "\u2062"), "phone": Mask("phone", 3)}
        export = Export(selection=_rows(), format=form, masks=masks, head=b"[", tail=b"]")
        size, least = 0, GIGABYTES * 1e9 if what == "big" else 1
        while size < least:
            for part in lake.export(export):
                size += len(part.content)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "bytes": size,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _rows(**more):
    from datetime import date

    from yiwang.lake import Selection

    return Selection(table="bench.rows", columns=tuple(COLUMNS), day=date(2026, 11, 22), **more)


def _fill(home: Path) -> dict[str, float]:
    from datetime import UTC, datetime

    from yiwang.lake import Lake
    from yiwang.lake.backends.duck import open_engine

    work = home / "lake/tables/bench/rows"
    work.mkdir(parents=True)
    engine = open_engine(folders=[work], scratch=home / "scratch")
    engine.execute(f"""COPY (SELECT n AS id, (321323195603140000 + n)::VARCHAR AS id_number,
        '王秀' || chr(20000 + (n % 5000)::INT) AS name, (13800000000 + n)::VARCHAR AS phone,
        (1 + n % 2)::VARCHAR AS sex, DATE '1950-01-01' + (n % 20000)::INT AS born_on,
        (321323001001 + n % 300)::VARCHAR AS village, '众兴街道' AS town,
        (n / 7)::DECIMAL(18, 6) AS sum, n % 3 = 0 AS is_alive, n % 100 AS c1, n * 7 AS c2,
        md5((n % 1000)::VARCHAR) AS c3, '在册' AS c4, DATE '2020-01-01' + (n % 2000)::INT AS c5,
        (n % 900 / 8)::DECIMAL(18, 6) AS c6, n % 12 AS c7, 'A' || n % 50 AS c8, n % 2 = 0 AS c9,
        '泗阳县众兴街道北京路' || n % 900 || '号' AS c10
        FROM range({ROWS}) t(n)) TO '{work}/rows.parquet' (FORMAT parquet)""")
    lake = Lake(home / "lake")
    lake.write("bench.rows", [], columns=COLUMNS, at=datetime.now(UTC))
    lake._store.tables.replace(
        "bench.rows", columns=COLUMNS, files=[work / "rows.parquet"],
        facts={"yiwang.rows": str(ROWS), "yiwang.at": datetime.now(UTC).isoformat()},
    )  # fmt: skip
    return {}


def _copied(lake, home: Path) -> int:
    from yiwang.lake.backends.duck import open_engine, parquet

    work = home / "copied"
    work.mkdir(exist_ok=True)
    engine = open_engine(folders=[home / "lake", work], scratch=home / "scratch")
    source = parquet([home / "lake/tables/bench/rows/rows.parquet"])
    engine.execute(f"COPY (SELECT * FROM {source}) TO '{work}/rows.parquet' (FORMAT parquet)")
    return (work / "rows.parquet").stat().st_size


def _usual(home: Path) -> int:
    """JSON as one would write it: rows by the driver, masked one by one, the standard encoder."""
    from yiwang.kernel.masking import mask
    from yiwang.lake.backends.duck import open_engine, parquet

    engine = open_engine(folders=[home / "lake"], scratch=home / "scratch")
    source = parquet([home / "lake/tables/bench/rows/rows.parquet"])
    rows, size = engine.execute(f"SELECT * FROM {source}"), 0
    names = list(COLUMNS)
    while found := rows.fetchmany(10_000):
        page = [dict(zip(names, row, strict=True)) for row in found]
        for one in page:
            one["id_number"] = mask(one["id_number"], element="id_number", grade=3)
            one["phone"] = mask(one["phone"], element="phone", grade=3)
        size += len(json.dumps(page, ensure_ascii=False, default=str).encode())
    return size


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
