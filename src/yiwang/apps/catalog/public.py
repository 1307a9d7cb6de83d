"""The door of the catalogue: datasets and registers described, collections recorded and scored."""

from datetime import datetime

from yiwang.apps.catalog import reading
from yiwang.apps.catalog.actions import (
    CountsUnbalanced,
    install_entries,
    record_collection,
    record_publication,
)
from yiwang.apps.catalog.published import published
from yiwang.apps.catalog.queries import (
    ColumnView,
    DatasetLine,
    DatasetUnknown,
    DatasetView,
    DimensionView,
    RegisterUnknown,
    RegisterView,
    RunView,
    Totals,
    code_title,
    collections,
    columns_of,
    dataset,
    datasets,
    entries,
    registers,
    rejected,
    require_quarantine,
    subject_column,
    totals,
    types_of,
)
from yiwang.apps.catalog.serving import lake, page, refresh, wish_lookup
from yiwang.packkit import Library

RIGHTS = {
    "catalog.see": "查看数据目录、名录与归集批次",
    "catalog.see_rejected": "查看本机构归集表的隔离数据",
    "catalog.watch": "查看全部归集表的隔离数据（数据主管部门）",
}


def install(library: Library, *, at: datetime) -> None:
    """Make the catalogue say what the packs of a place say, whole or not at all."""
    datasets = reading.datasets_of(library)
    install_entries(datasets=datasets, registers=reading.registers_of(library), at=at)


__all__ = [
    "RIGHTS",
    "ColumnView",
    "CountsUnbalanced",
    "DatasetLine",
    "DatasetUnknown",
    "DatasetView",
    "DimensionView",
    "RegisterUnknown",
    "RegisterView",
    "RunView",
    "Totals",
    "code_title",
    "collections",
    "columns_of",
    "dataset",
    "datasets",
    "entries",
    "install",
    "lake",
    "page",
    "published",
    "record_collection",
    "record_publication",
    "refresh",
    "registers",
    "rejected",
    "require_quarantine",
    "subject_column",
    "totals",
    "types_of",
    "wish_lookup",
]
