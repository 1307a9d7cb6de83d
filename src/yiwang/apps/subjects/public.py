"""The door of the files: one person's or firm's file, who looked, and what sources disagree on."""

from datetime import datetime

from yiwang.apps.catalog import public as catalog
from yiwang.apps.subjects.actions.linking import (
    LINKS,
    ConflictUnknown,
    EntityUnknown,
    NotLinked,
    NumbersAlike,
    ReasonMissing,
    link_identifiers,
    settle_conflict,
    settle_source,
    undo_link,
    write_links,
)
from yiwang.apps.subjects.actions.reconciling import Outcome, reconcile
from yiwang.apps.subjects.events import EVENTS
from yiwang.apps.subjects.plan import install_plan
from yiwang.apps.subjects.published import published
from yiwang.apps.subjects.queries.conflicts import (
    ConflictView,
    LinkView,
    OrganCount,
    SourceOfItem,
    Trend,
    conflict_trend,
    conflicts,
    conflicts_by_organ,
    count_to_settle,
    links,
    reconciled_at,
    sources_of_items,
)
from yiwang.apps.subjects.queries.files import (
    LICENSES,
    LISTED,
    NotOwnFile,
    PurposeMissing,
    PurposeUnknown,
    SubjectUnknown,
    firm_file,
    index_licenses,
    person_file,
    purposes_of,
)
from yiwang.apps.subjects.queries.looks import looked_at
from yiwang.apps.subjects.queries.views import (
    Claim,
    EventView,
    FieldView,
    IndexedLicense,
    Look,
    PersonFile,
    Section,
)
from yiwang.lake import Lake
from yiwang.lake.store import TableUnknown
from yiwang.packkit import Library
from yiwang.packkit.entities import VALUES

RIGHTS = {
    "subjects.see": "凭用途和办件编号查看一人一档、一企一档",
    "subjects.see_clear": "查看档案中 3 级字段的原文",
    "subjects.see_conflicts": "查看本机构来源与权威来源不一致的数据",
    "subjects.reconcile": "查看全部来源不一致的数据（数据主管部门）",
    "subjects.link": "决定号码关联、撤销关联（主体库的主管机构）",
}


def install(library: Library, *, at: datetime) -> None:
    """Have every table about persons or firms looked up by whom it is about.

    The catalogue is installed first: it says which tables and columns those are.
    """
    install_plan(library, at=at)
    try:
        catalog.lake().count(LINKS)
    except TableUnknown:
        write_links(at=at)
    for ref, table in library.tables().items():
        if table.subject:
            catalog.wish_lookup(ref, [catalog.subject_column(ref)])
    for ref in library.entities():
        catalog.wish_lookup(ref + VALUES, ["identifier"])
    if LICENSES in library.tables():
        catalog.wish_lookup(LICENSES, ["holder"])


def publish_files(lake: Lake, *, at: datetime) -> list[str]:
    """Renew the serving copies of all looked-up tables; returns their names."""
    return catalog.refresh(lake=lake)


__all__ = [
    "EVENTS",
    "LISTED",
    "RIGHTS",
    "Claim",
    "ConflictUnknown",
    "ConflictView",
    "EntityUnknown",
    "EventView",
    "FieldView",
    "IndexedLicense",
    "LinkView",
    "Look",
    "NotLinked",
    "NotOwnFile",
    "NumbersAlike",
    "OrganCount",
    "Outcome",
    "PersonFile",
    "PurposeMissing",
    "PurposeUnknown",
    "ReasonMissing",
    "Section",
    "SourceOfItem",
    "SubjectUnknown",
    "Trend",
    "conflict_trend",
    "conflicts",
    "conflicts_by_organ",
    "count_to_settle",
    "firm_file",
    "index_licenses",
    "install",
    "link_identifiers",
    "links",
    "looked_at",
    "person_file",
    "publish_files",
    "published",
    "purposes_of",
    "reconcile",
    "reconciled_at",
    "settle_conflict",
    "settle_source",
    "sources_of_items",
    "undo_link",
    "write_links",
]
