"""What an organ's part of the catalogue lacks, by the latest scans and deliveries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg

from yiwang.apps.catalog.models import ListEntry
from yiwang.apps.catalog.queries.deliveries import overdue_entries
from yiwang.apps.catalog.queries.scans import latest_tables
from yiwang.apps.catalog.sources import sources


@dataclass
class CatalogueFindings:
    """目录与实有: tables and columns that nobody declared, tables that are gone, late entries."""

    completeness: float | None = None
    """Mean share of the metadata that its entries say; None where it has no entry."""
    missing: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    late: tuple[str, ...] = ()

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """What is to be put right, by its Chinese name."""
        return {
            "未编目的表": self.missing,
            "未申报的字段": self.undeclared,
            "已不存在的表": self.gone,
            "超期未更新": self.late,
        }

    @property
    def is_clean(self) -> bool:
        """Whether nothing is to be put right."""
        return not any(self.lists.values())


def catalogue_findings(*, at: datetime, organ: str = "") -> dict[str, CatalogueFindings]:
    """Organ to its findings, of every organ with an entry or a source; or of one organ."""
    rows = ListEntry.objects.exclude(state="withdrawn")
    rows = rows.filter(organ=organ) if organ else rows
    means = rows.values_list("organ").annotate(Avg("completeness"))
    found = {name: CatalogueFindings(completeness=mean) for name, mean in means}
    for source in sources().values():
        if not source.organ or (organ and source.organ != organ):
            continue
        one = found.setdefault(source.organ, CatalogueFindings())
        tables = latest_tables(source, at=at)
        one.missing += tuple(view.table for view in tables if view.state == "missing")
        one.gone += tuple(view.table for view in tables if view.state == "gone")
        one.undeclared += tuple(
            f"{view.table}.{column}"
            for view in tables
            if view.state == "catalogued"
            for column in view.undeclared
        )
    for name, one in found.items():
        one.late = tuple(entry.title for entry in overdue_entries(organ=name, at=at))
    return found
