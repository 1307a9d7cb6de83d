"""From a gauge to a closed incident: messages, alert, dispatch, evidence, rating."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.apps.sensing import public as sensing
from yiwang.boot.demo import cast, devices, picture
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.kernel.clock import system_clock
from yiwang.packkit.kinds.work import Verb

STREAM = "water_level.level"


@dataclass(frozen=True)
class Flood:
    """One gauge over its warning level: device, levels."""

    device: str
    normal: float
    crest: float


def messages(journey: Journey) -> Told:
    """感知: readings of all gauges through the real intake, with what devices get wrong."""
    now, stored_before = _beginning(journey)
    flood = _flood(journey)
    sent = [
        *_calm(journey, until=now, but=flood.device),
        *_rise(flood, until=now),
        *_wrong(journey, now),
    ]
    refused_before = sensing.quarantined(limit=0)[0]
    way = devices.send(sent, library=journey.library)
    stored = sensing.count_readings() - stored_before
    refused = sensing.quarantined(limit=0)[0] - refused_before + way.turned_away
    raised = [one for one in sensing.devices(stream=STREAM) if one.alert]
    journey.keep(incident=raised[0].incident if raised else "")
    return Told(
        counts={
            "通道": way.channel,
            "报文": len(sent),
            "采纳": stored,
            "隔离或拒收": refused,
            "重复": len(sent) - stored - refused,
            "预警": len(raised),
        },
        balances=[
            Balance("报文 = 采纳 + 隔离或拒收 + 重复（1）", len(sent), stored + refused + 1),
            Balance("一处超警戒只有一个事件", len({one.incident for one in raised}), 1),
        ],
        page=("oversight:devices",),
    )


def _beginning(journey: Journey) -> tuple[datetime, int]:
    """When the rain began and how many readings there were, also after a restart soon after.

    Readings sent again are the same readings; after a longer pause they would all come late.
    """
    known, now = journey.kept.get("rain"), system_clock()
    if isinstance(known, list):
        at = datetime.fromisoformat(known[0])
        if now - at < timedelta(minutes=8):
            return at, int(known[1])
    stored = sensing.count_readings()
    journey.keep(rain=[now.isoformat(), stored])
    return now, stored


def incident(journey: Journey) -> Told:
    """处置: dispatched to the patrol, closed with evidence, rated; every hop clocked."""
    number = str(journey.kept["incident"])
    leader = cast.officer(journey, "lingdao")
    _move(journey, number, "zhihui", "dispatch")
    _move(
        journey,
        number,
        cast.PATROL,
        "handle",
        evidence={"photo": picture.evidence()},
        reason="已到现场，闸门开启泄水。",
    )
    flood = _flood(journey)
    devices.send(_fall(flood, until=system_clock()), library=journey.library)
    level = next(one.value for one in sensing.devices(stream=STREAM) if one.id == flood.device)
    normal = f"水位 {level} 米，已低于警戒水位"
    _move(journey, number, "shuili", "close", evidence={"reading_normal": normal})
    ended = casework.case(number, actor=leader, at=system_clock())
    if ended.rating is None:
        casework.rate(number=number, score=5, comment="处置及时", actor=leader, at=system_clock())
    standing = [one for one in sensing.devices(stream=STREAM) if one.alert]
    return Told(
        counts={
            "事件": number,
            "经过环节": len(casework.trail(number, actor=leader)),
            "结果": ended.step_title,
            "评价": "5 分",
        },
        balances=[
            Balance("事件已结案", int(ended.state == "ended"), 1),
            Balance("水位恢复后预警解除", len(standing), 0),
        ],
        page=("oversight:incident", number),
    )


def _move(journey: Journey, number: str, username: str, verb: Verb, **given: Any) -> None:
    """Make the move, unless a run that was killed made it before."""
    officer = cast.officer(journey, username)
    seen = {line.verb for line in casework.trail(number, actor=cast.officer(journey, "lingdao"))}
    if verb not in seen:
        casework.act(number=number, verb=verb, officer=officer, at=system_clock(), **given)


def _flood(journey: Journey) -> Flood:
    gauge = cast.flooded_gauge(journey)
    warning, normal = float(str(gauge["warning_level"])), float(str(gauge["normal_level"]))
    return Flood(str(gauge["id"]), normal, warning + 0.62)


def _calm(journey: Journey, *, until: datetime, but: str) -> list[sensing.Message]:
    """Fifty quiet minutes of the other gauges."""
    gauges = journey.library.entries("water_level.gauges")
    return [
        reading(
            str(gauge["id"]),
            until - timedelta(minutes=minute),
            float(str(gauge["normal_level"])) + minute % 7 / 100,
        )
        for gauge in gauges
        if gauge["id"] != but
        for minute in range(50, 0, -5)
    ]


def _rise(flood: Flood, *, until: datetime) -> list[sensing.Message]:
    """The gauge rises for 25 minutes and stays over its warning level for 20."""
    levels = [
        flood.normal + (flood.crest - flood.normal) * min(1.0, (50 - minute) / 25)
        for minute in range(50, 5, -1)
    ]
    times = [until - timedelta(minutes=minute) for minute in range(50, 5, -1)]
    return [reading(flood.device, at, level) for at, level in zip(times, levels, strict=True)]


def _fall(flood: Flood, *, until: datetime) -> list[sensing.Message]:
    """The gauge falls below its warning level within four minutes."""
    return [
        reading(
            flood.device,
            until - timedelta(minutes=minute),
            flood.normal + (flood.crest - flood.normal) * minute / 5,
        )
        for minute in range(4, -1, -1)
    ]


def _wrong(journey: Journey, now: datetime) -> list[sensing.Message]:
    """What devices get wrong: no number, the far future, nonsense, a stranger, the same twice."""
    _, second, third, *_ = (str(one["id"]) for one in journey.library.entries("water_level.gauges"))
    twice = reading(second, now - timedelta(minutes=51), 15.2)
    return [
        sensing.Message(second, f'{{"at": "{now.isoformat()}", "value": NaN}}'.encode()),
        reading(third, now + timedelta(days=3650), 15.0),
        sensing.Message(third, b"\x7e\x7e\x01\x00"),
        reading(third, now, 99.0),
        reading("nobody", now, 15.0),
        twice,
        twice,
    ]


def reading(device: str, at: datetime, value: float) -> sensing.Message:
    """A message as a device sends it."""
    content = {"at": at.isoformat(), "value": round(value, 3)}
    return sensing.Message(device, json.dumps(content).encode())
