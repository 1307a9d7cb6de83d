"""Publishing: a table replaced as a whole, if it keeps its contract."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from yiwang.kernel.errors import Conflict
from yiwang.lake.backends.arrow import write_rows
from yiwang.lake.backends.duck import (
    Connection,
    cast_column,
    copy_out,
    describe,
    fetch,
    open_engine,
    parquet,
    quoted,
)
from yiwang.lake.outcomes import Publication
from yiwang.lake.plans import TableContract, Type, check_column_names, check_name
from yiwang.lake.reading import Reading
from yiwang.lake.remembering import SEEN, remember
from yiwang.lake.store import Store


class ContractBroken(Conflict):
    """What the SQL produced is not what the table promises; the earlier snapshot stands."""

    code = "lake.contract_broken"


def publish(
    store: Store, name: str, sql: str, *, contract: TableContract, at: datetime
) -> Publication:
    """Compute ``sql``, hold it against the contract, commit it as one snapshot."""
    began = time.monotonic()
    reading = Reading(store)
    query, inputs = reading.bound(sql)
    with store.run() as work:
        engine = open_engine(
            folders=[store.root / "tables", work.folder], scratch=work.folder / "scratch"
        )
        try:
            found = describe(engine, query)
            file = work.folder / "rows.parquet"
            if contract.remembers:
                _check_columns(contract, [*found, *SEEN])
                rows = remember(store, engine, contract, query, work.folder, at)
            else:
                _check_columns(contract, found)
                rows = copy_out(engine, _cast_all(contract, query), file)
            _check_rows(engine, contract, file, rows)
        finally:
            engine.close()
        state = store.commit(
            work,
            name,
            columns={column.name: column.type for column in contract.columns},
            files=[file],
            facts=_facts(at=at, rows=rows, inputs=inputs),
        )
    return Publication(
        name=name,
        snapshot=state.id,
        rows=rows,
        seconds=time.monotonic() - began,
        at=at,
        inputs=inputs,
    )


def write(
    store: Store,
    name: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    columns: Mapping[str, Type],
    at: datetime,
) -> Publication:
    """Replace a table by ``rows`` that the platform itself holds."""
    began = time.monotonic()
    check_name(name)
    check_column_names(list(columns))
    with store.run() as work:
        file = work.folder / "rows.parquet"
        count = write_rows(file, rows, columns=columns)
        state = store.commit(
            work, name, columns=columns, files=[file], facts=_facts(at=at, rows=count, inputs={})
        )
    return Publication(
        name=name, snapshot=state.id, rows=count, seconds=time.monotonic() - began, at=at
    )


def _facts(*, at: datetime, rows: int, inputs: Mapping[str, str]) -> dict[str, str]:
    return {
        "yiwang.at": at.isoformat(),
        "yiwang.rows": str(rows),
        "yiwang.inputs": json.dumps(dict(inputs)),
    }


def _check_columns(contract: TableContract, found: list[str]) -> None:
    promised = [column.name for column in contract.columns]
    missing = [column for column in promised if column not in found]
    extra = [column for column in found if column not in promised]
    if missing or extra or len(found) != len(promised):
        raise ContractBroken(
            f"{contract.name} 的 SQL 与契约的列不一致："
            f"缺少 {'、'.join(missing) or '无'}，多出 {'、'.join(extra) or '无'}。",
            hint="请让 SQL 的输出列与 tables/ 中声明的列一一对应。",
            table=contract.name,
            missing=missing,
            extra=extra,
        )


def _cast_all(contract: TableContract, query: str) -> str:
    columns = ", ".join(cast_column(column) for column in contract.columns)
    return f"SELECT {columns} FROM ({query})"


def _check_rows(engine: Connection, contract: TableContract, file: Path, rows: int) -> None:
    required = sorted({*contract.key, *(c.name for c in contract.columns if c.required)})
    counts = ", ".join(f"count({quoted(name)}) AS {quoted(name)}" for name in required)
    source = parquet([file])
    present = fetch(engine, f"SELECT count(*) AS _rows, {counts} FROM {source}")[0]
    for name in required:
        if present[name] != rows:
            raise ContractBroken(
                f"{contract.name} 的必填列 {name} 有 {rows - present[name]} 行为空，未发布。",
                hint="请在 SQL 里补齐或剔除这些行。",
                table=contract.name,
                column=name,
            )
    key = ", ".join(quoted(name) for name in contract.key)
    repeated = fetch(
        engine,
        f"SELECT count(*) AS n FROM (SELECT {key} FROM {source} GROUP BY ALL HAVING count(*) > 1)",
    )[0]["n"]
    if repeated:
        raise ContractBroken(
            f"{contract.name} 的主键 {'、'.join(contract.key)} 有 {repeated} 个值重复，未发布。",
            hint="请在 SQL 里去重，或改正主键。",
            table=contract.name,
            repeated=repeated,
        )
