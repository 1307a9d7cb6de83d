"""The synthetic department systems are seeded, realistic and wrong at stated rates."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
import yaml

from yiwang.boot.demo.departments import flaws, outdoors
from yiwang.boot.demo.departments.systems import build_departments
from yiwang.kernel.divisions import Division
from yiwang.kernel.identifiers import gbt11643

VILLAGES = [
    Division(code=f"3213231002{n:02d}", name=f"第{n}村村委会", parent="321323100000")
    for n in range(1, 13)
]
ON = date(2026, 11, 2)


@pytest.fixture
def without_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIWANG_DEMO_POSTGRES", "off")
    monkeypatch.setenv("YIWANG_DEMO_MARIADB", "off")


def residents(folder: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(folder / "police.sqlite") as database:
        rows = database.execute("SELECT GMSFHM, XM, XB, CSRQ, HH FROM HK_RYXX").fetchall()
    database.close()
    return rows


def test_the_same_seed_makes_the_same_county(tmp_path: Path, without_servers: None) -> None:
    one, two = tmp_path / "one" / "departments", tmp_path / "two" / "departments"
    for folder in (one, two):
        build_departments(folder, seed=7, on=ON, villages=VILLAGES, people=3000)

    assert residents(one) == residents(two)
    for name in ("health/死亡登记_一.csv", "human-resources/社保卡账户.csv"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_nearly_all_ids_are_right_and_some_are_wrong(tmp_path: Path, without_servers: None) -> None:
    build_departments(tmp_path / "d", seed=7, on=ON, villages=VILLAGES, people=20_000)
    ids = [row[0] for row in residents(tmp_path / "d")]
    wrong = [text for text in ids if len(text) == 18 and not gbt11643.is_valid(text)]

    assert 0.5 * flaws.CHECK_DIGIT < len(wrong) / len(ids) < 2 * flaws.CHECK_DIGIT
    assert any(text.endswith("x") for text in ids)
    assert any(len(text) == 15 for text in ids)
    assert len(ids) > len(set(ids))


def test_natives_carry_the_prefix_of_their_time(tmp_path: Path, without_servers: None) -> None:
    build_departments(tmp_path / "d", seed=7, on=ON, villages=VILLAGES, people=5000)
    prefixes = {row[0][:6] for row in residents(tmp_path / "d")}

    assert {"322226", "320825", "321323"} <= prefixes


def test_sources_are_bound_in_files_where_no_server_answers(
    tmp_path: Path, without_servers: None
) -> None:
    build_departments(tmp_path / "departments", seed=7, on=ON, villages=VILLAGES, people=500)
    sources = yaml.safe_load((tmp_path / "sources.yaml").read_text())

    assert {binding["kind"] for binding in sources.values()} == {"sqlite", "folder"}
    assert all((tmp_path / binding["path"]).exists() for binding in sources.values())


def test_weather_and_visits_are_written_where_a_pack_collects_them(
    tmp_path: Path, without_servers: None
) -> None:
    towns = [Division(code=f"32132310{n}000", name=f"第{n}镇", parent="321323000000") for n in "12"]
    build_departments(
        tmp_path / "departments", seed=7, on=ON, villages=VILLAGES, people=500, towns=towns
    )
    sources = yaml.safe_load((tmp_path / "sources.yaml").read_text())
    weather = (tmp_path / "departments/weather/逐日气象观测.csv").read_text("gb18030").splitlines()
    visits = (tmp_path / "departments/culture/景区每日接待.csv").read_text("utf-8").splitlines()

    assert {"weather", "culture"} <= sources.keys()
    assert len(weather) == 1 + 2 * outdoors.DAYS
    assert visits[1].startswith("JQ001,第1镇景区,")
    assert any(int(line.split(",")[3]) > int(line.split(",")[4]) for line in visits[1:])
