"""Hand what the packs of a place declare to every app: an installation begins, or is renewed."""

from datetime import datetime

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.credentials import public as credentials
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.apps.services import public as services
from yiwang.apps.subjects import public as subjects
from yiwang.lake import Lake
from yiwang.packkit import Library


def install_all(library: Library, *, at: datetime) -> None:
    """Hand the library to every app; each takes it whole or not at all."""
    for app in (
        identity,
        casework,
        catalog,
        subjects,
        credentials,
        forms,
        services,
        sensing,
    ):
        app.install(library, at=at)


def write_registers(library: Library, lake: Lake, *, at: datetime) -> dict[str, int]:
    """Write every register into the lake as a table, so that SQL and references can read it."""
    return {
        ref: lake.write(
            ref,
            library.entries(ref),
            columns={name: column.type for name, column in register.columns.items()},
            at=at,
        ).rows
        for ref, register in library.registers().items()
    }
