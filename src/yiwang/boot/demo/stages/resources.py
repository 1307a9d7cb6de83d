"""Data resources: collected with quarantine, catalogued with grades, made into golden tables."""

from datetime import timedelta

from yiwang.apps.catalog import public as catalog
from yiwang.apps.subjects import public as subjects
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.demo.stages.archives import digitise
from yiwang.boot.demo.stages.foundation import sources

RETURNED = "base.insured"


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
        catalog.note_load(run, by="demo", at=journey.begun_at)
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
    for ref in _computable(journey):
        made = journey.lake.publish(
            ref,
            journey.library.queries()[ref],
            contract=journey.library.table_contract(ref),
            at=journey.begun_at,
        )
        catalog.record_publication(made, at=journey.begun_at)
        rows[ref] = made.rows
    accepted = journey.lake.count("base.police_resident")
    compared = subjects.reconcile(at=journey.begun_at, lake=journey.lake)
    again = subjects.reconcile(at=journey.begun_at + timedelta(minutes=5), lake=journey.lake)
    return Told(
        counts={
            "表": len(rows),
            "居民": rows["base.resident"],
            "户": rows["base.household"],
            "法人": rows["base.legal_person"],
            "逐值来源": rows["base.person_values"] + rows["base.organization_values"],
            "与权威来源不一致": sum(one.standing for one in compared),
            "自动提出异议": sum(one.objections for one in compared),
        },
        balances=[
            Balance("接收的户籍人口都进入居民表", rows["base.resident"], accepted),
            Balance("再比对一次不多不少", sum(one.opened + one.closed for one in again), 0),
        ],
        page=("steward:datasets",),
    )


def _computable(journey: Journey) -> list[str]:
    """The tables that can be computed now: what the platform records comes later in the story."""
    known = set(journey.lake.tables())
    order = []
    for ref in journey.library.publish_order():
        reads = journey.library.derived.queries[ref].reads
        if all(name in known for name in reads):
            known.add(ref)
            order.append(ref)
    return order


def catalogue(journey: Journey) -> Told:
    """目录: datasets with owner, columns with grade and category."""
    proposed = catalog.discover_grades(at=journey.begun_at, lake=journey.lake)
    _grade(journey)
    found = catalog.datasets()
    columns = [column for one in found for column in catalog.columns_of(one.ref)]
    declared = len(journey.library.feeds()) + len(journey.library.tables())
    return Told(
        counts={
            "数据资源": len(found),
            "字段": len(columns),
            "分级建议": proposed,
            "档案数字化批次": digitise(journey),
            "三级以上字段": sum((column.grade or 0) >= 3 for column in columns),
            "上级回流": _returned(journey),
        },
        balances=[
            Balance("包里声明的数据集都在目录里", len(found), declared),
            Balance("每个字段都有分级", sum(bool(c.grade) for c in columns), len(columns)),
        ],
        page=("steward:datasets",),
    )


def _returned(journey: Journey) -> int:
    """回流台账: social insurance is kept by the province and comes back every day."""
    officer, at = cast.officer(journey, "shuju"), journey.begun_at
    if not catalog.returns():
        catalog.ask_return(
            title="社会保险参保信息",
            level="province",
            provider="省人力资源和社会保障厅",
            purpose="惠民政策比对",
            basis="示例：省集中系统数据回流",
            officer=officer,
            at=at,
        )
    for before, state, answer, feed in (
        ("asked", "agreed", "同意按日回流。", ""),
        ("agreed", "receiving", "已接入。", RETURNED),
    ):
        (one,) = catalog.returns()
        if one.state == before:  # a run that was killed goes on
            catalog.answer_return(
                one.number, state=state, answer=answer, officer=officer, at=at, feed=feed
            )
    return sum(one.state == "receiving" for one in catalog.returns())


def _grade(journey: Journey) -> None:
    """Two proposals decided: a phone number is raised, a public address of firms is not."""
    waiting = catalog.grade_proposals(officer=cast.officer(journey, "shuju"), state="waiting")
    for table, username, accept, reason in (
        ("base.tax_registration", "shuiwu", True, "联系电话多为经办人手机，按个人信息保护。"),
        ("base.firm", "shichang", False, "住所属于依法公示的登记信息，维持原级别。"),
    ):
        for one in waiting:
            if one.table == table and (one.detector_title == "电话号码") == accept:
                catalog.decide_proposal(
                    one.number,
                    accept=accept,
                    reason=reason,
                    officer=cast.officer(journey, username),
                    library=journey.library,
                    at=journey.begun_at + timedelta(minutes=30),
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
        case="演示",
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
