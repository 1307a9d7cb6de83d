"""Loads of feeds as jobs: bad sources are held, decided, resumed; the same comes once."""

from datetime import timedelta
from decimal import Decimal

import pytest
import yaml
from cast import NINE, WANG_NUMBER
from django.conf import settings
from feed_home import FEED, deliver, load, person, rows, run
from prepared import library
from stating import POLICE, WRONG, say

from yiwang.apps.catalog import feed_sources as where
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.actions import loads
from yiwang.apps.catalog.models import FeedLoad, FeedPlanSetting
from yiwang.apps.jobs import public as jobs
from yiwang.apps.subjects.models import Conflict
from yiwang.boot.work import register_work
from yiwang.kernel.clock import fixed_clock
from yiwang.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(feeding):
    return feeding


def test_a_load_counts_balance_and_say_what_changed(county):
    deliver(rows(20, wrong=2))
    first = load(county)
    assert (first.state, first.read, first.accepted, first.rejected) == ("done", 20, 18, 2)
    assert first.inserted == 18

    deliver([*rows(17), (person(900), "新增", "2026-10-02", "卫生院")])
    second = load(county, at=NINE + timedelta(hours=1))
    assert (second.inserted, second.changed, second.deleted, second.same) == (1, 0, 1, 17)
    assert [run.run for run in catalog.collections(ref=FEED)] == [second.run, first.run]


def test_the_same_file_sent_twice_is_recorded_and_publishes_nothing(county):
    deliver(rows(20))
    load(county)
    deliver(rows(20), name="死亡登记_二.csv")
    same_content = load(county, at=NINE + timedelta(hours=1))
    same_file = load(county, at=NINE + timedelta(hours=2))

    assert (same_content.state, same_file.state) == ("same", "same")
    assert len(catalog.lake().snapshots(FEED)) == 1
    assert len(catalog.collections(ref=FEED)) == 1


@pytest.mark.parametrize(
    ("delivered", "reason"),
    [
        ([], "来源是空的，而现有数据 100 行"),
        (rows(40), "比现有数据少 60.0%"),
        (rows(100, wrong=35), "隔离 35.0%"),
        (rows(30, wrong=30), "全部未通过质量规则"),
    ],
)
def test_what_looks_wrong_is_held_and_nothing_is_published(county, delivered, reason):
    deliver(rows(100))
    load(county)
    deliver(delivered)

    held = load(county, at=NINE + timedelta(hours=1))

    assert held.state == "held" and reason in held.reasons[0]
    assert catalog.lake().count(FEED) == 100
    assert catalog.count_held() == 1


def test_a_clock_that_goes_back_holds_the_load(county):
    deliver(rows(20))
    load(county)
    deliver(rows(21))

    held = load(county, at=NINE - timedelta(days=2))

    assert held.state == "held" and "时钟" in held.reasons[0]


def test_a_source_that_is_not_there_is_tried_again_and_then_told(county):
    (settings.HOME / "health").rmdir()
    number = catalog.ask_for_load(FEED, officer=county.gu, at=NINE)
    jobs.Worker(clock=fixed_clock(NINE)).run_next()

    assert jobs.job(number).state == "waiting" and "分钟后自动重试" in jobs.job(number).note
    assert catalog.loads(ref=FEED)[0].state == "failed"
    deliver_folder = settings.HOME / "health"
    deliver_folder.mkdir()
    deliver(rows(5))
    assert run(number, NINE + timedelta(minutes=2)).state == "done"


