"""Tables at scale: collection, quality, lineage, snapshots, serving copies."""

from yiwang.lake.amending import Amendment, AmendmentMalformed, as_stored
from yiwang.lake.anonymity import Measured, Remedy
from yiwang.lake.backends.asking import Question, QuestionRefused, SourceDown, SourceUnlike, ask
from yiwang.lake.backends.pushing import (
    Push,
    Pushed,
    PushRefused,
    PushUnbalanced,
    TargetDown,
    TargetNotOurs,
    last_pushed,
    push,
)
from yiwang.lake.backends.schemas import FoundColumn, FoundTable, scan
from yiwang.lake.backends.streams import Mask
from yiwang.lake.collecting import Verdict
from yiwang.lake.day_store import DayStore
from yiwang.lake.exporting import Export
from yiwang.lake.extracts import SchemaDrift
from yiwang.lake.lake import Lake
from yiwang.lake.openness import OpenColumn, OpenPlan, PlanRefused
from yiwang.lake.openstore import Found, OpenStore, Search, SearchRefused
from yiwang.lake.outcomes import Changes, Collection, Publication, Rejected, Serving, Snapshot
from yiwang.lake.plans import (
    Check,
    ContractColumn,
    FeedColumn,
    FeedPlan,
    Increment,
    PlanMalformed,
    Reference,
    Shape,
    Source,
    TableContract,
    Type,
    Window,
)
from yiwang.lake.reading import Given
from yiwang.lake.releasing import Opened, OpenFile
from yiwang.lake.selecting import Selection
from yiwang.lake.sheets import FormHeadsMissing, FormUnreadable, filled_rows
from yiwang.lake.templates import Heads, header_paths, heads_of
from yiwang.lake.trying import TableNotGiven, try_sql

__all__ = [
    "Amendment",
    "AmendmentMalformed",
    "Changes",
    "Check",
    "Collection",
    "ContractColumn",
    "DayStore",
    "Export",
    "FeedColumn",
    "FeedPlan",
    "FormHeadsMissing",
    "FormUnreadable",
    "Found",
    "FoundColumn",
    "FoundTable",
    "Given",
    "Heads",
    "Increment",
    "Lake",
    "Mask",
    "Measured",
    "OpenColumn",
    "OpenFile",
    "OpenPlan",
    "OpenStore",
    "Opened",
    "PlanMalformed",
    "PlanRefused",
    "Publication",
    "Push",
    "PushRefused",
    "PushUnbalanced",
    "Pushed",
    "Question",
    "QuestionRefused",
    "Reference",
    "Rejected",
    "Remedy",
    "SchemaDrift",
    "Search",
    "SearchRefused",
    "Selection",
    "Serving",
    "Shape",
    "Snapshot",
    "Source",
    "SourceDown",
    "SourceUnlike",
    "TableContract",
    "TableNotGiven",
    "TargetDown",
    "TargetNotOurs",
    "Type",
    "Verdict",
    "Window",
    "as_stored",
    "ask",
    "filled_rows",
    "header_paths",
    "heads_of",
    "last_pushed",
    "push",
    "scan",
    "try_sql",
]
