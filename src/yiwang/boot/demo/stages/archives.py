"""Digitising: a few planned batches of paper archives go their way, one of them back and again."""

from datetime import timedelta

from yiwang.apps.casework import public as casework
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Journey

FLOW = "digitising.batch"
WAYS = (
    ("handle", "handle", "close"),
    ("handle", "handle", "close"),
    ("handle", "handle", "return", "handle", "handle", "close"),
    ("handle", "handle"),
    ("handle",),
    (),
)


def digitise(journey: Journey) -> int:
    """Open the first batches of the plan and let each go as far as its way says; how many."""
    if FLOW not in journey.library.flows():
        return 0
    planned = journey.library.entries("digitising.batches")
    for batch, way in zip(planned, WAYS, strict=False):
        case = casework.open_case(
            flow=FLOW,
            subject=str(batch["id"]),
            title=f"档案数字化批次 {batch['id']}（{batch['volumes']} 卷）",
            organ="archives",
            division=journey.library.place.division,
            facts={"batch": str(batch["id"])},
            actor="demo",
            at=journey.begun_at,
        )
        for step, verb in enumerate(way, 1):
            is_check = verb in ("close", "return")
            casework.act(
                number=case.number,
                verb=verb,
                officer=cast.officer(journey, "hedui" if is_check else "dangan"),
                at=journey.begun_at + timedelta(hours=step),
                reason="图像不清，退回重扫。" if verb == "return" else "",
            )
    return min(len(planned), len(WAYS))
