"""Registers as tables of the lake: what packs bring, with what people changed since."""

from collections.abc import Iterable
from datetime import datetime

from yiwang.apps.catalog.models import RegisterEntry
from yiwang.apps.catalog.queries.standards import entries_at
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.cells import Entry, typed
from yiwang.packkit.kinds.resources import Register


def write_registers(library: Library, *, lake: Lake, at: datetime) -> dict[str, int]:
    """Write every register into the lake, so that SQL and references can read it; their rows."""
    return _write(library.registers(), library, lake, at)


def write_changed_registers(library: Library, *, lake: Lake, at: datetime) -> dict[str, int]:
    """Write the registers that people changed: a change is in force from its day on."""
    return _write(sorted(_changed() & library.registers().keys()), library, lake, at)


def _write(refs: Iterable[str], library: Library, lake: Lake, at: datetime) -> dict[str, int]:
    changed, written = _changed(), {}
    for ref in refs:
        register = library.register(ref)
        rows = _in_force(ref, register, at) if ref in changed else library.entries(ref)
        columns = {name: column.type for name, column in register.columns.items()}
        written[ref] = lake.write(ref, rows, columns=columns, at=at).rows
    return written


def _changed() -> set[str]:
    rows = RegisterEntry.objects.exclude(begun_by="", ended_by="")
    return set(rows.values_list("register__ref", flat=True))


def _in_force(ref: str, register: Register, at: datetime) -> list[Entry]:
    kinds = {name: column.type for name, column in register.columns.items()}
    return [
        {name: typed(_text(values.get(name)), kind) for name, kind in kinds.items()}
        for values in entries_at(ref, at=at)
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)
