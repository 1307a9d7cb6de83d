"""From a scenario's list to confirmed data: judged once, answered, disputed, delivered, renewed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from county import FIRM, PROVIDER, PURPOSE, RESIDENT, County

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.actions import demands
from yiwang.apps.exchange.actions.demands import FLOWS
from yiwang.apps.exchange.models import SourceRoute
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.jobs import public as jobs
from yiwang.apps.services import public as services

pytestmark = pytest.mark.django_db

LATER = NINE + timedelta(days=1)
PARTS = (
    exchange.Part(RESIDENT, ("id_number", "name"), exchange.Bounds(lookup=("id_number",))),
    exchange.Part(FIRM, ("uscc", "name"), exchange.Bounds(lookup=("uscc",))),
)


def listed(county: County, **changes) -> exchange.ScenarioView:
    given = {
        "title": "高龄津贴核实",
        "purpose": PURPOSE,
        "basis": "县公共数据管理办法（示例）",
        "parts": PARTS,
        "officer": county.li,
        "at": NINE,
    }
    return exchange.open_scenario(**{**given, **changes})


def judged(county: County, number: str) -> exchange.ScenarioView:
    return exchange.judge_scenario(
        number, approve=True, reason="清单合规", officer=county.gu, at=NINE
    )


def waiting(county: County) -> exchange.DemandView:
    """A demand of Li's for residents that waits for Chen."""
    part = PARTS[0]
    return exchange.open_demand(
        table=part.table,
        columns=part.columns,
        purpose=PURPOSE,
        basis="依据",
        officer=county.li,
        at=NINE,
        bounds=part.bounds,
    )


def acted(officer: identity.Officer, number: str, verb: str, **more) -> casework.CaseView:
    """As on the page of the case, where nobody knows what the case means."""
    return services.act_on_case(number=number, verb=verb, officer=officer, at=NINE, **more)


def refused(county: County) -> exchange.DemandView:
    """A demand of Li's for residents that Chen refuses."""
    demand = waiting(county)
    exchange.decide_demand(
        demand.number, agree=False, reason="用途不够具体。", officer=county.chen, at=NINE
    )
    return exchange.demand(demand.number, actor=county.li)


def test_one_list_is_judged_once_and_goes_to_every_provider(county):
    listing = listed(county)
    assert [part.demand for part in listing.parts] == ["", ""]
    assert listing.number in {t.number for t in casework.cases_waiting(officer=county.gu, at=NINE)}

    approved = judged(county, listing.number)

    providers = {catalog.dataset(part.table).organ for part in PARTS}
    demands = [exchange.demand(p.demand, actor=county.gu) for p in approved.parts]
    assert {one.provider for one in demands} == providers
    assert {one.organ for one in demands} == {OFFICE}
    exchange.decide_demand(
        demands[0].number, agree=True, reason="同意", officer=county.chen, at=LATER
    )
    now = exchange.scenario(listing.number, actor=county.chen)
    assert now.granted == 1
    with pytest.raises(exchange.ScenarioDecided):
        judged(county, listing.number)


def test_a_stranger_neither_sees_nor_judges_a_list(county):
    listing = listed(county, parts=PARTS[:1])

    assert exchange.scenarios(actor=county.sun) == []
    with pytest.raises(exchange.ScenarioUnknown):
        exchange.scenario(listing.number, actor=county.sun)
    with pytest.raises(NotAllowed):
        exchange.judge_scenario(
            listing.number, approve=True, reason="", officer=county.chen, at=NINE
        )
    for changes in ({"parts": ()}, {"parts": PARTS[:1] * 2}, {"title": " "}, {"basis": ""}):
        with pytest.raises(exchange.ScenarioMalformed):
            listed(county, **changes)


def test_the_same_fields_for_the_same_purpose_are_not_asked_for_twice(county):
    first = judged(county, listed(county).number)

    again = listed(county, parts=PARTS[:1])
    other = listed(county, parts=PARTS[:1], purpose="另一用途")

    assert again.parts[0].is_shared
    assert again.parts[0].demand == first.parts[0].demand
    assert not other.parts[0].is_shared
    assert judged(county, again.number).parts[0].demand == first.parts[0].demand


