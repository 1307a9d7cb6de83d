"""Incidents from residents' apps (Open311) and other systems (CloudEvents), over HTTP."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from cast import NINE
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from workshop import DISPATCHER, SUN

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.current import current_library

BASE = "/api/open311/v2"
COVER = "city_management.missing_cover"
KEEPER = replace(DISPATCHER, username="keeper", rights=frozenset({"incident.keys"}))

SEER = replace(
    DISPATCHER, rights=frozenset({"incident.see", "incident.watch", "case.handle"}),
    divisions=("321323000000",),
)  # fmt: skip


@pytest.fixture
def key(db) -> str:
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.install(library, at=NINE)
    identity.register_divisions(library.divisions)
    casework.install(library, at=NINE)
    return casework.issue_intake_key(
        name="随手拍", organ="housing", kinds=[], officer=KEEPER, at=NINE
    )


def file(client: Client, key: str, **more: str):
    form = {
        "api_key": key, "service_code": COVER, "lat": "33.7190", "long": "118.6930",
        "description": "井盖没了", "attribute[position]": "众兴路 1 号", "phone": "13800000000",
    }  # fmt: skip
    return client.post(f"{BASE}/requests.json", form | more)


def test_a_resident_s_app_reads_the_services_and_files_and_follows_a_report(client, key):
    services = client.get(f"{BASE}/services.json").json()
    assert COVER in [one["service_code"] for one in services]
    definition = client.get(f"{BASE}/services/{COVER}.json").json()
    assert [one["code"] for one in definition["attributes"]] == ["position"]

    filed = file(client, key)
    assert filed.status_code == 201
    (told,) = filed.json()
    again = file(client, key, lat="33.7191").json()[0]
    assert again["service_request_id"] == told["service_request_id"]
    assert "并入" in again["service_notice"]

    (seen,) = client.get(f"{BASE}/requests/{told['service_request_id']}.json").json()
    assert (seen["status"], seen["service_code"], seen["lat"]) == ("open", COVER, 33.719)
    (found,) = client.get(f"{BASE}/tokens/{told['signal_token']}.json").json()
    assert found["service_request_id"] == told["service_request_id"]
    listed = client.get(f"{BASE}/requests.json?status=open&service_code={COVER}").json()
    assert [one["service_request_id"] for one in listed] == [told["service_request_id"]]


def test_an_address_of_a_picture_is_kept_and_not_visited_and_that_is_said(client, key):
    """No request leaves at a stranger's word: tests open no socket outside the machine."""
    told = file(client, key, media_url="http://169.254.169.254/latest/meta-data").json()[0]

    assert "没有取" in told["service_notice"]
    (signal,) = casework.signals_of(told["service_request_id"], actor=SEER)
    assert signal.facts["媒体地址"].startswith("http://169.254")


def test_nobody_reads_who_reported_or_what_they_wrote(client, key):
    number = file(client, key).json()[0]["service_request_id"]
    for address in (f"requests/{number}.json", "requests.json", "requests.xml"):
        text = client.get(f"{BASE}/{address}").content.decode()
        assert "13800000000" not in text
        assert "没了" not in text


def test_everything_is_told_in_xml_too(client, key):
    file(client, key)
    for address, root in (
        ("discovery.xml", "discovery"),
        ("services.xml", "services"),
        (f"services/{COVER}.xml", "service_definition"),
        ("requests.xml", "service_requests"),
    ):
        answer = client.get(f"{BASE}/{address}")
        assert answer.headers["Content-Type"].startswith("text/xml")
        assert ElementTree.fromstring(answer.content).tag == root
    refused = client.get(f"{BASE}/requests/none.xml")
    tree = ElementTree.fromstring(refused.content)
    assert (refused.status_code, tree.tag, tree[0][0].text) == (404, "errors", "404")


REFUSED = [
    ({"api_key": "wrong"}, 401),
    ({"service_code": "nothing"}, 404),
    ({"service_code": "water_level.over_warning"}, 404),
    ({"attribute[position]": ""}, 422),
    ({"lat": "", "long": "118"}, 422),
    ({"lat": "nan"}, 422),
    ({"lat": "", "long": ""}, 422),
]


def test_a_report_that_lacks_something_is_told_what(client, key):
    for change, status in REFUSED:
        answer = file(client, key, **change)
        assert answer.status_code == status, change
        assert answer.json()[0]["description"]


