"""The sharing gate over HTTP, as an integrator's system calls it: answered, refused, malformed."""

import asyncio
import csv
import io
import json
from concurrent.futures import Executor, Future
from datetime import timedelta
from queue import Empty, Queue
from threading import Thread
from urllib.parse import quote, urlencode

import pytest
from cast import WANG_NUMBER
from county import ADDRESS, PHONE, PURPOSE, RESIDENT, granted, settle

from yiwang.apps.exchange import answering
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord, Grant
from yiwang.apps.journal import public as journal
from yiwang.faces.api import gateway
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db


class OwnThread(Executor):
    """Hands the synchronous part to the test's thread, whose transaction is rolled back."""

    def __init__(self) -> None:
        self.jobs: Queue = Queue()

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        self.jobs.put((future, fn, args))
        return future

    def drive(self, coroutine):
        """Run ``coroutine`` on an event loop of another thread, its jobs in this one."""
        done: Future = Future()
        loop = Thread(target=lambda: done.set_result(asyncio.run(coroutine)))
        loop.start()
        while loop.is_alive() or not self.jobs.empty():
            try:
                future, fn, args = self.jobs.get(timeout=0.01)
            except Empty:
                continue
            try:
                future.set_result(fn(*args))
            except Exception as error:
                future.set_exception(error)
        loop.join()
        return done.result()


HERE = OwnThread()


class Caller:
    """An organ's system with a key."""

    def __init__(self, county, **bounds) -> None:
        now = system_clock()
        self.county = county
        self.grant = granted(county, at=now, **bounds)
        self.key = exchange.issue_key(self.grant.number, officer=county.li, at=now)

    def get(self, query=None, *, path=f"/gate/v1/{RESIDENT}", method="GET", headers=None, **change):
        given = {
            "authorization": f"Bearer {self.key}",
            "x-purpose": quote(PURPOSE),
            "x-case": "SY2026110200170",
            **change,
        }
        query = {"id_number": WANG_NUMBER, "columns": "name,address"} if query is None else query
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": (query if isinstance(query, str) else urlencode(query)).encode(),
            "headers": headers
            if headers is not None
            else [(name.encode(), value.encode()) for name, value in given.items() if value],
        }
        return HERE.drive(_asked(scope))


class Reply:
    """Status, headers, body."""

    def __init__(self, messages) -> None:
        start, body = messages
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.text = body["body"].decode()

    @property
    def json(self):
        return json.loads(self.text)


async def _asked(scope) -> Reply:
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await gateway.gateway(scope, receive, send)
    return Reply(sent)


@pytest.fixture
def county(monkeypatch):
    monkeypatch.setattr(answering, "_rates", answering.Rates())
    monkeypatch.setattr(gateway, "_pool", HERE)
    return settle()


@pytest.fixture
def caller(county) -> Caller:
    return Caller(county)


def test_a_call_by_key_gives_masked_json_and_is_journalled_before_it_arrives(caller):
    reply = caller.get()
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    (row,) = reply.json["rows"]
    assert row["name"] == "王秀英"
    assert row["address"].endswith("****")
    assert ADDRESS not in reply.text
    (entry,) = journal.entries(event="gate.answered", limit=1)
    assert entry.id == reply.json["receipt"]
    assert entry.number is not None  # already in a block of the log


def test_the_same_rows_come_as_csv(caller):
    reply = caller.get({"id_number": WANG_NUMBER, "columns": "name,phone", "format": "csv"})
    assert reply.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(io.StringIO(reply.text))) == [["name", "phone"], ["王秀英", PHONE]]
    assert caller.get(accept="text/csv").headers["content-type"].startswith("text/csv")


def test_a_raw_utf8_purpose_is_understood_like_an_encoded_one(caller):
    assert caller.get(**{"x-purpose": PURPOSE}).status == 200


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"authorization": ""}, 401, "key_missing"),
        ({"authorization": "Basic abc"}, 401, "key_missing"),
        ({"authorization": "Bearer yw_foreign"}, 401, "key_unknown"),
        ({"x-purpose": quote("商业推广")}, 403, "wrong_purpose"),
        ({"x-case": ""}, 403, "case_missing"),
        ({"query": {"id_number": "1", "columns": "name,ethnic"}}, 403, "column_outside_grant"),
        ({"query": {"columns": "name"}}, 422, "lookup_missing"),
        ({"query": {"id_number": "1", "name": "王"}}, 403, "lookup_outside_grant"),
        ({"path": "/gate/v1/base.legal_person"}, 403, "wrong_table"),
    ],
)
def test_a_refused_call_is_a_problem_that_says_why_and_what_to_do(caller, change, status, reason):
    reply = caller.get(**change)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json
    assert problem["code"] == "exchange.call_refused"
    assert problem["data"]["reason"] == reason
    assert problem["title"]
    assert problem["hint"]
    assert WANG_NUMBER not in reply.text
    assert CallRecord.objects.get(number=problem["data"]["call"]).code == reason


