"""Collection with a feed's rules against the same engine's plain CSV→Parquet, in one run.

Each side runs in a process of its own over the same file of 1 million residents (with
``YIWANG_LONG=1`` 5 million). CPU is what the process used from opening the file to the last byte
(imports on both sides apart); memory is its peak. Bars: CPU ≤ 2.5 ×, memory ≤ 1.2 GB, every wrong
row kept with its reasons.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from yiwang.lake import Check, FeedColumn, FeedPlan, Lake, Reference, Shape, Source

LONG = os.environ.get("YIWANG_LONG") == "1"
ROWS = 5_000_000 if LONG else 1_000_000
ROUNDS = 2 if LONG else 3
NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
VILLAGES = [f"321323{town:03}{village}" for town in range(100, 120) for village in range(200, 220)]
HEADER = "GMSFHM,XM,XB,MZ,CSRQ,HH,YHZGX,XZQH,ZZ,LXDH,GXSJ"

PLAN = FeedPlan(
    name="base.police_resident",
    shape=Shape(file="residents.csv"),
    key=("id_number",),
    columns=(
        FeedColumn(name="id_number", sources=("GMSFHM",), required=True),
        FeedColumn(name="name", sources=("XM",), required=True),
        FeedColumn(name="sex", sources=("XB",)),
        FeedColumn(name="ethnic", sources=("MZ",)),
        FeedColumn(name="birth_on", sources=("CSRQ",), type="date", required=True),
        FeedColumn(name="household", sources=("HH",), required=True),
        FeedColumn(name="relation", sources=("YHZGX",)),
        FeedColumn(name="village", sources=("XZQH",), required=True),
        FeedColumn(name="address", sources=("ZZ",)),
        FeedColumn(name="phone", sources=("LXDH",)),
        FeedColumn(name="updated_on", sources=("GXSJ",), type="date"),
    ),
    checks=(
        Check(id="id_number_valid", check="is_id_number(upper(id_number))"),
        Check(id="id_number_once", unique=("id_number",)),
        Check(id="name_present", check="length(trim(name)) >= 2", unknown="fail"),
        Check(id="village_known", reference=Reference.parse("village in base.divisions.code")),
        Check(id="age_possible", check="age_on_birthday(birth_on, as_of) between 0 and 130"),
        Check(
            id="birth_matches_id",
            check="birth_on = birth_of_id(upper(id_number))",
            otherwise="flag",
        ),
        Check(id="sex_known", check="is_code(sex, 'base.sex')", otherwise="flag"),
        Check(id="ethnic_known", check="is_code(ethnic, 'base.ethnic')", otherwise="flag"),
        Check(id="id_number_canonical", check="id_number = upper(id_number)", otherwise="flag"),
        Check(id="phone_valid", check="is_phone(phone)", otherwise="flag"),
        Check(
            id="recently_updated", check="updated_on >= add_months(as_of, -60)", otherwise="flag"
        ),
        Check(id="household_form", check="length(household) = 9"),
    ),
    codes={
        "base.sex": frozenset("129"),
        "base.ethnic": frozenset(f"{n:02}" for n in range(1, 57)),
    },
)


def write_residents(file: Path, rows: int) -> dict[str, int]:
    """Write seeded residents, every hundredth wrong in one way; return the wrong ones by rule."""
    chance = random.Random(20261102)
    wrong = dict.fromkeys(
        ("id_number_valid", "id_number_once", "name_present", "village_known", "birth_on.type"), 0
    )
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        identity = ""
        for n in range(rows):
            flaw = tuple(wrong)[n // 100 % len(wrong)] if n % 100 == 99 else ""
            born = (
                f"{chance.randint(1930, 2024)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
            )
            if flaw != "id_number_once":
                identity = _identity(f"{321000 + n // 1000}{born}{n % 1000:03}")
            if flaw == "id_number_valid":
                identity = identity[:-1] + ("1" if identity[-1] != "1" else "2")
            if flaw:
                wrong[flaw] += 1
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
            village = "999999999999" if flaw == "village_known" else chance.choice(VILLAGES)
            day = "90/3/4" if flaw == "birth_on.type" else born
            out.write(
                f"{identity},{'' if flaw == 'name_present' else name},{1 + n % 2},01,"
                f"{day},H{n // 3:08},{n % 9:02},{village},"
                f"泗阳县众兴镇北京路{n % 999}号,138{n % 10**8:08},2025-03-{1 + n % 28:02}\n"
            )
    return wrong


def _identity(seventeen: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True))
    return seventeen + "10X98765432"[total % 11]


def plain(folder: Path) -> dict[str, Any]:
    """The engine alone, with the types that it guesses: no checks, one Parquet file."""
    return _copied(folder, f"read_csv('{folder / 'residents.csv'}')")


def typed(folder: Path) -> dict[str, Any]:
    """The engine alone, with the columns as the feed wants them (identifiers stay text)."""
    columns = dict.fromkeys(HEADER.split(","), "VARCHAR") | {"GXSJ": "DATE"}
    return _copied(folder, f"read_csv('{folder / 'residents.csv'}', columns = {columns})")


def _copied(folder: Path, relation: str) -> dict[str, Any]:
    engine = duckdb.connect(":memory:", config={"threads": 2})
    engine.execute(
        f"COPY (SELECT * FROM {relation}) "
        f"TO '{folder / 'plain.parquet'}' (FORMAT parquet, COMPRESSION snappy)"
    )
    return {}


def collected(folder: Path) -> dict[str, Any]:
    """The lake: rules, quarantine, snapshot."""
    lake = Lake(folder / "lake")
    done = lake.collect(
        PLAN, Source(kind="folder", path=folder), at=NINE, run=f"bench-{time.time_ns()}"
    )
    return {
        "read": done.read,
        "accepted": done.accepted,
        "rejected": done.rejected,
        "by_rule": dict(done.by_rule),
        "seconds": done.seconds,
    }


def _measured(side: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.collect", side, str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run() -> list[str]:
    """Measure both sides in turn and print their ratio."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as name:
        folder = Path(name)
        wrong = write_residents(folder / "residents.csv", ROWS)
        villages = Lake(folder / "lake")
        villages.write(
            "base.divisions", [{"code": c} for c in VILLAGES], columns={"code": "text"}, at=NINE
        )
        sides: dict[str, list[dict[str, Any]]] = {"plain": [], "typed": [], "collected": []}
        for _ in range(ROUNDS):
            for side, runs in sides.items():
                runs.append(_measured(side, folder))
        kept = sum(bool(row.rules) for row in villages.rejected(PLAN.name, limit=ROWS))
        return _report(sides, wrong, kept)


