"""Datasets from packs, collections with balanced counts, scores, quarantine behind its right."""

from decimal import Decimal

import pytest
from cast import NINE
from county import RESIDENT
from django.db import IntegrityError, transaction
from prepared import library

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import CollectionRun, Dataset, DatasetColumn, RegisterEntry
from yiwang.apps.identity.public import NotAllowed
from yiwang.lake import Collection

pytestmark = pytest.mark.django_db

FEED = "base.police_resident"


def collection(**changes) -> Collection:
    given = {
        "run": "r1",
        "feed": FEED,
        "read": 100,
        "accepted": 98,
        "rejected": 2,
        "flagged": 5,
        "by_rule": {"id_number.element": 2, "phone.element": 5},
        "snapshot": "s1",
        "at": NINE,
        "seconds": 0.5,
    }
    return Collection(**{**given, **changes})


def test_every_feed_and_table_of_the_packs_is_catalogued_with_its_owner(county):
    refs = {line.ref for line in catalog.datasets()}
    assert refs == {*library().feeds(), *library().tables()}
    assert catalog.dataset(FEED).organ == "public-security"


def test_a_column_has_a_grade_with_reason_and_clause(county):
    columns = {column.name: column for column in catalog.columns_of(RESIDENT)}
    phone = columns["phone"]
    assert phone.grade == 3
    assert "base.police_resident.phone" in phone.grade_reason
    assert phone.grade_clause.startswith("《个人信息保护法》")
    assert ("base.police_resident", "phone") in phone.sources


def test_lineage_is_followed_in_both_directions(county):
    assert FEED in catalog.dataset(RESIDENT).upstream
    assert RESIDENT in catalog.dataset(FEED).downstream


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("户籍人口", FEED),
        ("police_RESIDENT", FEED),
        ("联系电话 居民", RESIDENT),
        ("ｂａｓｅ．resident", RESIDENT),
    ],
)
def test_search_folds_width_and_case_and_asks_for_every_word(county, query, found):
    assert found in {line.ref for line in catalog.datasets(query=query)}


def test_search_for_what_is_not_there_finds_nothing(county):
    assert catalog.datasets(query="居民 不存在的词") == []


def test_installing_again_changes_nothing_and_what_is_gone_is_closed(county):
    before = list(Dataset.objects.order_by("pk").values_list("pk", "ref", "active_from"))
    entries = RegisterEntry.objects.count()
    catalog.install(library(), at=NINE)
    assert list(Dataset.objects.order_by("pk").values_list("pk", "ref", "active_from")) == before
    assert RegisterEntry.objects.count() == entries
    Dataset.objects.create(
        ref="base.gone", pack="base", kind="table", title="旧表", organ="market", share="none",
        open="none", grade=1, folded="", active_from=NINE.replace(year=2025),
    )  # fmt: skip
    catalog.install(library(), at=NINE)
    assert catalog.dataset("base.gone").active_until == NINE
    assert "base.gone" not in {line.ref for line in catalog.datasets()}


def test_a_register_has_its_entries_with_the_places_own(county):
    codes = {entry["code"] for entry in catalog.entries("base.divisions")}
    assert "321323000000" in codes


def test_a_collection_is_recorded_once_with_its_score(county):
    for _ in range(2):
        catalog.record_collection(collection(), at=NINE)
    (run,) = catalog.collections(ref=FEED)
    assert run.read == run.accepted + run.rejected
    assert run.by_rule[0] == ("phone.element", "联系电话符合数据元“联系电话”", 5)
    assert {part.dimension for part in run.dimensions} == set(scoring.WEIGHTS)
    assert sum(part.weight for part in run.dimensions) == 1
    assert run.score is not None
    assert Decimal(99) < run.score < 100


def test_counts_that_do_not_balance_are_refused_by_action_and_database(county):
    with pytest.raises(catalog.CountsUnbalanced):
        catalog.record_collection(collection(accepted=99), at=NINE)
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionRun.objects.create(
            run="x", dataset=Dataset.objects.get(ref=FEED), read=3, accepted=1, rejected=1,
            flagged=0, seconds=1, collected_at=NINE,
        )  # fmt: skip
    assert not CollectionRun.objects.exists()


def test_a_grade_outside_one_to_four_is_refused_by_the_database(county):
    with pytest.raises(IntegrityError), transaction.atomic():
        DatasetColumn.objects.filter(name="phone").update(grade=5)


def test_an_empty_collection_has_no_score_and_unmeasured_dimensions_do_not_count():
    assert scoring.score(rows=0, rules={"a": "validity"}, failed={}) == (None, ())
    total, (part,) = scoring.score(rows=10, rules={"a": "validity"}, failed={"a": 1})
    assert total == part.score == Decimal("90.00")
    assert part.weight == 1


def test_only_the_owners_steward_and_the_bureau_see_rejected_rows(county):
    organ = catalog.dataset(FEED).organ
    for officer in (county.chen, county.gu):
        catalog.require_quarantine(officer, organ=organ)
    for stranger in (county.sun, county.li, county.wang):
        with pytest.raises(NotAllowed):
            catalog.rejected(FEED, officer=stranger)


def test_an_unknown_dataset_is_not_found(county):
    with pytest.raises(catalog.DatasetUnknown):
        catalog.dataset("base.nothing")


def test_what_is_published_counts_datasets_and_collections(county):
    catalog.record_collection(collection(), at=NINE)
    for columns, rows in catalog.published().values():
        assert all(set(row) == set(columns) for row in rows)
