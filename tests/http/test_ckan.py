"""CKAN's Action API as real clients use it: ckanapi, harvest loops, hostile questions."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import ckanapi
import hostile
import pytest
import requests
from cast import NINE
from django.test import Client
from opened import BANDS, SECRET, copies, published

from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import Release
from yiwang.lake.openstore import OpenStore

pytestmark = pytest.mark.django_db
HIDDEN = ("id_number", "ethnic", "about", "content", "sqlite_master")


class Straight(requests.adapters.BaseAdapter):
    """Hands what a client of `requests` sends to the platform in this process."""

    def send(self, request, **_):
        path = request.url.removeprefix("http://testserver")
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = Client().generic(
            request.method,
            path,
            body,
            content_type=request.headers.get("Content-Type", ""),
            **headers,
        )
        response = requests.Response()
        response.status_code, response.url, response.request = (
            answer.status_code,
            request.url,
            request,
        )
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.getvalue())
        return response

    def close(self):
        """Nothing is held."""


@pytest.fixture
def county(settled_county, db):
    return settled_county


@pytest.fixture
def homes(county):
    return published(county)


@pytest.fixture
def ckan():
    session = requests.Session()
    session.mount("http://testserver", Straight())
    return ckanapi.RemoteCKAN("http://testserver", session=session)


def many(county, count):
    """Many releases, only one of which has files."""
    published(county)
    return copies(count)


def test_a_real_client_finds_shows_and_reads_a_dataset(homes, ckan):
    found = ckan.action.package_search(q="养老", facet="true", **{"facet.field": '["tags"]'})
    assert found["count"] == 1 and found["facets"]["tags"] == {"养老": 1, "床位": 1}
    package = ckan.action.package_show(id="elder-homes")
    assert package["id"] == homes.ident and package["organization"]["title"]
    csv = package["resources"][0]
    rows = ckan.action.datastore_search(
        resource_id=csv["id"], filters={"kind": "公办"}, sort="beds desc", limit=2, fields=["beds"]
    )
    assert [row["beds"] for row in rows["records"]] == [100, 80] and rows["total"] == 6
    assert {one["id"]: one["type"] for one in rows["fields"]} == {"beds": "int8"}
    assert ckan.action.resource_show(id=csv["id"])["format"] == "CSV"
    assert ckan.action.organization_list() == ["civil-affairs"]
    assert ckan.action.group_list(all_fields=True)[0]["package_count"] == 1
    assert ckan.action.tag_list() == ["养老", "床位"]
    assert ckan.action.status_show()["extensions"] == ["datastore"]
    assert [one["id"] for one in ckan.action.license_list()] == [
        "county-conditional",
        "county-open",
    ]


def test_both_scripts_and_pinyin_find_the_same(homes, ckan):
    for words in ("養老機構", "养老机构", "yanglao"):
        assert ckan.action.package_search(q=words)["count"] == 1, words


@pytest.mark.parametrize(
    ("action", "params", "raised"),
    [
        ("package_show", {"id": "nothing"}, ckanapi.NotFound),
        ("resource_show", {"id": "x"}, ckanapi.NotFound),
        (
            "datastore_search",
            {"resource_id": "00000000-0000-0000-0000-000000000000"},
            ckanapi.NotFound,
        ),
        ("package_search", {"sort": "password desc"}, ckanapi.SearchQueryError),
        ("package_search", {"fq": "metadata_modified:[x TO"}, ckanapi.SearchQueryError),
        ("datastore_search_sql", {"sql": "SELECT 1"}, ckanapi.NotAuthorized),
        ("package_create", {"name": "x"}, ckanapi.CKANAPIError),
    ],
)
def test_errors_are_those_that_ckan_clients_know(homes, ckan, action, params, raised):
    with pytest.raises(raised):
        ckan.call_action(action, params)


def test_a_conditional_dataset_answers_rows_under_a_key_only(county, ckan):
    made = published(county, BANDS)
    resource = ckan.action.package_show(id=made.name)["resources"][0]["id"]
    with pytest.raises(ckanapi.NotAuthorized):
        ckan.action.datastore_search(resource_id=resource)
    asked = exchange.request_release(
        made.name, purpose="研究人口结构", has_agreed=True, actor=county.wang, at=NINE
    )
    exchange.decide_open_request(asked.number, agree=True, reason="", officer=county.chen, at=NINE)
    key = exchange.take_open_key(asked.number, actor=county.wang, at=NINE)
    Release.objects.filter(name=made.name).update(published_at=NINE)
    keyed = ckanapi.RemoteCKAN("http://testserver", apikey=key, session=ckan.session)
    assert keyed.action.datastore_search(resource_id=resource, limit=1)["records"]


@pytest.mark.parametrize("rows", [7, 10])
def test_a_loop_by_id_neither_skips_nor_repeats_while_entries_vanish(county, ckan, rows):
    """ckanext-harvest's own loop: sort=id asc, start += rows, until a page is empty."""
    idents = many(county, 40)
    seen, start = [], 0
    while page := ckan.action.package_search(sort="id asc", rows=rows, start=start):
        if start >= page["count"]:
            break
        seen += [one["id"] for one in page["results"]]
        gone = idents[start // rows]  # one that was seen vanishes after each page
        Release.objects.filter(ident=gone).update(
            state="withdrawn", withdrawn_at=datetime.now(NINE.tzinfo)
        )
        start += rows
    assert sorted(seen) == sorted(set(seen)), "none twice"
    assert set(idents) <= set(seen), "none skipped: only such vanished as had been seen"


def test_a_loop_by_time_of_change_carries_deletions(county, ckan):
    idents = many(county, 30)
    seen, since = {}, "2026-01-01T00:00:00Z"
    for turn in range(100):
        page = ckan.action.package_search(
            fq=f"metadata_modified:[{since} TO *]",
            sort="metadata_modified asc",
            rows=8,
            include_deleted=True,
        )["results"]
        fresh = [one for one in page if seen.get(one["id"]) != one["metadata_modified"]]
        if not fresh:
            break
        seen |= {one["id"]: one["metadata_modified"] for one in page}
        states = {one["id"]: one["state"] for one in page}
        since = page[-1]["metadata_modified"]
        if turn == 1:
            Release.objects.filter(ident=idents[0]).update(
                state="withdrawn",
                withdrawn_at=NINE,
                changed_at=NINE + timedelta(days=1),
            )
    assert set(idents) <= set(seen)
    assert states[idents[0]] == "deleted"
    (latest, *_) = ckan.action.recently_changed_packages_activity_list()
    assert (latest["object_id"], latest["activity_type"]) == (idents[0], "deleted package")


def test_generated_hostile_questions_reach_nothing_outside_the_release(county):
    """Every answer holds opened columns only, or is a refusal in CKAN's own form."""
    made = published(county, replace(BANDS, terms="unconditional"))
    client = Client()
    resource = client.get("/api/3/action/package_show", {"id": made.name}).json()["result"][
        "resources"
    ][0]["id"]
    known = [one.name for one in made.columns]
    allowed, answered = {*known, "_id"}, 0
    for one in hostile.attempts(known=known, hidden=HIDDEN):
        asked = {
            "resource_id": resource,
            "fields": one.columns,
            "filters": one.filters,
            "sort": one.sort,
            "q": one.words,
            "limit": one.limit,
            "offset": one.offset,
        }
        answer = client.post(
            "/api/3/action/datastore_search", json.dumps(asked), content_type="application/json"
        )
        text = answer.content.decode()
        assert answer.status_code in (200, 400, 403, 404, 409, 503), (answer.status_code, one)
        assert SECRET not in text and "CREATE TABLE" not in text and "root:" not in text, one
        if answer.status_code == 200:
            answered += 1
            for row in answer.json()["result"]["records"]:
                assert set(row) <= allowed, one
    assert answered > 5, "some attempts are harmless and answered"
    assert OpenStore().columns(made.file("sqlite")).keys() == set(known)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"x" * 70_000, "application/json", 400),
        (b"q=%E5%85%BB%E8%80%81", "application/x-www-form-urlencoded", 200),
        (b"<xml/>", "application/xml", 400),
        (b"", "application/json", 200),
    ],
)
def test_bodies_of_any_kind_are_read_or_refused(homes, body, kind, status):
    answer = Client().post("/api/3/action/package_search", body, content_type=kind)

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/json")


def test_a_giant_offset_answers_nothing_at_once(homes):
    asked = {"start": "999999999", "rows": "1000"}
    assert Client().get("/api/3/action/package_search", asked).json()["result"]["results"] == []
