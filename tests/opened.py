"""Open data in the county of the tests: tables in the lake, and releases proposed and agreed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from cast import NINE
from county import County
from prepared import library

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import Release, ReleaseKeyword, ReleaseVersion
from yiwang.apps.identity import public as identity

PROFILE, HOMES, TOWNS = (
    "open_data.resident_profile",
    "open_data.elder_home_list",
    "open_data.population_by_town",
)
WORDS = ("养老", "人口", "水位", "企业", "学校", "公园", "道路")
SECRET = "绝密不开放"
"""Stands in a column that no release names: it must never be answered."""


def homes(count: int = 12) -> list[dict[str, object]]:
    """Homes for the old, with what makes files and searches stumble."""
    names = ("甲,\r\n“乙”", "𠮷祥院", "=1+1", "a' OR 1=1 --", "颐和院", "夕照院")
    return [
        {
            "id": f"EH{n:03d}",
            "name": f"{names[n % len(names)]}{n}",
            "kind": ("公办", "民办")[n % 2],
            "township": f"321323{100 + n % 5:03d}000",
            "lon": Decimal("118.69") + Decimal(n) / 1000,
            "lat": Decimal("33.72"),
            "beds": 10 * n,
            "has_nursing": n % 3 == 0,
            "opened_on": date(2010, 1, 1) + timedelta(days=n),
        }
        for n in range(count)
    ]


def residents(count: int = 400) -> list[dict[str, object]]:
    """Residents of two townships and ten villages; ``ethnic`` holds the secret."""
    return [
        {
            "id_number": f"{SECRET}{n}",
            "sex": str(1 + n % 2),
            "birth_on": date(1940, 1, 1) + timedelta(days=97 * (n % 100)),
            "ethnic": SECRET,
            "division": f"321323{1 + n // 200:03d}{n % 5:03d}",
        }
        for n in range(count)
    ]


def towns() -> list[dict[str, object]]:
    """Groups of persons; one has fewer than any threshold."""
    columns = library().table(TOWNS).columns
    return [
        {
            **dict.fromkeys(columns, 100 + n),
            "township": f"321323{100 + n:03d}000",
            "men": 100 if n else 2,
        }
        for n in range(5)
    ]


@cache
def fill() -> None:
    """Write the tables once per test process."""
    for table, rows in ((PROFILE, residents()), (HOMES, homes()), (TOWNS, towns())):
        write(table, rows)


def write(table: str, rows: list[dict[str, object]], *, at=NINE) -> None:
    """A new snapshot of a table."""
    columns = {name: one.type for name, one in library().table(table).columns.items()}
    catalog.lake().write(table, rows, columns=columns, at=at)


HOMES_OPEN = exchange.Proposal(
    name="elder-homes",
    title="养老机构名录",
    table=HOMES,
    columns=("id", "name", "kind", "township", "lon", "lat", "beds", "has_nursing", "opened_on"),
    terms="unconditional",
    theme="health-care",
    license="county-open",
    contact="县民政局养老服务科",
    description="全县养老机构。",
    keywords=("养老", "床位"),
    division="321323000000",
)
BANDS = exchange.Proposal(
    name="resident-bands",
    title="居民特征（概化）",
    table=PROFILE,
    columns=("sex", "birth_on", "division"),
    terms="conditional",
    theme="population",
    license="county-conditional",
    contact="县公安局人口管理科",
    coarse={"birth_on": "years:10", "division": "digits:9"},
    keywords=("人口",),
)
DETAILS = replace(BANDS, name="resident-details", title="居民特征（按出生日期）", coarse={})


def proposer(county: County, proposal: exchange.Proposal):
    """The data officer of the organ that owns the table."""
    return county.chen if proposal.table in (PROFILE, TOWNS) else county.li


def published(
    county: County, proposal: exchange.Proposal = HOMES_OPEN, *, at=NINE, **changes: object
) -> exchange.ReleaseView:
    """Propose, and let the bureau agree."""
    fill()
    wanted = replace(proposal, **changes)
    made = exchange.propose_release(wanted, officer=proposer(county, wanted), at=at)
    assert made.state == "waiting", made.measured
    return exchange.decide_release(made.name, agree=True, reason="", officer=county.gu, at=at)


def copies(count: int) -> list[str]:
    """Many releases beside the first, written straight into the database; their idents."""
    row = Release.objects.order_by("pk").first()
    assert row is not None
    organs = [one.id for one in identity.organs()]
    themes = [one.id for one in exchange.themes()]
    rows = [
        Release(
            **{
                **{field.name: getattr(row, field.name) for field in Release._meta.fields},
                "id": None,
                "ident": f"01990000-0000-7000-8000-{n:012d}",
                "name": f"many-{n:05d}",
                "title": f"数据集{n:05d}",
                "organ": organs[n % len(organs)],
                "theme": themes[n % len(themes)],
                "changed_at": NINE + timedelta(seconds=n + 1),
                "folded": f"数据集{n:05d} many {WORDS[n % len(WORDS)]}",
            }
        )
        for n in range(count)
    ]
    made = Release.objects.bulk_create(rows)
    ReleaseKeyword.objects.bulk_create(
        [ReleaseKeyword(release=one, word=WORDS[n % len(WORDS)]) for n, one in enumerate(made)]
    )
    version = ReleaseVersion.objects.filter(release=row)[0]
    same = {f.name: getattr(version, f.name) for f in ReleaseVersion._meta.fields}
    ReleaseVersion.objects.bulk_create(
        [ReleaseVersion(**{**same, "id": None, "release": one}) for one in made]
    )
    return [one.ident for one in made]
