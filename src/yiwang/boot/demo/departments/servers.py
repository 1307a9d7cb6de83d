"""Departments on a server of their own where one answers, else in a file: same rows either way."""

import csv
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlparse

import psycopg
import pymysql

from yiwang.boot.demo.departments.people import Person

POSTGRES = "YIWANG_DEMO_POSTGRES"
MARIADB = "YIWANG_DEMO_MARIADB"
_POSTGRES_DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"
_MARIADB_DEFAULT = "mysql://root@127.0.0.1:3306"
NAME = "yiwang_demo_{}"
"""Database name, with a digest of the data folder, so that two demos do not collide."""

INTAKE = "民政业务库"
"""The database of civil affairs that takes pushes, as its target is named."""


@dataclass(frozen=True)
class Table:
    """A small table to be placed: name, column names, rows of text."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def welfare(persons: Iterable[Person], *, on: date, random: Random) -> dict[str, Table]:
    """Assistance of civil affairs, and certificates of the disabled persons' federation."""
    assistance: list[tuple[str, ...]] = []
    certificates: list[tuple[str, ...]] = []
    for person in persons:
        if random.random() < 0.021:
            since = on - timedelta(days=random.randint(60, 3000))
            kind, amount = random.choice((("01", "680.00"), ("01", "520.50"), ("02", "1120.00")))
            assistance.append((person.id_number, kind, f"{since:%Y-%m-%d}", amount))
        if random.random() < 0.018:
            since = on - timedelta(days=random.randint(60, 3600))
            category, degree = str(random.randint(1, 7)), str(random.randint(1, 4))
            number = f"{person.id_number}{category}{degree}"
            certificates.append((person.id_number, number, category, degree, f"{since:%Y-%m-%d}"))
    return {
        "civil-affairs": Table(
            "assistance", ("id_number", "kind", "since", "monthly_amount"), assistance
        ),
        "disability": Table(
            "certificate", ("id_number", "cert_no", "category", "degree", "issued_on"), certificates
        ),
    }


def place(name: str, table: Table, *, folder: Path) -> dict[str, str]:
    """Put ``table`` on the server meant for ``name`` if it answers, else in a file of ``folder``.

    Returns the binding for ``sources.yaml``. ``off`` in the environment variable means: no server.
    """
    own = NAME.format(hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:8])
    if name == "civil-affairs":
        url = os.environ.get(POSTGRES, _POSTGRES_DEFAULT)
        if url != "off" and (bound := _on_postgres(url, own, table)):
            return {"kind": "postgres", "url": bound}
        return _in_sqlite(folder / "civil.sqlite", table)
    url = os.environ.get(MARIADB, _MARIADB_DEFAULT)
    if url != "off" and _on_mariadb(url, own, table):
        return {"kind": "mariadb", "url": f"{url}/{own}"}
    return _in_csv(folder / "disability", table)


def targets(sources: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What ``targets.yaml`` binds: civil affairs' own database where it lies on a server."""
    own = sources["civil-affairs"]
    return {INTAKE: {"organ": "civil-affairs", **own}} if own["kind"] == "postgres" else {}


def _on_postgres(url: str, database: str, table: Table) -> str:
    """Write the table into a database of its own; returns its URL, "" where no server answers."""
    try:
        server = psycopg.connect(url, connect_timeout=2, autocommit=True)
    except psycopg.OperationalError:
        return ""
    with server:
        server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {database}".encode())
    own = urlparse(url)._replace(path=f"/{database}").geturl()
    columns = ", ".join(f"{column} text" for column in table.columns)
    with psycopg.connect(own) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table.name} ({columns})".encode())
        with cursor.copy(f"COPY {table.name} FROM STDIN".encode()) as copy:
            for row in table.rows:
                copy.write_row(row)
    return own


def _on_mariadb(url: str, database: str, table: Table) -> bool:
    at = urlparse(url)
    try:
        connection = pymysql.connect(
            host=at.hostname or "127.0.0.1",
            port=at.port or 3306,
            user=at.username or "root",
            password=at.password or "",
            charset="utf8mb4",
            connect_timeout=2,
        )
    except pymysql.err.OperationalError:
        return False
    columns = ", ".join(f"{column} varchar(64)" for column in table.columns)
    marks = ", ".join(["%s"] * len(table.columns))
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {database}")
        cursor.execute(f"CREATE OR REPLACE TABLE {table.name} ({columns})")
        cursor.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.rows)
        connection.commit()
    return True


def _in_sqlite(path: Path, table: Table) -> dict[str, str]:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE {table.name} ({', '.join(table.columns)})")
        marks = ",".join("?" * len(table.columns))
        database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.rows)
    database.close()
    return {"kind": "sqlite", "path": f"departments/{path.name}"}


def _in_csv(folder: Path, table: Table) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows(table.rows)
    return {"kind": "folder", "path": f"departments/{folder.name}"}
