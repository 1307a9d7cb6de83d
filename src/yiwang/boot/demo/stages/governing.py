"""One net over the territory: grids, reports from everywhere, handling, command."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.casework import public as casework
from yiwang.boot.demo import cast, picture
from yiwang.boot.demo.journey import Balance, Journey, Told

POINTS, LEAK, TANKS = "grid.points", "hazardous_chemicals.leak", "hazardous_chemicals.tanks"
HALF = 0.0025
"""Half the side of a synthetic cell, in degrees."""
DUTIES = ("城管巡查", "治安巡查", "安全生产巡查")
CITY, HOTLINE = "city_management", "hotline"
REPORTS = (
    ("missing_cover", "人行道井盖缺失", 0, "18 号门前"),
    ("missing_cover", "井盖没有了，很危险", 0, "18 号门前"),
    ("exposed_garbage", "垃圾桶满溢", 1, "东侧"),
    ("illegal_parking", "消防通道停车", 1, "地下车库口"),
    ("street_light", "三盏路灯不亮", 2, "中段"),
    ("waterlogging", "路口积水过膝", 3, "北门"),
    ("road_damage", "路面塌陷约一平方米", 4, "引路"),
    ("dead_tree", "行道树倒伏", 5, "南侧"),
)
"""Kind, words, and by which of the place's patrol points it was seen."""
HEARD = (
    ("hotline.consultation", "热线话务", "高龄津贴什么时候发", 0),
    ("hotline.request", "热线话务", "独居老人家中断水", 3),
    ("hotline.complaint", "热线话务", "早餐店占道且短斤少两", 2),
    ("risk_control.dispute", "网格走访", "摊主与早餐店为摊位争执", 2),
    ("risk_control.petition", "信访系统", "商户联名反映占道整治", 2),
    ("risk_control.opinion", "舆情系统", "“老街摊位”话题转发增多", 2),
    ("risk_control.dispute_risk", "网格走访", "老街占道整治引发纠纷的风险", 2),
    ("risk_control.public_safety_risk", "网格走访", "人民广场夜市人流密集", 1),
    ("forest_fire.hot_spot", "卫星遥感", "河堤林带热点", 4),
    ("forest_fire.hot_spot", "瞭望塔", "河堤杨树林有烟", 4),
    ("safe_production.hazard", "群众举报", "车间安全通道堆满板材", 5),
    ("fire_safety.facility_fault", "网格走访", "消火栓没有水", 1),
    ("construction_safety.hazard", "群众举报", "塔机吊物从人行道上方经过", 0),
    ("natural_disaster.danger", "群测群防", "堤岸内侧出现裂缝", 4),
    ("natural_disaster.weather_warning", "气象台", "暴雨黄色预警信号", 0),
)
"""What else is heard, by packs that not every place has: kind, sender, words, patrol point."""


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
    town = str(cast.flooded_gauge(journey)["division"])  # where the patrol of the story works
    walked = [code for code in held if code.startswith(town)]
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
    signals = [*_reports(journey, at), *_heard(journey)]
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
        (cast.TOWN_DESK, "dispatch", 0.2, {}),
        ("chengguan", "handle", 1.5, {"photo": picture.evidence()}),
        (cast.PATROL, "check", 2.0, {"photo": picture.evidence()}),
        (cast.TOWN_DESK, "close", 2.5, {}),
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
    tank = journey.library.entries(TANKS)[0]
    near = casework.nearest(
        lon=float(str(tank["lon"])), lat=float(str(tank["lat"])), officer=duty, at=at
    )
    return Told(
        counts={
            "险情": number,
            "预案": len(casework.plans(officer=duty)),
            "最近的力量": near[0].title if near else "—",
        },
        page=("oversight:incident_command", number),
    )


def _over_pressure(journey: Journey, at: datetime) -> str:
    tank = journey.library.entries(TANKS)[0]
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
    tank = str(journey.library.entries(TANKS)[0]["name"]).replace("（演示）", "")
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
        text=f"危化救援队到{tank}区核实并降压",
        officer=duty,
        at=at + timedelta(minutes=3),
    )
    casework.write_shift_line(
        text=f"{tank}超压，已会商并下达指令",
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


def _reports(journey: Journey, at: datetime) -> list[casework.NewSignal]:
    found = []
    for number, (kind, text, spot, beside) in enumerate(REPORTS):
        one = casework.NewSignal(
            kind=f"{CITY}.{kind}",
            source="随手拍（演示）",
            summary=text,
            address=str(_point(journey, spot)["name"]).replace("（演示）", beside),
            channel="open311",
            origin=f"demo-{number}",
            seen_at=at - timedelta(minutes=10),
        )
        found.append(_placed(one, _point(journey, spot), 0.0001 + number % 2 / 10_000))
    return found


def _heard(journey: Journey) -> list[casework.NewSignal]:
    found = []
    for number, (kind, source, text, spot) in enumerate(HEARD):
        if kind.partition(".")[0] not in journey.library.packs:
            continue
        one = casework.NewSignal(
            kind=kind,
            source=f"{source}（演示）",
            summary=text,
            channel="events",
            origin=f"demo-heard-{number}",
            contact={"phone": "000-00000000"} if kind.startswith(HOTLINE) else {},
        )
        found.append(_placed(one, _point(journey, spot), 0.001 + number / 10_000))
    return found


def _point(journey: Journey, spot: int) -> Mapping[str, object]:
    """A patrol point of the place; one with few has them again."""
    points = journey.library.entries(POINTS)
    return points[spot % len(points)]


def _placed(
    signal: casework.NewSignal, point: Mapping[str, object], step: float
) -> casework.NewSignal:
    lon, lat = float(str(point["lon"])), float(str(point["lat"]))
    return replace(signal, lon=lon + step, lat=lat + step)