def test_the_stranger_with_a_key_of_another_table_gets_nothing(county, caller):
    demand = exchange.open_demand(
        table="base.legal_person", columns=("name",), purpose=PURPOSE, basis="依据",
        officer=county.sun, at=system_clock(), bounds=exchange.Bounds(lookup=("uscc",)),
    )  # fmt: skip
    own = exchange.decide_demand(
        demand.number, agree=True, reason="", officer=county.sun, at=system_clock()
    )
    foreign = exchange.issue_key(own.number, officer=county.sun, at=system_clock())
    reply = caller.get(authorization=f"Bearer {foreign}")
    assert reply.status == 403
    assert reply.json["data"]["reason"] == "wrong_table"


def test_a_quota_that_is_used_up_answers_429(county):
    caller = Caller(county, quota_per_day=1)
    assert caller.get().status == 200
    reply = caller.get()
    assert (reply.status, reply.json["data"]["reason"]) == (429, "quota_over")


def test_a_grant_withdrawn_between_two_calls_is_refused_at_the_second(caller):
    assert caller.get().status == 200
    exchange.withdraw_grant(
        caller.grant.number, reason="停止", officer=caller.county.chen, at=system_clock()
    )
    assert caller.get().json["data"]["reason"] == "grant_withdrawn"


def test_a_grant_that_is_over_is_refused(caller):
    over = system_clock() - timedelta(seconds=1)
    Grant.objects.update(active_until=over, active_from=over - timedelta(days=9), version=2)
    assert caller.get().json["data"]["reason"] == "grant_expired"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"method": "POST"}, 405),
        ({"method": "DELETE"}, 405),
        ({"path": "/gate/v1/"}, 404),
        ({"path": "/gate/v1/a/b"}, 404),
        ({"path": "/gate/v2/base.resident"}, 404),
        ({"query": "columns=" + "a" * 5000}, 413),
        ({"query": "&".join(f"a{n}=1" for n in range(40))}, 400),
        ({"query": "id_number=1&id_number=2"}, 400),
        ({"query": "id_number=%ff%fe"}, 400),
        ({"query": "nothing"}, 400),
        ({"query": {"id_number": "1", "limit": "-1"}}, 400),
        ({"query": {"id_number": "1", "limit": "１０"}}, 400),
        ({"query": {"id_number": "1", "format": "xml"}}, 400),
        ({"content-length": "10"}, 413),
        ({"transfer-encoding": "chunked"}, 413),
        ({"x-filler": "a" * 20_000}, 413),
        ({"headers": [(b"x-a", b"1")] * 70}, 413),
        ({"headers": [(b"x-case", b"1"), (b"X-Case", b"2")]}, 400),
        ({"headers": [(b"x-purpose", b"\xff\xfe")]}, 400),
    ],
)
def test_a_malformed_or_oversize_request_is_refused_before_anything_is_read(caller, change, status):
    reply = caller.get(**change)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert not CallRecord.objects.filter(code="allowed").exists()


@pytest.mark.parametrize(
    "hostile",
    [
        'name" FROM rows; DROP TABLE rows; --',
        "name,(SELECT 1)",
        "*",
        "rowid",
        "name\x00",
        "../../etc/passwd",
        "ｎａｍｅ",
    ],
)
def test_a_hostile_column_or_condition_reaches_nothing(caller, hostile):
    as_column = caller.get({"id_number": WANG_NUMBER, "columns": hostile})
    as_condition = caller.get({"id_number": WANG_NUMBER, hostile: "1"})
    as_value = caller.get({"id_number": hostile, "columns": "name"})
    assert as_column.json["data"]["reason"] == "column_outside_grant"
    assert as_condition.json["data"]["reason"] == "lookup_outside_grant"
    assert as_value.json["rows"] == []
