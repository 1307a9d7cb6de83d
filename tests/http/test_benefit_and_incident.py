"""Two whole flows over HTTP: a benefit that finds its person, and a river that rises."""

import re
from datetime import date

import prepared
import pytest
from cast import PASSWORD
from django.test import Client
from django.utils import timezone
from specimens import JPEG

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.identifiers import gbt11643
from yiwang.lake import Lake

VILLAGE = "321323001001"
TOWN = "town-321323001"
ELDER = "32132319400101002"
ELDER += gbt11643.check_digit(ELDER)

BEGUN = timezone.now()


@pytest.fixture
def county(db, settings, tmp_path):
    """The place as its packs say, one old lady, and the officers in charge."""
    settings.HOME = tmp_path
    library, now = prepared.library(), timezone.now()
    prepared.install(identity, casework, credentials, services, at=BEGUN)
    lake = Lake(tmp_path / "lake")
    table = library.table("elder_allowance.candidate_base")
    row = {
        "id_number": ELDER,
        "name": "王秀英",
        "birth_on": date(1940, 1, 1),
        "division": VILLAGE,
        "is_alive": True,
        "account": "6200000000000001",
        "account_status": "1",
        "account_holders": 1,
    }
    columns = {name: column.type for name, column in table.columns.items()}
    lake.write("elder_allowance.candidate_base", [row], columns=columns, at=now)
    lake.close()

    def account(username, name, organ, post, *divisions):
        identity.create_account(
            username=username,
            name=name,
            password=PASSWORD,
            at=now,
            organ=organ,
            posts=[post],
            divisions=divisions,
        )

    account("civil", "李芳", "civil-affairs", "民政经办")
    account("stranger", "孙伟", "market", "数据专员")
    account("clerk", "周村", TOWN, "村务员", VILLAGE)
    account("patrol", "郑巡", TOWN, "巡查员")
    account("duty", "吴调", "command-center", "指挥中心值班员")
    account("water", "何水", "water", "水利值班员")
    identity.create_account(
        username="elder", name="王秀英", password=PASSWORD, at=now, kind="person", subject=ELDER
    )


def signed_in(username: str) -> Client:
    browser = Client()
    answer = browser.post("/sign-in/", {"username": username, "password": PASSWORD, "code": ""})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def page(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def move(browser: Client, address: str, verb: str, **form) -> str:
    answer = browser.post(f"{address}act/", {"verb": verb, **form}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_benefit_finds_an_old_lady_and_she_shows_her_record(county):
    civil = signed_in("civil")
    assert "高龄津贴" in page(civil, "/office/policies/")
    ran = civil.post("/office/policies/elder_allowance.elder_allowance/run/", {"as_of": ""})
    run = page(civil, ran.url)
    assert "王秀英" in run
    assert ELDER not in run
    why = re.search(r"/office/policies/runs/\d+/candidates/\d+/", run)[0]
    assert "结论与名单一致" in page(civil, why)
    civil.post(f"{ran.url}confirm/")

    clerk = signed_in("clerk")
    number = re.search(r"SY\d{12}[\dX]", page(clerk, "/office/cases/"))[0]
    case = f"/office/cases/{number}/"
    version = {"version": "1"}
    assert "村（社区）核实" in page(clerk, case)
    assert "情况属实" in page(clerk, case)
    move(clerk, case, "confirm", **version)
    assert "已被办理" in move(clerk, case, "confirm", **version)

    assert "已认定" in move(civil, case, "approve", version="2")
    elder = signed_in("elder")
    held = re.search(r"/mine/licenses/(GL\w+)/", page(elder, "/mine/"))
    assert "<svg" in page(elder, held[0])
    issued = credentials.licenses_of(ELDER, actor=identity.applicant(ELDER), at=timezone.now())
    shown = page(Client(), f"/verify/{issued[0].token}/")
    assert "有效" in shown
    assert "王**" in shown
    assert "王秀英" not in shown
    assert "公开核验页" in page(elder, "/mine/")


def test_an_altered_a_revoked_and_an_unknown_licence_are_refused_in_words(county):
    civil = identity.officer("civil", at=timezone.now())
    held = credentials.issue(
        kind="elder_allowance.decision",
        holder=ELDER,
        fields={"name": "王秀英", "id_number": ELDER, "tier": "一档", "monthly_amount": "60.00"},
        officer=civil,
        at=timezone.now(),
    )
    altered = held.token[:-4] + ("AAAA" if held.token[-4:] != "AAAA" else "BBBB")
    assert "不是本机构颁发" in page(Client(), f"/verify/{altered}/", 422)
    assert "校验位不对" in page(Client(), f"/verify/{held.number[:-1]}A/", 422)

    credentials.revoke(number=held.number, reason="已去世", officer=civil, at=timezone.now())
    shown = page(Client(), f"/verify/{held.token}/")
    assert "已撤销" in shown
    assert "已去世" not in shown


def test_a_rising_river_is_dispatched_handled_with_a_photo_closed_and_rated(county):
    casework.report_signal(
        kind="water_level.over_warning",
        source="alert",
        object="gauge-1",
        lon=118.70,
        lat=33.72,
        division=VILLAGE,
        summary="水位 13.2 米，超警戒 0.2 米",
        facts={"读数（米）": 13.2},
        actor="sensing",
        at=timezone.now(),
    )
    duty, patrol, water = signed_in("duty"), signed_in("patrol"), signed_in("water")
    number = re.search(r"SY\d{12}[\dX]", page(duty, "/oversight/incidents/"))[0]
    incident = f"/oversight/incidents/{number}/"
    assert "派给乡镇巡查员" in page(duty, incident)
    move(duty, incident, "dispatch")

    assert number in page(patrol, "/office/cases/")
    assert "还缺：照片" in move(patrol, incident, "handle")
    with open_photo() as photo:
        move(patrol, incident, "handle", **{"evidence-photo": photo})
    assert "现场照片" in page(water, incident)
    picture = re.search(rf"{incident}files/\d+/", page(water, incident))[0]
    answer = water.get(picture)
    assert (answer.headers["Content-Type"], answer.content) == ("image/jpeg", JPEG)
    assert signed_in("stranger").get(picture).status_code == 403

    assert "已结案" in move(water, incident, "close", **{"evidence-reading_normal": "11.8"})
    duty.post(f"{incident}rate/", {"score": "5", "comment": "及时"})
    assert "经办人不能评价" in page(duty, incident)


def open_photo():
    from io import BytesIO

    photo = BytesIO(JPEG)
    photo.name = "现场.jpg"
    return photo


def test_a_stranger_opens_none_of_these_pages(county):
    officer = identity.officer("civil", at=timezone.now())
    run = services.run_policy(
        "elder_allowance.elder_allowance",
        as_of=date(2026, 11, 2),
        at=timezone.now(),
        officer=officer,
    )
    (number,) = services.open_confirmations(run.id, officer=officer, at=timezone.now())
    stranger, citizen = signed_in("stranger"), signed_in("elder")

    for address in (f"/office/cases/{number}/", f"/office/policies/runs/{run.id}/"):
        assert stranger.get(address).status_code == 403
        assert citizen.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert number not in page(stranger, "/office/cases/")
    assert stranger.post(f"/office/cases/{number}/act/", {"verb": "confirm"}).status_code == 403
    assert page(citizen, f"/mine/cases/{number}/")
    assert stranger.get(f"/mine/cases/{number}/").status_code == 403


def test_items_are_public_and_say_where_materials_come_from(county):
    assert "高龄津贴" in page(Client(), "/items/")
    assert "部门共享数据，免提交" in page(Client(), "/items/elder_allowance.elder_allowance/")
