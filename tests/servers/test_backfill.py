"""A past period read again from a real database: month by month, each month a load of its own."""

from datetime import date, timedelta

import psycopg
import pytest
import yaml
from cast import NINE
from county import settle
from prepared import library
from psycopg.sql import SQL, Identifier

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import FeedLoad
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import fixed_clock
from yiwang.kernel.identifiers import gbt11643

pytestmark = pytest.mark.django_db
FEED = "base.police_resident"
county_url: list[str] = []
VILLAGE = "321323001001"


def person(n):
    first17 = f"32132319400101{n:03}"
    return first17 + gbt11643.check_digit(first17)


def resident(n, day):
    return {
        "id_number": person(n), "name": f"王{n}号", "sex": "1", "ethnic": "01",
        "birth_on": "1940-01-01", "household": f"H{n:08}", "relation": "01", "village": VILLAGE,
        "address": "江苏省泗阳县北京路1号", "phone": "13812345678", "updated_on": day,
    }  # fmt: skip


@pytest.fixture
def county(tmp_path, settings, postgres):
    found = settle()
    settings.HOME = tmp_path
    register = library().register("base.divisions")
    types = {name: column.type for name, column in register.columns.items()}
    catalog.lake().write(
        "base.divisions", library().entries("base.divisions"), columns=types, at=NINE
    )
    bound = {"police": {"kind": "postgres", "url": postgres}}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(bound))
    (tmp_path / "sources.yaml").chmod(0o600)
    jobs.register(kinds=catalog.JOBS)
    names = {name: column.from_ for name, column in library().feed(FEED).columns.items()}
    with psycopg.connect(postgres) as connection:
        columns = SQL(", ").join(SQL("{} text").format(Identifier(one)) for one in names.values())
        connection.execute(SQL("CREATE TABLE {} ({})").format(Identifier("HK_RYXX"), columns))
    county_url.append(postgres)
    yield found
    catalog.lake().close()


def put(county, rows):
    with psycopg.connect(county_url[-1]) as connection:
        connection.execute('DELETE FROM "HK_RYXX"')
        for row in rows:
            marks = SQL(", ").join([SQL("%s")] * len(row))
            connection.execute(
                SQL('INSERT INTO "HK_RYXX" VALUES ({})').format(marks), list(row.values())
            )


def work_all():
    worker = jobs.Worker(clock=fixed_clock(NINE))
    while worker.run_next():
        pass


def test_a_past_period_is_read_again_month_by_month(county):
    months = ("2026-06-10 08:00:00", "2026-07-10 08:00:00", "2026-08-10 08:00:00")
    put(county, [resident(n, months[n % 3]) for n in range(30)])
    catalog.ask_for_load(FEED, officer=county.gu, at=NINE)
    work_all()
    assert catalog.lake().count(FEED) == 30

    corrected = [resident(n, months[n % 3]) | {"name": f"更正{n}"} for n in range(33)]
    put(county, corrected)
    number = catalog.ask_for_backfill(
        FEED, since=date(2026, 6, 1), until=date(2026, 8, 1), step="month",
        officer=county.gu, at=NINE,
    )  # fmt: skip
    work_all()

    assert jobs.job(number).state == "done", jobs.job(number).error
    parts = FeedLoad.objects.filter(mode="backfill").order_by("id")
    assert [(one.state, one.read, one.inserted, one.changed) for one in parts] == [
        ("done", 11, 1, 10),
        ("done", 11, 1, 10),
    ]
    names = catalog.lake().rows(f"SELECT name, updated_on FROM {FEED}")
    renewed = {row["updated_on"].month for row in names if row["name"].startswith("更正")}
    assert (len(names), renewed) == (32, {6, 7})


def test_a_feed_without_a_moving_column_and_an_endless_period_are_refused(county):
    given = {"step": "day", "officer": county.gu, "at": NINE}
    with pytest.raises(catalog.BackfillUnfit):
        catalog.ask_for_backfill(
            "base.death", since=date(2026, 1, 1), until=date(2026, 2, 1), **given
        )
    with pytest.raises(catalog.BackfillUnfit):
        catalog.ask_for_backfill(FEED, since=date(2000, 1, 1), until=NINE.date(), **given)
    with pytest.raises(catalog.BackfillUnfit):
        catalog.ask_for_backfill(FEED, since=NINE.date(), until=NINE.date() - timedelta(1), **given)
