"""The command `yiwang demo` as a user runs it: a process of its own in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import stores
import yaml

NO_SERVERS = {
    "YIWANG_DEMO_POSTGRES": "off",
    "YIWANG_DEMO_MARIADB": "off",
    "YIWANG_DEMO_MQTT": "off",
}


def yiwang(*words: str) -> list[str]:
    """The command line of `yiwang`."""
    return [sys.executable, "-m", "yiwang.boot.cli", *words]


def once(home: Path, *, people: int = 1200, place: str = "siyang") -> list[str]:
    """The command line of a demo that ends after its last stage."""
    about = ("--data", str(home), "--people", str(people), "--place", place)
    return yiwang("demo", "--once", *about)


def surroundings(**changes: str) -> dict[str, str]:
    """The environment of a user's shell: none of the test's own settings."""
    ours = {"DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and (name.startswith("YIWANG_DEMO") or not name.startswith("YIWANG_"))
    }
    return {**kept, **changes}


def run(
    home: Path,
    *,
    people: int = 1200,
    place: str = "siyang",
    prefix: tuple[str, ...] = (),
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """Run a demo to its end."""
    return subprocess.run(
        [*prefix, *once(home, people=people, place=place)],
        env=surroundings(**{**stores.store_of(home), **changes}),
        capture_output=True,
        text=True,
        timeout=420,
    )


def begin(home: Path) -> subprocess.Popen[str]:
    """Begin a demo in a process group of its own, its lines to be read as they come."""
    return subprocess.Popen(
        once(home),
        env=surroundings(**stores.store_of(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def stages(home: Path) -> dict[str, dict[str, Any]]:
    """What the finished stages told."""
    note: dict[str, dict[str, dict[str, Any]]] = json.loads((home / "demo.json").read_text())
    return note.get("stages", {})


def unbalanced(home: Path) -> Iterator[str]:
    """The balances of a finished demo that do not hold."""
    for stage in stages(home).values():
        for balance in stage["balances"]:
            if balance["left"] != balance["right"]:
                yield f"{balance['what']}: {balance['left']} ≠ {balance['right']}"


def counted(home: Path, sql: str) -> int:
    """A number from the operational database of a demo."""
    with stores.looked_into(home) as store:
        [[number]] = store.execute(sql).fetchall()
    return int(number)


def forget(home: Path) -> None:
    """Drop the databases that the demo made on servers of this machine."""
    bound = yaml.safe_load((home / "sources.yaml").read_text("utf-8"))
    for source in bound.values():
        url = urlsplit(source.get("url", ""))
        name = url.path.lstrip("/")
        assert not url.path or name.startswith("yiwang_demo_")
        if source["kind"] == "postgres":
            server = url._replace(path="/postgres").geturl()
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        if source["kind"] == "mariadb":
            with (
                pymysql.connect(
                    host=url.hostname,
                    port=url.port or 3306,
                    user=url.username or "root",
                    password=url.password or "",
                ) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")
