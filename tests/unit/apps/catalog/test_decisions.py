"""Decisions on loads that wait: done by a job, never over newer data, resumed after a kill."""

from datetime import timedelta

import pytest
from cast import NINE
from django.conf import settings
from feed_home import FEED, HEADER, deliver, load, push, rows, run

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.actions import loads
from yiwang.apps.catalog.models import FeedLoad
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import fixed_clock
from yiwang.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def county(feeding):
    return feeding


@pytest.fixture
def held(county):
    """A load of 40 rows where 100 were before."""
    deliver(rows(100))
    load(county)
    deliver(rows(40))
    return load(county, at=NINE + HOUR)


def decide(county, one, decision, at, **more):
    catalog.decide_load(one.run, decision=decision, officer=county.gu, at=at, reason="核对", **more)


def test_a_held_load_is_published_by_decision_as_it_was_read(county):
    deliver(rows(100))
    load(county)
    deliver(rows(40))
    held = load(county, at=NINE + timedelta(hours=1))
    deliver([])
    later = NINE + timedelta(hours=2)

    with pytest.raises(NotAllowed):
        catalog.decide_load(held.run, decision="publish", officer=county.sun, at=later, reason="x")
    with pytest.raises(catalog.DecisionUnfit):
        catalog.decide_load(held.run, decision="map", officer=county.gu, at=later, reason="核对")
    catalog.decide_load(
        held.run, decision="publish", officer=county.gu, at=later, reason="已与县卫健委核对"
    )
    assert catalog.load(held.run).state == "waiting"
    run(catalog.load(held.run).job, later)

    told = catalog.load(held.run)
    assert (told.state, told.decision, told.decided_by) == ("done", "照常入库", "gu")
    assert catalog.lake().count(FEED) == 40
    with pytest.raises(catalog.LoadNotHeld):
        catalog.decide_load(held.run, decision="refuse", officer=county.gu, at=later, reason="x")


def test_a_held_load_that_is_refused_leaves_everything_as_it_was(county):
    deliver(rows(100))
    load(county)
    deliver(rows(40))
    held = load(county, at=NINE + timedelta(hours=1))

    catalog.decide_load(
        held.run, decision="refuse", officer=county.gu, at=NINE + timedelta(hours=2), reason="错发"
    )

    assert catalog.load(held.run).state == "refused"
    assert catalog.lake().count(FEED) == 100
    assert not list((settings.HOME / "lake/held").rglob("*.parquet"))


def test_a_renamed_column_waits_for_a_decision_and_the_same_load_goes_on(county):
    deliver(rows(20))
    load(county)
    deliver(rows(21), header=("身份证号码", "姓名", "死亡日期", "登记单位"))
    held = load(county, at=NINE + timedelta(hours=1))
    assert held.state == "held" and held.drift["missing"] == {"id_number": "身份证号"}
    later = NINE + timedelta(hours=2)

    for mapping in ({}, {"id_number": "没有的列"}):
        with pytest.raises(catalog.DecisionUnfit):
            catalog.decide_load(
                held.run,
                decision="map",
                officer=county.gu,
                at=later,
                reason="改名",
                mapping=mapping,
            )
    catalog.decide_load(
        held.run, decision="map", officer=county.gu, at=later, reason="改名",
        mapping={"id_number": "身份证号码"},
    )  # fmt: skip
    done = run(catalog.load(held.run).job, later)

    assert (done.run, done.state, done.accepted) == (held.run, "done", 21)
    deliver(rows(22), header=("身份证号码", "姓名", "死亡日期", "登记单位"))
    assert load(county, at=NINE + timedelta(hours=3)).state == "done", "the decision lasts"


def test_a_column_may_be_accepted_as_gone_unless_it_is_needed(county):
    deliver(rows(20))
    load(county)
    deliver([row[:3] for row in rows(20)], header=HEADER[:3])
    held = load(county, at=NINE + timedelta(hours=1))
    assert held.state == "held"

    catalog.decide_load(
        held.run, decision="map", officer=county.gu, at=NINE + timedelta(hours=2),
        reason="卫健委不再提供登记单位", mapping={},
    )  # fmt: skip
    done = run(catalog.load(held.run).job, NINE + timedelta(hours=2))

    assert (done.state, done.changed) == ("done", 20)


