"""The door of the files: one person's or firm's file, field by field, and who looked at it."""

from datetime import datetime

from yiwang.apps.catalog import public as catalog
from yiwang.apps.subjects.queries import (
    LICENSES,
    FieldView,
    IndexedLicense,
    Look,
    NotOwnFile,
    PersonFile,
    PurposeMissing,
    Section,
    SubjectUnknown,
    firm_file,
    index_licenses,
    looked_at,
    person_file,
)
from yiwang.lake import Lake
from yiwang.packkit import Library

RIGHTS = {
    "subjects.see": "凭用途和办件编号查看一人一档、一企一档",
    "subjects.see_clear": "查看档案中 3 级字段的原文",
}


def install(library: Library, *, at: datetime) -> None:
    """Have every table about persons or firms looked up by whom it is about.

    The catalogue is installed first: it says which tables and columns those are.
    """
    for ref, table in library.tables().items():
        if table.subject:
            catalog.wish_lookup(ref, [catalog.subject_column(ref)])
    if LICENSES in library.tables():
        catalog.wish_lookup(LICENSES, ["holder"])


def publish_files(lake: Lake, *, at: datetime) -> list[str]:
    """Renew the serving copies of all looked-up tables; returns their names."""
    return catalog.refresh(lake=lake)


__all__ = [
    "RIGHTS",
    "FieldView",
    "IndexedLicense",
    "Look",
    "NotOwnFile",
    "PersonFile",
    "PurposeMissing",
    "Section",
    "SubjectUnknown",
    "firm_file",
    "index_licenses",
    "install",
    "looked_at",
    "person_file",
    "publish_files",
]
