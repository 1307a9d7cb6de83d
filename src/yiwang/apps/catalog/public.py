"""The door of the catalogue: datasets and registers described, collections recorded and scored."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog import neighbour_door, reading, register_door
from yiwang.apps.catalog.actions.backfill import (
    BACKFILL,
    BackfillUnfit,
    ask_for_backfill,
    run_backfill,
)
from yiwang.apps.catalog.actions.bulletins import issue_bulletin, issue_last_month
from yiwang.apps.catalog.actions.corrections import CARRY, carry_corrections, run_carrying
from yiwang.apps.catalog.actions.decisions import (
    DecisionUnfit,
    LoadNotHeld,
    LoadOvertaken,
    MappingNotInForce,
    decide_load,
    end_mapping,
)
from yiwang.apps.catalog.actions.entries import install_entries
from yiwang.apps.catalog.actions.grading import (
    DISCOVER,
    ColumnUnknown,
    DecisionEnded,
    GradeMalformed,
    ask_for_discovery,
    decide_proposal,
    discover_all,
    discover_grades,
    end_decision,
    raise_grade,
    run_discovery,
)
from yiwang.apps.catalog.actions.loads import (
    ask_for_load,
    end_load,
    note_load,
    run_load,
    when_loaded,
)
from yiwang.apps.catalog.actions.objections import (
    FLOW as OBJECTION_FLOW,
)
from yiwang.apps.catalog.actions.objections import (
    NotOwnValue,
    ObjectionMalformed,
    RowUnknown,
    answer_objection,
    check_objection,
    conclude_objection,
    object_to,
    withdraw_objection,
)
from yiwang.apps.catalog.actions.pack_entries import declared_entries, install_lists
from yiwang.apps.catalog.actions.probing import PROBE, probe_all, run_probing
from yiwang.apps.catalog.actions.publications import record_publication, republish
from yiwang.apps.catalog.actions.pushes import (
    DeliveryDiffers,
    DeliveryUnnamed,
    PushKeyUnknown,
    RowsUnreadable,
    issue_push_key,
    push_rows,
    pushed_load,
)
from yiwang.apps.catalog.actions.returns import (
    ReturnMalformed,
    ReturnNotOpen,
    ReturnUnknown,
    answer_return,
    ask_return,
)
from yiwang.apps.catalog.actions.runs import CountsUnbalanced, record_collection
from yiwang.apps.catalog.actions.scans import run_scan, scan_all
from yiwang.apps.catalog.actions.schedules import (
    LimitUnfit,
    ask_for_due_loads,
    install_feed_plans,
    set_feed_plan,
)
from yiwang.apps.catalog.events import EVENTS
from yiwang.apps.catalog.feed_sources import AlreadyCollected, SourceUnbound
from yiwang.apps.catalog.neighbour_door import *  # noqa: F403 - its names are this door's too
from yiwang.apps.catalog.neighbour_door import HEAR, hear_neighbours, run_hearing
from yiwang.apps.catalog.published import published
from yiwang.apps.catalog.queries.about import (
    AboutColumn,
    AboutTable,
    code_titles,
    tables_about,
)
from yiwang.apps.catalog.queries.columns import (
    ColumnView,
    DatasetUnknown,
    KeyedColumn,
    columns_keyed_by,
    columns_of,
    subject_column,
    types_of,
)
from yiwang.apps.catalog.queries.datasets import DatasetLine, DatasetView, dataset, datasets
from yiwang.apps.catalog.queries.feeds import (
    COLLECT,
    LoadUnknown,
    LoadView,
    count_held,
    feed_plan,
    feed_plans,
    load,
    loads,
    returns,
)
from yiwang.apps.catalog.queries.grading import (
    grade_categories,
    grade_decisions,
    grade_proposals,
    grade_sampling,
)
from yiwang.apps.catalog.queries.limits import LIMITS, time_limit
from yiwang.apps.catalog.queries.objections import (
    Contested,
    ObjectionUnknown,
    ObjectionView,
    ObjectorView,
    contested,
    corrections,
    objection,
    objections,
)
from yiwang.apps.catalog.queries.probes import ProbeView, probes_of
from yiwang.apps.catalog.queries.quality import (
    bulletin,
    bulletins,
    organ_scores,
    rectifications,
    score_history,
    table_scores,
)
from yiwang.apps.catalog.queries.registers import (
    RegisterUnknown,
    RegisterView,
    code_title,
    entries,
    registers,
)
from yiwang.apps.catalog.queries.runs import (
    DimensionView,
    RunView,
    collections,
    rejected,
    require_quarantine,
)
from yiwang.apps.catalog.queries.shelves import origins_of_tables
from yiwang.apps.catalog.queries.suggestions import Suggestion, score_behind, suggest_columns
from yiwang.apps.catalog.queries.totals import Totals, totals
from yiwang.apps.catalog.raising import graded, raised_grades
from yiwang.apps.catalog.register_door import *  # noqa: F403 - its names are this door's too
from yiwang.apps.catalog.serving import lake, page, refresh, wish_lookup
from yiwang.apps.catalog.sources import BoundSource, SourceUnknown, source, sources
from yiwang.apps.jobs import public as jobs
from yiwang.packkit import Library

RIGHTS = {
    "catalog.see": "查看数据目录、名录与归集批次",
    "catalog.grade": "决定本机构字段的分级（采纳、不采纳分级建议）",
    "catalog.see_rejected": "查看本机构归集表的隔离数据",
    "catalog.watch": "查看全部归集表的隔离数据（数据主管部门）",
    "catalog.collect": "管理归集计划，发起归集，决定暂缓的批次",
    "catalog.bulletin": "发出质量通报",
    "catalog.return": "登记上级数据回流台账",
    "catalog.object": "对数据提出异议，查看与本机构有关的异议",
    "catalog.draft": "编制、变更本机构的清单条目，填报普查",
    "catalog.check": "审核各机构的清单条目，登记数据职责（数据主管部门）",
    "catalog.publish": "签发、撤下本机构的清单条目（首席数据官）",
    "catalog.census": "组织资源普查，核实答卷（数据主管部门）",
    "catalog.scan": "扫描数据源，处置未编目的表",
    "catalog.neighbours": "登记邻目录，与其交换目录条目（数据主管部门）",
    "catalog.standards": "维护数据元和代码表（数据主管部门）",
}

JOBS = (
    jobs.Kind("catalog.scan", "扫描数据源", run_scan),
    jobs.Kind(DISCOVER, "抽样识别敏感字段", run_discovery),
    jobs.Kind(PROBE, "探测信息系统", run_probing),
    jobs.Kind(COLLECT, "归集", run_load, given_up=end_load),
    jobs.Kind(BACKFILL, "分期回补", run_backfill, given_up=end_load),
    jobs.Kind(HEAR, "取用邻目录条目", run_hearing),
    jobs.Kind(CARRY, "把更正送到每一份副本", run_carrying),
)
TIMETABLE = (
    jobs.Entry("catalog.scan_all", "扫描全部数据源", "weekly 1 03:10", scan_all),
    jobs.Entry("catalog.discover_all", "抽样识别敏感字段", "weekly 1 03:30", discover_all),
    jobs.Entry("catalog.probe_all", "探测信息系统", "daily 05:10", probe_all),
    jobs.Entry("catalog.feeds", "按计划发起归集", "every 1m", ask_for_due_loads),
    jobs.Entry("catalog.carry", "更正随归集落实", "every 10m", lambda at: carry_corrections(at=at)),
    jobs.Entry("catalog.neighbours", "取用邻目录", "every 5m", hear_neighbours),
    jobs.Entry("catalog.bulletins", "每月质量通报", "monthly 1wd 09:00", issue_last_month),
)


def install(library: Library, *, at: datetime) -> None:
    """Make the catalogue say what the packs of a place say, whole or not at all."""
    datasets = reading.datasets_of(library, raised=raised_grades())
    sources = {ref: feed.source for ref, feed in library.feeds().items()}
    with transaction.atomic():
        install_entries(datasets=datasets, registers=reading.registers_of(library), at=at)
        install_feed_plans(library, at=at)
        install_lists(declared_entries(datasets, sources=sources), at=at)


__all__ = [
    "BACKFILL",
    "CARRY",
    "COLLECT",
    "DISCOVER",
    "EVENTS",
    "JOBS",
    "LIMITS",
    "OBJECTION_FLOW",
    "RIGHTS",
    "TIMETABLE",
    "AboutColumn",
    "AboutTable",
    "AlreadyCollected",
    "BackfillUnfit",
    "BoundSource",
    "ColumnUnknown",
    "ColumnView",
    "Contested",
    "CountsUnbalanced",
    "DatasetLine",
    "DatasetUnknown",
    "DatasetView",
    "DecisionEnded",
    "DecisionUnfit",
    "DeliveryDiffers",
    "DeliveryUnnamed",
    "DimensionView",
    "GradeMalformed",
    "KeyedColumn",
    "LimitUnfit",
    "LoadNotHeld",
    "LoadOvertaken",
    "LoadUnknown",
    "LoadView",
    "MappingNotInForce",
    "NotOwnValue",
    "ObjectionMalformed",
    "ObjectionUnknown",
    "ObjectionView",
    "ObjectorView",
    "ProbeView",
    "PushKeyUnknown",
    "RegisterUnknown",
    "RegisterView",
    "ReturnMalformed",
    "ReturnNotOpen",
    "ReturnUnknown",
    "RowUnknown",
    "RowsUnreadable",
    "RunView",
    "SourceUnbound",
    "SourceUnknown",
    "Suggestion",
    "Totals",
    "answer_objection",
    "answer_return",
    "ask_for_backfill",
    "ask_for_discovery",
    "ask_for_due_loads",
    "ask_for_load",
    "ask_return",
    "bulletin",
    "bulletins",
    "carry_corrections",
    "check_objection",
    "code_title",
    "code_titles",
    "collections",
    "columns_keyed_by",
    "columns_of",
    "conclude_objection",
    "contested",
    "corrections",
    "count_held",
    "dataset",
    "datasets",
    "decide_load",
    "decide_proposal",
    "discover_grades",
    "end_decision",
    "end_mapping",
    "entries",
    "feed_plan",
    "feed_plans",
    "grade_categories",
    "grade_decisions",
    "grade_proposals",
    "grade_sampling",
    "graded",
    "install",
    "issue_bulletin",
    "issue_push_key",
    "lake",
    "load",
    "loads",
    "note_load",
    "object_to",
    "objection",
    "objections",
    "organ_scores",
    "origins_of_tables",
    "page",
    "probes_of",
    "published",
    "push_rows",
    "pushed_load",
    "raise_grade",
    "record_collection",
    "record_publication",
    "rectifications",
    "refresh",
    "registers",
    "rejected",
    "republish",
    "require_quarantine",
    "returns",
    "score_behind",
    "score_history",
    "set_feed_plan",
    "source",
    "sources",
    "subject_column",
    "suggest_columns",
    "table_scores",
    "tables_about",
    "time_limit",
    "totals",
    "types_of",
    "when_loaded",
    "wish_lookup",
    "withdraw_objection",
]
__all__ += [*register_door.__all__, *neighbour_door.__all__]