def test_a_held_load_is_not_published_over_newer_data(county, held):
    deliver(rows(99))
    newer = load(county, at=NINE + 2 * HOUR)

    told = catalog.load(held.run)
    assert (told.overtaken_by, told.choices) == (newer.run, ("refuse",))
    with pytest.raises(catalog.LoadOvertaken, match="旧数据"):
        decide(county, held, "publish", NINE + 3 * HOUR)
    assert catalog.load(held.run).state == "held" and catalog.lake().count(FEED) == 99
    decide(county, held, "refuse", NINE + 3 * HOUR)
    assert catalog.load(held.run).state == "refused"


def test_newer_data_that_comes_before_the_job_leaves_the_load_to_be_decided_again(county, held):
    decide(county, held, "publish", NINE + 2 * HOUR)
    FeedLoad.objects.create(
        run="newer", dataset=held.dataset, mode="whole", state="same", source="x", asked_by="gu",
        asked_at=NINE, begun_at=NINE + 2 * HOUR,
    )  # fmt: skip

    run(catalog.load(held.run).job, NINE + 3 * HOUR)

    told = catalog.load(held.run)
    assert (told.state, told.decision, told.choices) == ("held", "", ("refuse",))
    assert catalog.lake().count(FEED) == 100


def test_a_held_push_is_merged_also_after_later_pushes(county):
    deliver(rows(20))
    load(county)
    key = catalog.issue_push_key(FEED, officer=county.gu, at=NINE)
    wrong = push([*rows(0, wrong=3), *rows(1, day="2026-10-09")], key=key, delivery="push-1")
    assert wrong.state == "held"
    push(rows(2, day="2026-10-05"), key=key, delivery="push-2", at=NINE + HOUR)

    decide(county, wrong, "publish", NINE + 2 * HOUR)

    assert run(catalog.load(wrong.run).job, NINE + 2 * HOUR).state == "done"
    assert catalog.lake().count(FEED) == 20


@pytest.mark.parametrize("where", ["record_collection", "republish", "follow_up"])
def test_a_publication_that_a_kill_cut_short_is_ended_by_the_next_worker(
    county, held, monkeypatch, where
):
    later = NINE + 2 * HOUR
    decide(county, held, "publish", later)

    def killed(*_given, **_more):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(loads, where, killed)
        with pytest.raises(SystemExit):
            jobs.Worker(clock=fixed_clock(later)).run_next()
    run(catalog.load(held.run).job, later + 2 * jobs.LEASE)

    assert catalog.load(held.run).state == "done"
    assert catalog.lake().count(FEED) == 40
    assert len(catalog.lake().snapshots(FEED)) == len(catalog.collections(ref=FEED)) == 2


def test_a_mapped_load_has_a_job_of_its_own_beside_one_that_waits(county):
    deliver(rows(20))
    load(county)
    deliver(rows(21), header=("身份证号码", *HEADER[1:]))
    held = load(county, at=NINE + HOUR)
    waiting = catalog.ask_for_load(FEED, officer=county.gu, at=NINE + 2 * HOUR)

    decide(county, held, "map", NINE + 2 * HOUR, mapping={"id_number": "身份证号码"})

    assert catalog.load(held.run).job != waiting
    assert run(catalog.load(held.run).job, NINE + 2 * HOUR).run == held.run
    assert catalog.load(held.run).state == "same", "the one that waited has brought these rows"


def test_a_doubled_column_can_only_be_refused(county):
    deliver(rows(20))
    load(county)
    deliver([(*row, row[0]) for row in rows(20)], header=(*HEADER, HEADER[0]))
    held = load(county, at=NINE + HOUR)

    assert "出现多次" in held.reasons[0]
    assert catalog.load(held.run).choices == ("refuse",)


