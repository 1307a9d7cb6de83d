"""Pages of incidents, grids, keys, command and the field, as their people use them."""

import json
from datetime import timedelta

import prepared
import pytest
from cast import PASSWORD, WANG_NUMBER
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from visiting import browser_of, text_of

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.models import DrillIncident

TOWN, HOUSING, CENTER = "town-321323001", "housing", "command-center"
COVER = "city_management.missing_cover"


@pytest.fixture
def county(db, settings, tmp_path):
    settings.HOME = tmp_path
    now = timezone.now()
    prepared.install(identity, casework, at=now)
    for username, organ, post in (
        ("zhihui", CENTER, "指挥中心值班员"),
        ("lingdao", CENTER, "分管领导"),
        ("wangguan", CENTER, "网格管理员"),
        ("xuncha", TOWN, "巡查员"),
        ("shichang", "market", "数据专员"),
    ):
        identity.create_account(
            username=username, name=username, password=PASSWORD, organ=organ, posts=[post], at=now
        )
    identity.create_account(
        username="jumin",
        name="王秀英",
        password=PASSWORD,
        kind="person",
        subject=WANG_NUMBER,
        at=now,
    )


@pytest.fixture
def library_of_place(county):
    prepared.install(sensing, at=timezone.now())


@pytest.mark.usefixtures("county")
def test_a_resident_reports_a_dispatcher_merges_and_a_leader_looks():
    resident, leader, zhihui = (browser_of(one) for one in ("jumin", "lingdao", "zhihui"))
    form = {"kind": COVER, "summary": "井盖没了", "address": "众兴路", "phone": "13800000000"}
    for lon in ("118.6930", "118.7800"):
        resident.post("/my/reports/", form | {"lon": lon, "lat": "33.7190"})
    for reporter, page in ((resident, "/my/reports/"), (zhihui, "/oversight/incidents/report/")):
        refused = reporter.post(page, {"kind": COVER, "phone": "13800000001"})
        assert refused.status_code == 422
        assert 'id="f-summary-error"' in refused.content.decode()
        assert 'value="13800000001"' in refused.content.decode(), "what was written stays"
    mine = text_of(resident, "/my/reports/")
    assert mine.count("井盖没了") == 2

    first, second = (one.number for one in reversed(casework.public_reports()))
    assert "13800000000" not in text_of(leader, f"/oversight/incidents/{first}/")
    assert "13800000000" in text_of(zhihui, f"/oversight/incidents/{first}/")
    listed = text_of(zhihui, "/oversight/incidents/?state=open&grade=2&query=井盖")
    assert first in listed
    answer = zhihui.get(
        "/oversight/incidents/map.json?west=118&south=33&east=119&north=34&zoom=9&state=open"
    )
    assert len(answer.json()["points"]) == 2
    assert zhihui.get("/oversight/incidents/map.json?west=x").status_code == 422

    page = f"/oversight/incidents/{second}/merge/"
    zhihui.post(page, {"into": first, "reason": "同一处"})
    text = text_of(zhihui, f"/oversight/incidents/{first}/")
    assert "并入本件" in text
    assert "复盘得分" in text_of(leader, f"/oversight/command/{first}/")
    for address in ("/oversight/", "/oversight/command/", "/oversight/grids/"):
        text_of(leader, address)
    assert "井盖没了" in text_of(leader, "/oversight/command/daily/")
    assert "值班员签字" in text_of(leader, "/oversight/command/daily/?day=2026-01-01")
    for wrong in ("2099-01-01", "yesterday"):
        assert leader.get(f"/oversight/command/daily/?day={wrong}").status_code == 422
    assert "井盖" in text_of(leader, "/oversight/incidents/trends/")
    assert "十二周内没有来件" in text_of(leader, "/oversight/incidents/trends/?group=无此组")


