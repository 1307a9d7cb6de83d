"""SensorThings as a client sees it: the standard's own words, against real devices and readings."""

import json
from datetime import timedelta

import prepared
import pytest
from cast import NINE
from django.test import Client

from yiwang.apps.sensing import public as sensing
from yiwang.faces.api.sensorthings import graph
from yiwang.faces.api.sensorthings.creating import Creating, Writer
from yiwang.faces.api.sensorthings.options import Step
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db

ROOT = "/api/sensorthings/v1.1"


class Service:
    """A client with a key of the water organ."""

    def __init__(self, library) -> None:
        at = system_clock()
        self.library = library
        self.key = sensing.issue_things_key(title="测试", organ="water", may_create=True, at=at)
        self.http = Client()

    def ask(self, path: str, *, status: int = 200, key: str | None = None, **query: str):
        answer = self.http.get(
            f"{ROOT}{path}", {f"${k}": v for k, v in query.items()},
            headers={"Authorization": f"Bearer {self.key if key is None else key}"},
        )  # fmt: skip
        assert answer.status_code == status, answer.content
        return answer.json() if "json" in answer["Content-Type"] else answer.content.decode()

    def send(self, path: str, body, *, method: str = "post", status: int = 201, key: str = ""):
        answer = getattr(self.http, method)(
            f"{ROOT}{path}", json.dumps(body), content_type="application/json",
            headers={"Authorization": f"Bearer {key or self.key}"},
        )  # fmt: skip
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None


@pytest.fixture
def service():
    at = system_clock()
    prepared.install(sensing, at=NINE)
    lines = [
        sensing.Message("SW001", json.dumps({"at": _minutes_ago(n), "value": 14 + n / 10}).encode())
        for n in range(10)
    ]
    sensing.intake(lines, library=prepared.library(), at=at)
    return Service(prepared.library())


def _minutes_ago(n: int) -> str:
    return (system_clock() - timedelta(minutes=n)).isoformat()


def test_the_root_lists_every_set_and_what_is_kept_of_the_standard(service):
    root = service.ask("")
    names = [one["name"] for one in root["value"]]

    assert names == [
        "Things", "Locations", "HistoricalLocations", "Datastreams",
        "Sensors", "ObservedProperties", "Observations", "FeaturesOfInterest",
    ]  # fmt: skip
    assert root["serverSettings"]["conformance"]
    for name in names:
        assert "value" in service.ask(f"/{name}", top="2")


def test_every_link_of_an_entity_leads_to_what_it_names(service):
    thing = service.ask("/Things('SW001')")
    for name, address in thing.items():
        if name.endswith("navigationLink"):
            found = service.ask(address.partition(ROOT)[2])
            assert found["value"]
    (stream,) = service.ask("/Things('SW001')/Datastreams")["value"]
    for name in ("Thing", "Sensor", "ObservedProperty"):
        assert service.ask(f"/Datastreams({stream['@iot.id']})/{name}")["@iot.id"]
    assert service.ask(f"/Datastreams({stream['@iot.id']})/Thing")["@iot.id"] == "SW001"
    assert service.ask("/Things('SW001')/name/$value") == thing["name"]
    assert service.ask("/Things('SW001')/properties/river") == {"river": "中运河"}


@pytest.mark.parametrize(
    ("path", "condition", "count"),
    [
        ("/Things", "id eq 'SW001'", 1),
        ("/Things", "properties/river eq '中运河' and startswith(name,'众兴运河大桥')", 1),
        ("/Things", "Datastreams/ObservedProperty/name eq '水位' and id eq 'SW002'", 1),
        ("/Datastreams", "Thing/id eq 'SW001'", 1),
        ("/Observations", "result ge 14.5 and result lt 14.75", 3),
        ("/Observations", "Datastream/Thing/id eq 'SW001' and (result eq 14 or result eq 14.9)", 2),
        ("/Observations", "not (result gt 14.05)", 1),
        ("/Observations", "result mul 10 mod 2 eq 0 and result lt 14.15", 1),
        ("/Locations", "geo.distance(location,geography'POINT(118.6905 33.7262)') lt 1", 1),
        ("/Observations", "year(phenomenonTime) lt 2000", 0),
        ("/Things", "properties/nothing gt 3", 0),
    ],
)
def test_a_filter_means_what_the_standard_says(service, path, condition, count):
    found = service.ask(path, filter=condition, count="true")

    assert found["@iot.count"] == count == len(found["value"])


def test_pages_follow_each_other_to_the_end_and_miss_nothing(service):
    seen, address = [], "/Observations?$top=3&$orderby=phenomenonTime desc&$count=true"
    while address:
        answer = service.http.get(
            ROOT + address, headers={"Authorization": f"Bearer {service.key}"}
        ).json()
        assert answer["@iot.count"] == 10
        seen += [one["result"] for one in answer["value"]]
        address = answer.get("@iot.nextLink", "").partition(ROOT)[2]

    assert seen == [14 + n / 10 for n in range(10)]


def test_expanded_relations_take_options_of_their_own(service):
    found = service.ask(
        "/Things",
        filter="id eq 'SW001'",
        select="name",
        expand="Locations($select=location),Datastreams($expand=Observations($top=2;$orderby="
        "result desc;$select=result;$count=true),ObservedProperty)",
    )
    (thing,) = found["value"]
    (stream,) = thing["Datastreams"]

    assert set(thing) == {"name", "Locations", "Datastreams"}
    assert thing["Locations"][0]["location"]["coordinates"] == [118.6905, 33.7262]
    assert stream["Observations"] == [{"result": 14.9}, {"result": 14.8}]
    assert stream["Observations@iot.count"] == 10
    assert stream["ObservedProperty"]["name"] == "水位"