def test_the_demander_confirms_what_was_given_or_sends_it_back(county):
    demand = refused(county).number
    exchange.escalate_demand(demand, reason="用途有上位依据。", officer=county.li, at=NINE)
    meeting = exchange.call_meeting(
        title="共享协调会", held_at=LATER, items=[demand], officer=county.gu, at=NINE
    )
    exchange.sign_minutes(
        meeting.number,
        minutes="会议听取了双方意见。",
        attendees="数据局、民政局、公安局",
        decisions={demand: ("share", "按字段共享，限高龄津贴核实。")},
        officer=county.gu,
        at=LATER,
    )

    found = exchange.demand(demand, actor=county.li)
    assert (found.state, bool(found.grant)) == ("agreed", True)
    evidence = [
        one.text
        for line in casework.trail(demand, actor=county.gu)
        for one in line.evidence
        if one.name == "minutes"
    ]
    assert evidence == [f"共享协调会（{meeting.number}）：按字段共享，限高龄津贴核实。"]

    exchange.confirm_delivery(
        demand, is_usable=False, reason="地址为空。", officer=county.li, at=LATER
    )
    exchange.deliver_demand(demand, officer=county.gu, at=LATER)
    exchange.confirm_delivery(demand, is_usable=True, officer=county.li, at=LATER)
    assert casework.case(demand, actor=county.gu, at=LATER).step == "granted"


def test_a_refusal_may_stand_and_a_council_is_called_by_the_bureau_only(county):
    demand = refused(county).number
    with pytest.raises(NotAllowed):
        exchange.escalate_demand(demand, reason="无关者。", officer=county.sun, at=NINE)
    exchange.escalate_demand(demand, reason="请协调。", officer=county.li, at=NINE)

    assert [item.number for item in exchange.agenda_waiting(actor=county.gu)] == [demand]
    assert exchange.agenda_waiting(actor=county.sun) == []
    with pytest.raises(NotAllowed):
        exchange.call_meeting(
            title="会", held_at=LATER, items=[demand], officer=county.chen, at=NINE
        )
    with pytest.raises(exchange.AgendaMalformed):
        exchange.call_meeting(title="会", held_at=LATER, items=[], officer=county.gu, at=NINE)
    meeting = exchange.call_meeting(
        title="会", held_at=LATER, items=[demand], officer=county.gu, at=NINE
    )
    with pytest.raises(exchange.AgendaMalformed):
        exchange.sign_minutes(
            meeting.number, minutes="有", attendees="", decisions={}, officer=county.gu, at=LATER
        )
    with pytest.raises(exchange.MeetingUnknown):
        exchange.meeting(meeting.number, actor=county.sun)

    stands = refused(county).number
    exchange.accept_refusal(stands, officer=county.li, at=LATER)
    assert casework.case(stands, actor=county.li, at=LATER).step == "refused"


def test_a_returned_demand_is_amended_checked_and_sent_again(county):
    demand = waiting(county)
    acted(county.chen, demand.number, "return", reason="用途不清。")
    given = {
        "columns": ("id_number", "name", "phone"),
        "purpose": "高龄津贴入户核实",
        "basis": "县公共数据管理办法（示例）第六条",
        "bounds": replace(PARTS[0].bounds, valid_days=90),
    }

    def amend(officer, **changes):
        return exchange.amend_demand(
            demand.number, officer=officer, at=LATER, words="已写明。", **{**given, **changes}
        )

    with pytest.raises(NotAllowed):
        amend(county.sun)
    with pytest.raises(exchange.DemandMalformed) as refused:
        amend(county.li, purpose=" ")
    assert list(refused.value.fields) == ["purpose"]
    found = amend(county.li)

    assert (found.columns, found.valid_days) == (given["columns"], 90)
    assert casework.case(demand.number, actor=county.li, at=LATER).step == "answer"
    said = casework.trail(demand.number, actor=county.li)[-1].reason
    assert said == "已写明。 改动：字段、用途、法律依据、授权期限（日）。"
    with pytest.raises(NotAllowed):
        amend(county.li, purpose="再改")