def test_a_stopped_key_reports_nothing_and_a_stranger_issues_none(client, key):
    casework.revoke_intake_key(name="随手拍", officer=KEEPER, at=NINE)
    assert file(client, key).status_code == 401
    with pytest.raises(NotAllowed):
        casework.issue_intake_key(name="x", organ="market", kinds=[], officer=SUN, at=NINE)
    with pytest.raises(NotAllowed):
        casework.intake_keys(officer=SUN)


def event(number: int = 1, **data: object) -> dict[str, object]:
    told = {"kind": COVER, "summary": "井盖缺损", "lon": 118.693, "lat": 33.719} | data
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "/city/cameras",
        "type": "yiwang.incident.reported", "time": "2026-11-02T08:59:00+08:00", "data": told,
    }  # fmt: skip


def send(
    client: Client, key: str, body: object, kind: str = "application/cloudevents+json", **head
):
    return client.post(
        "/api/events/v1",
        json.dumps(body),
        content_type=kind,
        headers={"Authorization": f"Bearer {key}", **head},
    )


def test_another_system_s_events_are_taken_in_once_however_often_sent(client, key):
    first = send(client, key, event()).json()["events"][0]
    again = send(client, key, event()).json()["events"][0]
    batch = [event(1), event(2, lon=118.8), event(2, lon=118.8)]
    told = send(client, key, batch, "application/cloudevents-batch+json").json()["events"]

    assert (first["is_new"], again["is_known"]) == (True, True)
    assert [one["is_known"] for one in told] == [True, False, True]
    head = {
        f"ce-{name}": str(event(9)[name])
        for name in ("specversion", "id", "source", "type", "time")
    }
    binary = send(client, key, event(9)["data"], "application/json", **head)
    assert binary.json()["events"][0]["incident"] == first["incident"]


UNREADABLE = [
    (event() | {"specversion": "0.3"}, 422),
    (event(kind="water_level.over_warning"), 403),
    (event(lon=999), 422),
    (event(summary=""), 422),
    ({}, 422),
    ([], 422),
    ("x", 422),
]


def test_an_event_that_cannot_be_taken_in_is_refused_whole(client, key):
    for body, status in UNREADABLE:
        answer = send(client, key, body)
        assert answer.status_code == status, body
        assert answer.json()["code"]


def test_without_a_key_no_event_is_taken_in(client, db):
    assert send(client, "", event()).status_code == 401
    shake = client.options("/api/events/v1", headers={"WebHook-Request-Origin": "bus.example"})
    assert shake.headers["WebHook-Allowed-Origin"] == "bus.example"


TEXT = st.text(max_size=30)
NAMES = st.sampled_from(
    "service_request_id service_code start_date end_date status page page_size lat long api_key "
    "address_string description attribute[position] media_url email jurisdiction_id".split()
)


@pytest.mark.django_db
@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.one_of(
        st.sampled_from(["requests", "services", "discovery", f"services/{COVER}"]),
        st.builds("requests/{}".format, TEXT),
        st.builds("tokens/{}".format, TEXT),
        st.builds("services/{}".format, TEXT),
    ),
    form=st.sampled_from(["json", "xml", "yaml"]),
    asked=st.dictionaries(NAMES, st.one_of(TEXT, st.integers().map(str), st.floats().map(str))),
    method=st.sampled_from(["get", "post", "put", "delete", "head"]),
)
def test_no_question_however_odd_breaks_open311(key, path, form, asked, method):
    client = Client(raise_request_exception=False)
    address = f"{BASE}/{path}.{form}".replace("?", "").replace("#", "")
    posted = asked | {"api_key": key} if method == "post" else asked
    answer = getattr(client, method)(address, posted if method in ("get", "post") else "")

    assert answer.status_code < 500, (method, address, posted)
    if form == "xml" and answer.status_code < 400 and answer.content and method != "head":
        ElementTree.fromstring(answer.content)


@pytest.mark.django_db
@tries(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.recursive(
    st.none() | st.booleans() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["specversion", "id", "source", "type", "data", "kind", "lon", "time"]),
        inner,
    ),
    max_leaves=8,
))  # fmt: skip
def test_no_body_however_odd_breaks_the_events(key, body):
    client = Client(raise_request_exception=False)
    answer = send(client, key, body if not isinstance(body, dict) else event() | body)

    assert answer.status_code < 500
