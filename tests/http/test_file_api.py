"""A whole file by machine: only what grants open, each look on record, wrong keys told apart."""

import json
from urllib.parse import quote

import pytest
from cast import WANG_NUMBER
from county import PURPOSE, RESIDENT, granted, settle

from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db
ADDRESS = "/api/files/v1/file"


@pytest.fixture
def ask(client, db):
    county = settle()
    grant = granted(county, at=system_clock())
    key = exchange.issue_key(grant.number, officer=county.li, at=system_clock())

    def ask_(number=WANG_NUMBER, keys=(key,), purpose=PURPOSE, kind="person", **more):
        body = {"kind": kind, "number": number, "keys": [one or key for one in keys], **more}
        return client.post(
            ADDRESS,
            json.dumps(body),
            content_type="application/json",
            headers={"X-Purpose": quote(purpose), "X-Case": "SY1"},
        )

    return ask_


def test_a_file_holds_what_the_grants_open_and_every_look_is_on_record(ask):
    answer = ask(keys=("", "no-such-key"))
    assert answer.status_code == 200, answer.content.decode()
    found = answer.json()
    [section] = found["sections"]
    assert section["table"] == RESIDENT and len(section["rows"]) == 1
    assert section["masked"]
    [refused] = found["refused"]
    assert refused["key"] == 1 and refused["call"]
    entries = list(journal.entries(subject=WANG_NUMBER, event="gate.answered"))
    assert section["receipt"] in {entry.id for entry in entries}
    assert CallRecord.objects.count() == 2


def test_another_purpose_an_unknown_key_and_a_firm_open_nothing(ask):
    for given in ({"purpose": "看看"}, {"keys": ("x",)}):
        answer = ask(**given)
        assert answer.status_code == 403
        assert answer.json()["code"] == "api.file_refused"
        assert len(answer.json()["data"]["refused"]) == 1
        assert WANG_NUMBER not in answer.content.decode()
    firm = ask(kind="firm", number="91321323MA1MXXXXX1")
    assert firm.status_code in (400, 403, 422)


def test_what_is_no_request_is_said_so(ask, client):
    for body in (b"{", b"[]", b'{"kind": "person"}', b'{"kind":"dog","number":"1","keys":["a"]}'):
        answer = client.post(ADDRESS, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "api.file_request_malformed")
    assert ask(number="321323194001010015").status_code == 422
    assert ask(keys=[f"k{n}" for n in range(61)]).status_code == 400
    assert client.get(ADDRESS).status_code == 405