@pytest.mark.usefixtures("county")
def test_cells_are_imported_a_worker_assigned_and_a_key_shown_once():
    keeper = browser_of("wangguan")
    ring = [[118.69, 33.71], [118.70, 33.71], [118.70, 33.72], [118.69, 33.72], [118.69, 33.71]]
    cell = {
        "type": "Feature",
        "properties": {"code": "321323001000001", "title": "一格", "division": "321323001000"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    layer = json.dumps({"type": "FeatureCollection", "features": [cell]}).encode()
    keeper.post(
        "/oversight/grids/import/",
        {"layer": SimpleUploadedFile("一.geojson", layer), "synthetic": "yes"},
    )
    page = "/oversight/grids/321323001000001/"
    assert "演示网格" in text_of(keeper, page)
    keeper.post(f"{page}assign/", {"username": "xuncha", "duties": "城管巡查、治安巡查"})
    assert "治安巡查" in text_of(keeper, page)

    shown = keeper.post("/oversight/keys/", {"name": "热线", "organ": HOUSING}).content.decode()
    assert "yw-" in shown
    assert "yw-" not in text_of(keeper, "/oversight/keys/")

    worker = browser_of("xuncha")
    work = json.loads(text_of(worker, "/oversight/field/work.json"))
    assert work["duties"] == ["城管巡查", "治安巡查"]
    sent = {"name": "a1", "kind": "visit", "made_at": timezone.now().isoformat(),
            "lon": 118.695, "lat": 33.715, "what": {"about": "张家"}}  # fmt: skip
    told = worker.post("/oversight/field/sync", {"entry": json.dumps(sent)}).json()
    assert (told["outcome"], "一格" in told["text"]) == ("done", True)
    assert worker.post("/oversight/field/sync", {"entry": "{"}).status_code == 422
    assert "张家" in text_of(keeper, page)


@pytest.mark.usefixtures("county")
def test_a_stranger_opens_none_of_these_pages():
    stranger = browser_of("shichang")
    for address in ("incidents/", "grids/", "keys/", "command/", "field/", "field/work.json"):
        assert stranger.get(f"/oversight/{address}").status_code == 403, address


@pytest.mark.usefixtures("county")
def test_a_leader_begins_a_drill_a_dispatcher_answers_and_a_stranger_sees_nothing(library_of_place):
    leader, zhihui, stranger = (browser_of(one) for one in ("lingdao", "zhihui", "shichang"))
    assert "燃气井夜间泄漏" in text_of(leader, "/oversight/command/drills/")
    begun = leader.post(
        "/oversight/command/drills/begin/", {"course": "city_lifelines.gas_night", "speed": "1200"}
    )
    room = begun["Location"]
    assert "演练室" in text_of(zhihui, room)
    DrillIncident.objects.update(shown_at=timezone.now() - timedelta(seconds=1))
    one = DrillIncident.objects.first()
    zhihui.post(f"{room}answer/", {"incident": one.pk, "act": "dispatch", "organ": one.owner})
    assert "派对" in text_of(zhihui, room)
    assert zhihui.post(f"{room}end/").status_code == 403
    leader.post(f"{room}end/")
    assert "已结束" in text_of(leader, "/oversight/command/drills/")
    for address in (room, "/oversight/command/drills/", "/oversight/command/daily/"):
        assert stranger.get(address).status_code == 403
    span = {"since": "2026-11-02T08:00", "until": "2026-11-01T08:00", "speed": "60"}
    for given, wrong in ((span, "结束要晚于开始。"), (span | {"since": "x"}, "时间写法不对。")):
        refused = leader.post("/oversight/command/drills/begin/", given)
        page = refused.content.decode()
        assert refused.status_code == 422 and wrong in page and 'aria-invalid="true"' in page
        assert 'value="2026-11-01T08:00"' in page, "what was written stays"
    assert DrillIncident.objects.values("drill").distinct().count() == 1


@pytest.mark.usefixtures("county")
def test_the_map_of_devices_asks_for_what_is_in_view(library_of_place):
    zhihui = browser_of("zhihui")
    page = zhihui.get("/oversight/devices/").content
    assert len(page) < 120_000
    answer = zhihui.get(
        "/oversight/devices/map.json?west=118&south=33&east=119.5&north=34.5&zoom=9"
    ).json()
    assert sum(one["count"] for one in answer["circles"]) > 800
    assert zhihui.get("/oversight/devices/map.json?west=x").status_code == 422


@pytest.mark.usefixtures("county")
def test_the_centre_calls_the_roll_and_the_called_answer_on_their_page():
    now = timezone.now()
    identity.create_account(
        username="yingji", name="应急员", password=PASSWORD, organ="emergency",
        posts=["应急经办"], at=now,
    )  # fmt: skip
    zhihui, yingji, stranger = (browser_of(one) for one in ("zhihui", "yingji", "shichang"))
    shift = {
        "username": "yingji", "part": "duty",
        "begins": f"{now - timedelta(hours=20):%FT%R}",
        "ends": f"{now + timedelta(hours=20):%FT%R}",
    }  # fmt: skip
    refused = zhihui.post("/oversight/command/duty/", shift | {"ends": shift["begins"]})
    page = refused.content.decode()
    assert refused.status_code == 422 and "止要晚于起。" in page and 'aria-invalid="true"' in page
    assert page.count(f'value="{shift["begins"]}"') == 2, "what was written stays"
    assert zhihui.post("/oversight/command/duty/", shift | {"username": ""}).status_code == 404
    zhihui.post("/oversight/command/duty/", shift)
    assert zhihui.post("/oversight/command/duty/", shift).status_code == 409
    assert "现在没有点名" in text_of(yingji, "/oversight/roll/")
    zhihui.post("/oversight/command/roll/", {"act": "call", "minutes": "5"})

    page = text_of(zhihui, "/oversight/command/")
    assert ("应急员" in page, "等待应答" in page) == (True, True)
    (called,) = casework.rolls_waiting(officer=identity.officer("yingji", at=now), at=now)
    for address in ("/oversight/command/roll/", f"/oversight/roll/{called.number}/"):
        assert stranger.post(address, {"act": "call", "minutes": "5"}).status_code == 403
    assert stranger.get("/oversight/roll/").status_code == 403
    zhihui.post("/oversight/command/roll/", {"act": "urge", "number": called.number})
    assert "已催促 1 次" in text_of(yingji, "/oversight/roll/")

    yingji.post(f"/oversight/roll/{called.number}/", {"text": "在岗"})
    assert "按时应答 1" in text_of(zhihui, "/oversight/command/")
    assert "点名" in text_of(zhihui, "/oversight/command/daily/")
    assert zhihui.post("/oversight/command/roll/", {"minutes": "x"}).status_code == 302
