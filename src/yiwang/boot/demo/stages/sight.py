"""What can be seen of it all: indicators down to their rows, a screen, and the sealed journal."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.kernel.clock import system_clock


def indicators(journey: Journey) -> Told:
    """指标: every indicator of the packs, and the rows behind each numerator."""
    at = max(journey.told_at, system_clock())
    tables = boards.publish_platform(journey.lake, at=at)
    catalog.republish(tables, at=at)
    boards.take_snapshots(journey.lake, library=journey.library, at=at)
    taken = boards.indicators()
    counted = [
        one for one in taken if one.unit in ("percent", "count") and one.definition.counts == "rows"
    ]
    rows = sum(
        len(
            boards.drill(
                one, "numerator", lake=journey.lake, library=journey.library, limit=1_000_000
            )
        )
        for one in counted
    )
    return Told(
        counts={
            "指标": len(taken),
            "达标": sum(one.is_met is True for one in taken),
            "缺来源、无法判断": sum(bool(one.unknown) for one in taken),
            "平台自身的表": len(tables),
        },
        balances=[
            Balance("分子 = 下钻到的行数", sum(int(one.numerator) for one in counted), rows),
            Balance("包里声明的指标都取了数", len(taken), len(journey.library.indicators())),
        ],
        page=("steward:indicators",),
    )


def assessment(journey: Journey) -> Told:
    """考核评估: organs scored from the indicators; one of them appeals."""
    bureau, at = cast.officer(journey, "shuju"), max(journey.told_at, system_clock())
    ref, period = next(iter(journey.library.assessments())), f"{at.year}年"
    known = [one.id for one in boards.assessment_runs() if one.period == period]
    run = known[0] if known else _assessed(ref, period, bureau, journey, at)
    lines = boards.ranking(run)
    chief = cast.officer(journey, cast.CHIEF)
    sheet = boards.organ_sheet(run, chief.organ, actor=chief)
    leaves = [line for line in sheet.lines if line.indicator and line.score is not None]
    if not sheet.appeals and leaves:
        boards.appeal(
            run=run,
            organ=chief.organ,
            part=min(leaves, key=lambda line: line.score or 0).id,
            reason="取数时上月的整改还没有回写，请复核。",
            officer=chief,
            at=journey.told_at,
        )
    return Told(
        counts={
            "参评机构": len(lines),
            "有得分": sum(one.score is not None for one in lines),
            "申诉": 1 if leaves else 0,
        },
        balances=[
            Balance(
                "评到一半以上权重的都有名次",
                sum(one.covered >= boards.LEAST_COVERED for one in lines),
                sum(one.rank is not None for one in lines),
            )
        ],
        page=("steward:assessment", str(run)),
    )


def _assessed(
    ref: str, period: str, bureau: identity.Officer, journey: Journey, at: datetime
) -> int:
    return boards.assess(
        ref, period=period, officer=bureau, at=at, lake=journey.lake, library=journey.library
    )


def plan(journey: Journey) -> Told:
    """规划台账: the sample plan read into tasks; those with a known leader are confirmed."""
    officer, at = cast.officer(journey, "shuju"), system_clock()
    text = (journey.library.packs["programme"].folder / "sample" / "plan.md").read_text("utf-8")
    number = _kept_plan(text, journey, at)
    tasks = boards.plan_tasks(number, library=journey.library, at=at)
    for task in tasks:
        leads = tuple(one.organ for one in task.leads if one.organ)
        if task.state == "proposed" and leads:
            said = boards.Confirmed(
                title=task.title, leads=leads, due_on=task.due_on, capabilities=task.capabilities
            )
            boards.confirm_task(
                plan=number, number=task.number, confirmed=said, officer=officer, at=at
            )
    line = boards.plan(number)
    return Told(
        counts={"任务": line.tasks, "已确认": line.confirmed, "待确认": line.proposed},
        balances=[Balance("任务 = 已确认 + 待确认", line.confirmed + line.proposed, line.tasks)],
        page=("steward:plan", str(number)),
    )


def _kept_plan(text: str, journey: Journey, at: datetime) -> int:
    try:
        return boards.keep_plan(
            text,
            capabilities=boards.capabilities_of(journey.library),
            officer=cast.officer(journey, "shuju"),
            at=at,
        )
    except boards.PlanAlreadyRead as known:
        return int(str(known.data["plan"]))


def screen(journey: Journey) -> Told:
    """大屏: every screen answers with all its widgets; the leader composed one of them."""
    leader = cast.officer(journey, "lingdao")
    if not boards.own_screens(officer=leader):
        _compose(leader, journey)
    glance = boards.Glance(lake=journey.lake, library=journey.library, at=system_clock())
    views = [
        boards.drawn(ref, said, glance=glance, actor=leader)
        for ref, said in boards.screens(journey.library).items()
    ]
    widgets = [widget for view in views for widget in view.widgets]
    filled = [
        one
        for one in widgets
        if one.indicator or one.spots or one.areas or one.widget.kind in ("list", "vitals", "text")
    ]
    return Told(
        counts={"大屏": len(views), "部件": len(widgets)},
        balances=[Balance("没有空白部件", len(filled), len(widgets))],
        page=("oversight:screens",),
    )


def _compose(leader: identity.Officer, journey: Journey) -> None:
    """The leader's own screen, begun from the first that the packs made for leaders."""
    library, at = journey.library, system_clock()
    starts = [ref for ref, one in library.screens().items() if one.audience == "leader"]
    title = "领导值守一屏（演示）"
    ref = boards.begin_screen(title=title, start=starts[-1], officer=leader, at=at, library=library)
    boards.publish_screen(ref, officer=leader, at=at, library=library)


def sealed(journey: Journey) -> Told:
    """存证: seal what was recorded, export it, and prove it from the export alone."""
    journal.seal(at=system_clock())
    with TemporaryDirectory(prefix="yiwang-journal-") as name:
        checkpoint = journal.export(Path(name), at=system_clock())
        verdict = journal.verify_export(Path(name), journal.public_key())
    return Told(
        counts={"留痕": checkpoint.size, "区块": verdict.blocks},
        balances=[
            Balance("导出的都核验了", verdict.entries, checkpoint.size),
            Balance("核验没有不符", len(verdict.damages), 0),
        ],
        page=("office:journal",),
    )
