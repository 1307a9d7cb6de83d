"""Rows out of the engine, batch by batch, as JSON, CSV, Arrow or Parquet: memory stays flat."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from yiwang.kernel import masking
from yiwang.lake.backends import fixed_masks
from yiwang.lake.backends.duck import Connection, engine_errors, quoted
from yiwang.lake.plans import Type

BATCH = 65_536
ROW_GROUP = 122_880
_AS_TEXT: Mapping[Type, str] = {
    "decimal": "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')",
    "instant": "strftime({0}, '%Y-%m-%dT%H:%M:%S.%fZ')",
}
"""How types that JSON and CSV do not have are written, so that no digit is lost."""


UNSURE = "\0"
"""Stands before a value that the SQL left to be masked here."""


@dataclass(frozen=True)
class Mask:
    """How a column leaves: its personal element, its grade, and the signs of a watermark."""

    element: str
    grade: int
    hidden: str = ""

    def is_in_strides(self, kind: Type) -> bool:
        """Whether the clear value leaves the engine and is masked here, column by column."""
        return kind == "text" and self.grade < 4 and self.element in fixed_masks.ELEMENTS


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of an export and how many rows are in them."""

    content: bytes
    rows: int


class _Sink(io.RawIOBase):
    """Collects what a writer writes, to be taken away in parts."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        held = bytes(content)
        self._held.append(held)
        self._at += len(held)
        return len(held)

    def tell(self) -> int:
        return self._at

    def take(self) -> bytes:
        """What was written since the last time."""
        held, self._held = b"".join(self._held), []
        return held


def stream(
    cursor: Connection,
    sql: str,
    *,
    types: Mapping[str, Type],
    masks: Mapping[str, Mask],
    clear: Sequence[str] = (),
    form: str,
    told: Mapping[str, str],
    head: bytes,
    tail: bytes,
) -> Iterator[Part]:
    """Run ``sql`` and yield its rows in the form asked for.

    ``clear`` columns come unmasked from ``sql`` and are masked here.
    """
    if form in ("json", "csv"):
        listed = ", ".join(
            f"{_AS_TEXT[kind].format(quoted(name))} AS {quoted(name)}"
            if kind in _AS_TEXT
            else quoted(name)
            for name, kind in types.items()
        )
        sql = f"SELECT {listed} FROM ({sql}) AS texts"
    with engine_errors():
        reader = cursor.execute(sql).to_arrow_reader(BATCH)
        unsure = [name for name in masks if name in types and name not in clear]
        batches = (_mended(_covered(batch, clear, masks), unsure, masks) for batch in reader)
        if form == "json":
            yield from _json(batches, head, tail)
        elif form == "csv":
            yield from _csv(batches, list(types))
        else:
            schema = reader.schema.with_metadata({k: v.encode() for k, v in told.items()})
            writing = _arrow if form == "arrow" else _parquet
            yield from writing(batches, schema)


def _covered(
    batch: pa.RecordBatch, names: Sequence[str], masks: Mapping[str, Mask]
) -> pa.RecordBatch:
    """Clear numbers masked column by column."""
    for name in names:
        place, mask = batch.schema.get_field_index(name), masks[name]
        shown = fixed_masks.masked(
            batch.column(place), element=mask.element, grade=mask.grade, hidden=mask.hidden
        )
        batch = batch.set_column(place, name, shown)
    return batch


def _mended(
    batch: pa.RecordBatch, names: Sequence[str], masks: Mapping[str, Mask]
) -> pa.RecordBatch:
    """The values of which the SQL was not sure, masked one by one."""
    for name in names:
        place = batch.schema.get_field_index(name)
        column = batch.column(place)
        if (
            not pa.types.is_string(column.type)
            or not pc.any(pc.starts_with(column, UNSURE)).as_py()
        ):
            continue
        mask = masks[name]
        values = [
            masking.mask(value[1:], element=mask.element, grade=mask.grade)
            if value and value[0] == UNSURE
            else value
            for value in column.to_pylist()
        ]
        batch = batch.set_column(place, name, pa.array(values, pa.string()))
    return batch


def _json(batches: Iterator[pa.RecordBatch], head: bytes, tail: bytes) -> Iterator[Part]:
    encoder, first = msgspec.json.Encoder(), True
    yield Part(head, 0)
    for batch in batches:
        for start in range(0, batch.num_rows, 8192):
            rows = batch.slice(start, 8192).to_pylist()
            text = encoder.encode(rows)[1:-1]
            yield Part(text if first else b"," + text, len(rows))
            first = False
    yield Part(tail, 0)


def _csv(batches: Iterator[pa.RecordBatch], names: Sequence[str]) -> Iterator[Part]:
    options = pc_csv.WriteOptions(include_header=False, quoting_style="needed")
    yield Part((",".join(names) + "\n").encode(), 0)
    for batch in batches:
        sink = io.BytesIO()
        pc_csv.write_csv(batch, sink, options)
        yield Part(sink.getvalue(), batch.num_rows)


def _arrow(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[Part]:
    sink = _Sink()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(pa.PythonFile(sink, "w"), schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            yield Part(sink.take(), batch.num_rows)
    yield Part(sink.take(), 0)


def _parquet(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[Part]:
    sink, held, rows = _Sink(), [], 0
    with pq.ParquetWriter(pa.PythonFile(sink, "w"), schema, compression="zstd") as writer:
        for batch in batches:
            held.append(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            rows += batch.num_rows
            if rows >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(held, schema))
                yield Part(sink.take(), rows)
                held, rows = [], 0
        if held:
            writer.write_table(pa.Table.from_batches(held, schema))
            yield Part(sink.take(), rows)
    yield Part(sink.take(), 0)
