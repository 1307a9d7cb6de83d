"""The real packs of siyang installed, a handful of residents in a real lake, and officers.

Li and Zhao work for civil affairs and need data, Chen's organ (public security) provides it, Gu
watches for the data bureau, and Sun of market supervision must never see anything of theirs.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import prepared
from cast import NINE, OFFICE, OTHER_OFFICE, PASSWORD, WANG_COMPANY, WANG_NUMBER
from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.identifiers import gbt11643
from yiwang.packkit import Library

PROVIDER, WATCHER = "public-security", "data-bureau"
RESIDENT, FIRM = "base.resident", "base.legal_person"
PURPOSE = "高龄津贴核实"
YOUNG_NUMBER = "32132320010101001"
YOUNG_NUMBER += gbt11643.check_digit(YOUNG_NUMBER)
PHONE, ADDRESS = "13812345678", "江苏省宿迁市泗阳县众兴街道北京路1号"


@dataclass(frozen=True)
class County:
    """Who is there. ``wang`` is a resident of the lake with an account."""

    library: Library
    wang: identity.Applicant
    company: identity.Applicant
    li: identity.Officer
    zhao: identity.Officer
    chen: identity.Officer
    gu: identity.Officer
    sun: identity.Officer


def settle() -> County:
    """Install everything and give everybody an account; needs the database."""
    prepared.once(_install, name=(_install, settings.HOME))  # it writes serving copies there
    return people()


def people() -> County:
    """Who is in the county that was settled."""
    officers = {
        name: identity.officer(name, at=NINE) for name in ("li", "zhao", "chen", "gu", "sun")
    }
    return County(
        prepared.library(),
        identity.applicant(WANG_NUMBER),
        identity.applicant(WANG_COMPANY),
        **officers,
    )


def _install() -> None:
    identity.install(prepared.library(), at=NINE)
    casework.install(prepared.library(), at=NINE)
    catalog.install(prepared.library(), at=NINE)
    fill_lake()
    subjects.install(prepared.library(), at=NINE)
    for username, name, organ, posts in (
        ("li", "李明", OFFICE, ["数据专员", "民政经办"]),
        ("zhao", "赵静", OFFICE, ["数据专员", "民政经办"]),
        ("chen", "陈军", PROVIDER, ["数据专员"]),
        ("gu", "顾晨", WATCHER, ["数据管理员"]),
        ("sun", "孙伟", OTHER_OFFICE, ["数据专员"]),
    ):
        identity.create_account(
            username=username, name=name, password=PASSWORD, at=NINE, organ=organ, posts=posts
        )
    for username, name, kind, subject in (
        ("wang", "王秀英", "person", WANG_NUMBER),
        ("wang-company", "泗阳秀英家政服务部", "firm", WANG_COMPANY),
    ):
        identity.create_account(
            username=username, name=name, password=PASSWORD, at=NINE, kind=kind, subject=subject
        )


def resident(number: str, name: str, birth: date, **more: object) -> dict[str, object]:
    """A row of base.resident."""
    columns = prepared.library().table(RESIDENT).columns
    row = dict.fromkeys(columns)
    row |= {
        "id_number": number,
        "name": name,
        "sex": "2",
        "birth_on": birth,
        "division": "321323001001",
        "township": "321323001000",
        "address": ADDRESS,
        "phone": PHONE,
        "is_alive": True,
    }
    return row | more


@cache
def fill_lake() -> None:
    """Two residents and a firm, written once per test process: nothing changes them."""
    lake = catalog.lake()
    residents = [
        resident(WANG_NUMBER, "王秀英", date(1956, 3, 14)),
        resident(YOUNG_NUMBER, "李小龙", date(2001, 1, 1)),
    ]
    firm = dict.fromkeys(prepared.library().table(FIRM).columns) | {
        "uscc": WANG_COMPANY,
        "name": "泗阳秀英家政服务部",
        "representative": "王秀英",
        "is_active": True,
    }
    for table, rows in ((RESIDENT, residents), (FIRM, [firm])):
        columns = {name: one.type for name, one in prepared.library().table(table).columns.items()}
        lake.write(table, rows, columns=columns, at=NINE)


def granted(county: County, *, at=NINE, **changes: object) -> exchange.GrantView:
    """The pack's grant asked for by Li and agreed to by Chen; ``changes`` alter its bounds."""
    wanted = county.library.grant("elder_allowance.resident_contact")
    bounds = {
        "lookup": wanted.lookup,
        "rows": wanted.rows,
        "clear": wanted.clear,
        "quota_per_day": wanted.quota_per_day,
        "rate_per_second": wanted.rate_per_second,
        **changes,
    }
    demand = exchange.open_demand(
        table=wanted.table,
        columns=wanted.columns,
        purpose=wanted.purpose,
        basis=wanted.basis,
        officer=county.li,
        at=at,
        bounds=exchange.Bounds(**bounds),
    )
    grant = exchange.decide_demand(
        demand.number, agree=True, reason="同意", officer=county.chen, at=at
    )
    assert grant is not None
    return grant
