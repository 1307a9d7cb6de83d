"""What the weather stations and scenic spots of a county report, day by day.

Temperatures follow the year, visitors the week and the holidays; a reading is missing or wrong
now and then, as it is from real stations.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiwang.boot.demo.departments.exports import write_csv
from yiwang.kernel.divisions import Division

FOLDERS = ("weather", "culture")
WEATHER = "站号 站名 日期 最高气温 最低气温 降水量".split()
VISITS = "景区编号 景区名称 日期 接待人次 日最大承载量".split()
DAYS = 400
STATIONS = 4
SPOTS = (("景区", 12_000), ("博物馆", 3_000), ("湿地公园", 8_000))
"""What scenic spots are called after their township, and what they may hold a day."""
HOLIDAYS = ((1, 1, 3), (5, 1, 5), (10, 1, 7))
"""Month, first day and length of the holidays when most people travel."""
MISSING, SWAPPED, CROWDED = 0.004, 0.002, 0.1

Row = tuple[object, ...]


def write_outdoors(
    folder: Path, towns: Sequence[Division], *, on: date, random: Random
) -> dict[str, int]:
    """Write both registers below ``folder``; rows by name."""
    days = [on - timedelta(days=back) for back in range(DAYS, 0, -1)]
    weather = _weather(towns[:STATIONS], days, random)
    visits = _visits(towns, days, random)
    return {
        "weather": write_csv(
            folder / "weather" / "逐日气象观测.csv", WEATHER, weather, encoding="gb18030"
        ),
        "culture": write_csv(folder / "culture" / "景区每日接待.csv", VISITS, visits),
    }


def _weather(towns: Sequence[Division], days: Sequence[date], random: Random) -> Iterator[Row]:
    for day in days:
        mean = 14.5 - 13 * math.cos((day.timetuple().tm_yday - 15) / 365 * math.tau)
        mean += random.gauss(0, 3)
        is_wet = random.random() < (0.4 if 6 <= day.month <= 9 else 0.18)
        for number, town in enumerate(towns, 1):
            high, low = mean + random.uniform(3, 6), mean - random.uniform(3, 6)
            if random.random() < SWAPPED:
                high, low = low, high
            rain = random.expovariate(1 / 9) if is_wet else 0.0
            read = (f"{high:.1f}", f"{low:.1f}", f"{rain:.1f}")
            if random.random() < MISSING:
                read = (*read[:2], "")
            yield (f"{town.code[:6]}{number:02d}", f"{town.name}站", day, *read)


def _visits(towns: Sequence[Division], days: Sequence[date], random: Random) -> Iterator[Row]:
    for number, ((kind, capacity), town) in enumerate(zip(SPOTS, towns, strict=False), 1):
        for day in days:
            share = random.uniform(0.03, 0.12) * (3 if day.weekday() >= 5 else 1)
            if any(m == day.month and 0 <= day.day - d < long for m, d, long in HOLIDAYS):
                share = random.uniform(0.5, 1 + CROWDED)
            yield (f"JQ{number:03d}", f"{town.name}{kind}", day, round(share * capacity), capacity)