def test_a_load_whose_worker_breaks_or_dies_too_often_is_told_as_failed(county, monkeypatch):
    deliver(rows(20))
    number = catalog.ask_for_load(FEED, officer=county.gu, at=NINE)

    def killed(*_given, **_more):
        raise SystemExit

    at = NINE
    with monkeypatch.context() as patch:
        patch.setattr(loads, "record_collection", killed)
        for _ in range(5):
            with pytest.raises(SystemExit):
                jobs.Worker(clock=fixed_clock(at)).run_next()
            at += 2 * jobs.LEASE
    assert not jobs.Worker(clock=fixed_clock(at)).run_next()
    [told] = catalog.loads(ref=FEED)
    assert (told.state, jobs.job(number).state) == ("failed", "failed")
    assert "不再自动重试" in told.error

    def broken(*_given, **_more):
        raise ValueError

    deliver(rows(21))
    again = catalog.ask_for_load(FEED, officer=county.gu, at=at)
    with monkeypatch.context() as patch:
        patch.setattr(loads, "record_collection", broken)
        jobs.Worker(clock=fixed_clock(at)).run_next()
    told = catalog.loads(ref=FEED)[0]
    assert (told.state, told.job, str(again) in told.error) == ("failed", again, True)


def test_a_load_that_is_stopped_before_it_begins_does_not_wait_for_ever(county):
    key = catalog.issue_push_key(FEED, officer=county.gu, at=NINE)
    body = b"id_number,name,death_on\n1,x,2026-10-01"
    taken = catalog.push_rows(FEED, key=key, delivery="push-1", body=body, is_json=False, at=NINE)

    jobs.stop(taken.job, by=county.gu, at=NINE)

    assert catalog.load(taken.run).state == "failed"


def test_a_worker_that_lost_its_lease_leaves_the_load_to_the_one_that_has_it(county, monkeypatch):
    deliver(rows(20))
    number = catalog.ask_for_load(FEED, officer=county.gu, at=NINE)

    def taken_over(*_given, **_more):
        raise jobs.LeaseLost("作业已由另一进程接办。")

    with monkeypatch.context() as patch:
        patch.setattr(loads, "record_collection", taken_over)
        jobs.Worker(clock=fixed_clock(NINE)).run_next()

    assert catalog.loads(ref=FEED)[0].state == "running"
    assert run(number, NINE + 2 * jobs.LEASE).state == "done"


def test_a_column_that_came_back_is_read_again_once_the_decision_is_ended(county):
    deliver(rows(20))
    load(county)
    deliver([row[:3] for row in rows(20)], header=HEADER[:3])
    held = load(county, at=NINE + HOUR)
    decide(county, held, "map", NINE + HOUR, mapping={})
    run(catalog.load(held.run).job, NINE + HOUR)
    deliver([(*row, "众兴街道") for row in rows(21)], header=(*HEADER, "乡镇"))
    empty = load(county, at=NINE + 2 * HOUR)
    assert catalog.load(empty.run).unused == ("登记单位", "乡镇"), "what is not read is told"
    ended = {
        "column": "registered_by",
        "officer": county.gu,
        "at": NINE + 3 * HOUR,
        "reason": "卫健委恢复提供",
    }

    with pytest.raises(NotAllowed):
        catalog.end_mapping(FEED, **{**ended, "officer": county.sun})
    with pytest.raises(catalog.DecisionUnfit):
        catalog.end_mapping(FEED, **{**ended, "reason": " "})
    catalog.end_mapping(FEED, **ended)
    with pytest.raises(catalog.MappingNotInForce):
        catalog.end_mapping(FEED, **ended)

    assert load(county, at=NINE + 4 * HOUR).changed == 21
    filled = f"SELECT count(*) AS n FROM {FEED} WHERE registered_by = '卫生院'"
    assert catalog.lake().rows(filled) == [{"n": 21}]
    assert not catalog.feed_plan(FEED, at=NINE).mappings
