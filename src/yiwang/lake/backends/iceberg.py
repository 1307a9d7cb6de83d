"""Apache Iceberg through PyIceberg: a table's states are committed here and nowhere else.

DuckDB writes the Parquet files; this module only registers them. What PyIceberg keeps internal
(data files from Parquet footers, snapshot producers) is wrapped here and pinned to 0.12.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlparse
from urllib.request import url2pathname

from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.io import InputFile, OutputFile
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO, parquet_files_to_data_files
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.types import (
    BooleanType,
    DateType,
    DecimalType,
    IcebergType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)
from sqlalchemy import select

from yiwang.lake.plans import Type, check_name

_TYPES: Mapping[Type, IcebergType] = {
    "text": StringType(),
    "integer": LongType(),
    "decimal": DecimalType(18, 6),
    "boolean": BooleanType(),
    "date": DateType(),
    "instant": TimestamptzType(),
    "json": StringType(),
}
_ROOT = "yiwang.root"
_MAPPING = "schema.name-mapping.default"
_PROPERTIES = {
    "format-version": "2",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


@dataclass(frozen=True)
class State:
    """One snapshot as Iceberg keeps it, with the facts we left in its summary."""

    id: str
    facts: Mapping[str, str]
    columns: Mapping[str, Type]


class HereIO(PyArrowFileIO):
    """Files of the lake wherever its folder lies now.

    Iceberg writes whole paths into its metadata. What comes after ``tables/`` in them is looked
    for under this lake's own root, so that a folder that was moved or restored reads as before.
    """

    def new_input(self, location: str) -> PyArrowFile:
        """A file to read."""
        return super().new_input(self._here(location))

    def new_output(self, location: str) -> PyArrowFile:
        """A file to write."""
        return super().new_output(self._here(location))

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Remove a file."""
        super().delete(self._here(location) if isinstance(location, str) else location)

    def _here(self, location: str) -> str:
        return str(_moved(location, Path(str(self.properties[_ROOT]))))


