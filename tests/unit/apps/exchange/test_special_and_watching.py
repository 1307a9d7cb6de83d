"""Wide sight with four eyes and a review; unusual use told; who used a wrong value is told."""

from datetime import timedelta

import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from county import (
    ADDRESS,
    PASSWORD,
    PURPOSE,
    RESIDENT,
    WATCHER,
    YOUNG_NUMBER,
    County,
    fill_lake,
    granted,
    settle,
)
from msgspec.structs import replace as altered

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord
from yiwang.apps.exchange.queries import uses as measured_uses
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.apps.subjects import public as subjects
from yiwang.faces.office import todo
from yiwang.kernel.clock import local_date
from yiwang.kernel.crypto import KeyPair

pytestmark = pytest.mark.django_db

LATER = NINE + timedelta(hours=1)


def account(username: str, organ: str = "", posts=(), duty: str = "") -> identity.Officer:
    identity.create_account(
        username=username,
        name=username,
        password=PASSWORD,
        at=NINE,
        organ=organ,
        posts=list(posts),
        duty=duty,
    )
    return identity.officer(username, at=NINE)


@pytest.fixture
def county(settings, tmp_path, db) -> County:
    """A county whose journal holds nothing of other tests."""
    fill_lake()  # the lake of all tests first: it is filled once
    settings.HOME = tmp_path
    fill_lake.__wrapped__()
    return settle()


@pytest.fixture
def window(county) -> identity.Officer:
    return account("chuangkou", "approval", ["综合窗口"])


@pytest.fixture
def guard(county) -> identity.Officer:
    return account("anquanyuan", WATCHER, ["数据安全员"])


@pytest.fixture
def auditor(county) -> identity.Officer:
    return account("shenji", duty="audit")


def asked(officer: identity.Officer, **changes) -> exchange.SpecialView:
    given = {
        "kind": "super",
        "tables": [RESIDENT],
        "purpose": "免提交户口簿",
        "basis": "县公共数据管理办法（示例）",
        "case": "SY202611020017X",
        "hours": 2,
        "officer": officer,
        "at": NINE,
    }
    return exchange.ask_special(**{**given, **changes})


def test_wide_sight_is_asked_opened_by_another_used_through_the_gate_and_reviewed(
    county, window, guard, auditor
):
    number = asked(window).number
    with pytest.raises(exchange.SpecialNotOpen):
        exchange.look_up(number, table=RESIDENT, value=WANG_NUMBER, officer=window, at=NINE)
    exchange.open_special(number, agree=True, reason="个案属实", officer=guard, at=NINE)

    found = exchange.look_up(number, table=RESIDENT, value=WANG_NUMBER, officer=window, at=LATER)

    assert found.rows[0]["address"] == ADDRESS, "in clear, for this is what it was opened for"
    (use,) = exchange.special(number, actor=auditor, at=LATER).uses
    assert (use.purpose, use.case) == ("免提交户口簿", "SY202611020017X")
    entries = journal.entries(subject=WANG_NUMBER, event="gate.answered")
    assert [one.facts["call"] for one in entries] == [use.number], "the person sees it too"

    exchange.close_special(number, officer=window, at=LATER)
    with pytest.raises(exchange.SpecialNotOpen):
        exchange.look_up(number, table=RESIDENT, value=WANG_NUMBER, officer=window, at=LATER)
    waiting = exchange.specials(actor=auditor, at=LATER, waiting="review")
    assert [one.number for one in waiting] == [number]
    reviewed = exchange.review_special(
        number, has_finding=True, words="办件中没有这位申请人。", officer=auditor, at=LATER
    )
    assert casework.case(reviewed.finding, actor=guard, at=LATER).flow == "base.use_alert"


def test_nobody_opens_uses_or_reviews_what_is_not_theirs(county, window, guard, auditor):
    with pytest.raises(identity.NotAllowed):
        asked(county.sun)
    for changes in ({"tables": []}, {"case": " "}, {"hours": 99}, {"tables": ["base.license"]}):
        with pytest.raises(exchange.SpecialMalformed):
            asked(window, **changes)
    number = asked(window).number
    with pytest.raises(identity.NotAllowed):
        exchange.open_special(number, agree=True, reason="", officer=county.gu, at=NINE)
    with pytest.raises(identity.NotAllowed):
        exchange.special(number, actor=county.sun, at=NINE)
    exchange.open_special(number, agree=True, reason="", officer=guard, at=NINE)
    with pytest.raises(identity.NotAllowed):
        exchange.look_up(number, table=RESIDENT, value=WANG_NUMBER, officer=guard, at=LATER)
    other = account("chuangkou2", "approval", ["综合窗口"])
    with pytest.raises(exchange.NotHolder):
        exchange.look_up(number, table=RESIDENT, value=WANG_NUMBER, officer=other, at=LATER)
    with pytest.raises(exchange.SpecialNotOpen):
        exchange.review_special(
            number, has_finding=False, words="未结束", officer=auditor, at=LATER
        )
    over = NINE + timedelta(hours=3)
    with pytest.raises(exchange.SpecialNotOpen):
        exchange.look_up(number, table=RESIDENT, value=WANG_NUMBER, officer=window, at=over)
    with pytest.raises(identity.NotAllowed):
        exchange.review_special(number, has_finding=False, words="行", officer=guard, at=over)


