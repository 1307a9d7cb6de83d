"""One net over the territory: grids, reports from everywhere, handling, command."""

import json
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.boot.demo import cast, picture
from yiwang.boot.demo.journey import Balance, Journey, Told

POINTS, LEAK = "grid.points", "hazardous_chemicals.leak"
HALF = 0.0025
"""Half the side of a synthetic cell, in degrees."""
DUTIES = ("城管巡查", "治安巡查", "安全生产巡查")
CITY = "city_management"
REPORTS = (
    ("missing_cover", "众兴路人行道井盖缺失", 118.6931, 33.7191, "众兴路 18 号门前"),
    ("missing_cover", "井盖没有了，很危险", 118.6933, 33.7192, "众兴路小学旁"),
    ("exposed_garbage", "垃圾桶满溢", 118.6991, 33.7231, "人民广场东侧"),
    ("illegal_parking", "消防通道停车", 118.6988, 33.7228, "人民广场地下车库口"),
    ("street_light", "三盏路灯不亮", 118.6611, 33.7352, "城厢老街中段"),
    ("waterlogging", "路口积水过膝", 118.7391, 33.7752, "农贸市场北门"),
    ("road_damage", "路面塌陷约一平方米", 118.7714, 33.6538, "李口码头引路"),
    ("dead_tree", "行道树倒伏", 118.7012, 33.7079, "物流园南路"),
)
CALLS = (
    ("consultation", "高龄津贴什么时候发", 118.694, 33.721),
    ("request", "独居老人家中断水", 118.741, 33.776),
    ("complaint", "早餐店占道且短斤少两", 118.662, 33.736),
)
SEEN = (
    ("risk_control.dispute", "网格走访", "摊主与早餐店为摊位争执", 118.6624, 33.7364),
    ("risk_control.petition", "信访系统", "商户联名反映占道整治", 118.6618, 33.7359),
    ("risk_control.opinion", "舆情系统", "“城厢老街摊位”话题转发增多", 118.6621, 33.7368),
    ("risk_control.dispute_risk", "网格走访", "城厢老街占道整治引发纠纷的风险", 118.6622, 33.7362),
    ("forest_fire.hot_spot", "卫星遥感", "黄河故道林带热点", 118.7291, 33.7909),
    ("forest_fire.hot_spot", "瞭望塔", "黄河故道杨树林有烟", 118.7286, 33.7915),
    ("risk_control.public_safety_risk", "网格走访", "人民广场夜市人流密集", 118.699, 33.723),
)
"""What other packs take in, where the place has them."""


def grids(journey: Journey) -> Told:
    """网格: synthetic cells around the patrol points, a worker with many duties, today's rounds."""
    if "grid.points" not in journey.library.registers():
        return Told(counts={"网格": 0})
    keeper, at = cast.officer(journey, "wangguan"), journey.begun_at
    points = journey.library.entries(POINTS)
    told = casework.import_cells(
        layer=_layer(points),
        source="演示：巡查点周围的方格",
        is_synthetic=True,
        officer=keeper,
        at=at,
    )
    held = {one.code: one for one in casework.cells(officer=keeper)}
    walked = [code for code in held if code.startswith("321323001")]
    for code in walked:
        if not held[code].workers:
            casework.assign_worker(
                cell=code, username=cast.PATROL, duties=DUTIES, officer=keeper, at=at
            )
    begun = casework.begin_rounds(journey.told_at)
    return Told(
        counts={
            "网格": len(held),
            "网格员管的网格": len(walked),
            "职责": len(DUTIES),
            "开始的巡查": begun.counts["巡查任务"],
        },
        balances=[
            Balance("网格 = 新增 + 未变", len(held), told.new + told.unchanged),
        ],
        page=("oversight:grids",),
    )


def reported(journey: Journey) -> Told:
    """上报: an app, the hotline and a phone in the field; what is one thing is one incident."""
    if CITY not in journey.library.packs:
        return Told(counts={"信号": 0})
    at = journey.begun_at + timedelta(hours=2)
    signals = [*_signals(at), *_seen(journey)]
    told = casework.report_signals(signals=signals, actor="demo", at=at)
    numbers = list(dict.fromkeys(one.number for one in told))
    journey.keep(cover=told[0].number, reported=len(told))
    leader = cast.officer(journey, "lingdao")
    counted = sum(casework.incident(one, actor=leader, at=at).merged_signals for one in numbers)
    return Told(
        counts={"信号": len(told), "事件": len(numbers), "并入": len(told) - len(numbers)},
        balances=[Balance("信号一条不少", counted, len(told))],
        page=("oversight:incidents",),
    )


def handled(journey: Journey) -> Told:
    """处置: from the town's desk to the unit, checked on the spot, closed, the reporter called."""
    if not journey.kept.get("cover"):
        return Told(counts={"结案": 0})
    number, begun = str(journey.kept["cover"]), journey.begun_at + timedelta(hours=2)
    steps: tuple[tuple[str, str, float, dict[str, Any]], ...] = (
        ("jiedao", "dispatch", 0.2, {}),
        ("chengguan", "handle", 1.5, {"photo": picture.evidence()}),
        (cast.PATROL, "check", 2.0, {"photo": picture.evidence()}),
        ("jiedao", "close", 2.5, {}),
    )
    leader = cast.officer(journey, "lingdao")
    seen = [one.verb for one in casework.trail(number, actor=leader)]
    for username, verb, hours, evidence in steps:
        if verb not in seen:
            officer, at = cast.officer(journey, username), begun + timedelta(hours=hours)
            casework.act(number=number, verb=verb, officer=officer, at=at, evidence=evidence)
    if "call_back" not in seen:
        _call_back(journey, number, begun + timedelta(hours=5))
    ended = casework.incident(number, actor=leader, at=journey.told_at)
    return Told(
        counts={
            "事件": number,
            "环节": len(casework.trail(number, actor=leader)),
            "结果": ended.case.step_title,
        },
        balances=[Balance("已结案", int(ended.case.state == "ended"), 1)],
        page=("oversight:incident", number),
    )


