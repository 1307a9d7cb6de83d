"""Completeness is measured: what a scan finds beside what the catalogue says, and acts on it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from cast import NINE, PASSWORD
from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import Dataset, FeedLoad
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.jobs import public as jobs
from yiwang.lake import Collection

pytestmark = pytest.mark.django_db


def columns_read(feed):
    """The names under which a feed's columns stand in its source."""
    froms = [column.from_ for column in feed.columns.values()]
    return [one if isinstance(one, str) else one[0] for one in froms]


@pytest.fixture
def police(county):
    """A police system with one table of the feeds, changed, and two that nobody knows."""
    home = Path(settings.HOME)
    file = home / "scanned.sqlite"
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as db:
        columns = columns_read(county.library.feed("base.police_resident"))
        kept = [f"{name} TEXT" for name in columns if name != "LXDH"]
        db.execute(f"CREATE TABLE HK_RYXX ({', '.join([*kept, 'ZJXY TEXT'])})")
        db.execute("CREATE TABLE HK_LOG (at TIMESTAMP, what TEXT)")
        db.execute("CREATE TABLE JZZ (GMSFHM TEXT, QFRQ DATE, NL INTEGER)")
        db.commit()
    bound = home / "sources.yaml"
    bound.write_text(yaml.safe_dump({"police": {"kind": "sqlite", "path": "scanned.sqlite"}}))
    yield "police"
    bound.unlink()
    file.unlink()


def views(at=NINE):
    return {one.table: one for one in catalog.latest_tables(catalog.source("police"), at=at)}


def test_a_scan_shows_gaps_in_tables_and_in_columns(county, police):
    scanned = catalog.scan_source(police, by="gu", at=NINE)
    assert (scanned.found, scanned.catalogued) == (3, 1)
    found = views()
    resident = found["HK_RYXX"]
    assert resident.state == "catalogued"
    assert resident.feed == "base.police_resident"
    assert resident.undeclared == ("ZJXY",)
    assert resident.lost == ("LXDH",)
    assert found["JZZ"].state == "missing"
    assert found["HK_HXX"].state == "gone"  # declared by a feed, not found
    assert list(found)[:2] == ["HK_LOG", "JZZ"]  # gaps first


def test_a_declared_cycle_is_held_against_the_last_load(county, police):
    catalog.scan_source(police, by="gu", at=NINE)
    assert views()["HK_RYXX"].is_overdue  # never loaded
    run = Collection(
        run="r1",
        feed="base.police_resident",
        read=1,
        accepted=1,
        rejected=0,
        flagged=0,
        by_rule={},
        snapshot="s",
        at=NINE,
        seconds=0.1,
    )
    catalog.record_collection(run, at=NINE)
    assert not views()["HK_RYXX"].is_overdue
    assert views(NINE + timedelta(days=3))["HK_RYXX"].is_overdue


def signed(county, number, **changes):
    """A change of an entry of the police, checked by the bureau and signed by their chief."""
    if not catalog.duties(organ=county.chen.organ, at=NINE):
        identity.create_account(
            username="chief",
            name="首席",
            password=PASSWORD,
            at=NINE,
            organ=county.chen.organ,
            posts=["首席数据官"],
        )
        given = {"organ": county.chen.organ, "duty": "chief", "username": "chief"}
        catalog.set_duty(**given, officer=county.gu, at=NINE)
    entry = catalog.list_entry(number, actor=county.chen)
    given = {**(entry.draft or entry.values), **changes}
    catalog.change_entry(number=number, given=given, officer=county.chen, at=NINE)
    catalog.submit_entry(number=number, officer=county.chen, at=NINE)
    catalog.check_entry(number=number, passes=True, reason="", officer=county.gu, at=NINE)
    catalog.publish_entry(number=number, officer=identity.officer("chief", at=NINE), at=NINE)


def test_columns_found_and_not_declared_are_written_into_a_change_that_closes_the_gap(
    county, police
):
    catalog.scan_source(police, by="gu", at=NINE)
    given = {"source_name": police, "table": "HK_RYXX", "at": NINE}
    with pytest.raises(NotAllowed):
        catalog.declare_columns(**given, officer=county.sun)
    number = catalog.declare_columns(**given, officer=county.chen)
    draft = catalog.list_entry(number, actor=county.chen).draft
    assert draft["items"][-1] == {"title": "ZJXY", "type": "C", "name": "ZJXY"}
    assert catalog.declare_columns(**given, officer=county.chen) == number  # adds nothing twice
    assert catalog.list_entry(number, actor=county.chen).draft == draft
    assert views()["HK_RYXX"].undeclared == ("ZJXY",)

    signed(county, number)

    assert views()["HK_RYXX"].undeclared == ()
    assert catalog.list_entry(number, actor=county.chen).values["grade"] == "3"


def test_the_cycle_that_was_signed_is_watched_and_the_same_again_is_heard(county, police):
    catalog.scan_source(police, by="gu", at=NINE)
    organ, feed = county.chen.organ, "base.police_resident"
    number = views()["HK_RYXX"].entry

    def late(days):
        at = NINE + timedelta(days=days)
        found = {one.number for one in catalog.overdue_entries(organ=organ, at=at)}
        return number in found, views(at)["HK_RYXX"].is_overdue

    FeedLoad.objects.create(
        dataset=Dataset.objects.get(ref=feed), run="s1", state="same", asked_at=NINE, ended_at=NINE
    )
    assert (late(1), late(3)) == ((False, False), (True, True))  # daily, as the pack says
    signed(county, number, cycle="4")
    assert views()["HK_RYXX"].cycle == "每月"
    assert (late(3), late(33)) == ((False, False), (True, True))

    new = catalog.register_table(
        source_name=police, table="JZZ", title="居住证", officer=county.chen, at=NINE
    )
    said = {"abstract": "居住证", "share": "1", "open": "3", "cycle": "3"}
    signed(county, new, **said)  # nothing collects it
    assert not views()["JZZ"].is_overdue
    assert views(NINE + timedelta(days=9))["JZZ"].is_overdue
    waiting = catalog.overdue_entries(organ=organ, at=NINE + timedelta(days=9))
    assert ("", None) in {(one.feed, one.heard_at) for one in waiting if one.number == new}


