"""Serving copies: which tables are looked up, by which columns, and when their copies are renewed.

The gate and the files both look rows up; each says by what, and one copy per table serves both.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from yiwang.apps.catalog.models import Dataset, ServedColumn
from yiwang.lake import Lake
from yiwang.lake.serving import NotServed
from yiwang.lake.store import TableUnknown


def lake() -> Lake:
    """The lake of this home: one per process, shared by the apps above."""
    return _opened(Path(settings.HOME) / "lake")


@cache
def _opened(root: Path) -> Lake:
    return Lake(root)


def wish_lookup(table: str, columns: Sequence[str]) -> None:
    """Have the serving copy of ``table`` indexed by ``columns``, and renew it if there is one."""
    new = [
        ServedColumn.objects.get_or_create(table=table, column=column)[1]
        for column in (columns or [""])
    ]
    if any(new):
        refresh(tables=[table])


def refresh(*, tables: Sequence[str] = (), lake: Lake | None = None) -> list[str]:
    """Renew the serving copies of ``tables`` (all wished when empty); returns those renewed.

    A copy that is current stays; a table that was never published is left out until it is.
    """
    wishes: dict[str, list[str]] = {}
    for table, column in ServedColumn.objects.order_by("pk").values_list("table", "column"):
        wishes.setdefault(table, []).extend([column] if column else [])
    source = lake or _lake()
    renewed = []
    for table, columns in wishes.items():
        if tables and table not in tables:
            continue
        try:
            if not _is_current(source, table, columns):
                source.serve(table, lookup=columns)
                renewed.append(table)
        except TableUnknown:
            continue
    return renewed


_lake = lake


def _is_current(source: Lake, table: str, columns: Sequence[str]) -> bool:
    """Whether the copy in force is of the latest snapshot and has every index."""
    latest = source.snapshots(table)[-1].id
    try:
        served = source.served(table)
    except NotServed:
        return False
    return served.snapshot == latest and set(columns) <= set(served.lookup)


def page(table: str, *, columns: Sequence[str], limit: int, offset: int) -> list[dict[str, Any]]:
    """Rows of a published table in the order of its key, for those who may read all of it."""
    row = Dataset.objects.get(ref=table)
    chosen = ", ".join(f'"{name}"' for name in columns)
    order = ", ".join(f'"{name}"' for name in row.key)
    pack, _, name = table.partition(".")
    sql = f'SELECT {chosen} FROM "{pack}"."{name}" ORDER BY {order} LIMIT {limit} OFFSET {offset}'  # noqa: S608 - names come from the catalogue, the numbers are whole
    return lake().rows(sql)