def test_observations_come_as_arrays_and_go_in_as_arrays(service):
    (group,) = service.ask("/Observations", resultFormat="dataArray", top="2")["value"]
    assert group["components"] == ["id", "phenomenonTime", "resultTime", "result"]
    assert group["dataArray@iot.count"] == 2

    (stream,) = service.ask("/Things('SW003')/Datastreams")["value"]
    told = service.send(
        "/CreateObservations",
        [
            {
                "Datastream": {"@iot.id": stream["@iot.id"]},
                "components": ["phenomenonTime", "result"],
                "dataArray": [[_minutes_ago(1), 14.2], [_minutes_ago(2), 999], ["soon", 1]],
            }
        ],
    )
    assert told[0].endswith("')") and told[1:] == ["error", "error"]
    assert sensing.quarantined()[0] == 1


def test_a_thing_is_made_with_all_that_belongs_to_it_and_observed(service):
    made = service.send("/Things", THING)
    id_ = made["@iot.id"]
    (stream,) = service.ask(f"/Things('{id_}')/Datastreams")["value"]
    number = stream["@iot.id"]
    service.send(f"/Datastreams({number})/Observations", {"result": 21.5})

    assert service.ask(f"/Datastreams({number})/Observations")["value"][0]["result"] == 21.5
    assert service.ask(f"/Datastreams({number})/ObservedProperty")["name"] == "温度"
    spot = service.ask(f"/Things('{id_}')/Locations")["value"][0]
    assert spot["location"]["coordinates"] == [118.71, 33.71]

    service.send(f"/Things('{id_}')", {"name": "改名"}, method="patch", status=200)
    assert service.ask(f"/Things('{id_}')")["name"] == "改名"
    service.send(f"/Things('{id_}')", None, method="delete", status=200)
    service.ask(f"/Things('{id_}')", status=404)


def test_a_thing_with_all_its_parts_is_read_anew_once(service):
    versions: list[tuple[int, int]] = []

    def reading() -> graph.Graph:
        found = graph.graph(service.library)
        versions.append(found.version)
        return found

    creating = Creating(
        graph=reading, root=ROOT, writer=Writer(key=sensing.key_of(service.key)),
        library=service.library, at=system_clock(),
    )  # fmt: skip
    made = creating.create((Step("Things"),), THING)

    assert len(made.links["Datastreams"]) == 1
    assert len(set(versions)) == 1, "only when all of it is there"


def test_who_has_no_key_reads_nothing_and_a_stranger_changes_nothing(service):
    service.ask("/Things", status=401, key="guessed")
    stranger = sensing.issue_things_key(
        title="市场监管", organ="market", may_create=True, at=system_clock()
    )
    reader = sensing.issue_things_key(
        title="只读", organ="water", may_create=False, at=system_clock()
    )
    (stream,) = service.ask("/Things('SW001')/Datastreams")["value"]
    address = f"/Datastreams({stream['@iot.id']})/Observations"
    for key in (stranger, reader):
        service.send(address, {"result": 15}, status=403, key=key)
    service.send("/Things", THING, status=403, key=reader)
    made = service.send("/Things", THING)
    service.send(
        f"/Things('{made['@iot.id']}')", {"name": "x"}, method="patch", status=403, key=stranger
    )


def test_a_device_speaks_for_itself_only(service):
    token = sensing.issue_token(device="SW002", at=system_clock())
    (own,) = service.ask("/Things('SW002')/Datastreams")["value"]
    (other,) = service.ask("/Things('SW001')/Datastreams")["value"]
    body = {"result": 15.3, "phenomenonTime": _minutes_ago(0)}

    service.send(f"/Datastreams({own['@iot.id']})/Observations", body, key=token)
    service.send(f"/Datastreams({other['@iot.id']})/Observations", body, key=token, status=403)
    service.send("/Things", THING, key=token, status=403)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/Nothings", {}, 404),
        ("/Things('none')", {}, 404),
        ("/Things(1", {}, 400),
        ("/Things('SW001')/Datastreams(999999)", {}, 404),
        ("/Things", {"filter": "name eq"}, 400),
        ("/Things", {"filter": "(" * 200}, 400),
        ("/Things", {"filter": "st_touches(location,name)"}, 501),
        ("/Things", {"top": "-1"}, 400),
        ("/Things", {"nonsense": "1"}, 400),
        ("/Things", {"expand": "Datastreams($top=1"}, 400),
        ("/Things", {"expand": "Nothing"}, 400),
        ("/Things", {"select": "nothing"}, 400),
        ("/Things", {"filter": "name eq '\x00'"}, 200),
        ("/Observations", {"filter": "phenomenonTime gt 9999-12-31T23:59:59Z"}, 200),
        ("/Observations", {"filter": "phenomenonTime lt 0001-01-01T00:00:00Z"}, 200),
        ("/Observations('1_99999999999999999')", {}, 404),
        ("/Observations", {"skip": "999999999"}, 400),
    ],
)
def test_what_is_not_the_standard_s_is_refused_and_never_breaks(service, path, query, status):
    service.ask(path, status=status, **query)


THING = {
    "name": "气象桩",
    "description": "测试用",
    "properties": {"kind": "桩"},
    "Locations": [
        {
            "name": "桩位",
            "description": "",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [118.71, 33.71]},
        }
    ],
    "Datastreams": [
        {
            "name": "气温",
            "description": "",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {
                "name": "degree Celsius",
                "symbol": "°C",
                "definition": "ucum:Cel",
            },
            "ObservedProperty": {"name": "温度", "definition": "urn:t", "description": ""},
            "Sensor": {
                "name": "铂电阻",
                "description": "",
                "encodingType": "text/html",
                "metadata": "m",
            },
        }
    ],
}
