"""However odd a question or a body is, SensorThings answers it, and never with an error of ours."""

import json

import prepared
import pytest
from cast import NINE
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from yiwang.apps.sensing import public as sensing
from yiwang.kernel.clock import system_clock

ROOT = "/api/sensorthings/v1.1"
SETS = (
    "Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties",
    "Observations", "FeaturesOfInterest",
)  # fmt: skip
ONES = ("Thing", "Datastream", "Sensor", "ObservedProperty", "FeatureOfInterest", "name", "result")
TEXT = st.text(max_size=12)
PATHS = st.builds(
    "/{}{}{}".format,
    st.sampled_from(SETS) | TEXT,
    st.one_of(
        st.just(""),
        st.integers().map("({})".format),
        TEXT.map("('{}')".format),
        st.just("('SW001')"),
    ),
    st.one_of(
        st.just(""),
        st.sampled_from((*SETS, *ONES, "$ref", "$value", "name/$value")).map("/{}".format),
    ),
)
FIELDS = st.sampled_from(
    ("id", "name", "result", "phenomenonTime", "properties/river", "Thing/id", "Datastreams/name",
     "location", "Datastream/Thing/name", "nothing", "@iot.id")
)  # fmt: skip
VALUES = st.one_of(
    st.integers().map(str), st.floats().map(str), TEXT.map("'{}'".format), TEXT,
    st.sampled_from(
        ("null", "true", "2026-11-02T09:00:00Z", "geography'POINT(118.69 33.72)'", "duration'P1D'",
         "geography'POLYGON((0 0,1 0,1))'", "9999-99-99T00:00:00Z")
    ),
)  # fmt: skip
CONDITIONS = st.recursive(
    st.builds(
        "{} {} {}".format,
        FIELDS | VALUES,
        st.sampled_from(("eq", "ne", "gt", "le", "add", "div", "mod", "in", "")),
        FIELDS | VALUES,
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(("and", "or", "mul")), inner),
        st.builds("not {}".format, inner),
        st.builds(
            "{}({},{})".format,
            st.sampled_from(
                ("substringof", "startswith", "geo.distance", "st_within", "year", "concat",
                 "substring", "round", "now", "length", "nothing")
            ),
            inner,
            inner,
        ),
    ),
    max_leaves=5,
)  # fmt: skip
COUNTS = st.integers(-3, 10**20).map(str)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "$filter": CONDITIONS | TEXT,
        "$expand": st.sampled_from(
            ("Datastreams", "Datastreams/Observations", "Thing($select=name;$expand=Locations)",
             "Observations($top=-1)", "Datastreams($expand=Thing($expand=Datastreams))", "Nothing")
        ) | TEXT,
        "$select": FIELDS | TEXT,
        "$orderby": st.builds("{} {}".format, FIELDS, st.sampled_from(("asc", "desc", "up", ""))),
        "$top": COUNTS | TEXT,
        "$skip": COUNTS | TEXT,
        "$count": st.sampled_from(("true", "false", "")) | TEXT,
        "$resultFormat": st.sampled_from(("dataArray", "CSV")) | TEXT,
    },
)  # fmt: skip
NAMES = st.sampled_from(
    ("name", "description", "properties", "result", "phenomenonTime", "resultTime", "Datastream",
     "Thing", "@iot.id", "Locations", "location", "encodingType", "unitOfMeasurement", "components",
     "dataArray", "observationType", "op", "path", "value")
)  # fmt: skip
BODIES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=10,
)
THING = {
    "name": "温度计", "description": "", "properties": {},
    "Locations": [{
        "name": "机房", "description": "", "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [118.7, 33.7]},
    }],
    "Datastreams": [{
        "name": "温度", "description": "", "observationType": "OM_Measurement",
        "unitOfMeasurement": {"name": "摄氏度", "symbol": "℃", "definition": ""},
        "Sensor": {
            "name": "探头", "description": "", "encodingType": "text/html", "metadata": "无",
        },
        "ObservedProperty": {"name": "温度", "description": "", "definition": "t"},
        "Observations": [{"result": 21.5, "phenomenonTime": "2026-11-02T09:00:00Z"}],
    }],
}  # fmt: skip
ARRAYS = [{
    "Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"],
    "dataArray@iot.count": 1, "dataArray": [["2026-11-02T09:00:00Z", 14.5]],
}]  # fmt: skip


def places(whole, before=()):
    """Every place in a body, by the keys that lead to it."""
    yield before
    if isinstance(whole, dict | list):
        for key, one in whole.items() if isinstance(whole, dict) else enumerate(whole):
            yield from places(one, (*before, key))


def replaced(whole, place, odd):
    """A body with something odd at a place."""
    if not place:
        return odd
    made = whole.copy()
    made[place[0]] = replaced(whole[place[0]], place[1:], odd)
    return made


def spoiled(whole):
    return st.builds(replaced, st.just(whole), st.sampled_from(list(places(whole))), BODIES)


def odd(times: int):
    return tries(
        max_examples=times,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@pytest.fixture
def key(db) -> str:
    at = system_clock()
    prepared.install(sensing, at=NINE)
    line = json.dumps({"at": at.isoformat(), "value": 14.5}).encode()
    sensing.intake([sensing.Message("SW001", line)], library=prepared.library(), at=at)
    return sensing.issue_things_key(title="测试", organ="water", may_create=True, at=at)


def asked(key: str, method: str, path: str, *given, **how):
    client = Client(raise_request_exception=False)
    address = f"{ROOT}{path}".replace("?", "").replace("#", "")
    headers = {"Authorization": f"Bearer {key}"}
    return getattr(client, method)(address, *given, headers=headers, **how)


@odd(100)
@given(path=PATHS, query=QUERIES)
def test_no_question_however_odd_breaks_sensorthings(key, path, query):
    answer = asked(key, "get", path, query)

    assert answer.status_code < 500, (path, query)


@odd(60)
@given(path=PATHS, method=st.sampled_from(["post", "patch", "put", "delete"]), body=BODIES)
def test_no_body_however_odd_breaks_sensorthings(key, path, method, body):
    answer = asked(key, method, path, json.dumps(body), content_type="application/json")

    assert answer.status_code < 500, (path, method, body)


@odd(12)
@given(body=spoiled(THING))
def test_no_part_of_a_thing_however_odd_breaks_sensorthings(key, body):
    answer = asked(key, "post", "/Things", json.dumps(body), content_type="application/json")

    assert answer.status_code < 500, body


@odd(60)
@example(body=[{**ARRAYS[0], "dataArray": [["2026-11-02T09:00:00Z", 10**400]]}])
@given(body=BODIES | spoiled(ARRAYS))
def test_no_array_of_observations_however_odd_breaks_sensorthings(key, body):
    answer = asked(
        key, "post", "/CreateObservations", json.dumps(body), content_type="application/json"
    )

    assert answer.status_code < 500, body
