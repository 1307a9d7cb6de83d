"""Completeness is measured: what a scan finds beside what the catalogue says, and acts on it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from cast import NINE
from django.conf import settings

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.jobs import public as jobs
from yiwang.lake import Collection

pytestmark = pytest.mark.django_db


@pytest.fixture
def police(county):
    """A police system with one table of the feeds, changed, and two that nobody knows."""
    home = Path(settings.HOME)
    file = home / "scanned.sqlite"
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as db:
        columns = [
            name
            for feed in [county.library.feed("base.police_resident")]
            for column in feed.columns.values()
            for name in ([column.from_] if isinstance(column.from_, str) else column.from_[:1])
        ]
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