def test_an_answer_that_is_late_may_be_brought_before_the_council(county):
    demand = waiting(county)
    late = casework.case(demand.number, actor=county.li, at=NINE).step_due_at + timedelta(hours=1)

    def escalate(officer, at, reason="逾期未答复。"):
        exchange.escalate_demand(demand.number, reason=reason, officer=officer, at=at)

    with pytest.raises(exchange.AnswerNotLate):
        escalate(county.li, LATER)
    for stranger in (county.sun, county.chen):
        with pytest.raises(NotAllowed):
            escalate(stranger, late)
    with pytest.raises(exchange.AgendaMalformed):
        escalate(county.li, late, reason=" ")
    escalate(county.li, late)

    with pytest.raises(NotAllowed):
        exchange.decide_demand(demand.number, agree=True, reason="", officer=county.chen, at=late)
    meeting = exchange.call_meeting(
        title="会", held_at=late, items=[demand.number], officer=county.gu, at=late
    )
    exchange.sign_minutes(
        meeting.number,
        minutes="提供机构说明了情况。",
        attendees="",
        decisions={demand.number: ("refuse", "用途不足。")},
        officer=county.gu,
        at=late,
    )
    found = exchange.demand(demand.number, actor=county.li)
    assert (found.state, found.decided_by) == ("refused", county.gu.username)


def test_an_objection_that_its_source_denies_is_settled_by_the_council(county):
    jobs.register(kinds=catalog.JOBS)
    number = catalog.object_to(
        RESIDENT, key=WANG_NUMBER, column="address", claimed="众兴街道上海路3号",
        reason="今年八月迁居。", by=county.wang, at=NINE, source="citizen",
    )  # fmt: skip
    catalog.answer_objection(
        number, agrees=False, reason="登记如此。", officer=county.chen, at=LATER
    )
    with pytest.raises(NotAllowed):
        exchange.escalate_objection(number, reason="有租约。", officer=county.sun, at=LATER)
    exchange.escalate_objection(number, reason="有租约为证。", officer=county.gu, at=LATER)
    with pytest.raises(exchange.MinutesMissing):
        services.act_on_case(
            number=number, verb="deny", officer=county.gu, at=LATER, evidence={"minutes": "口头"}
        )
    (item,) = exchange.agenda_waiting(actor=county.chen)
    assert (item.number, item.kind, item.provider) == (number, "objection", PROVIDER)
    assert exchange.agenda_waiting(actor=county.sun) == []
    meeting = exchange.call_meeting(
        title="会", held_at=LATER, items=[number], officer=county.gu, at=LATER
    )

    def signed(decision):
        exchange.sign_minutes(
            meeting.number, minutes="听取了来源机构意见。", attendees="",
            decisions={number: (decision, "以实际居住为准。")}, officer=county.gu, at=LATER,
        )  # fmt: skip

    with pytest.raises(exchange.AgendaMalformed):
        signed("share")
    signed("correct")

    found = catalog.objection(number, actor=county.gu)
    assert (found.state, found.value) == ("corrected", "众兴街道上海路3号")


def test_a_subscriber_hears_of_a_new_snapshot_once_and_of_an_end_in_time(county, grant):
    exchange.subscribe(grant.number, officer=county.li, at=NINE)
    with pytest.raises(exchange.AlreadySubscribed):
        exchange.subscribe(grant.number, officer=county.li, at=NINE)
    with pytest.raises(NotAllowed):
        exchange.subscribe(grant.number, officer=county.sun, at=NINE)
    assert exchange.tell_subscribers(NINE) == 0, "nothing is new"

    near = grant.active_until - timedelta(days=10)
    assert (exchange.announce_ends(near), exchange.announce_ends(near)) == (1, 0)
    (notice,) = exchange.notices(actor=county.li)
    assert (notice.kind, notice.organ) == ("renewal", OFFICE)
    assert exchange.notices(actor=county.sun) == []

    renewal = exchange.renew_grant(grant.number, officer=county.li, at=NINE)
    assert (renewal.columns, renewal.provider) == (grant.columns, PROVIDER)
    with pytest.raises(exchange.RenewalWaiting):
        exchange.renew_grant(grant.number, officer=county.li, at=NINE)
    exchange.unsubscribe(grant.number, officer=county.li, at=NINE)
    ended = exchange.give_up_grant(grant.number, reason="不再需要", officer=county.li, at=NINE)
    assert ended.withdrawn_at == NINE


def test_the_flows_take_the_limits_that_the_register_says_today(county):
    on, shelf = NINE.date(), county.library
    for share, ref in FLOWS.items():
        flow = shelf.flow(ref)
        assert flow.limit == catalog.time_limit(f"demand.whole.{share}", on=on)
        assert flow.steps["answer"].limit == catalog.time_limit(f"demand.answer.{share}", on=on)
        for step in ("deliver", "confirm", "council"):
            assert flow.steps[step].limit == catalog.time_limit(f"demand.{step}", on=on)
    steps = shelf.flow("base.objection").steps
    for step in ("rectify", "verify", "council"):
        assert steps[step].limit == catalog.time_limit(f"objection.{step}", on=on)
    review = shelf.flow("base.data_scenario").steps["review"]
    assert review.limit == catalog.time_limit("scenario.review", on=on)