def _call_back(journey: Journey, number: str, at: datetime) -> None:
    casework.call_back(
        number=number,
        is_reached=True,
        is_satisfied=True,
        text="井盖当天补上，满意",
        officer=cast.officer(journey, "zhihui"),
        at=at,
    )


def command(journey: Journey) -> Told:
    """指挥: who is on duty, a tank over pressure, minutes, an instruction; the plan is ready."""
    if LEAK not in journey.library.plans():
        return Told(counts={"险情": 0})
    duty, at = cast.officer(journey, "zhihui"), journey.told_at - timedelta(hours=1)
    _roster(journey, at)
    number = _over_pressure(journey, at)
    if not casework.minutes_of(number, officer=duty):
        _consult(journey, number, at)
    near = casework.nearest(lon=118.7102, lat=33.7031, officer=duty, at=at)
    return Told(
        counts={
            "险情": number,
            "预案": len(casework.plans(officer=duty)),
            "最近的力量": near[0].title if near else "—",
        },
        page=("oversight:incident_command", number),
    )


def _over_pressure(journey: Journey, at: datetime) -> str:
    tank = journey.library.entries("hazardous_chemicals.tanks")[0]
    (told,) = casework.report_signals(
        signals=[
            casework.NewSignal(
                kind=LEAK,
                source="hazardous_chemicals.over_pressure",
                summary=f"{tank['name']}压力 1.66 兆帕，超过上限",
                object=str(tank["id"]),
                lon=float(str(tank["lon"])),
                lat=float(str(tank["lat"])),
                division=str(tank["division"]),
                origin="demo-leak",
            )
        ],
        actor="sensing",
        at=at,
    )
    return told.number


def _consult(journey: Journey, number: str, at: datetime) -> None:
    duty = cast.officer(journey, "zhihui")
    casework.record_minutes(
        number=number,
        held_at=at,
        chair="程领导",
        attendees="县应急管理局、县公安局、开发区管委会",
        text="先停产撤人，冷却降压；由应急管理局到场核实，公安封控周边道路。",
        officer=duty,
        at=at + timedelta(minutes=2),
    )
    casework.instruct(
        number=number,
        organ="emergency",
        text="危化救援队到一厂液氨罐区核实并降压",
        officer=duty,
        at=at + timedelta(minutes=3),
    )
    casework.write_shift_line(
        text="一厂液氨罐超压，已会商并下达指令",
        officer=duty,
        at=at + timedelta(minutes=4),
        number=number,
    )


def _roster(journey: Journey, at: datetime) -> None:
    duty = cast.officer(journey, "zhihui")
    if casework.on_duty(officer=duty, at=at, ahead=timedelta(days=1)):
        return
    for username, part in (("lingdao", "leader"), ("zhihui", "duty")):
        for day in range(3):
            casework.plan_shift(
                organ=duty.organ,
                username=username,
                part=part,
                begins_at=at + timedelta(days=day, hours=-2),
                ends_at=at + timedelta(days=day, hours=22),
                officer=duty,
                at=at,
            )
    casework.accept_shift(officer=duty, at=at)


def _layer(points: Any) -> bytes:
    """A square around each point, numbered within its township."""
    features, counts = [], dict[str, int]()
    for one in points:
        division, lon, lat = str(one["division"]), float(str(one["lon"])), float(str(one["lat"]))
        counts[division] = counts.get(division, 0) + 1
        west, east, south, north = lon - HALF, lon + HALF, lat - HALF, lat + HALF
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        properties = {
            "code": f"{division}{counts[division]:03}",
            "title": str(one["name"]).replace("（演示）", "网格（演示）"),
            "division": division,
        }
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _signals(at: datetime) -> list[casework.NewSignal]:
    found = [
        casework.NewSignal(
            kind=f"{CITY}.{kind}",
            source="随手拍（演示）",
            summary=text,
            lon=lon,
            lat=lat,
            address=address,
            channel="open311",
            origin=f"demo-{number}",
            seen_at=at - timedelta(minutes=10),
        )
        for number, (kind, text, lon, lat, address) in enumerate(REPORTS)
    ]
    return found + [
        casework.NewSignal(
            kind=f"hotline.{kind}",
            source="热线话务（演示）",
            summary=text,
            lon=lon,
            lat=lat,
            channel="events",
            origin=f"demo-call-{number}",
            contact={"phone": "0527-00000000"},
        )
        for number, (kind, text, lon, lat) in enumerate(CALLS)
    ]


def _seen(journey: Journey) -> list[casework.NewSignal]:
    return [
        casework.NewSignal(
            kind=kind,
            source=f"{source}（演示）",
            summary=text,
            lon=lon,
            lat=lat,
            channel="events",
            origin=f"demo-seen-{number}",
        )
        for number, (kind, source, text, lon, lat) in enumerate(SEEN)
        if kind.partition(".")[0] in journey.library.packs
    ]