def _report(sides: dict[str, list[dict[str, Any]]], wrong: dict[str, int], kept: int) -> list[str]:
    best = {side: min(runs, key=lambda one: one["cpu"]) for side, runs in sides.items()}
    ours = best["collected"]
    found = {rule: ours["by_rule"].get(rule, 0) for rule in wrong}
    lines = [
        f"collection: CPU {ours['cpu']:.2f} s = {ours['cpu'] / best[side]['cpu']:.2f} × "
        f"{best[side]['cpu']:.2f} s of plain CSV→Parquet {what} (bar 2.5)"
        for side, what in (("plain", "with guessed types"), ("typed", "with the same types"))
    ]
    return [
        *lines,
        f"collection: whole process {ours['process'] / best['plain']['process']:.2f} × "
        "(both with our imports)",
        f"collection: peak memory {ours['memory']:.0f} MB (bar 1200), "
        f"plain {best['plain']['memory']:.0f} MB",
        f"collection: {ours['read']} read = {ours['accepted']} accepted + {ours['rejected']} "
        f"rejected; wrong rows made and found agree: {found == wrong}; "
        f"kept with reasons: {kept}",
    ]


def used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime + children.ru_utime + children.ru_stime


def _side(side: str, folder: Path) -> None:
    before = used()
    found = {"plain": plain, "typed": typed, "collected": collected}[side](folder)
    cpu = used() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "cpu": cpu, "process": used(), "memory": memory}))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _side(sys.argv[1], Path(sys.argv[2]))
    else:
        print("\n".join(run()))
