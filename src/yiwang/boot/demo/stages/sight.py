"""What can be seen of it all: indicators down to their rows, a screen, and the sealed journal."""

from pathlib import Path
from tempfile import TemporaryDirectory

from yiwang.apps.boards import public as boards
from yiwang.apps.journal import public as journal
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.kernel.clock import system_clock


def indicators(journey: Journey) -> Told:
    """指标: every indicator of the packs, and the rows behind each numerator."""
    at = max(journey.told_at, system_clock())
    tables = boards.publish_platform(journey.lake, at=at)
    boards.take_snapshots(journey.lake, library=journey.library, at=at)
    taken = boards.indicators()
    counted = [one for one in taken if one.unit in ("percent", "count")]
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
            "平台自身的表": len(tables),
        },
        balances=[
            Balance("分子 = 下钻到的行数", sum(int(one.numerator) for one in counted), rows),
            Balance("包里声明的指标都取了数", len(taken), len(journey.library.indicators())),
        ],
        page=("steward:indicators",),
    )


def screen(journey: Journey) -> Told:
    """大屏: every screen of the packs answers with all its widgets."""
    leader = cast.officer(journey, "lingdao")
    views = [
        boards.screen(
            ref, lake=journey.lake, library=journey.library, actor=leader, at=system_clock()
        )
        for ref in boards.screens(journey.library)
    ]
    widgets = [widget for view in views for widget in view.widgets]
    filled = [one for one in widgets if one.indicator or one.spots or one.areas or one.incidents]
    return Told(
        counts={"大屏": len(views), "部件": len(widgets)},
        balances=[Balance("没有空白部件", len(filled), len(widgets))],
        page=("oversight:screens",),
    )


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
