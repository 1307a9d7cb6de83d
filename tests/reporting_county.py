"""A county in which villages report: the packs installed once, two villages with known figures.

Xu designs reports for civil affairs, Qian fills in for two villages, Sun of market supervision
must never see anything of theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from cast import NINE, OFFICE, OTHER_OFFICE, PASSWORD
from django.conf import settings
from django.db import transaction
from prepared import library

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.packkit import Library

TABLE = "grassroots.village_profile"
ROSTER, ALONE = "grassroots.aged_alone_roster", "grassroots.aged_alone_person"
VILLAGE, NEXT_VILLAGE, ELSEWHERE = "321323001001", "321323001002", "321323101001"

PEOPLE = tuple(
    {
        "id_number": number,
        "name": name,
        "birth_on": date(1946, 3, day),
        "division": VILLAGE,
        "assistance": None,
    }
    for number, name, day in (
        ("321323194603010019", "王大明", 1),
        ("321323194603020022", "李秀英", 2),
    )
)


@contextmanager
def reporting_county(home: Path) -> Iterator[Library]:
    """Everything installed inside a transaction that is undone at the end."""
    kept, settings.HOME = settings.HOME, home
    packs = library()
    with transaction.atomic():
        identity.register_divisions(packs.divisions)
        for room in (identity, casework, catalog, forms):
            room.install(packs, at=NINE)
        columns = {name: one.type for name, one in packs.table(TABLE).columns.items()}
        rows = [
            dict.fromkeys(columns, count) | {"division": code}
            for code, count in ((VILLAGE, 40), (NEXT_VILLAGE, 50))
        ]
        catalog.lake().write(TABLE, rows, columns=columns, at=NINE)
        alone = {name: one.type for name, one in packs.table(ALONE).columns.items()}
        catalog.lake().write(ALONE, list(PEOPLE), columns=alone, at=NINE)
        yield packs
        transaction.set_rollback(True)
    settings.HOME = kept


def issuer() -> identity.Officer:
    """Xu of civil affairs."""
    return _account("xu", OFFICE, "数据专员")


def clerk() -> identity.Officer:
    """Qian, who fills in for two villages."""
    return _account("qian", "town-321323001", "村务员", (VILLAGE, NEXT_VILLAGE))


def stranger() -> identity.Officer:
    """Sun of market supervision."""
    return _account("sun", OTHER_OFFICE, "数据专员")


def _account(
    username: str, organ: str, post: str, divisions: tuple[str, ...] = ()
) -> identity.Officer:
    identity.create_account(
        username=username,
        name=username,
        password=PASSWORD,
        at=NINE,
        organ=organ,
        posts=[post],
        divisions=divisions,
    )
    return identity.officer(username, at=NINE)
