"""Written addresses: matched on a page and by interface; a report without coordinates is placed."""

import prepared
import pytest
from cast import PASSWORD, WANG_NUMBER
from django.test import Client
from django.utils import timezone
from visiting import browser_of, text_of

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Signal
from yiwang.apps.identity import public as identity

DOOR = "泗阳县众兴街道上海路1号"


@pytest.fixture
def county(db, settings, tmp_path):
    settings.HOME = tmp_path
    now = timezone.now()
    prepared.install(identity, casework, at=now)
    more = {"organ": "market", "posts": ["数据专员"]}
    identity.create_account(username="shichang", name="孙市场", password=PASSWORD, at=now, **more)
    more = {"kind": "person", "subject": WANG_NUMBER}
    identity.create_account(username="jumin", name="王秀英", password=PASSWORD, at=now, **more)


@pytest.mark.usefixtures("county")
def test_an_officer_matches_a_list_of_addresses_and_a_resident_does_not():
    officer = browser_of("shichang")
    assert "每行一个地址" in text_of(officer, "/steward/addresses/")
    written = {"addresses": "众兴街道上海路1号3幢\n没有这条路5号\n"}
    told = officer.post("/steward/addresses/", written).content.decode()
    assert DOOR in told and "118.67572" in told and "对上 1 个，共 2 个" in told
    assert "名录里没有，或不止一处" in told
    assert browser_of("jumin").get("/steward/addresses/").status_code == 403


@pytest.mark.usefixtures("county")
def test_the_interface_answers_with_the_one_address_that_is_meant():
    ask = Client().get
    (found,) = ask("/api/v1/addresses", {"text": f"江苏省宿迁市{DOOR}东侧"}).json()
    assert (found["text"], found["precision"]) == (DOOR, "door")
    assert (found["division"], found["register"]) == ("321323001000", "geography.addresses")
    assert ask("/api/v1/addresses", {"text": "火星路1号"}).json() == []
    assert ask("/api/v1/addresses").json() == []


@pytest.mark.usefixtures("county")
def test_a_report_without_coordinates_lies_at_its_door_and_one_on_a_road_nowhere():
    given = {"kind": "city_management.missing_cover", "source": "hotline", "summary": "井盖没了"}
    for address in ("众兴街道上海路1号门口", "众兴街道上海路"):
        casework.report_signal(actor="hotline", at=timezone.now(), address=address, **given)
    at_door, on_road = Signal.objects.order_by("id")
    assert (at_door.lon, at_door.lat, at_door.division) == (118.67572, 33.7189, "321323001000")
    assert (on_road.lon, on_road.lat) == (None, None)