def test_what_a_catalogue_lacks_is_one_case_of_its_organ_that_ends_by_itself(county, police):
    catalog.scan_source(police, by="gu", at=NINE)
    since, until = NINE.date().replace(day=1), NINE.date().replace(month=12, day=1)

    def told(at=NINE) -> dict[str, object]:
        issued = catalog.issue_bulletin(since=since, until=until, at=at)
        lines = catalog.bulletin(issued).lines
        return next(one["catalogue"] for one in lines if one["organ"] == county.chen.organ)

    first = told()
    assert (first["missing"], first["undeclared"], first["gone"]) == (2, 1, 3)
    case = casework.case(first["case"], actor=county.chen, at=NINE)
    assert case.facts["未编目的表"] == ["HK_LOG", "JZZ"]
    assert case.flow == "base.rectification"
    with pytest.raises(casework.CaseNotYours):
        casework.case(first["case"], actor=county.sun, at=NINE)
    assert told(NINE + timedelta(hours=1))["case"] == first["case"]  # not another one

    given = {"source_name": police, "officer": county.chen, "at": NINE}
    for table in ("HK_LOG", "JZZ"):
        catalog.exclude_table(table=table, reason="不是资源", **given)
    signed(county, catalog.declare_columns(table="HK_RYXX", **given))
    catalog.scan_source(police, by="gu", at=NINE)
    assert not casework.standing(first["case"]).is_ended  # tables are gone still
    with closing(sqlite3.connect(Path(settings.HOME) / "scanned.sqlite")) as db:
        for feed in county.library.feeds().values():
            if feed.source == police and feed.shape.table != "HK_RYXX":
                names = ", ".join(f"{name} TEXT" for name in columns_read(feed))
                db.execute(f"CREATE TABLE {feed.shape.table} ({names})")
    catalog.scan_source(police, by="gu", at=NINE)
    assert casework.standing(first["case"]).is_ended
    assert told()["case"] == ""


def test_an_unknown_table_is_registered_as_a_draft_with_its_columns(county, police):
    catalog.scan_source(police, by="gu", at=NINE)
    number = catalog.register_table(
        source_name=police, table="JZZ", title="居住证信息", officer=county.chen, at=NINE
    )
    entry = catalog.list_entry(number, actor=county.chen)
    assert (entry.state, entry.origin, entry.about) == ("draft", "scan", "police:JZZ")
    assert entry.draft["items"][1] == {"title": "QFRQ", "type": "D", "name": "QFRQ"}
    assert views()["JZZ"].state == "drafted"
    with pytest.raises(catalog.EntryTwice):
        catalog.register_table(
            source_name=police, table="JZZ", title="又一次", officer=county.chen, at=NINE
        )


def test_what_is_no_resource_leaves_the_denominator_with_a_reason(county, police):
    catalog.scan_source(police, by="gu", at=NINE)
    with pytest.raises(catalog.ReasonForExclusionMissing):
        catalog.exclude_table(
            source_name=police, table="HK_LOG", reason=" ", officer=county.chen, at=NINE
        )
    catalog.exclude_table(
        source_name=police, table="HK_LOG", reason="系统日志", officer=county.chen, at=NINE
    )
    catalog.scan_source(police, by="gu", at=NINE + timedelta(days=1))
    latest, first = catalog.scans_of(police)
    assert (latest.found, latest.excluded, latest.catalogued) == (3, 1, 1)
    assert latest.completeness == 0.5
    assert first.excluded == 0  # a snapshot stays as it was
    catalog.lift_exclusion(source_name=police, table="HK_LOG", officer=county.gu, at=NINE)
    assert views()["HK_LOG"].state == "missing"


def test_a_scan_is_a_job_and_the_timetable_asks_for_every_source(county, police):
    jobs.register(kinds=catalog.JOBS)
    number = catalog.ask_for_scan(police, officer=county.gu, at=NINE)
    assert jobs.job(number).about == "police"
    assert jobs.Worker(clock=lambda: NINE).run_next()
    assert jobs.job(number).state == "done"
    scan = catalog.scans_of(police)[0]
    assert (scan.found, scan.scanned_by) == (3, "gu")


def test_another_organs_officer_sees_no_schema_and_judges_nothing(county, police):
    catalog.scan_source(police, by="gu", at=NINE)
    assert catalog.source_views(actor=county.sun) == []
    for act in (
        lambda: catalog.looked_source(police, actor=county.sun),
        lambda: catalog.ask_for_scan(police, officer=county.sun, at=NINE),
        lambda: catalog.register_table(
            source_name=police, table="JZZ", title="居住证", officer=county.sun, at=NINE
        ),
        lambda: catalog.exclude_table(
            source_name=police, table="JZZ", reason="不是资源", officer=county.sun, at=NINE
        ),
        lambda: catalog.lift_exclusion(
            source_name=police, table="JZZ", officer=county.sun, at=NINE
        ),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert views()["JZZ"].state == "missing"
