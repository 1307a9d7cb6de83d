"""The accounts of the demo county: one for every part, all with one generated password."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from yiwang.apps.identity import public as identity
from yiwang.boot.demo.journey import Journey
from yiwang.boot.secret_files import kept_secret
from yiwang.kernel.clock import system_clock
from yiwang.kernel.divisions import Division


@dataclass(frozen=True)
class Part:
    """An account and what to look at with it."""

    username: str
    name: str
    look: str
    organ: str = ""
    post: str = ""
    divisions: tuple[str, ...] = ()
    duty: str = ""


OFFICERS = (
    Part("shuju", "陈数据", "县数据局：目录、归集、质量、指标", "data-bureau", "数据管理员"),
    Part("gongan", "周户籍", "县公安局：审核数据需求", "public-security", "数据专员"),
    Part("minzheng", "吴民政", "县民政局：津贴名单、复核、一人一档", "civil-affairs", "民政经办"),
    Part(
        "shichang", "孙市场", "县市场监管局：另一部门的人，看不到别人的办件", "market", "数据专员"
    ),
    Part("zhihui", "韩指挥", "指挥中心：派遣水位事件、大屏", "command-center", "指挥中心值班员"),
    Part("shuili", "蒋水利", "县水利局：核查结案、感知设备", "water", "水利值班员"),
    Part("lingdao", "程领导", "分管领导：指标和大屏", "command-center", "分管领导"),
    Part("xitong", "系统管理员", "系统管理：账户与机构", duty="system"),
    Part("anquan", "安全管理员", "安全管理：限值与解锁", duty="security"),
    Part("shenji", "审计管理员", "审计管理：全部留痕", duty="audit"),
)

VILLAGES = 5
"""How many villages the clerk of the story looks after."""

VILLAGE_CLERK, PATROL, RESIDENT = "cunwu", "xuncha", "jumin"
"""Made where the story takes place: the village with most candidates, the flooded gauge's town."""


def parts(journey: Journey) -> list[Part]:
    """Every part, with the village clerk and the patrol in their divisions."""
    villages, gauge = story_villages(journey), flooded_gauge(journey)
    place = villages[0]
    town = journey.library.divisions.get(str(gauge["division"]))
    return [
        *OFFICERS,
        Part(
            VILLAGE_CLERK,
            "钱村务",
            f"{place.name}等{len(villages)}个村（居）的村务员：核实津贴名单（手机）",
            _organ_of(journey, place.parent),
            "村务员",
            tuple(one.code for one in villages),
        ),
        Part(
            PATROL,
            "赵巡查",
            f"{town.name}巡查员：现场处置、拍照（手机）",
            _organ_of(journey, town.code),
            "巡查员",
            (town.code,),
        ),
    ]


def story_villages(journey: Journey) -> list[Division]:
    """The villages whose lists are confirmed in the story: the first of the first township."""
    first = all_villages(journey)[0]
    return [one for one in all_villages(journey) if one.parent == first.parent][:VILLAGES]


def all_villages(journey: Journey) -> list[Division]:
    """The lowest divisions of the place: where households live."""
    tree = journey.library.divisions
    within = tree.descendants(journey.library.place.division)
    return [division for division in within if not tree.children(division.code)]


def flooded_gauge(journey: Journey) -> Mapping[str, object]:
    """The gauge that rises over its warning level."""
    return journey.library.entries("water_level.gauges")[0]


def resident(journey: Journey) -> dict[str, str]:
    """The resident whose file is opened: the oldest of the story's villages with a good account.

    In a county of few people perhaps one without: then the oldest.
    """
    found = journey.lake.rows(
        "SELECT id_number, name, division FROM elder_allowance.candidate_base "
        "WHERE is_alive AND phone IS NOT NULL AND birth_on < $born ORDER BY "
        "CASE WHEN account_status = '1' AND account_holders = 1 THEN 0 ELSE 1 END, birth_on",
        values={"born": journey.begun_at.date() - timedelta(days=366 * 70)},
    )
    villages = {one.code for one in story_villages(journey)}
    return next(one for one in found if one["division"] in villages)


def _organ_of(journey: Journey, division: str) -> str:
    return next(
        name
        for name, organ in journey.library.organs().items()
        if organ.division == division and name.startswith("town-")
    )


def demo_password(home: Path) -> str:
    """The password of all demo accounts: made once, kept readable by the owner only."""
    return kept_secret(
        home / "secrets" / "demo_password", make=lambda: f"Yw-{secrets.token_urlsafe(9)}-7a"
    )


def create(journey: Journey, part: Part) -> None:
    """Make the account unless a killed run made it before."""
    try:
        identity.account(part.username, at=journey.begun_at)
    except identity.AccountUnknown:
        identity.create_account(
            username=part.username,
            name=part.name,
            password=demo_password(journey.home),
            password_at=system_clock(),  # the story may lie months back, its passwords do not
            at=journey.begun_at,
            organ=part.organ,
            posts=[part.post] if part.post else [],
            divisions=part.divisions,
            duty=part.duty,
        )


def create_resident(journey: Journey, person: Mapping[str, str]) -> None:
    """The resident's own account, for ``person`` of the golden table."""
    try:
        identity.account(RESIDENT, at=journey.begun_at)
    except identity.AccountUnknown:
        identity.create_account(
            username=RESIDENT,
            name=person["name"],
            password=demo_password(journey.home),
            password_at=system_clock(),  # the story may lie months back, its passwords do not
            at=journey.begun_at,
            kind="person",
            subject=person["id_number"],
        )


def officer(journey: Journey, username: str) -> identity.Officer:
    """The officer behind a part."""
    return identity.officer(username, at=journey.begun_at)
