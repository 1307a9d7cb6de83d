"""Data resources: collected with quarantine, catalogued with grades, made into golden tables."""

from yiwang.apps.catalog import public as catalog
from yiwang.apps.subjects import public as subjects
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.demo.stages.foundation import sources


def collect(journey: Journey) -> Told:
    """归集: every feed, every row accepted or quarantined with its reasons."""
    bound = sources(journey.home)
    runs = []
    for ref, feed in journey.library.feeds().items():
        run = journey.lake.collect(
            journey.library.feed_plan(ref),
            bound[feed.source],
            at=journey.begun_at,
            run=f"demo:{ref}",
        )
        catalog.record_collection(run, at=journey.begun_at)
        runs.append(run)
    read = sum(run.read for run in runs)
    accepted = sum(run.accepted for run in runs)
    rejected = sum(run.rejected for run in runs)
    kept = sum(len(journey.lake.rejected(run.feed, limit=1_000_000)) for run in runs)
    return Told(
        counts={
            "数据集": len(runs),
            "读入": read,
            "接收": accepted,
            "其中带标记": sum(run.flagged for run in runs),
            "隔离": rejected,
        },
        balances=[
            Balance("读入 = 接收 + 隔离", read, accepted + rejected),
            Balance("隔离的行都留有原因", rejected, kept),
        ],
        page=("steward:runs",),
    )


def publish(journey: Journey) -> Told:
    """Golden tables: compute every table of the packs from what was accepted."""
    rows = {}
    for ref in journey.library.publish_order():
        made = journey.lake.publish(
            ref,
            journey.library.queries()[ref],
            contract=journey.library.table_contract(ref),
            at=journey.begun_at,
        )
        catalog.record_publication(made, at=journey.begun_at)
        rows[ref] = made.rows
    accepted = journey.lake.count("base.police_resident")
    return Told(
        counts={
            "表": len(rows),
            "居民": rows["base.resident"],
            "户": rows["base.household"],
            "法人": rows["base.legal_person"],
        },
        balances=[Balance("接收的户籍人口都进入居民表", rows["base.resident"], accepted)],
        page=("steward:datasets",),
    )


def catalogue(journey: Journey) -> Told:
    """目录: datasets with owner, columns with grade and category."""
    found = catalog.datasets()
    columns = [column for one in found for column in catalog.columns_of(one.ref)]
    declared = len(journey.library.feeds()) + len(journey.library.tables())
    return Told(
        counts={
            "数据资源": len(found),
            "字段": len(columns),
            "三级以上字段": sum((column.grade or 0) >= 3 for column in columns),
        },
        balances=[
            Balance("包里声明的数据集都在目录里", len(found), declared),
            Balance("每个字段都有分级", sum(bool(c.grade) for c in columns), len(columns)),
        ],
        page=("steward:datasets",),
    )


def files(journey: Journey) -> Told:
    """一人一档: serving copies, and one person's file opened for a purpose."""
    subjects.publish_files(journey.lake, at=journey.begun_at)
    person = cast.resident(journey)
    cast.create_resident(journey, person)
    file = subjects.person_file(
        id_number=person["id_number"],
        actor=cast.officer(journey, "minzheng"),
        purpose="高龄津贴核实",
        case="DEMO",
        at=journey.begun_at,
    )
    values = [value for section in file.sections for row in section.rows for value in row]
    return Told(
        counts={
            "档案分节": len(file.sections),
            "字段值": len(values),
            "脱敏显示": sum(value.is_masked for value in values),
        },
        balances=[
            Balance(
                "每个值都有来源",
                sum(bool(section.table) for section in file.sections),
                len(file.sections),
            )
        ],
        page=("steward:file",),
    )
