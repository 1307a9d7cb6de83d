"""Loads of feeds as jobs: bad sources are held, decided, resumed; the same comes once."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
import yaml
from cast import NINE
from county import settle
from django.conf import settings
from prepared import library
from stating import POLICE, WRONG, say

from yiwang.apps.casework.models import Case
from yiwang.apps.catalog import feed_sources as where
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.actions import loads
from yiwang.apps.catalog.models import FeedLoad, FeedPlanSetting, Rectification
from yiwang.apps.jobs import public as jobs
from yiwang.apps.jobs.models import Job
from yiwang.apps.subjects.models import Conflict
from yiwang.boot.work import register_work
from yiwang.kernel.clock import fixed_clock
from yiwang.kernel.errors import NotAllowed
from yiwang.kernel.identifiers import gbt11643

pytestmark = pytest.mark.django_db

FEED = "base.death"
HEADER = ("身份证号", "姓名", "死亡日期", "登记单位")


def person(n):
    first17 = f"32132319400101{n % 1000:03}"
    return first17 + gbt11643.check_digit(first17)


@pytest.fixture
def county(db, tmp_path, settings):
    found = settle()
    settings.HOME = tmp_path  # a lake and sources of this test's own
    (tmp_path / "health").mkdir()
    bound = {"health": {"kind": "folder", "path": "health"}}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(bound))
    write_registers()
    jobs.register(kinds=[*catalog.JOBS, *jobs.JOBS])
    yield found
    catalog.lake().close()


def write_registers():
    for ref in ("base.divisions",):
        register = library().register(ref)
        catalog.lake().write(
            ref,
            library().entries(ref),
            columns={name: column.type for name, column in register.columns.items()},
            at=NINE - timedelta(days=30),
        )


def deliver(rows, header=HEADER, name="死亡登记_一.csv"):
    for old in (settings.HOME / "health").glob("*.csv"):
        old.unlink()
    with (settings.HOME / "health" / name).open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def rows(count, wrong=0, day="2026-10-01"):
    good = [(person(n), f"王{n}", day, "卫生院") for n in range(count - wrong)]
    return good + [("1234", f"李{n}", day, "卫生院") for n in range(wrong)]


def load(county, at=NINE, **more):
    """Ask for a load and run it; returns it."""
    number = catalog.ask_for_load(FEED, officer=county.gu, at=at, **more)
    return run(number, at)


def run(number, at=NINE):
    worker = jobs.Worker(clock=fixed_clock(at))
    while worker.run_next():
        pass
    assert jobs.job(number).state == "done", jobs.job(number).error
    return FeedLoad.objects.filter(job=number).order_by("-id").first()


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
    done = run(Job.objects.order_by("-number").first().number, later)

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
    done = run(Job.objects.order_by("-number").first().number, NINE + timedelta(hours=2))

    assert (done.state, done.changed) == ("done", 20)


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


def test_failing_rows_become_a_case_of_their_owner_that_ends_when_they_are_right(county):
    deliver(rows(20, wrong=3))
    load(county)
    one = Rectification.objects.get()
    case = Case.objects.get(number=one.case)
    assert (one.rows, one.left, case.step) == (3, 3, "rectify")
    assert case.organ == library().feed(FEED).organ

    deliver([*rows(20), ("1234", "李0", "2026-10-01", "卫生院")])
    load(county, at=NINE + timedelta(hours=1))
    one.refresh_from_db()
    assert one.left >= 1 and one.closed_at is None

    deliver(rows(25))
    load(county, at=NINE + timedelta(hours=2))
    one.refresh_from_db()
    assert one.left == 0 and one.closed_at is not None
    case.refresh_from_db()
    assert (case.state, case.step) == ("ended", "rectified")


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
    deliver(rows(20))
    load(county)

    [line] = catalog.returns()
    assert (line.state, line.feed, line.loads, line.rows) == ("receiving", FEED, 1, 20)
    assert line.used_by, "tables that read the feed"
