"""How good a table is: as it stands, not as the last load was; a report is of its period."""

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from cast import NINE
from django.apps import apps
from feed_home import FEED, POLICE, keep, load, resident

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import CollectionRun, Dataset, FeedLoad, RegisterEntry
from yiwang.lake import Collection

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(feeding):
    return feeding


def collected(run, at, wrong):
    catalog.record_collection(
        Collection(
            run=run, feed=FEED, read=100, accepted=100 - wrong, rejected=wrong, flagged=0,
            by_rule={"id_number.element": wrong}, snapshot="s", at=at, seconds=0.5,
        ),
        at=at,
    )  # fmt: skip


def test_an_increment_is_weighed_with_the_table_that_it_is_added_to(county):
    wrong = [resident(n, "2026-10-01", birth_on="没有") for n in range(5)]
    keep([*wrong, *(resident(n, "2026-10-10") for n in range(10, 55))])
    load(county, ref=POLICE)
    keep([resident(n, "2026-10-20") for n in (60, 61)])
    last = load(county, ref=POLICE, at=NINE + timedelta(hours=1))
    assert (last.mode, last.accepted, last.total) == ("increment", 2, 47)

    whole, part = CollectionRun.objects.filter(dataset__ref=POLICE).order_by("id")
    assert (part.mode, part.total, part.score) == ("increment", 47, 100)
    assert whole.standing == whole.score < part.standing < part.score
    assert part.standing == round((whole.score * 50 + part.score * 2) / 52, 2)
    line = next(one for one in catalog.datasets(kind="feed") if one.ref == POLICE)
    assert (line.rows, line.score) == (47, part.standing)
    [table] = catalog.table_scores()
    assert (table.score, table.before) == (part.standing, whole.standing)
    assert (table.read, table.rejected) == (52, 5), "what is wrong with the table stays told"
    month = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}
    organ = catalog.organ_scores(**month, at=NINE + timedelta(hours=2))[0]
    assert (organ.score, organ.read, organ.rejected) == (part.standing, 52, 5)
    assert all(score < 100 for name, score in organ.dimensions.items() if name == "规范性")
    assert catalog.score_behind("base.resident") == part.standing


def test_a_report_is_of_its_period(county):
    collected("october", NINE - timedelta(days=20), wrong=20)
    collected("november", NINE, wrong=0)
    october = {"since": date(2026, 10, 1), "until": date(2026, 11, 1)}
    november = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}

    [then], [now] = catalog.table_scores(**october), catalog.table_scores(**november)

    assert (then.rejected, then.before, now.rejected) == (20, None, 0)
    assert then.score < now.score == Decimal(100) and now.before == then.score
    assert not catalog.table_scores(since=date(2026, 9, 1), until=date(2026, 10, 1))
    [organ] = [one for one in catalog.organ_scores(**october, at=NINE) if one.score is not None]
    assert (organ.score, organ.rejected) == (then.score, 20)


def test_dimensions_weigh_what_the_register_says_on_the_day(county):
    for entry in RegisterEntry.objects.filter(register__ref="base.quality_weight"):
        weight = "1" if entry.values["dimension"] == "validity" else "0"
        entry.values |= {"weight": weight, "from_on": NINE.date().isoformat()}
        entry.save()

    collected("before", NINE - timedelta(days=1), wrong=20)
    collected("from the day on", NINE, wrong=20)

    now, before = catalog.collections(ref=FEED)
    assert len(before.dimensions) > 1
    assert [(part.dimension, part.weight) for part in now.dimensions] == [("validity", 1)]
    assert now.score == now.dimensions[0].score < before.score


def test_loads_of_before_are_told_from_their_jobs(county):
    feed = Dataset.objects.get(ref=FEED)
    for run, read, score in (("r1", 100, 90), ("r2", 10, 100)):
        CollectionRun.objects.create(
            run=run, dataset=feed, read=read, accepted=read, rejected=0, flagged=0, seconds=1,
            score=score, collected_at=NINE,
        )  # fmt: skip
    FeedLoad.objects.create(
        run="r2", dataset=feed, mode="increment", state="done", source="x", asked_by="system",
        asked_at=NINE, total=104,
    )  # fmt: skip

    import_module("yiwang.apps.catalog.migrations.0013_loads_of_a_table").fill(apps, None)

    found = CollectionRun.objects.order_by("id").values_list("mode", "total", "standing")
    assert list(found) == [
        ("whole", 100, Decimal(90)),
        ("increment", 104, Decimal("90.91")),
    ]