class Tables:
    """The Iceberg tables under one folder, catalogued in ``catalog.sqlite``. Thread-safe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._catalog = SqlCatalog(
            "lake",
            uri=f"sqlite:///{root / 'catalog.sqlite'}",
            **{"py-io-impl": f"{__name__}.HereIO", _ROOT: str(root)},
        )
        self._io = HereIO({_ROOT: str(root)})
        self._loaded: dict[str, tuple[str, Table]] = {}
        self._files: dict[tuple[str, str], tuple[Path, ...]] = {}
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the catalogue's connections."""
        self._catalog.close()

    def names(self) -> list[str]:
        """Every table that has at least one snapshot."""
        with self._catalog.engine.connect() as connection:
            found = connection.execute(
                select(
                    IcebergTables.table_namespace,
                    IcebergTables.table_name,
                    IcebergTables.metadata_location,
                )
            ).all()
        places = {f"{pack}.{table}": str(location) for pack, table, location in found}
        return sorted(name for name, at in places.items() if self._at(name, at).metadata.snapshots)

    def states(self, name: str) -> list[State]:
        """The snapshots of a table, oldest first; none when the table is unknown."""
        table = self._table(name)
        if table is None:
            return []
        schemas = table.schemas()
        return [
            State(
                id=str(snapshot.snapshot_id),
                facts=snapshot.summary.additional_properties if snapshot.summary else {},
                columns=_columns(schemas[snapshot.schema_id or 0]),
            )
            for snapshot in table.metadata.snapshots
        ]

    def files(self, name: str, snapshot: str) -> tuple[Path, ...]:
        """The Parquet files that make up a snapshot (planned by Iceberg, then remembered)."""
        key = (name, snapshot)
        if key not in self._files:
            table = self._table(name)
            assert table is not None
            tasks = table.scan(snapshot_id=int(snapshot)).plan_files()
            self._files[key] = tuple(_moved(task.file.file_path, self.root) for task in tasks)
        return self._files[key]

    def replace(
        self,
        name: str,
        *,
        columns: Mapping[str, Type],
        files: Sequence[Path],
        kept: Collection[Path] = (),
        facts: Mapping[str, str],
    ) -> str:
        """Commit ``files`` and the ``kept`` ones of before as the table's whole content.

        One new snapshot, all or nothing.
        """
        table = self._table(name)
        with table.transaction() if table else self._creation(name, columns) as change:
            if table and _columns(table.schema()) != dict(columns):
                _reshape(change, columns)
            with change.update_snapshot(snapshot_properties=dict(facts)).overwrite() as overwrite:
                for old in self._data_files(table) if table else ():
                    if _moved(old.file_path, self.root) not in kept:
                        overwrite.delete_data_file(old)
                for new in parquet_files_to_data_files(
                    self._io, change.table_metadata, map(str, files)
                ):
                    overwrite.append_data_file(new)
        committed = table or self._table(name)
        current = committed.current_snapshot() if committed else None
        assert current is not None
        return str(current.snapshot_id)

    def remove_strays(self, name: str) -> None:
        """Delete metadata files that an interrupted commit left behind (hold the commit lock)."""
        table = self._table(name)
        if table is None:
            return
        used = {table.metadata_location}
        used |= {entry.metadata_file for entry in table.metadata.metadata_log}
        for snapshot in table.metadata.snapshots:
            used.add(snapshot.manifest_list)
            used |= {manifest.manifest_path for manifest in snapshot.manifests(table.io)}
        here = {_moved(location, self.root) for location in used}
        for file in (self.folder(name) / "metadata").glob("*"):
            if file not in here:
                file.unlink()

    def folder(self, name: str) -> Path:
        """Where a table's files lie."""
        pack, table = check_name(name)
        return self.root / "tables" / pack / table

    def _creation(self, name: str, columns: Mapping[str, Type]) -> Transaction:
        """A change that makes the table together with its first snapshot."""
        pack, _ = check_name(name)
        self._catalog.create_namespace_if_not_exists(pack)
        schema = _schema(columns)
        return self._catalog.create_table_transaction(
            name,
            schema,
            location=str(self.folder(name)),
            properties={**_PROPERTIES, _MAPPING: schema.name_mapping.model_dump_json()},
        )

    def _table(self, name: str) -> Table | None:
        """The table as committed last; metadata is parsed again only when it has moved."""
        pack, table = check_name(name)
        with self._catalog.engine.connect() as connection:
            location = connection.execute(
                select(IcebergTables.metadata_location).where(
                    IcebergTables.catalog_name == "lake",
                    IcebergTables.table_namespace == pack,
                    IcebergTables.table_name == table,
                )
            ).scalar()
        return None if location is None else self._at(name, location)

    def _at(self, name: str, location: str) -> Table:
        """The table whose metadata lies there, or lay there a moment ago."""
        with self._lock:
            known = self._loaded.get(name)
            if known is None or known[0] != location:
                loaded = self._catalog.load_table(name)
                known = self._loaded[name] = (loaded.metadata_location, loaded)
            return known[1]

    def _data_files(self, table: Table) -> Iterator[Any]:
        if table.current_snapshot() is not None:
            for task in table.scan().plan_files():
                yield task.file


def _schema(columns: Mapping[str, Type]) -> Schema:
    return Schema(
        *(
            NestedField(number, column, _TYPES[type_], required=False, doc=type_)
            for number, (column, type_) in enumerate(columns.items(), start=1)
        )
    )


def _columns(schema: Schema) -> dict[str, Type]:
    return {field.name: cast("Type", field.doc) for field in schema.fields}


def _reshape(change: Transaction, columns: Mapping[str, Type]) -> None:
    """Give the table other columns; earlier snapshots keep theirs."""
    old = _columns(change.table_metadata.schema())
    with change.update_schema(allow_incompatible_changes=True) as update:
        for column, type_ in old.items():
            if columns.get(column) != type_:
                update.delete_column(column)
    with change.update_schema() as update:
        for column, type_ in columns.items():
            if old.get(column) != type_:
                update.add_column(column, _TYPES[type_], doc=type_)
    mapping = change.table_metadata.schema().name_mapping
    change.set_properties({_MAPPING: mapping.model_dump_json()})


def _path(location: str) -> Path:
    parsed = urlparse(location)
    return Path(url2pathname(parsed.path)) if parsed.scheme == "file" else Path(location)


def _moved(location: str, root: Path) -> Path:
    """Where a file of a table lies under ``root``, whatever the root was when it was written.

    Below a table's folder there is one more: ``tables/<pack>/<table>/data/<file>``.
    """
    path = _path(location)
    parts = path.parts
    return root.joinpath(*parts[-5:]) if parts[-5:-4] == ("tables",) else path


def files_named(states: Sequence[State]) -> set[str]:
    """The file names that the snapshots' facts lay claim to."""
    return {file for state in states for file in state.facts.get("yiwang.files", "").split("\n")}