def test_a_demand_answered_from_the_work_list_brings_its_grant_too(county):
    demand = waiting(county)
    with pytest.raises(NotAllowed):
        acted(county.sun, demand.number, "approve", to="confirm")
    view = acted(county.chen, demand.number, "approve", to="confirm")
    exchange.follow_case(view, by="chen", at=NINE)

    found = exchange.demand(demand.number, actor=county.li)
    assert (found.state, found.decided_by, bool(found.grant)) == ("agreed", "chen", True)
    with pytest.raises(exchange.DemandAlreadyDecided):
        acted(county.chen, demand.number, "recall", reason="再想想")
    assert casework.case(demand.number, actor=county.li, at=NINE).step == "confirm"


def test_a_refusal_from_the_work_list_says_why_and_is_taken_back_with_its_case(county):
    demand = waiting(county).number
    acted(county.chen, demand, "refuse", reason="用途不够具体。")
    found = exchange.demand(demand, actor=county.li)
    assert (found.state, found.reason) == ("refused", "用途不够具体。")

    acted(county.chen, demand, "recall", reason="看错了")
    assert exchange.demand(demand, actor=county.li).state == "waiting"
    assert exchange.decide_demand(demand, agree=True, reason="", officer=county.chen, at=NINE)


def test_what_the_platform_delivers_from_the_work_list_brings_the_grant(county, monkeypatch):
    demand = waiting(county).number
    monkeypatch.setattr(demands, "is_published", lambda table: False)
    with pytest.raises(exchange.TableNotPublished):
        acted(county.chen, demand, "approve", to="confirm")
    acted(county.chen, demand, "approve", to="deliver")
    assert exchange.demand(demand, actor=county.li).state == "agreed"
    with pytest.raises(exchange.TableNotPublished):
        acted(county.gu, demand, "handle")
    SourceRoute.objects.create(
        table=RESIDENT, source="police", relation="r", columns={}, set_by="gu", set_at=NINE
    )

    acted(county.gu, demand, "handle")

    assert exchange.demand(demand, actor=county.li).grant, "answered at its source is answered"
    acted(county.li, demand, "confirm")


def test_the_council_decides_by_minutes_and_not_from_the_work_list(county):
    demand = refused(county).number
    acted(county.li, demand, "submit", to="council", reason="用途有上位依据。")
    (item,) = exchange.agenda_waiting(actor=county.gu)
    assert (item.number, item.ground) == (demand, "用途有上位依据。")

    with pytest.raises(exchange.MinutesMissing):
        acted(county.gu, demand, "approve", to="confirm", evidence={"minutes": "口头议定"})

    assert casework.case(demand, actor=county.gu, at=NINE).step == "council"
    assert exchange.demand(demand, actor=county.li).state == "refused"
    assert len(exchange.agenda_waiting(actor=county.gu)) == 1


def test_the_same_fields_are_not_asked_for_again_while_their_demand_waits(county):
    def asked(**change):
        given = {"table": PARTS[0].table, "columns": PARTS[0].columns, "purpose": PURPOSE}
        given |= {"officer": county.li, "bounds": PARTS[0].bounds, **change}
        return exchange.open_demand(basis="依据", at=NINE, **given)

    first = asked()
    with pytest.raises(exchange.DemandWaiting) as waiting:
        asked()
    assert waiting.value.data["number"] == first.number
    assert asked(purpose="另一用途").number
    assert asked(officer=county.sun).number, "another organ's need is its own"


def test_a_table_that_must_first_be_connected_has_the_time_of_the_delivery_too(county, monkeypatch):
    def days(**change):
        one = exchange.open_demand(
            table=PARTS[0].table, columns=PARTS[0].columns, basis="依据", officer=county.li,
            at=NINE, bounds=PARTS[0].bounds, **change,
        )  # fmt: skip
        return (one.due_at - one.opened_at).days

    ready = days(purpose="一")
    monkeypatch.setattr(demands, "is_answered", lambda table: False)
    assert days(purpose="二") - ready >= 28  # twenty working days hold four weekends
