"""Rows that the platform holds in memory, as Parquet files of the lake's types."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from yiwang.kernel.errors import Invalid
from yiwang.lake.backends.duck import engine_errors
from yiwang.lake.plans import Type

_TYPES: Mapping[Type, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 6),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}
_MILLIONTH = Decimal("0.000001")


class ValueUnfit(Invalid):
    """A value is not of its column's type."""

    code = "lake.value_unfit"


def write_rows(
    file: Path, rows: Iterable[Mapping[str, Any]], *, columns: Mapping[str, Type]
) -> int:
    """Write rows to a Parquet file, 50,000 at a time; return how many."""
    schema = pa.schema([(name, _TYPES[type_]) for name, type_ in columns.items()])
    written = 0
    source = iter(rows)
    with engine_errors(), pq.ParquetWriter(file, schema) as writer:
        while chunk := list(itertools.islice(source, 50_000)):
            arrays = [_array(name, columns[name], chunk) for name in columns]
            writer.write_table(pa.table(arrays, schema=schema))
            written += len(chunk)
    return written


def _array(name: str, type_: Type, rows: list[Mapping[str, Any]]) -> pa.Array:
    values = [row.get(name) for row in rows]
    if type_ == "decimal":
        values = [None if v is None else Decimal(str(v)).quantize(_MILLIONTH) for v in values]
    elif type_ == "json":
        values = [v if v is None or isinstance(v, str) else _json(v) for v in values]
    try:
        return pa.array(values, _TYPES[type_])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueUnfit(
            f"列 {name} 有不是 {type_} 的值，未写入。", hint="请检查写入方给出的类型。", column=name
        ) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
