"""SensorThings through a client that others wrote, Fraunhofer's ``frost_sta_client``, over HTTP."""

import json
from datetime import timedelta

import prepared
import pytest
from cast import NINE

from yiwang.apps.sensing import public as sensing
from yiwang.kernel.clock import system_clock

fsc = pytest.importorskip("frost_sta_client", reason="`make setup` installs it")
requests = pytest.importorskip("requests")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:furl.pathstr:DeprecationWarning"),  # the client's own
]
TEN = 10


def client_of(live_server, secret: str):
    """A client that knows names and passwords only, as theirs does."""
    return fsc.SensorThingsService(
        f"{live_server.url}/api/sensorthings/v1.1",
        auth_handler=fsc.AuthHandler("water", secret),
    )


@pytest.fixture
def secret() -> str:
    at = system_clock()
    prepared.install(sensing, at=NINE)
    lines = [
        sensing.Message(
            "SW001",
            json.dumps(
                {"at": (at - timedelta(minutes=n)).isoformat(), "value": 14 + n / 10}
            ).encode(),
        )
        for n in range(TEN)
    ]
    sensing.intake(lines, library=prepared.library(), at=at)
    return sensing.issue_things_key(title="客户端", organ="water", may_create=True, at=at)


@pytest.fixture
def service(live_server, secret):
    return client_of(live_server, secret)


def test_what_registers_hold_is_read_page_by_page_filtered_and_expanded(service):
    things = service.things().query().orderby("id", "asc").count().top(3).list()
    ids = [one.id for one in things]
    assert len(ids) == things.count > 3, "the client follows the pages to the end"
    assert ids == sorted(set(ids))

    one = service.things().find("SW001")
    assert (one.id, one.name) == ("SW001", next(t.name for t in things if t.id == "SW001"))
    found = service.things().query().filter(f"name eq '{one.name}'").list()
    assert [row.id for row in found] == ["SW001"]
    (whole,) = (
        service.things()
        .query()
        .filter("id eq 'SW001'")
        .expand("Datastreams($expand=ObservedProperty),Locations")
        .list()
    )
    (stream,) = whole.datastreams
    assert stream.unit_of_measurement.symbol
    assert stream.observed_property.name
    assert next(iter(whole.locations)).location["type"] == "Point"


def test_observations_are_followed_from_a_thing_in_time_order(service):
    (stream,) = service.things().find("SW001").get_datastreams().query().list()
    rows = stream.get_observations().query().orderby("phenomenonTime", "asc").top(4).list()
    seen = [(one.phenomenon_time, one.result) for one in rows]

    assert len(seen) == TEN
    assert seen == sorted(seen)
    high = stream.get_observations().query().filter("result gt 14.45").list()
    assert sorted(one.result for one in high) == [14.5, 14.6, 14.7, 14.8, 14.9]


def made(service):
    point = {"type": "Point", "coordinates": [118.7, 33.7]}
    stream = fsc.Datastream(
        name="闸前水位",
        description="闸门上游",
        observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        unit_of_measurement=fsc.UnitOfMeasurement(name="米", symbol="m", definition="ucum:m"),
        sensor=fsc.Sensor(
            name="压力式水位计",
            description="",
            encoding_type="text/html",
            metadata="https://x.example",
        ),
        observed_property=fsc.ObservedProperty(
            name="水位", description="", definition="urn:x:level"
        ),
    )
    thing = fsc.Thing(
        name="闸门",
        description="一号",
        properties={"year": 2026, "maker": "某厂"},
        locations=[
            fsc.Location(
                name="闸口", description="", location=point, encoding_type="application/geo+json"
            )
        ],
        datastreams=[stream],
    )
    service.create(thing)
    return service.things().find(thing.id)


def test_a_thing_is_made_with_all_that_belongs_to_it_observed_and_changed(service):
    thing = made(service)
    assert (thing.name, thing.properties) == ("闸门", {"year": 2026, "maker": "某厂"})
    (stream,) = thing.get_datastreams().query().list()
    at = system_clock().replace(microsecond=0)
    for n, value in enumerate((3.1, 3.2)):
        service.create(
            fsc.Observation(
                result=value,
                phenomenon_time=(at - timedelta(minutes=n)).isoformat(),
                datastream=fsc.Datastream(id=stream.id),
            )
        )
    rows = stream.get_observations().query().orderby("phenomenonTime", "asc").list()
    assert [one.result for one in rows] == [3.2, 3.1]

    service.patch(
        thing,
        [
            {"op": "test", "path": "/name", "value": "闸门"},
            {"op": "replace", "path": "/name", "value": "一号闸门"},
            {"op": "remove", "path": "/properties/maker"},
            {"op": "add", "path": "/properties/gates", "value": [1, 2]},
        ],
    )
    changed = service.things().find(thing.id)
    assert (changed.name, changed.description) == ("一号闸门", "一号")
    assert changed.properties == {"year": 2026, "gates": [1, 2]}
    changed.properties = {"year": 2027}
    service.update(changed)
    assert service.things().find(thing.id).properties == {"year": 2027}
    service.delete(changed)
    with pytest.raises(requests.HTTPError, match="404"):
        service.things().find(thing.id)


def test_observations_go_in_as_an_array(service):
    (stream,) = made(service).get_datastreams().query().list()
    at = system_clock().replace(microsecond=0)
    value = fsc.model.ext.data_array_value.DataArrayValue()
    value.datastream = stream
    value.components = {value.Property.PHENOMENON_TIME, value.Property.RESULT}
    for n in range(3):
        value.add_observation(
            fsc.Observation(
                result=float(n),
                phenomenon_time=(at - timedelta(minutes=n)).isoformat(),
                datastream=stream,
            )
        )
    document = fsc.model.ext.data_array_document.DataArrayDocument()
    document.add_data_array_value(value)
    links = service.observations().create(document)

    assert len(links) == 3
    assert sorted(one.result for one in stream.get_observations().query().list()) == [0, 1, 2]


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "replace", "path": "/name", "value": ""}],
        [{"op": "remove", "path": "/nothing"}],
        [{"op": "test", "path": "/name", "value": "另一个"}],
        [{"op": "move", "path": "/properties/a/b", "from": "/properties"}],
        [{"op": "paint", "path": "/name"}],
        [{"op": "replace", "path": "name", "value": "x"}],
        [{"op": "add", "path": "/properties/-1/x", "value": 1}],
        [{"op": "copy", "path": f"/properties/{n}", "from": "/properties"} for n in range(60)],
        [{}],
    ],
)
def test_a_patch_that_cannot_be_done_changes_nothing(service, patch):
    thing = made(service)
    with pytest.raises(requests.HTTPError, match="400"):
        service.patch(thing, patch)
    assert service.things().find(thing.id).name == "闸门"


def test_with_a_wrong_key_or_that_of_another_organ_nothing_is_done(live_server, service):
    thing = made(service)
    with pytest.raises(requests.HTTPError, match="401"):
        client_of(live_server, "guessed").things().find(thing.id)
    other = sensing.issue_things_key(
        title="别的", organ="market", may_create=True, at=system_clock()
    )
    with pytest.raises(requests.HTTPError, match="403"):
        client_of(live_server, other).patch(
            thing, [{"op": "replace", "path": "/name", "value": "我的"}]
        )
    assert service.things().find(thing.id).name == "闸门"
