"""Listed systems are asked whether they answer, over IPv4 and IPv6; what they answered is kept."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest
from cast import NINE
from django.db import IntegrityError, transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.answering import answer_of
from yiwang.apps.catalog.models import ListEntry, SystemProbe
from yiwang.apps.catalog.public import published as tables
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import fixed_clock, local_date

pytestmark = pytest.mark.django_db
SYSTEM = {
    "title": "殡葬管理系统",
    "abstract": "殡葬业务",
    "status": "2",
    "hosting": "1",
    "network": "1",
    "protection": "2",
}


class Refusing(BaseHTTPRequestHandler):
    """A system that lets nobody in: it answers all the same."""

    def do_HEAD(self) -> None:
        self.send_error(403)

    def log_message(self, *_args: object) -> None:
        pass


class Leading(BaseHTTPRequestHandler):
    """A system that sends strangers to its own first page, and from there to sign in."""

    def do_HEAD(self) -> None:
        self.send_response(302)
        onward = "http://sso.example/login?service=x" if self.path == "/home?a=1" else "/home?a=1"
        self.send_header("Location", onward)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


class Circling(Leading):
    """A system that sends strangers round and round, and nowhere."""

    def do_HEAD(self) -> None:
        self.send_response(302)
        self.send_header("Location", "javascript:0" if self.path == "/void" else "/")
        self.end_headers()


class OnSix(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def served(
    kind: type[HTTPServer], host: str, manner: type[BaseHTTPRequestHandler] = Refusing
) -> Iterator[int]:
    server = kind((host, 0), manner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def talking(words: bytes) -> Iterator[int]:
    """Something that is no web server."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(words)

        threading.Thread(target=talk, daemon=True).start()
        yield server.getsockname()[1]


def draft(county, **changes: str) -> str:
    given = {**SYSTEM, **changes}
    return catalog.draft_entry(
        list_name="system", organ=county.li.organ, given=given, officer=county.li, at=NINE
    )


@pytest.fixture
def chief(county) -> identity.Officer:
    identity.create_account(
        username="chief", name="首席", password="Tests-only-2026", at=NINE,
        organ=county.li.organ, posts=["首席数据官"],
    )  # fmt: skip
    catalog.set_duty(
        organ=county.li.organ, duty="chief", username="chief", officer=county.gu, at=NINE
    )
    return identity.officer("chief", at=NINE)


def listed(county, chief, address: str) -> str:
    number = draft(county, address=address)
    catalog.submit_entry(number=number, officer=county.li, at=NINE)
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    catalog.publish_entry(number=number, officer=chief, at=NINE)
    return number


def probed(at) -> jobs.JobView:
    jobs.register(kinds=catalog.JOBS)
    catalog.probe_all(at)
    jobs.Worker(clock=fixed_clock(at)).run_next()
    return jobs.jobs(kind="catalog.probe")[0]


def test_whoever_answers_is_there_and_whoever_does_not_is_told_why():
    with served(ThreadingHTTPServer, "127.0.0.1") as port:
        address = f"http://127.0.0.1:{port}/"
        assert answer_of(address, family="ipv4").fault == ""
        assert answer_of(address, family="ipv6").fault == "域名没有这种地址"
        assert "SSLError" in answer_of(f"https://127.0.0.1:{port}", family="ipv4").fault
    assert "ConnectionRefusedError" in answer_of(address, family="ipv4").fault
    with served(OnSix, "::1") as port:
        assert answer_of(f"http://[::1]:{port}", family="ipv6").fault == ""
    with talking(b"220 mail\r\n") as port:
        assert "BadStatusLine" in answer_of(f"http://127.0.0.1:{port}", family="ipv4").fault


def test_where_a_system_sends_strangers_is_told_and_that_host_is_not_asked():
    with served(ThreadingHTTPServer, "127.0.0.1", Leading) as port:
        answer = answer_of(f"http://127.0.0.1:{port}", family="ipv4")
        assert (answer.fault, answer.leads_to) == ("", "sso.example")
    with served(ThreadingHTTPServer, "127.0.0.1", Circling) as port:
        for path in ("/", "/void"):
            answer = answer_of(f"http://127.0.0.1:{port}{path}", family="ipv4")
            assert (answer.fault, answer.leads_to) == ("", "")
    with served(ThreadingHTTPServer, "127.0.0.1") as port:
        assert answer_of(f"http://127.0.0.1:{port}", family="ipv4").leads_to == ""


def test_a_page_and_the_lake_know_where_a_system_leads(county, chief):
    with served(ThreadingHTTPServer, "127.0.0.1", Leading) as port:
        number = listed(county, chief, f"http://127.0.0.1:{port}")
        probed(NINE)

    assert [one.leads_to for one in catalog.probes_of(number)] == ["sso.example", ""]
    _, rows = tables()["platform.system_probes"]
    assert {row["kind"]: row["leads_to"] for row in rows} == {"ipv4": "sso.example", "ipv6": None}


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "http://0.0.0.0", "http://224.0.0.1"]
)
def test_what_only_a_machine_itself_answers_is_not_asked(address):
    assert answer_of(address, family="ipv4").fault == "不探测这种地址"


def test_a_listed_system_is_probed_daily_and_its_page_and_the_lake_know(county, chief):
    later = NINE + timedelta(days=1)
    with served(ThreadingHTTPServer, "127.0.0.1") as port:
        number = listed(county, chief, f"http://127.0.0.1:{port}")
        draft(county, address=f"http://127.0.0.1:{port}")  # not published: not asked
        told = probed(NINE)
        assert (told.counts["系统"], told.counts["两种地址都有应答"]) == (1, 0)
        probed(NINE)  # a second time on one day changes nothing
    probed(later)

    assert [(one.title, one.is_answered) for one in catalog.probes_of(number)] == [
        ("IPv4", False), ("IPv6", False),
    ]  # fmt: skip
    columns, rows = tables()["platform.system_probes"]
    kept = [row for row in rows if row["kind"] == "ipv4"]
    assert [(row["probed_on"], row["is_answered"], row["is_latest"]) for row in kept] == [
        (local_date(later), False, True),
        (local_date(NINE), True, False),
    ]
    assert set(kept[0]) == set(columns)
    catalog.probe_all(NINE + timedelta(days=500))
    assert not SystemProbe.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["ftp://a.b", "https://", "http://u:p@a.b", "http://a.b:0", "http://a.b:99999", "a.b"],
)
def test_what_is_no_address_goes_to_no_check(county, address):
    number = draft(county, address=address)
    with pytest.raises(catalog.EntryIncomplete) as refused:
        catalog.submit_entry(number=number, officer=county.li, at=NINE)
    assert "https://主机名" in refused.value.data["faults"]["address"]


def test_another_organ_writes_no_address_and_nobody_a_probe_that_says_nothing(county, chief):
    number = listed(county, chief, "http://127.0.0.1:9")
    with pytest.raises(identity.NotAllowed):
        catalog.change_entry(
            number=number,
            given={**SYSTEM, "address": "http://10.0.0.1"},
            officer=county.sun,
            at=NINE,
        )
    entry = ListEntry.objects.get(number=number)
    with pytest.raises(IntegrityError), transaction.atomic():
        SystemProbe.objects.create(
            entry=entry, kind="ipv4", probed_on=local_date(NINE), probed_at=NINE, is_answered=False
        )
