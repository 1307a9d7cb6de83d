"""A county in which Wang, 86, may apply: real packs, a lake with her in it, and the officers."""

from datetime import date

import prepared
from cast import PASSWORD
from django.test import Client
from django.utils import timezone

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.credentials import public as credentials
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.identifiers import gbt11643
from yiwang.packkit import Library

ITEM = "elder_allowance.elder_allowance"
FORM = f"/items/{ITEM}/apply/"
VILLAGE, TOWN = "321323001001", "town-321323001"


def person(birth: str, sequence: str) -> str:
    """A citizen's number with its check character."""
    first17 = f"321323{birth}{sequence}"
    return first17 + gbt11643.check_digit(first17)


ELDER, CARDLESS = person("19400101", "002"), person("19410101", "004")
ACCOUNT, PHONE = "6214590000000000015", "13812345678"


def settle() -> None:
    """Install everything, publish two old ladies (one without a card), make the accounts."""
    prepared.once(_install)
    _publish(prepared.library(), timezone.now())


def _install() -> None:
    library, now = prepared.library(), timezone.now()
    for room in (identity, casework, catalog, subjects, credentials, forms, services):
        room.install(library, at=now)
    for username, name, subject in (("elder", "王秀英", ELDER), ("cardless", "周桂兰", CARDLESS)):
        identity.create_account(
            username=username, name=name, password=PASSWORD, at=now, kind="person", subject=subject
        )
    identity.create_account(
        username="shop", name="秀英家政", password=PASSWORD, at=now, kind="firm",
        subject="92321323MA1TE8T02L",
    )  # fmt: skip
    for username, organ, post, *divisions in (
        ("civil", "civil-affairs", "民政经办"),
        ("stranger", "market", "数据专员"),
        ("clerk", TOWN, "村务员", VILLAGE),
    ):
        identity.create_account(
            username=username, name=username, password=PASSWORD, at=now, organ=organ,
            posts=[post], divisions=divisions,
        )  # fmt: skip


def _publish(library: Library, now) -> None:
    lake = catalog.lake()
    who = [(ELDER, "王秀英", date(1940, 1, 1)), (CARDLESS, "周桂兰", date(1941, 1, 1))]
    residents = [
        {"id_number": number, "name": name, "birth_on": birth, "division": VILLAGE,
         "phone": PHONE, "is_alive": True}
        for number, name, birth in who
    ]  # fmt: skip
    card = {"account": ACCOUNT, "account_status": "1", "account_holders": 1}
    rows = {
        "base.resident": residents,
        "base.account": [{"id_number": ELDER, "account": ACCOUNT, "status": "1"}],
        "base.license": [
            {"number": "ID1", "kind": "resident_id", "holder": ELDER, "authority": "县公安局"}
        ],
        "elder_allowance.candidate_base": [residents[0] | card, residents[1]],
    }
    for table, found in rows.items():
        columns = {name: one.type for name, one in library.table(table).columns.items()}
        whole = [dict.fromkeys(columns) | row for row in found]
        lake.write(table, [{n: row[n] for n in columns} for row in whole], columns=columns, at=now)
    subjects.publish_files(lake, at=now)


def signed_in(username: str) -> Client:
    """A browser in which somebody has signed in."""
    browser = Client()
    answer = browser.post("/sign-in/", {"username": username, "password": PASSWORD, "code": ""})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def page(browser: Client, address: str, status: int = 200) -> str:
    """The text of a page."""
    answer = browser.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()
