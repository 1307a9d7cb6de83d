"""The sharing gate over HTTP, as an integrator's system calls it: answered, refused, malformed."""

import asyncio
import base64
import csv
import io
import json
from concurrent.futures import Executor, Future
from datetime import timedelta
from queue import Empty, Queue
from threading import Thread
from urllib.parse import quote, urlencode

import hostile
import pyarrow as pa
import pytest
from cast import WANG_NUMBER
from county import ADDRESS, PHONE, PURPOSE, RESIDENT, YOUNG_NUMBER, granted
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from yiwang.apps.exchange import counter, signatures, streaming
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord, Grant
from yiwang.apps.journal import public as journal
from yiwang.faces.api import gate_files, gateway
from yiwang.kernel.clock import system_clock
from yiwang.kernel.crypto import KeyPair
from yiwang.kernel.ids import new_id

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

    def get(
        self, query=None, *, path=f"/gate/v1/{RESIDENT}", method="GET", headers=None, body=b"",
        sign=None, is_slow=False, **change,
    ):  # fmt: skip
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
        if sign:
            sign(scope)
        return HERE.drive(_asked(scope, body, is_slow=is_slow))

    def post(self, body: dict, **change):
        """The conditions in a body of JSON."""
        sent = json.dumps(body).encode()
        change |= {"content-type": "application/json", "content-length": str(len(sent))}
        return self.get("", method="POST", body=sent, **change)


class Reply:
    """Status, headers, body."""

    def __init__(self, messages) -> None:
        start, *bodies = messages
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.content = b"".join(body["body"] for body in bodies)
        self.is_whole = bool(bodies) and not bodies[-1].get("more_body")

    @property
    def text(self):
        return self.content.decode()

    @property
    def json(self):
        return json.loads(self.text)


async def _asked(scope, content=b"", *, is_slow=False) -> Reply:
    """The gate's reply; no content at all is a client that never sends its body."""
    whole = {"type": "http.request", "body": content, "more_body": False}
    sent, given = [], [] if content is None else [whole]

    async def receive():
        return given.pop() if given else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)
        if is_slow and message.get("more_body"):
            await asyncio.sleep(5)

    await gateway.gateway(scope, receive, send)
    return Reply(sent)


@pytest.fixture
def county(settled_county, db, monkeypatch):
    monkeypatch.setattr(gateway, "_desks", gateway.Desks(HERE))
    monkeypatch.setattr(gateway, "_files", gateway.Files(HERE))
    return settled_county


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
        ({"method": "PUT"}, 405),
        ({"method": "POST"}, 400),
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
        ({"content-length": "1e3"}, 413),
        ({"headers": [(b"content-length", b"0"), (b"content-length", b"5")]}, 400),
        ({"headers": [(b"host", b"a"), (b"host", b"b")]}, 400),
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


class Signer:
    """A system that signs its requests with a key of its own."""

    def __init__(self, caller, kind) -> None:
        if kind == "sm2":
            pair = KeyPair.generate()
            self.sign, public = pair.sign, pair.public.pem()
        else:
            key = Ed25519PrivateKey.generate()
            public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            self.sign, public = key.sign, public.decode()
        self.keyid = exchange.register_key(
            caller.grant.number, public=public, officer=caller.county.li, at=system_clock()
        )

    def __call__(
        self, scope, *, nonce="", late=0, forge=False, leave=(), created=None, given=None
    ) -> None:
        """Put a signature on the request in place of the secret."""
        headers = {n.decode(): v.decode() for n, v in scope["headers"] if n != b"authorization"}
        names = ["@method", "@path", "@query", "x-purpose", "x-case"]
        names += ["x-system"] if "x-system" in headers else []
        names = [name for name in names if name not in leave]
        created = created or int(system_clock().timestamp()) - late
        parameters = f';created={created};keyid="{self.keyid}";nonce="{nonce or new_id()}"'
        request = signatures.Request(
            scope["method"], scope["path"], scope["query_string"].decode(), headers
        )
        signature = self.sign(signatures.base_of(request, names, parameters))
        listed = " ".join(f'"{name}"' for name in names)
        headers["signature-input"] = f"sig1=({listed}){parameters}"
        headers["signature"] = f"sig1=:{given or base64.b64encode(signature).decode()}:"
        if forge:
            headers["x-case"] = "SY2026110200171"
        scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]


@pytest.mark.parametrize("kind", ["ed25519", "sm2"])
def test_a_signed_request_is_answered_once_and_any_other_signature_is_refused(county, kind):
    caller = Caller(county, assurance="signed")
    signer = Signer(caller, kind)

    def reason(**change):
        return caller.get(sign=lambda scope: signer(scope, **change)).json["data"]["reason"]

    assert caller.get(sign=lambda scope: signer(scope, nonce="once")).status == 200
    assert reason(nonce="once") == "signature_replayed"
    assert reason(late=301) == "signature_expired"
    assert reason(late=-301) == "signature_expired"
    assert reason(forge=True) == "signature_forged"
    assert reason(leave=("x-case",)) == "signature_malformed"
    assert reason(leave=("@query",)) == "signature_malformed"
    assert reason(created=999_999_999_999) == "signature_malformed", "no year has that instant"
    assert reason(given="A") == "signature_malformed", "no bytes are written so"
    assert reason(given="AAAA") == "signature_forged"
    assert caller.get().json["data"]["reason"] == "signature_required"
    own, signer.keyid = signer.keyid, "f" * 64
    assert reason() == "key_unknown"
    signer.keyid = own
    assert caller.get(sign=signer).status == 200


