"""What officers begin by hand: a meeting and its decisions, a camera looked at, an algorithm bound.

A place without one of the packs leaves that part out.
"""

from datetime import datetime, timedelta

from yiwang.apps.casework import public as casework
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

Acts = tuple[tuple[str, str, dict[str, str]], ...]
"""Who does what, with which evidence or reason, one after the other."""

HELD = {"到会单位": "十二个成员单位", "议定事项数": "2", "minutes": "议定归集、整改两项。"}
MEETING: Acts = (
    ("shuju", "submit", {"议题": "数据归集和整改", "会议时间": "周四上午"}),
    ("shuju", "handle", HELD),
    ("lingdao", "approve", {}),
)
TASK: Acts = (
    ("minzhengshuju", "accept", {}),
    ("minzhengshuju", "handle", {"reason": "低保数据已归集，差错已改正。"}),
    ("shuju", "close", {}),
)
VIEWING: Acts = (("shipin", "approve", {"水印文字": "指挥中心 值班 演示"}),)


def begun(journey: Journey) -> Told:
    """会议、议定事项、视频调阅: begun by their posts, one task carried out and one left open."""
    flows, at = journey.library.flows(), journey.begun_at + timedelta(hours=3)
    if "leading_group.meeting" not in flows:
        return Told(counts={"会议": 0})
    meeting = _go(journey, "leading_group.meeting", "H03", "shuju", at, MEETING)
    done = _go(journey, "leading_group.task", meeting, "shuju", at, TASK, unit="civil-affairs")
    _go(journey, "leading_group.task", meeting, "shuju", at, (), "整改", unit="health")
    counts: dict[str, int | str] = {"会议": meeting, "议定事项": 2}
    if "cameras.viewing" in dict(casework.beginnings(officer=cast.officer(journey, "zhihui"))):
        _go(journey, "cameras.viewing", "CAM0001", "zhihui", at, VIEWING)
        counts["视频调阅"] = 1
    shuju = cast.officer(journey, "shuju")
    ended = casework.case(done, actor=shuju, at=journey.told_at)
    return Told(
        counts=counts,
        balances=[Balance("一项已落实", int(ended.step == "done"), 1)],
        page=("office:case", done),
    )


def began(
    journey: Journey, flow: str, about: str, by: str, at: datetime, purpose: str, **parties: str
) -> str:
    """The number of a case begun by hand, or of the one that a killed run began."""
    kept = f"begun {flow} {purpose}"
    number = str(journey.kept.get(kept, ""))
    if not number:
        number = casework.begin_case(
            flow=flow,
            about=about,
            purpose=purpose,
            parties=parties,
            officer=cast.officer(journey, by),
            at=at,
        ).number
        journey.keep(**{kept: number})
    return number


def _go(
    journey: Journey,
    flow: str,
    about: str,
    by: str,
    at: datetime,
    acts: Acts,
    purpose: str = "按计划",
    **parties: str,
) -> str:
    """Begin one, or find the one begun before, and let it go on from where it stands."""
    number = began(journey, flow, about, by, at, purpose, **parties)
    made = [one.verb for one in casework.trail(number, actor=cast.officer(journey, by))]
    for turn, (username, verb, given) in enumerate(acts, 1):
        if verb not in made:
            evidence = {name: text for name, text in given.items() if name != "reason"}
            casework.act(
                number=number,
                verb=verb,
                officer=cast.officer(journey, username),
                at=at + timedelta(minutes=20 * turn),
                reason=given.get("reason", ""),
                evidence=evidence,
            )
    return number
