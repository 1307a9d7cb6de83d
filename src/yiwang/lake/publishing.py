"""Publishing: a table replaced as a whole, if it keeps its contract."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
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
from yiwang.lake.backends.iceberg import State
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
            facts=_facts(file, at=at, rows=rows, inputs=inputs, made_by=_recipe(sql, contract)),
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
            work,
            name,
            columns=columns,
            files=[file],
            facts=_facts(file, at=at, rows=count, inputs={}),
        )
    return Publication(
        name=name, snapshot=state.id, rows=count, seconds=time.monotonic() - began, at=at
    )


def is_as_made(store: Store, name: str, sql: str, *, contract: TableContract) -> bool:
    """Whether publishing again would give the same rows: same SQL, same contract, same inputs.

    An input is the same where its latest snapshot is the one that was read, or holds the same
    content. False where that is not known.
    """
    states = store.tables.states(name)
    if not states or states[-1].facts.get(_MADE_BY) != _recipe(sql, contract):
        return False
    inputs: dict[str, str] = json.loads(states[-1].facts["yiwang.inputs"])
    return all(_is_same(store.tables.states(table), read) for table, read in inputs.items())


def _is_same(states: Sequence[State], read: str) -> bool:
    """Whether a table holds now what its snapshot ``read`` held."""
    if not states or states[-1].id == read:
        return bool(states)
    then = next((one.facts.get(_CONTENT) for one in states if one.id == read), None)
    return then is not None and then == states[-1].facts.get(_CONTENT)


_CONTENT, _MADE_BY = "yiwang.content", "yiwang.made-by"


def _recipe(sql: str, contract: TableContract) -> str:
    return hashlib.sha256(f"{sql}\n{contract!r}".encode()).hexdigest()


def _facts(
    file: Path, *, at: datetime, rows: int, inputs: Mapping[str, str], made_by: str = ""
) -> dict[str, str]:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "yiwang.at": at.isoformat(),
        "yiwang.rows": str(rows),
        "yiwang.inputs": json.dumps(dict(inputs)),
        _CONTENT: digest,
        _MADE_BY: made_by,
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
