"""Query at source first, the platform's copy later, and the consumer asks as ever."""

import sqlite3
from datetime import timedelta

import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from county import ADDRESS, PROVIDER, PURPOSE, RESIDENT, granted
from msgspec.structs import replace as altered

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import breaker, sourcing
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord
from yiwang.apps.identity.public import NotAllowed
from yiwang.lake import Source

pytestmark = pytest.mark.django_db
COLUMNS = {
    "id_number": "sfzh", "name": "xm", "phone": "lxdh", "address": "jzdz", "birth_on": "csrq",
    "is_alive": "shzt",
}  # fmt: skip


@pytest.fixture
def system(tmp_path, monkeypatch, county):
    """The provider's own database, where the phone is newer than in the platform's copy."""
    file = tmp_path / "hukou.sqlite"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE czrk (sfzh TEXT, xm TEXT, lxdh, jzdz TEXT, csrq TEXT, shzt)")
        made.execute(
            "INSERT INTO czrk VALUES (?, '王秀英', 13900000000, ?, '1956-03-14', 1)",
            (WANG_NUMBER, ADDRESS),
        )
    bound = catalog.BoundSource("hukou", "sqlite", PROVIDER, (), Source(kind="sqlite", path=file))
    monkeypatch.setattr(catalog, "source", lambda name: bound)
    yield file
    sourcing.forget_kept()


def routed(county, **change):
    given = {"table": RESIDENT, "source": "hukou", "relation": "czrk", "columns": COLUMNS}
    return exchange.set_route(**{**given, **change}, officer=county.gu, at=NINE)


def call_of(county, **bounds) -> exchange.Call:
    grant = granted(county, **bounds)
    return exchange.Call(
        key=exchange.issue_key(grant.number, officer=county.li, at=NINE),
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        columns=("name", "phone", "address"),
        purpose=PURPOSE,
        case="SY2026110200170",
    )


def test_the_consumer_does_not_notice_when_the_source_gives_way_to_the_copy(county, system):
    call = call_of(county)
    before = exchange.answer(call, at=NINE).rows
    routed(county)
    (at_source,) = exchange.answer(call, at=NINE).rows
    assert at_source["phone"] == "13900000000"  # the provider's, of this moment
    assert at_source["address"] == before[0]["address"]  # masked the same
    batch = exchange.answer(altered(call, where={}, keys=(WANG_NUMBER, "x")), at=NINE).rows
    assert [row["phone"] for row in batch] == ["13900000000"]
    exchange.end_route(RESIDENT, officer=county.gu, at=NINE)
    assert exchange.answer(call, at=NINE).rows == before


def test_pages_and_files_of_a_table_that_is_only_at_its_source_are_refused_with_the_reason(
    county, tmp_path, monkeypatch
):
    file = tmp_path / "records.sqlite"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE funeral (register_no TEXT, id_number TEXT, cremated_on TEXT)")
    bound = catalog.BoundSource("records", "sqlite", OFFICE, (), Source(kind="sqlite", path=file))
    monkeypatch.setattr(catalog, "source", lambda name: bound)
    names = ("register_no", "id_number", "cremated_on")
    table = {"table": "base.cremation", "columns": {name: name for name in names}}
    routed(county, **table, relation="funeral", source="records")
    asked = exchange.open_demand(
        table="base.cremation", columns=names, purpose=PURPOSE, basis="依据", officer=county.chen,
        at=NINE,
    )  # fmt: skip
    grant = exchange.decide_demand(
        asked.number, agree=True, reason="可", officer=county.zhao, at=NINE
    )
    page = exchange.Call(
        key=exchange.issue_key(grant.number, officer=county.chen, at=NINE), table="base.cremation",
        purpose=PURPOSE, case="SY1",
    )  # fmt: skip
    for form in ("", "file"):
        with pytest.raises(exchange.CallRefused, match="只按键查询") as refused:
            exchange.open_stream(exchange.Draft(altered(page, form=form), NINE), "csv")
        assert refused.value.status == 503
    assert CallRecord.objects.filter(fault="exchange.pages_not_at_source").count() == 2


def test_a_source_that_is_down_is_a_refusal_that_says_so(county, system):
    call = call_of(county)
    routed(county)
    system.unlink()
    with pytest.raises(exchange.CallRefused) as refused:
        exchange.answer(call, at=NINE)
    assert (refused.value.status, refused.value.data["reason"]) == (503, "source_down")
    assert CallRecord.objects.get(code="source_down").fault == "lake.source_down"
    assert str(system) not in str(refused.value)


def test_an_earlier_answer_is_given_only_where_the_grant_allows_it_and_is_marked(county, system):
    call = call_of(county, stale_minutes=30)
    routed(county)
    fresh = exchange.answer(call, at=NINE)
    assert not fresh.stale
    system.unlink()
    later = exchange.answer(call, at=NINE + timedelta(minutes=29))
    assert later.rows == fresh.rows
    assert later.stale == NINE.isoformat()
    assert CallRecord.objects.filter(is_stale=True).count() == 1
    with pytest.raises(exchange.CallRefused):
        exchange.answer(call, at=NINE + timedelta(minutes=31))
    with pytest.raises(exchange.CallRefused):  # another key was never answered
        exchange.answer(altered(call, where={"id_number": "1" * 18}), at=NINE)


def test_a_source_that_fails_again_and_again_is_left_alone(county, system, monkeypatch):
    call = call_of(county)
    routed(county)
    system.unlink()
    tried: list[int] = []
    monkeypatch.setattr(sourcing, "ask", lambda *_: tried.append(1) or _down())
    for _ in range(6):
        with pytest.raises(exchange.CallRefused):
            exchange.answer(call, at=NINE)
    assert len(tried) == breaker.FAILURES


def _down():
    from yiwang.lake import SourceDown

    raise SourceDown("没有应答。", hint="稍后。")


def test_after_its_rest_one_caller_tries_the_source_for_all():
    one = breaker.Breaker()
    for second in range(breaker.FAILURES):
        assert one.may_ask(second)
        one.failed(second)
    assert not one.may_ask(10)
    assert one.may_ask(2 + breaker.REST)
    assert not one.may_ask(3 + breaker.REST)  # the others wait for the one that tries
    one.worked()
    assert one.may_ask(4 + breaker.REST)


@pytest.mark.parametrize(
    "change",
    [
        {"relation": "nowhere"},
        {"relation": "czrk; DROP TABLE czrk"},
        {"columns": {**COLUMNS, "name": "no_such"}},
        {"columns": {**COLUMNS, "name": 'xm", (SELECT 1) AS "x'}},
        {"columns": {"name": "xm"}},
        {"columns": {**COLUMNS, "salary": "xm"}},
    ],
)
def test_a_route_that_leads_nowhere_does_not_stand(county, system, change):
    with pytest.raises(exchange.RouteMalformed):
        routed(county, **change)


def test_only_the_bureau_sets_and_ends_routes(county, system):
    for officer in (county.li, county.chen, county.sun):
        with pytest.raises(NotAllowed):
            exchange.set_route(
                table=RESIDENT, source="hukou", relation="czrk", columns=COLUMNS,
                officer=officer, at=NINE,
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            exchange.end_route(RESIDENT, officer=officer, at=NINE)
    routed(county)
    with pytest.raises(exchange.RouteStands):
        routed(county)
    exchange.end_route(RESIDENT, officer=county.gu, at=NINE)
    with pytest.raises(exchange.NoRoute):
        exchange.end_route(RESIDENT, officer=county.gu, at=NINE)
