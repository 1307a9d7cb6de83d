"""From field stations to readings: hydrology over SL 651, construction dust over HJ 212."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from yiwang.apps.sensing import public as sensing
from yiwang.boot.demo import stations as field
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.kernel.clock import CHINA, system_clock

FLOOD, DUST = "flood_drought.stations", "construction_dust.sites"
REPORTED: Mapping[str, Mapping[str, Sequence[int]]] = {
    "public_health.units": {"fever": (0, 1, 2), "diarrhoea": (0, 0, 1), "rash": (0, 0, 1)},
    "forest_fire.stations": {"humidity": (48, 52, 55), "wind": (2, 3), "rain": (0,)},
}
"""What packs take in by reading, stream by stream: what is usual."""
WET = 3
"""Stations at which it rains heavily."""


def stations(journey: Journey) -> Told:
    """遥测站: every station reports, some get it wrong, rain falls hard on a few."""
    registers = journey.library.registers()
    if FLOOD not in registers or not journey.library.entries(FLOOD):
        return Told(counts={"遥测站": 0}, balances=[], page=("oversight:devices",))
    now = system_clock().astimezone(CHINA).replace(second=0, microsecond=0)
    before = sensing.count_readings()
    wrong_before = sensing.quarantined(limit=0)[0]
    hydrology = _hydrology(journey, now)
    hydrology.append(_bent(hydrology[0]))
    with field.door("sl651", library=journey.library) as port:
        field.send(hydrology, port=port)
    dust = _dust(journey, now) if DUST in registers else []
    if dust:
        dust.append(_bent(dust[0]))
        with field.door("hj212", library=journey.library) as port:
            field.send(dust, port=port)
    daily = _daily(journey, now)
    sensing.intake(daily, library=journey.library, at=system_clock())
    stored = sensing.count_readings() - before
    refused = sensing.quarantined(limit=0)[0] - wrong_before
    return Told(
        counts={
            "SL 651 报文": len(hydrology),
            "HJ 212 报文": len(dust),
            "单位日报": len(daily),
            "读数": stored,
            "隔离": refused,
            "正在预警": sensing.alerts(limit=0, is_open=True)[0],
        },
        balances=[Balance("校验码不对的报文都被隔离", refused, 1 + bool(dust))],
        page=("oversight:devices",),
    )


def _hydrology(journey: Journey, now: datetime) -> list[bytes]:
    """Rain, level and voltage of every station, now; heavy rain where it is wet."""
    draw = random.Random(journey.seed)
    known = journey.library.entries(FLOOD)
    passwords = {str(one["id"]): f"{draw.randrange(65_536):04X}" for one in known}
    sensing.issue_wire_passwords(passwords=passwords, at=system_clock())
    frames = []
    for number, one in enumerate(known):
        level = float(str(one["normal_level"])) + draw.gauss(0, 0.05)
        rain = 36.0 if number < WET else draw.choice((0, 0, 0, 0.5))
        values = {"20": rain, "39": round(level, 3), "38": round(draw.gauss(12.4, 0.1), 2)}
        address, password = str(one["address"]), passwords[str(one["id"])]
        frames.append(field.hydrology_frame(address, password, now, values, number))
    return frames


def _dust(journey: Journey, now: datetime) -> list[bytes]:
    """Half an hour of every site's monitor, each with the sum that its device computes."""
    draw = random.Random(journey.seed)
    known = journey.library.entries(DUST)
    passwords = {str(one["id"]): f"{draw.randrange(10**6):06d}" for one in known}
    sensing.issue_wire_passwords(passwords=passwords, at=system_clock())
    return [
        field.environment_frame(
            str(one["mn"]),
            passwords[str(one["id"])],
            now - timedelta(minutes=minute),
            {
                "a34002": round(draw.gauss(70, 8)),
                "a34004": round(draw.gauss(35, 5)),
                "LA": round(draw.gauss(58, 2), 1),
            },
            str(one["crc"]),
        )
        for one in known
        for minute in range(25, -1, -5)
    ]


def _daily(journey: Journey, now: datetime) -> list[sensing.Message]:
    """Four days of what is usual; many have a fever in the first unit that reports symptoms."""
    draw, known = random.Random(journey.seed), journey.library.registers()
    return [
        sensing.Message(str(one["id"]), _said(stream, number, usual, at, draw), "http", stream)
        for register, streams in REPORTED.items()
        for number, one in enumerate(journey.library.entries(register) if register in known else ())
        for at in (now - timedelta(days=day) for day in (3, 2, 1, 0))
        for stream, usual in streams.items()
    ]


def _said(
    stream: str, number: int, usual: Sequence[int], at: datetime, draw: random.Random
) -> bytes:
    value = 12 if (stream, number) == ("fever", 0) else draw.choice(usual)
    return json.dumps({"at": at.isoformat(), "value": value}).encode()


def _bent(frame: bytes) -> bytes:
    """The frame with one digit changed on the way."""
    place = len(frame) // 2
    return frame[:place] + bytes([frame[place] ^ 1]) + frame[place + 1 :]