def test_a_stranger_neither_loads_nor_plans(county):
    for officer in (county.sun, county.li):
        with pytest.raises(NotAllowed):
            catalog.ask_for_load(FEED, officer=officer, at=NINE)
        with pytest.raises(NotAllowed):
            catalog.set_feed_plan(
                FEED, cycle="daily 01:00", is_active=True, drop_limit=Decimal(1),
                rejected_limit=Decimal(1), officer=officer, at=NINE,
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            catalog.issue_push_key(FEED, officer=officer, at=NINE)
    assert not FeedLoad.objects.exists()


def test_a_whole_load_is_not_lost_to_one_that_waits(county):
    deliver(rows(20))
    waiting = catalog.ask_for_load(FEED, officer=county.gu, at=NINE)
    whole = catalog.ask_for_load(FEED, officer=county.gu, at=NINE, mode="whole")
    assert whole == waiting == catalog.ask_for_load(FEED, officer=county.gu, at=NINE)

    assert run(whole).mode == "whole"
    assert FeedLoad.objects.get().state == "done"


def test_a_load_that_waits_to_be_tried_again_becomes_whole_too(county):
    (settings.HOME / "health").rmdir()
    number = catalog.ask_for_load(FEED, officer=county.gu, at=NINE)
    jobs.Worker(clock=fixed_clock(NINE)).run_next()
    (settings.HOME / "health").mkdir()
    deliver(rows(5))

    assert catalog.ask_for_load(FEED, officer=county.gu, at=NINE, mode="whole") == number
    assert run(number, NINE + timedelta(minutes=2)).mode == "whole"


def test_a_feed_is_loaded_when_it_is_due_and_once(county):
    FeedPlanSetting.objects.exclude(dataset__ref=FEED).update(is_active=False)
    catalog.set_feed_plan(
        FEED, cycle="daily 10:00", is_active=True, drop_limit=Decimal("0.2"),
        rejected_limit=Decimal("0.1"), officer=county.gu, at=NINE,
    )  # fmt: skip
    deliver(rows(20))
    FeedPlanSetting.objects.filter(dataset__ref=FEED).update(seen="other")

    assert not catalog.ask_for_due_loads(NINE)
    assert len(catalog.ask_for_due_loads(NINE + timedelta(hours=2))) == 1
    run(jobs.jobs(kind=catalog.COLLECT)[0].number, NINE + timedelta(hours=2))
    assert not catalog.ask_for_due_loads(NINE + timedelta(hours=2, minutes=1))


def test_a_load_of_the_timetable_compares_the_sources_and_objects_by_itself(county, monkeypatch):
    monkeypatch.setattr(loads, "_followers", {})
    register_work()  # as a worker begins
    say(county, POLICE, WRONG)
    FeedPlanSetting.objects.exclude(dataset__ref=FEED).update(is_active=False)
    catalog.set_feed_plan(
        FEED, cycle="daily 10:00", is_active=True, drop_limit=Decimal("0.2"),
        rejected_limit=Decimal("0.1"), officer=county.gu, at=NINE,
    )  # fmt: skip
    deliver(rows(20))
    FeedPlanSetting.objects.filter(dataset__ref=FEED).update(seen="other")
    later = NINE + timedelta(hours=2)

    assert not catalog.ask_for_due_loads(NINE)
    assert len(catalog.ask_for_due_loads(later)) == 1
    run(jobs.jobs(kind=catalog.COLLECT)[0].number, later)

    row = Conflict.objects.get()
    assert (row.source, row.authority) == ("base.insured", "base.police_resident")
    assert catalog.objection(row.objection, actor=county.chen).state == "waiting"


def test_a_file_dropped_into_a_watched_folder_is_loaded_once_it_lies_still(county):
    FeedPlanSetting.objects.exclude(dataset__ref=FEED).update(is_active=False)
    FeedPlanSetting.objects.filter(dataset__ref=FEED).update(cycle="")
    deliver(rows(20))

    assert not catalog.ask_for_due_loads(NINE), "it may still be copied"
    [number] = catalog.ask_for_due_loads(NINE + timedelta(minutes=1))
    assert run(number, NINE + timedelta(minutes=1)).state == "done"
    assert not catalog.ask_for_due_loads(NINE + timedelta(minutes=2))
    deliver(rows(24), name="死亡登记_三.csv")
    assert not catalog.ask_for_due_loads(NINE + timedelta(minutes=3))
    assert len(catalog.ask_for_due_loads(NINE + timedelta(minutes=4))) == 1


def test_a_second_collector_is_refused_with_the_name_of_the_first(county):
    bound = {"health": {"kind": "folder", "path": "health"}}
    bound["twin"] = bound["health"]
    (settings.HOME / "sources.yaml").write_text(yaml.safe_dump(bound))
    feeds = library().feeds()
    feeds_of_twin = {**feeds, "zz.death": feeds[FEED]}

    class Twins:
        def feeds(self):
            return feeds_of_twin

        def feed_plan(self, ref):
            return library().feed_plan(FEED if ref == "zz.death" else ref)

        def organs(self):
            return library().organs()

    with pytest.raises(catalog.AlreadyCollected, match="死亡登记"):
        where.require_only_collector("zz.death", Twins(), where.bound_sources(settings.HOME))
    where.require_only_collector(FEED, Twins(), where.bound_sources(settings.HOME))


def test_rows_that_a_system_pushes_are_merged_once(county):
    deliver(rows(20))
    load(county)
    key = catalog.issue_push_key(FEED, officer=county.gu, at=NINE)
    columns = list(library().feed(FEED).columns)
    body = (
        ",".join(columns)
        + "\n"
        + ",".join(
            {"id_number": person(500), "name": "推送", "death_on": "2026-10-03"}.get(c, "卫生院")
            for c in columns
        )
    )

    def push(**more):
        given = {"key": key, "delivery": "2026-11-02-1", "body": body.encode(), "is_json": False}
        return catalog.push_rows(FEED, at=NINE, **{**given, **more})

    first = push()
    assert push().run == first.run
    done = run(first.job)
    assert (done.state, done.accepted, done.total) == ("done", 1, 21)
    assert catalog.pushed_load(FEED, key=key, run=first.run).state == "done"
    for wrong, error in (
        ({"key": "other"}, catalog.PushKeyUnknown),
        ({"delivery": ""}, catalog.DeliveryUnnamed),
        ({"body": b"x"}, catalog.DeliveryDiffers),
        ({"delivery": "other", "body": b"[1]", "is_json": True}, catalog.RowsUnreadable),
    ):
        with pytest.raises(error):
            push(**wrong)


def test_a_bulletin_ranks_the_organs_of_a_period_once(county):
    deliver(rows(20, wrong=2))
    load(county)
    since, until = NINE.date().replace(day=1), NINE.date().replace(month=12, day=1)
    with pytest.raises(NotAllowed):
        catalog.issue_bulletin(since=since, until=until, at=NINE, officer=county.sun)

    issued = catalog.issue_bulletin(since=since, until=until, at=NINE, officer=county.gu)
    catalog.issue_bulletin(since=since, until=until, at=NINE)

    [told] = catalog.bulletins()
    assert told.number == issued
    health = next(line for line in told.lines if line["organ"] == library().feed(FEED).organ)
    assert health["rank"] == 1 and health["rejected"] == 2 and health["open_cases"]
    assert all(line["score"] is None for line in told.lines[1:] if line["organ"] != health["organ"])


def test_the_ledger_of_upper_level_data_shows_what_came_of_a_request(county):
    given = {
        "title": "省级参保信息",
        "level": "province",
        "provider": "省人社厅",
        "purpose": "高龄津贴",
    }
    with pytest.raises(NotAllowed):
        catalog.ask_return(**given, officer=county.sun, at=NINE)
    with pytest.raises(catalog.ReturnMalformed):
        catalog.ask_return(**{**given, "purpose": " "}, officer=county.gu, at=NINE)
    number = catalog.ask_return(**given, officer=county.gu, at=NINE)
    step = {"officer": county.gu, "at": NINE, "answer": ""}
    with pytest.raises(catalog.ReturnNotOpen):
        catalog.answer_return(number, state="ended", **step)
    catalog.answer_return(number, state="agreed", **step)
    with pytest.raises(catalog.ReturnMalformed):
        catalog.answer_return(number, state="receiving", **step)
    catalog.answer_return(number, state="receiving", feed=FEED, **step)
    say(county, POLICE)
    deliver([*rows(20), (WANG_NUMBER, "王秀英", "2026-10-01", "卫生院")])
    load(county)

    [line] = catalog.returns()
    assert (line.state, line.feed, line.loads, line.rows) == ("receiving", FEED, 1, 21)
    assert (line.identified, line.matched) == (21, 1), "the police knows one of them"
    assert line.used_by, "tables that read the feed"