def test_a_batch_by_key_stands_in_the_body_and_counts_once(caller):
    reply = caller.post({"keys": [WANG_NUMBER, YOUNG_NUMBER, "x"], "columns": ["name"]})
    assert [row["name"] for row in reply.json["rows"]] == ["王秀英"]  # the filter: the aged only
    assert CallRecord.objects.get(code="allowed").form == "batch"
    assert caller.post({"keys": ["1"] * 501 + [str(n) for n in range(501)]}).status == 422
    assert caller.post({"key": "1"}).status == 400


def test_a_retry_is_answered_on_record_and_counted_once(county):
    caller = Caller(county, quota_per_day=1)
    first = caller.get(**{"idempotency-key": "a-1"})
    again = caller.get(**{"idempotency-key": "a-1"})
    assert (first.status, again.status) == (200, 200)
    assert again.json["repeats"] == first.json["call"]
    other = caller.get({"id_number": YOUNG_NUMBER}, **{"idempotency-key": "a-1"})
    assert other.json["data"]["reason"] == "retry_differs"
    assert caller.get().json["data"]["reason"] == "quota_over"


def test_a_retry_is_no_way_around_quota_and_rate(county):
    caller = Caller(county, quota_per_day=2)

    def asked(token):
        reply = caller.get(**{"idempotency-key": token})
        return "" if reply.status == 200 else reply.json["data"]["reason"]

    assert [asked("a-1") for _ in range(1 + counter.FREE_REPEATS)] == [""] * 6
    assert asked("a-1") == "", "counted as any call"
    assert asked("a-1") == "quota_over"
    assert asked("a-2") == asked("a-2") == "quota_over", "what was refused is not repeated"
    Grant.objects.update(quota_per_day=100, rate_per_second=1, version=9)
    assert "rate_over" in {asked("a-3") for _ in range(8)}


@pytest.fixture
def reader(county) -> Caller:
    """A grant of all rows in pages and files; groups are kept small, for there are two rows."""
    caller = Caller(county, lookup=(), rows="", clear=("name",))
    Grant.objects.update(smallest_group=2, version=9)
    return caller


def test_a_page_is_filtered_and_sorted_by_what_the_caller_sees_only(reader):
    def asked(**query):
        return reader.get({"columns": "name", **query})

    up = [row["name"] for row in asked(sort="name").json["rows"]]
    assert len(up) == 2
    assert [row["name"] for row in asked(sort="-name").json["rows"]] == up[::-1]
    assert len(asked(filter="name is not null").json["rows"]) == 2
    for query, reason in (
        ({"filter": "name = '王秀英'"}, "group_too_small"),
        ({"filter": "name = '没有这个人'"}, "group_too_small"),
        ({"filter": "phone = '13812345678'"}, "filter_outside_grant"),
        ({"filter": "ethnic is null"}, "filter_refused"),
        ({"filter": "name = '王' or (select 1) = 1"}, "filter_refused"),
        ({"filter": "length(name)"}, "filter_refused"),
        ({"sort": "phone"}, "filter_outside_grant"),
        ({"sort": "name; drop table x"}, "filter_outside_grant"),
    ):
        assert asked(**query).json["data"]["reason"] == reason, query


def test_generated_hostile_questions_reach_nothing_outside_the_grant(reader):
    """Against pages, files, lookups and bodies: no hidden column, row or file, and no fault."""
    Grant.objects.update(quota_per_day=10**6, rate_per_second=10**6, version=10)
    hidden = ("id_number", "phone", "address", "ethnic", "_run", "sqlite_master", "exchange_grant")
    secrets = (WANG_NUMBER, YOUNG_NUMBER, PHONE, ADDRESS, "root:x:")
    answered = 0
    for n, one in enumerate(hostile.attempts(known=("name", "township"), hidden=hidden)):
        page = {"limit": one.limit, "offset": one.offset}
        if n % 2:
            body = {"columns": one.columns, "filter": one.filters, "sort": one.sort}
            reply = reader.post({**body, "where": one.words, **page})
        else:
            query = {"columns": _spelled(one.columns) or "name", "sort": _spelled(one.sort)}
            query |= {"filter": _spelled(one.filters), **page}
            if one.words:
                query[_spelled(one.words)] = "1"
            path = f"/gate/v1/{RESIDENT}" + ("/file" if n % 8 == 0 else "")
            reply = reader.get(query, path=path)
        assert reply.status < 500, (n, one, reply.text[:300])
        assert not any(secret in reply.text for secret in secrets), (n, one)
        answered += reply.status == 200
    assert answered > 5, "some attempts are harmless and answered"


