"""One person's file over 12 tables while a collection publishes: what the bar asks.

Twelve tables about persons with serving copies are made in a home folder of its own, the file is
read through ``subjects.person_file`` (access, masking, journal entry on disk) while another
process publishes and serves again. The default size is a tenth of the bar's 10 million rows:
``YIWANG_LONG=1`` measures the whole. ``python -m bench.person_files build HOME`` makes a home once,
``… measure HOME`` measures on it as often as wished.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

LONG = os.environ.get("YIWANG_LONG") == "1"
ROWS = 10_000_000 if LONG else 1_000_000
TABLES = 12
LOOKS = 400
NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def _setup(home: str) -> None:
    os.environ.update(YIWANG_HOME=home, DJANGO_SETTINGS_MODULE="yiwang.boot.settings")
    import django

    django.setup()


def _numbers(count: int) -> list[str]:
    from yiwang.kernel.identifiers import gbt11643

    chosen = random.Random(7)
    found = set()
    while len(found) < count:
        digits = f"321323{chosen.randint(1940, 2010)}{chosen.randint(1, 12):02}" + (
            f"{chosen.randint(1, 28):02}{chosen.randint(0, 999):03}"
        )
        found.add(digits + gbt11643.check_digit(digits))
    return sorted(found)


def _names() -> list[str]:
    from yiwang.apps.catalog import public as catalog

    return [table.ref for table in catalog.tables_about("person")][:TABLES]


def _about(ref: str):  # type: ignore[no-untyped-def]
    from yiwang.apps.catalog import public as catalog

    return next(one for one in catalog.tables_about("person") if one.ref == ref)


def _fill(ref: str, *, where: str = "TRUE") -> None:
    """A row per person of ``bench.persons``, published and served."""
    from yiwang.apps.catalog import public as catalog
    from yiwang.lake import ContractColumn, TableContract

    table = _about(ref)
    chosen = ", ".join(
        f"number AS {one.name}" if one.name == table.subject_column
        else f"CAST({'place % 9' if one.type == 'text' else 'NULL'} AS VARCHAR) AS {one.name}"
        for one in table.columns
    )  # fmt: skip
    contract = TableContract(
        name=ref,
        key=(table.subject_column,),
        columns=tuple(ContractColumn(name=one.name, type=one.type) for one in table.columns),
    )
    sql = f"SELECT {chosen} FROM bench.persons WHERE {where}"
    catalog.lake().publish(ref, sql, contract=contract, at=NINE)
    catalog.lake().serve(ref, lookup=[table.subject_column])


def _publish(home: str) -> None:
    """Publish and serve one of the tables again and again until killed."""
    _setup(home)
    while True:
        _fill(_names()[-1], where="place < 20000")


def _build(home: str) -> None:
    """The catalogue of the county and twelve filled tables."""
    _setup(home)
    from django.core.management import call_command

    from yiwang.apps.catalog import public as catalog
    from yiwang.boot.installing import install_all
    from yiwang.packkit import Library

    call_command("migrate", verbosity=0)
    install_all(Library.read(Path("packs"), "siyang"), at=NINE)
    persons = ({"place": n, "number": one} for n, one in enumerate(_numbers(ROWS // TABLES)))
    columns = {"place": "integer", "number": "text"}
    catalog.lake().write("bench.persons", persons, columns=columns, at=NINE)
    for ref in _names():
        _fill(ref)


def _measure(home: str) -> list[str]:
    """Look at files of persons for as long as another process publishes."""
    _setup(home)
    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.identity import public as identity
    from yiwang.apps.subjects import public as subjects

    officer = identity.Officer(
        username="bench", name="bench", organ="civil-affairs",
        roles=("elder_allowance.civil_officer",), rights=frozenset({"subjects.see"}),
    )  # fmt: skip
    given = {"actor": officer, "purpose": "高龄津贴核实", "case": "外部-1", "at": NINE}
    lake, names = catalog.lake(), _names()
    wanted = [(ref, _about(ref).subject_column, _columns(ref)) for ref in names]
    rows = lake.rows(f"SELECT number FROM bench.persons WHERE place < 20000 LIMIT {LOOKS}")
    people = [row["number"] for row in rows]
    subjects.person_file(id_number=people[0], **given)
    other = subprocess.Popen([sys.executable, "-m", "bench.person_files", "publish", home])
    try:
        time.sleep(4)
        whole, cpu = _timed(lambda who: subjects.person_file(id_number=who, **given), people)
        store, _ = _timed(
            lambda who: [
                lake.lookup(ref, where={by: who}, columns=columns) for ref, by, columns in wanted
            ],
            people,
        )
    finally:
        other.kill()
        other.wait()
    return [
        f"file over {len(names)} tables, {ROWS:,} rows, publishing beside: {_told(whole)} "
        f"(bar p95 20); CPU {cpu:.1f} ms each",
        f"of it the twelve lookups: {_told(store)} (bar p50 0.3)",
        f"of it the durable journal entry, on this disk: {_told(_synced(Path(home)))}",
    ]


def _columns(ref: str) -> list[str]:
    return [one.name for one in _about(ref).columns]


def _timed(look, people: list[str]) -> tuple[list[float], float]:  # type: ignore[no-untyped-def]
    """Milliseconds of each look, sorted, and the CPU milliseconds of one."""
    took, cpu = [], time.process_time()
    for who in people:
        began = time.perf_counter()
        look(who)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took), (time.process_time() - cpu) / len(people) * 1000


def _synced(folder: Path) -> list[float]:
    """How long this disk takes to keep a line: what no implementation can go below."""
    took = []
    with (folder / "synced").open("ab", buffering=0) as file:
        for _ in range(100):
            began = time.perf_counter()
            file.write(b"x" * 300)
            os.fdatasync(file)
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def _told(took: list[float]) -> str:
    at = [took[int(len(took) * share)] for share in (0.5, 0.95, 0.99)]
    return "p50 {:.2f} ms, p95 {:.2f} ms, p99 {:.2f} ms".format(*at)


def run() -> list[str]:
    """Measure in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as home:
        _build(home)
        return _measure(home)


if __name__ == "__main__":
    act = {"build": _build, "measure": _measure, "publish": _publish}[sys.argv[1]]
    print("\n".join(act(sys.argv[2]) or []))
