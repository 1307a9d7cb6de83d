"""Tables at scale: collection, quality, lineage, snapshots, serving copies."""

from yiwang.lake.lake import Lake
from yiwang.lake.outcomes import Collection, Publication, Rejected, Serving, Snapshot
from yiwang.lake.plans import (
    Check,
    ContractColumn,
    FeedColumn,
    FeedPlan,
    PlanMalformed,
    Reference,
    Shape,
    Source,
    TableContract,
    Type,
)
from yiwang.lake.trying import TableNotGiven, try_sql

__all__ = [
    "Check",
    "Collection",
    "ContractColumn",
    "FeedColumn",
    "FeedPlan",
    "Lake",
    "PlanMalformed",
    "Publication",
    "Reference",
    "Rejected",
    "Serving",
    "Shape",
    "Snapshot",
    "Source",
    "TableContract",
    "TableNotGiven",
    "Type",
    "try_sql",
]
