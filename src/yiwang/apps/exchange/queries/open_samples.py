"""合成样例: rows of the shape of an open dataset, made from its list of columns alone.

No row of the table is read, so nothing of it can be in them: whoever waits for a key to a
conditional dataset writes and tries a program with these.
"""

from datetime import date, timedelta
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.queries.releases import OpenColumnView, ReleaseView

MARK = ("synthetic", "合成样例")
"""The column that every made-up row has beside the dataset's own, and what stands in it."""
_MOST_CODES = 50


def sample_rows(release: ReleaseView, *, count: int = 20) -> list[dict[str, Any]]:
    """Made-up rows, always the same for the same columns."""
    codes = {one.codes: _codes(one.codes) for one in release.columns if one.codes}
    return [
        {
            **{
                one.name: _coarse(_raw(one, codes.get(one.codes, []), n), one)
                for one in release.columns
            },
            MARK[0]: MARK[1],
        }
        for n in range(count)
    ]


def _codes(table: str) -> list[str]:
    entries = catalog.entries(table)[:_MOST_CODES]
    return [str(one["code"]) for one in entries if one.get("code")]


def _raw(column: OpenColumnView, codes: list[str], n: int) -> Any:
    """A value of the column's type, before it is made coarse."""
    if codes:
        return codes[n * 7 % len(codes)]
    match column.type:
        case "date" | "instant":
            return date(1950, 1, 1) + timedelta(days=397 * n)
        case "integer":
            return 11 + 13 * n
        case "decimal":
            return 11.5 + 13 * n
        case "boolean":
            return n % 2 == 0
    return f"样例{n + 1}"


def _coarse(value: Any, column: OpenColumnView) -> Any:
    """As the column is opened: the steps of `yiwang.lake.openness` on one value."""
    step, _, number = column.coarse.partition(":")
    size = int(number or 0)
    match step:
        case "month":
            return f"{value:%Y-%m}"
        case "year":
            return value.year
        case "years":
            return _banded(value.year, size)
        case "band":
            return _banded(value, size)
        case "digits":
            return str(value)[:size].ljust(len(str(value)), "0")
        case "prefix":
            return str(value)[:size]
    return value.isoformat() if isinstance(value, date) else value


def _banded(value: float, size: int) -> str:
    low = int(value // size * size)
    return f"{low}-{low + size - 1}"
