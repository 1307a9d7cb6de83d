"""DuckDB: opened in memory, fenced in, and translated errors. It never holds data between calls."""

from __future__ import annotations

import errno
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy.exc import OperationalError

from yiwang.kernel.errors import Invalid, Unavailable
from yiwang.lake.plans import ContractColumn, Type

Connection = duckdb.DuckDBPyConnection

SQL_TYPES: Mapping[Type, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
    "json": "VARCHAR",
}

MEMORY = "800MB"
COLLECTING = 1
"""Threads of a collection: two keep rows in order at the price of a third more CPU."""

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


class StorageFull(Unavailable):
    """A file could not be written; nothing was committed and earlier snapshots stand."""

    code = "lake.storage_full"


class QueryRefused(Invalid):
    """The engine could not run the query."""

    code = "lake.query_refused"


def open_engine(
    *,
    folders: Sequence[Path],
    scratch: Path,
    extension: str = "",
    attach: str = "",
    threads: int = 2,
) -> Connection:
    """A DuckDB in memory that may touch ``folders`` only.

    ``extension`` (``sqlite_scanner``, ``postgres_scanner``) comes from its wheel, never from the
    network; ``attach`` is the one source that it opens. Then the fence closes, for good.
    """
    engine = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": MEMORY,
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    engine.execute("SET GLOBAL TimeZone = 'UTC'")  # its cursors too
    if extension:
        engine.execute(f"LOAD {literal(str(_extension_path(extension)))}")
    if extension == "sqlite_scanner":
        engine.execute("SET sqlite_all_varchar = true")
    if attach:
        engine.execute(f"ATTACH {attach}")
    allowed = ", ".join(literal(f"{folder}/") for folder in (*folders, scratch))
    engine.execute(f"SET allowed_directories = [{allowed}]")
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")
    return engine


def _extension_path(extension: str) -> Path:
    spec = importlib.util.find_spec(f"duckdb_extension_{extension}")
    if spec is None or spec.origin is None:
        raise Unavailable(
            f"缺少 DuckDB 扩展 {extension}。", hint="请运行 make setup 重新安装依赖。"
        )
    return (
        Path(spec.origin).parent
        / "extensions"
        / f"v{duckdb.__version__}"
        / f"{extension}.duckdb_extension"
    )


@contextmanager
def engine_errors() -> Iterator[None]:
    """Say in our words what an engine, its files or its catalogue refused."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _storage_full() from error
        raise
    except OperationalError as error:
        if "full" in str(error) or "disk I/O" in str(error):
            raise _storage_full() from error
        raise
    except (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException) as error:
        text = str(error)
        if "space" in text or "write" in text.lower() or "too large" in text:
            raise _storage_full() from error
        raise Unavailable(
            "数据引擎读取失败。", hint="请检查来源文件或服务是否可用，然后重试。", engine=text[:300]
        ) from error
    except duckdb.Error as error:
        raise QueryRefused(
            "查询无法执行。", hint="请检查列名、类型与写法。", engine=str(error)[:300]
        ) from error


def _storage_full() -> StorageFull:
    return StorageFull(
        "磁盘空间不足，写入已放弃；此前的快照完好。", hint="请清理或扩充磁盘后用同一批次重跑。"
    )


def fetch(
    engine: Connection, sql: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a query and return rows of Python values: Decimal, date, aware datetime."""
    with engine_errors():
        found = engine.execute(sql, dict(values)) if values else engine.execute(sql)
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    if rows and any(isinstance(value, Decimal) for row in rows[:50] for value in row.values()):
        for row in rows:
            for column, value in row.items():
                if isinstance(value, Decimal):
                    row[column] = shorten(value)
    return rows


def shorten(value: Decimal) -> Decimal:
    """The same number without padding zeros: 50.000000 → 50, 50.500000 → 50.5."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def cast_column(column: ContractColumn) -> str:
    """A column as its contract wants it."""
    return f"CAST({quoted(column.name)} AS {SQL_TYPES[column.type]}) AS {quoted(column.name)}"


def parquet(files: Sequence[Path | str]) -> str:
    """The scan of Parquet files as an SQL relation."""
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


def no_rows(columns: Mapping[str, Type]) -> str:
    """An empty relation of these columns: a snapshot without a row has no file."""
    nothing = ", ".join(
        f"CAST(NULL AS {SQL_TYPES[type_]}) AS {quoted(name)}" for name, type_ in columns.items()
    )
    return f"(SELECT {nothing} WHERE FALSE) AS nothing"


def copy_out(engine: Connection, query: str, file: Path) -> int:
    """Write the rows of ``query`` to a Parquet file, durably; return how many."""
    with engine_errors():
        written = engine.execute(
            f"COPY ({query}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION snappy, "
            "STRING_DICTIONARY_PAGE_SIZE_LIMIT 50000, DICTIONARY_SIZE_LIMIT 1000)"
        ).fetchall()
    return int(written[0][0])


SPLIT = 245_760
"""Rows of one file of a table that is changed in parts: two row groups."""


def copy_split(engine: Connection, query: str, folder: Path, *, rows: int) -> list[Path]:
    """Write the rows of ``query`` to files of about ``rows`` rows each, in their order."""
    groups = max(1, rows // 122_880)
    with engine_errors():
        engine.execute(
            f"COPY ({query}) TO {literal(str(folder))} (FORMAT parquet, COMPRESSION snappy, "
            "STRING_DICTIONARY_PAGE_SIZE_LIMIT 50000, DICTIONARY_SIZE_LIMIT 1000, "
            f"ROW_GROUPS_PER_FILE {groups}, FILENAME_PATTERN 'rows_{{i}}', OVERWRITE_OR_IGNORE)"
        )
    return sorted(folder.glob("*.parquet"))


def describe(engine: Connection, query: str) -> list[str]:
    """The column names that a query yields."""
    with engine_errors():
        return [str(row[0]) for row in engine.execute(f"DESCRIBE {query}").fetchall()]
