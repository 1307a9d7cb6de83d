"""What the catalogue remembers, split by noun; Django finds every model here."""

from yiwang.apps.catalog.models.census import (
    Campaign,
    CensusAnswer,
    CensusImport,
    CensusReminder,
    NilReturn,
)
from yiwang.apps.catalog.models.datasets import ColumnSource, Dataset, DatasetColumn
from yiwang.apps.catalog.models.editions import CatalogueEdition
from yiwang.apps.catalog.models.feeds import (
    Bulletin,
    ColumnMapping,
    FeedLoad,
    FeedPlanSetting,
    PushKey,
    Rectification,
    ReturnRequest,
)
from yiwang.apps.catalog.models.grading import GradeDecision, GradeProposal
from yiwang.apps.catalog.models.lists import (
    DataDuty,
    EntrySeries,
    ListEntry,
    ListEntryVersion,
    SearchText,
)
from yiwang.apps.catalog.models.neighbours import (
    CatalogueNeighbour,
    EntryTurn,
    NeighbourEntry,
    NeighbourPull,
)
from yiwang.apps.catalog.models.objections import Correction, Objection, Objector
from yiwang.apps.catalog.models.probes import SystemProbe
from yiwang.apps.catalog.models.publications import PublishedTable, ServedColumn
from yiwang.apps.catalog.models.registers import Register, RegisterEntry
from yiwang.apps.catalog.models.runs import CollectionRun, DimensionScore
from yiwang.apps.catalog.models.scans import NotAResource, ScannedTable, SourceScan
from yiwang.apps.catalog.models.standards import StandardChange

__all__ = [
    "Bulletin",
    "Campaign",
    "CatalogueEdition",
    "CatalogueNeighbour",
    "CensusAnswer",
    "CensusImport",
    "CensusReminder",
    "CollectionRun",
    "ColumnMapping",
    "ColumnSource",
    "Correction",
    "DataDuty",
    "Dataset",
    "DatasetColumn",
    "DimensionScore",
    "EntrySeries",
    "EntryTurn",
    "FeedLoad",
    "FeedPlanSetting",
    "GradeDecision",
    "GradeProposal",
    "ListEntry",
    "ListEntryVersion",
    "NeighbourEntry",
    "NeighbourPull",
    "NilReturn",
    "NotAResource",
    "Objection",
    "Objector",
    "PublishedTable",
    "PushKey",
    "Rectification",
    "Register",
    "RegisterEntry",
    "ReturnRequest",
    "ScannedTable",
    "SearchText",
    "ServedColumn",
    "SourceScan",
    "StandardChange",
    "SystemProbe",
]
