"""The ground: department systems, organs and accounts, everything the packs declare."""

from pathlib import Path

import yaml

from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.departments import outdoors
from yiwang.boot.demo.departments.systems import build_departments
from yiwang.boot.demo.journey import Balance, Journey, Told
from yiwang.boot.installing import renew
from yiwang.lake import Source


def departments(journey: Journey) -> Told:
    """Write the synthetic department systems."""
    asked = {one.source for one in journey.library.feeds().values()}
    built = build_departments(
        journey.home / "departments",
        seed=journey.seed,
        on=journey.begun_at.date(),
        villages=cast.all_villages(journey),
        people=journey.people,
        towns=cast.towns(journey) if asked & {*outdoors.FOLDERS} else (),
    )
    servers = [s["kind"] for s in built.sources.values() if s["kind"] in ("postgres", "mariadb")]
    return Told(
        counts={
            "户籍人口": built.rows["police.HK_RYXX"],
            "户": built.rows["police.HK_HXX"],
            "市场主体": built.rows["market"],
            "部门系统": len(built.sources),
            "其中数据库服务器": "、".join(servers) or "无",
        },
        balances=[Balance("法人行数与设定一致", built.rows["market"], 3_000)],
        page=("steward:home",),
    )


def packs(journey: Journey) -> Told:
    """Install what the packs of the place declare, and make the demo accounts."""
    written = renew(journey.library, home=journey.home, at=journey.begun_at)
    for part in cast.parts(journey):
        cast.create(journey, part)
    entries = sum(len(journey.library.entries(ref)) for ref in journey.library.registers())
    return Told(
        counts={
            "包": len(journey.library.packs),
            "机构": len(identity.organs()),
            "名录": len(written),
            "演示账户": len(cast.parts(journey)),
        },
        balances=[Balance("名录条目全部入湖", sum(written.values()), entries)],
        page=("office:home",),
    )


def sources(home: Path) -> dict[str, Source]:
    """The department systems by name, as ``sources.yaml`` binds them."""
    bound = yaml.safe_load((home / "sources.yaml").read_text(encoding="utf-8"))
    return {name: Source.of(binding, home=home) for name, binding in bound.items()}