def test_a_special_grant_opens_to_its_holder_alone_and_to_no_system(county, window, guard):
    number = asked(window).number
    exchange.open_special(number, agree=True, reason="", officer=guard, at=NINE)
    colleague = account("shuju", "approval", ["数据专员"])
    (grant,) = exchange.grants(actor=colleague, table=RESIDENT)
    assert grant.is_special
    public = KeyPair.generate().public.pem()

    for use in (
        lambda: exchange.issue_key(grant.number, officer=colleague, at=LATER),
        lambda: exchange.register_key(grant.number, public=public, officer=colleague, at=LATER),
        lambda: exchange.renew_grant(grant.number, officer=colleague, at=LATER),
        lambda: exchange.set_push(
            grant.number, name="intake", relation="t", officer=colleague, at=LATER
        ),
    ):
        with pytest.raises(exchange.GrantIsSpecial):
            use()

    assert exchange.look_up(
        number, table=RESIDENT, value=WANG_NUMBER, officer=window, at=LATER
    ).rows


def test_what_waits_of_a_special_grant_has_its_limit_and_goes_red_when_late(
    county, window, guard, auditor
):
    def due(waiting, actor, at):
        return [(one.number, one.light) for one in exchange.specials(
            actor=actor, at=at, waiting=waiting
        )]  # fmt: skip

    number = asked(window).number
    assert due("opening", guard, NINE) == [(number, "yellow")]
    assert due("opening", guard, NINE + timedelta(days=3)) == [(number, "red")]
    exchange.open_special(number, agree=True, reason="", officer=guard, at=NINE)
    assert due("opening", guard, LATER) == due("review", auditor, LATER) == []
    exchange.close_special(number, officer=window, at=LATER)

    assert due("review", auditor, LATER) == [(number, "green")]
    late = NINE + timedelta(days=9)
    assert due("review", auditor, late) == [(number, "red")]
    (waiting,) = [one for one in todo.waiting(auditor, late) if one.kind == "special"]
    assert (waiting.light, number in waiting.title) == ("red", True)
    assert [one for one in todo.waiting(window, late) if one.kind == "special"] == []
    exchange.review_special(number, has_finding=False, words="相符。", officer=auditor, at=late)
    assert exchange.special(number, actor=auditor, at=late).light == ""


def called(key: str, *, at=NINE, columns=("name", "address")) -> None:
    exchange.answer(
        exchange.Call(
            key=key,
            table=RESIDENT,
            where={"id_number": WANG_NUMBER},
            columns=columns,
            purpose=PURPOSE,
            case="SY1",
        ),
        at=at,
    )


def test_who_used_a_wrong_value_is_told_which_calls_without_the_value(county):
    grant = granted(county)
    called(exchange.issue_key(grant.number, officer=county.li, at=NINE))
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)

    number = corrected(county)

    (notice,) = exchange.notices(actor=county.li)
    assert (notice.kind, notice.reference, len(notice.calls)) == ("correction", number, 1)
    assert "SY1" in notice.text
    assert not [one for one in (WANG_NUMBER, ADDRESS, "上海路") if one in notice.text]
    assert exchange.tell_users(number, at=LATER) == 0, "told once"
    assert [one.organ for one in exchange.told_about(number, actor=county.gu)] == [OFFICE]
    assert exchange.notices(actor=county.sun) == []

    changed = exchange.changes_since(key, since=None, at=LATER)
    assert [one.reference for one in changed] == [number]
    assert exchange.changes_since(key, since=LATER, at=LATER) == []
    with pytest.raises(exchange.KeyNotInForce):
        exchange.changes_since("yw_nobody", since=None, at=LATER)
    assert [one.title for one in unread(county.li)] == [notice.text]
    assert unread(county.sun) == unread(county.gu) == []
    assert exchange.read_notices(officer=county.li, at=LATER) == 1
    assert unread(county.li) == []


def unread(officer: identity.Officer) -> list[todo.Todo]:
    """What stands in the officer's to-do list of notices."""
    return [one for one in todo.waiting(officer, LATER) if one.kind == "notice"]