def _spelled(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_a_client_that_sends_its_body_slowly_is_not_waited_for(caller, monkeypatch):
    monkeypatch.setattr(gateway, "PATIENCE", 0.05)
    headers = [(b"content-length", b"9"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": f"/gate/v1/{RESIDENT}", "headers": headers,
             "query_string": b""}  # fmt: skip
    reply = HERE.drive(_asked(scope, None))
    assert (reply.status, reply.json["code"]) == (408, "api.request_too_slow")


def test_a_client_that_reads_its_file_slowly_is_let_go_and_on_record(reader, monkeypatch):
    monkeypatch.setattr(gate_files, "PATIENCE", 0.05)
    path = f"/gate/v1/{RESIDENT}/file"
    reply = reader.get({"columns": "name"}, path=path, is_slow=True)
    assert not reply.is_whole
    call = CallRecord.objects.get(number=reply.headers["x-call"])
    assert (call.code, call.fault) == ("broken", "client_slow")


def test_a_file_arrives_masked_marked_and_on_record(reader):
    path = f"/gate/v1/{RESIDENT}/file"
    reply = reader.get({"columns": "name,address", "format": "arrow"}, path=path)
    table = pa.ipc.open_stream(reply.content).read_all()
    assert (reply.status, table.num_rows, reply.is_whole) == (200, 2, True)
    assert all(ADDRESS not in text for text in table["address"].to_pylist())
    (mark,) = [one for one in exchange.read_marks(reply.content) if one.way == "told"]
    assert mark.call == reply.headers["x-call"]
    assert exchange.is_genuine(mark)
    call = CallRecord.objects.get(number=mark.call)
    assert (call.code, call.rows, call.bytes_out) == ("allowed", 2, len(reply.content))
    (entry,) = journal.entries(event="gate.delivered", limit=1)
    assert entry.facts["rows"] == 2
    for wanted in ("json", "csv", "parquet"):
        assert reader.get({"columns": "name", "format": wanted}, path=path).status == 200


def test_changes_since_the_snapshot_of_a_file_are_none_while_nothing_changed(reader):
    path = f"/gate/v1/{RESIDENT}/file"
    snapshot = reader.get({"columns": "name"}, path=path).headers["x-snapshot"]
    query = {"columns": "name", "since": snapshot}
    assert reader.get(query, path=f"/gate/v1/{RESIDENT}/changes").json["rows"] == []


def test_changes_since_what_cannot_be_compared_are_refused_with_the_way_out(reader):
    path = f"/gate/v1/{RESIDENT}/changes"
    unknown = reader.get({"columns": "name", "since": "123"}, path=path)
    assert (unknown.status, unknown.json["data"]["reason"]) == (410, "since_unknown")
    assert "/file" in unknown.json["hint"]
    missing = reader.get({"columns": "name"}, path=path)
    assert (missing.status, missing.json["code"]) == (400, "api.request_malformed")
    assert "since" in missing.json["title"]
    posted = reader.post({"columns": ["name"], "since": "123"}, path=path)
    assert posted.json["data"]["reason"] == "since_unknown"
    assert not CallRecord.objects.filter(code="allowed").exists()


def test_a_grant_for_one_system_asks_for_its_name_under_the_signature(county):
    caller = Caller(county, system="养老系统")
    signer = Signer(caller, "ed25519")
    for change in ({}, {"x-system": quote("别的系统")}):
        reply = caller.get(**change)
        assert (reply.status, reply.json["data"]["reason"]) == (403, "wrong_system")
        assert "养老系统" in reply.json["hint"]
    named = {"x-system": quote("养老系统")}
    assert caller.get(**named).status == 200
    assert caller.get(sign=signer, **named).status == 200
    bare = caller.get(sign=lambda scope: signer(scope, leave=("x-system",)), **named)
    assert bare.json["data"]["reason"] == "signature_malformed"


def test_a_grant_by_key_gives_no_file(caller):
    reply = caller.get({"columns": "name"}, path=f"/gate/v1/{RESIDENT}/file")
    assert reply.json["data"]["reason"] == "form_outside_grant"


def test_a_grant_withdrawn_while_its_file_runs_breaks_the_file_off(reader, monkeypatch):
    monkeypatch.setattr(streaming, "CHECK_EVERY", -1)
    begun = streaming.open_stream

    def withdrawn_meanwhile(draft, form):
        stream = begun(draft, form)
        Grant.objects.update(version=10)
        return stream

    monkeypatch.setattr(exchange, "open_stream", withdrawn_meanwhile)
    reply = reader.get({"columns": "name"}, path=f"/gate/v1/{RESIDENT}/file")
    assert (reply.status, reply.is_whole) == (200, False)
    call = CallRecord.objects.get(number=reply.headers["x-call"])
    assert (call.code, call.fault) == ("broken", "stream_broken")
    assert journal.entries(event="gate.broken", limit=1)
