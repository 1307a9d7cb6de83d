"""Video without pictures: who may bind an algorithm, whom it asks, and what a detection becomes."""

import json
from dataclasses import replace

import pytest
from cast import NINE
from county import settle
from workshop import DISPATCHER

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db
BIND, SMOKE = "video_analysis.bind", "video_analysis.smoke"
BINDING = "BD002"
KEEPER = replace(DISPATCHER, username="keeper", rights=frozenset({"incident.keys"}))


@pytest.fixture
def county():
    return settle()


def officer(organ: str, *roles: str) -> identity.Officer:
    rights = frozenset({"case.open", "case.see", "case.handle", "command.see", "incident.watch"})
    divisions = ("321323000000",)
    return replace(DISPATCHER, organ=organ, roles=roles, rights=rights, divisions=divisions)


def bind(by: identity.Officer) -> casework.CaseView:
    return casework.begin_case(
        flow=BIND, about=BINDING, purpose="汛期", parties={}, officer=by, at=NINE
    )


def test_the_organ_that_owns_the_camera_is_asked_without_being_named(county):
    begun = bind(officer("command-center", "video_analysis.keeper"))

    (entry,) = [
        one for one in county.library.entries("video_analysis.bindings") if one["id"] == BINDING
    ]
    assert casework.parties_of(begun.number) == {"owner_organ": entry["owner_organ"]}
    assert begun.subject == BINDING


def test_nobody_but_the_keeper_of_algorithms_binds(county):
    for by in (county.sun, county.li, officer("command-center", "grid.dispatcher")):
        with pytest.raises(NotAllowed):
            bind(by)


def test_detections_of_one_camera_are_one_incident_and_cameras_stand_beside_it(county, client):
    key = casework.issue_intake_key(
        name="市算法平台", organ="command-center", kinds=[SMOKE], officer=KEEPER, at=NINE
    )
    (entry,) = [
        one for one in county.library.entries("video_analysis.bindings") if one["id"] == BINDING
    ]
    place = {"object": BINDING, "lon": float(entry["lon"]), "lat": float(entry["lat"])}

    def detected(number: int, kind: str = SMOKE) -> dict[str, object]:
        return {
            "specversion": "1.0", "id": f"d{number}", "source": "/algorithms/A01",
            "type": "yiwang.incident.reported", "time": "2026-11-02T08:59:00+08:00",
            "data": {"kind": kind, "summary": "疑似烟火", "facts": {"confidence": 93}} | place,
        }  # fmt: skip

    def send(*events: dict[str, object]):
        return client.post(
            "/api/events/v1",
            json.dumps(events),
            content_type="application/cloudevents-batch+json",
            headers={"Authorization": f"Bearer {key}"},
        )

    told = send(detected(1), detected(2), detected(2)).json()["events"]

    assert {one["incident"] for one in told} == {told[0]["incident"]}
    assert [one["is_known"] for one in told] == [False, False, True]
    assert send(detected(3, "city_management.missing_cover")).status_code == 403
    near = casework.nearest(
        lon=place["lon"], lat=place["lat"], officer=officer("command-center"), at=NINE
    )
    cameras = [one for one in near if one.kind == "视频点位"]
    assert 0 < len(cameras) <= 8
    assert cameras[0].metres == 0
    assert cameras[0].contact.isdecimal()
    assert {one.kind for one in near} > {"视频点位"}
