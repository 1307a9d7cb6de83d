"""Where the processes that a test starts remember: a file in their home, or a database of its own.

With `YIWANG_TEST_STORE=postgres` every home has a database on the server, named after it, made
when it is first asked for and dropped when the session ends.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

SERVER = os.environ.get("YIWANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
ON_POSTGRESQL = os.environ.get("YIWANG_TEST_STORE") == "postgres"
_made: set[str] = set()


def store_of(home: Path) -> dict[str, str]:
    """What the environment of a process says, so that it remembers in the store of ``home``."""
    if not ON_POSTGRESQL:
        return {}
    name = f"yiwang_test_{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    if name not in _made:
        _serve(f"CREATE DATABASE {name}")
        _made.add(name)
    return {"YIWANG_DATABASE": urlsplit(SERVER)._replace(path=f"/{name}").geturl()}


def opened(home: Path) -> Any:
    """A connection to the store of ``home`` that sees what is committed; to be closed."""
    if ON_POSTGRESQL:
        return psycopg.connect(store_of(home)["YIWANG_DATABASE"], autocommit=True)
    return sqlite3.connect(home / "yiwang.sqlite")


@contextmanager
def looked_into(home: Path) -> Iterator[Any]:
    """The store of ``home``, to read."""
    with closing(opened(home)) as store:
        yield store


def drop_all() -> None:
    """Drop the databases that this process made."""
    while _made:
        _serve(f"DROP DATABASE IF EXISTS {_made.pop()} WITH (FORCE)")


def _serve(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(statement.encode())