def corrected(county) -> str:
    """An objection to Wang's address, agreed to by its source and checked by the bureau."""
    jobs.register(kinds=catalog.JOBS)
    number = catalog.object_to(
        RESIDENT, key=WANG_NUMBER, column="address", claimed="众兴街道上海路3号",
        reason="今年八月迁居。", by=county.wang, at=NINE, source="citizen",
    )  # fmt: skip
    catalog.answer_objection(number, agrees=True, officer=county.chen, at=LATER)
    exchange.check_objection(number, verdict="corrected", officer=county.gu, at=LATER)
    return number


def run(call: exchange.Call, *, fault: str = "") -> str:
    """A file or a push, read to its end; the number of its call."""
    stream = exchange.open_stream(exchange.Draft(call, NINE), "arrow")
    assert list(stream.parts())
    stream.end(at=NINE, fault=fault)
    return stream.draft.number


def test_who_read_many_rows_is_told_too_whatever_columns_were_named(county):
    grant = granted(county, lookup=(), rows="", rate_per_second=1000)
    assert "address" in grant.columns
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    whole = exchange.Call(key=key, table=RESIDENT, purpose=PURPOSE, case="SY1")
    page = exchange.answer(whole, at=NINE).call
    exchange.answer(altered(whole, columns=("name",)), at=NINE)
    exchange.answer(altered(whole, offset=9), at=NINE)  # nothing left
    push = run(altered(whole, form="push"))
    broken = run(altered(whole, form="file"), fault="client_gone")
    old = run(altered(whole, form="file"))
    CallRecord.objects.filter(number=old).update(columns=[])  # recorded before all were written
    killed = exchange.open_stream(exchange.Draft(altered(whole, form="file"), NINE), "csv")

    corrected(county)

    (notice,) = exchange.notices(actor=county.li)
    assert set(notice.calls) == {page, push, broken, old, killed.draft.number}
    assert "5 次" in notice.text
    assert exchange.notices(actor=county.sun) == []


def test_looking_up_the_same_person_again_and_again_is_told_with_a_case(county, guard):
    grant = granted(county, rate_per_second=1000)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    for _ in range(5):
        called(key)
    assert exchange.watch_use(NINE, library=county.library) == 0
    called(key)

    assert exchange.watch_use(NINE, library=county.library) == 1
    assert exchange.watch_use(NINE, library=county.library) == 0, "one alert a day"

    (alert,) = exchange.use_alerts(actor=guard)
    assert (alert.condition, alert.measured) == ("repeated", {"most_repeated": 6})
    waiting = casework.cases_waiting(officer=guard, at=NINE)
    assert [task.number for task in waiting] == [alert.case]
    with pytest.raises(identity.NotAllowed):
        exchange.use_alerts(actor=county.sun)


def test_those_looked_up_in_one_batch_are_counted_told_and_see_it(county, guard):
    grant = granted(county, rows="", rate_per_second=1000)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    batch = exchange.Call(
        key=key, table=RESIDENT, keys=(WANG_NUMBER, YOUNG_NUMBER, "x"), purpose=PURPOSE, case="SY1"
    )
    calls = {exchange.answer(batch, at=NINE).call for _ in range(6)}

    looks = subjects.looked_at(WANG_NUMBER, actor=county.wang)
    assert [(one.organ, one.case) for one in looks] == [(OFFICE, "SY1")] * 6
    entries = journal.entries(event="gate.looked_at")
    assert len(entries) == 12
    assert not [one for one in (WANG_NUMBER, YOUNG_NUMBER) if one in str(entries)]
    assert exchange.watch_use(NINE, library=county.library) == 1
    (alert,) = exchange.use_alerts(actor=guard)
    assert alert.measured == {"most_repeated": 6}
    corrected(county)
    (notice,) = exchange.notices(actor=county.li)
    assert set(notice.calls) == calls
    assert "成批" not in notice.text, "it is known that he was among them"


def test_uses_are_counted_to_the_end_of_their_days(county, monkeypatch):
    monkeypatch.setattr(measured_uses, "AT_ONCE", 2)
    grant = granted(county, rate_per_second=1000)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    next_day = NINE + timedelta(days=1)
    for at in (NINE, *[next_day] * 5):
        called(key, at=at)
    day = local_date(next_day)
    (row,) = measured_uses.uses(since=day, until=day)
    assert (row["calls"], row["most_repeated"]) == (5, 5)


def test_the_flow_of_data_is_counted_between_organs(county):
    grant = granted(county)
    called(exchange.issue_key(grant.number, officer=county.li, at=NINE))

    (flow,) = exchange.flows_between(actor=county.gu, since=NINE - timedelta(days=1))

    assert (flow.provider, flow.organ, flow.calls, flow.rows) == (grant.provider, OFFICE, 1, 1)
    behind = exchange.calls_between(provider=flow.provider, organ=OFFICE, actor=county.gu)
    assert len(behind) == 1
    with pytest.raises(identity.NotAllowed):
        exchange.flows_between(actor=county.sun, since=NINE)
