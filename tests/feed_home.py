"""A data folder with feeds of its own: what departments deliver to it, loaded as jobs."""

import csv
import sqlite3
from contextlib import closing
from datetime import timedelta

import yaml
from cast import NINE
from django.conf import settings
from prepared import library

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import FeedLoad
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import fixed_clock
from yiwang.kernel.identifiers import gbt11643

FEED, POLICE = "base.death", "base.police_resident"
HEADER = ("身份证号", "姓名", "死亡日期", "登记单位")


def person(n):
    first17 = f"32132319400101{n % 1000:03}"
    return first17 + gbt11643.check_digit(first17)


def bind():
    """Sources of this home: a folder of the health office, a database of the police."""
    (settings.HOME / "health").mkdir()
    bound = {
        "health": {"kind": "folder", "path": "health"},
        "police": {"kind": "sqlite", "path": "police.sqlite"},
    }
    (settings.HOME / "sources.yaml").write_text(yaml.safe_dump(bound))
    write_registers()
    jobs.register(kinds=[*catalog.JOBS, *jobs.JOBS])


def write_registers():
    for ref in ("base.divisions",):
        register = library().register(ref)
        catalog.lake().write(
            ref,
            library().entries(ref),
            columns={name: column.type for name, column in register.columns.items()},
            at=NINE - timedelta(days=30),
        )


def deliver(rows, header=HEADER, name="死亡登记_一.csv"):
    for old in (settings.HOME / "health").glob("*.csv"):
        old.unlink()
    with (settings.HOME / "health" / name).open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def rows(count, wrong=0, day="2026-10-01"):
    good = [(person(n), f"王{n}", day, "卫生院") for n in range(count - wrong)]
    return good + [("1234", f"李{n}", day, "卫生院") for n in range(wrong)]


def resident(n, day, **more):
    """A row of the police's table, by the names of the feed's columns."""
    return {
        "id_number": person(n), "name": f"王{n}号", "sex": "1", "ethnic": "01",
        "birth_on": "1940-01-01", "household": f"H{n:08}", "relation": "01",
        "village": "321323001001", "address": "江苏省泗阳县北京路1号", "phone": "13812345678",
        "updated_on": day,
    } | more  # fmt: skip


def keep(rows):
    """What the police's database holds now."""
    names = {name: column.from_ for name, column in library().feed(POLICE).columns.items()}
    with closing(sqlite3.connect(settings.HOME / "police.sqlite")) as db, db:
        db.execute("DROP TABLE IF EXISTS HK_RYXX")
        db.execute(f"CREATE TABLE HK_RYXX ({', '.join(names.values())})")
        for row in rows:
            marks = ", ".join("?" for _ in names)
            db.execute(f"INSERT INTO HK_RYXX VALUES ({marks})", [row[name] for name in names])


def push(rows, *, key, delivery, at=NINE):
    """Push rows of the feed of deaths, by its own column names, and run the load."""
    lines = [",".join(("id_number", "name", "death_on", "registered_by")), *map(",".join, rows)]
    taken = catalog.push_rows(
        FEED, key=key, delivery=delivery, body="\n".join(lines).encode(), is_json=False, at=at
    )
    return run(taken.job, at)


def load(county, at=NINE, ref=FEED, **more):
    """Ask for a load and run it; returns it."""
    number = catalog.ask_for_load(ref, officer=county.gu, at=at, **more)
    return run(number, at)


def run(number, at=NINE):
    worker = jobs.Worker(clock=fixed_clock(at))
    while worker.run_next():
        pass
    assert jobs.job(number).state == "done", jobs.job(number).error
    return FeedLoad.objects.filter(job=number).order_by("-id").first()
