"""A wrong value is contested, judged by its source, and corrected in every copy for good."""

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE, WANG_NUMBER
from county import ADDRESS, PROVIDER, RESIDENT, YOUNG_NUMBER, County, fill_lake, settle
from prepared import library

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity.public import NotAllowed
from yiwang.lake import AmendmentMalformed, Shape, Source

pytestmark = pytest.mark.django_db

FEED = "base.police_resident"
OLD, NEW = ADDRESS, "江苏省宿迁市泗阳县众兴街道北京路8号"
LATER = NINE + timedelta(days=1)


IMPOSSIBLE = [
    ({"column": "id_number"}, catalog.ObjectionMalformed),
    ({"column": "nothing"}, catalog.ObjectionMalformed),
    ({"claimed": OLD}, catalog.ObjectionMalformed),
    ({"claimed": " "}, catalog.ObjectionMalformed),
    ({"reason": "错"}, catalog.ObjectionMalformed),
    ({"column": "birth_on", "claimed": "三月"}, AmendmentMalformed),
    ({"column": "sex", "claimed": "没有这一项"}, catalog.ObjectionMalformed),
    ({"table": "no.where"}, catalog.DatasetUnknown),
    ({"key": "x' OR 1=1 --"}, catalog.RowUnknown),
]


@pytest.fixture
def home(settings, tmp_path, db) -> County:
    """A county on a lake of its own, whose feed of residents was collected from a file."""
    fill_lake()  # the lake of all tests first: it is filled once
    settings.HOME = tmp_path
    fill_lake.__wrapped__()
    lake = catalog.lake()
    shelf = library()
    for ref in ("base.divisions",):
        columns = {name: one.type for name, one in shelf.register(ref).columns.items()}
        lake.write(ref, shelf.entries(ref), columns=columns, at=NINE)
    person = {name: one.type for name, one in shelf.table("base.person").columns.items()}
    other = dict.fromkeys(person) | {"id_number": YOUNG_NUMBER, "death_on": NINE.date()}
    lake.write("base.person", [other], columns=person, at=NINE)
    found = settle()
    collect(OLD, run="r1")
    publish()
    return found


def collect(address: str, *, run: str, at=NINE) -> None:
    """One load of the feed, with this address of Wang's."""
    lake, plan = catalog.lake(), library().feed_plan(FEED)
    folder = lake._store.root.parent / f"source-{run}"
    folder.mkdir()
    given = {
        "id_number": WANG_NUMBER,
        "name": "王秀英",
        "birth_on": "1956-03-14",
        "village": "321323001001",
        "address": address,
        "phone": "13812345678",
        "updated_on": "2026-10-01",
    }
    with (folder / "resident.csv").open("w", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([column.sources[0] for column in plan.columns])
        writer.writerow([given.get(column.name, "") for column in plan.columns])
    wanted = replace(
        plan,
        shape=Shape(file="resident.csv"),
        checks=(),
        columns=tuple(replace(column, required=False) for column in plan.columns),
    )
    lake.collect(wanted, Source(kind="folder", path=folder), at=at, run=run)


def publish() -> None:
    contract = library().table_contract(RESIDENT)
    catalog.lake().publish(RESIDENT, library().queries()[RESIDENT], contract=contract, at=NINE)
    catalog.refresh()


def address_of(table: str = RESIDENT) -> str:
    return catalog.lake().rows(f"SELECT address FROM {table}")[0]["address"]


def objected(county: County, by=None, **changes) -> str:
    given = {
        "table": RESIDENT,
        "key": WANG_NUMBER,
        "column": "address",
        "claimed": NEW,
        "reason": "今年八月已迁居，登记未更新。",
        "by": by or county.wang,
        "at": NINE,
        "source": "citizen",
    }
    return catalog.object_to(**{**given, **changes})


def decided(county: County, number: str, *, at=LATER, **answer) -> catalog.ObjectionView:
    catalog.answer_objection(number, agrees=True, officer=county.chen, at=at, **answer)
    return catalog.check_objection(number, verdict="corrected", officer=county.gu, at=at)


def test_a_resident_objects_and_the_case_waits_for_the_source_with_its_clock(county):
    number = objected(county)

    waiting = casework.cases_waiting(officer=county.chen, at=NINE)
    assert [task.number for task in waiting] == [number]
    found = catalog.objection(number, actor=county.wang)
    assert (found.provider, found.feed, found.state) == (PROVIDER, FEED, "waiting")
    assert (found.found, found.claimed) == (OLD, NEW)
    assert catalog.time_limit("objection.whole", on=NINE.date()) == "13wd"
    assert catalog.time_limit("objection.whole", on=NINE.date().replace(year=2020)) == ""
    assert found.due_at == casework.case(number, actor=county.wang, at=NINE).due_at


def test_a_stranger_learns_nothing_and_moves_nothing(county):
    number = objected(county)

    assert catalog.objections(actor=county.sun) == []
    assert catalog.objections(actor=county.company) == []
    with pytest.raises(catalog.ObjectionUnknown):
        catalog.objection(number, actor=county.sun)
    with pytest.raises(catalog.ObjectionUnknown):
        catalog.answer_objection(number, agrees=True, officer=county.sun, at=LATER)
    catalog.answer_objection(number, agrees=True, officer=county.chen, at=LATER)
    with pytest.raises(NotAllowed):
        catalog.check_objection(number, verdict="corrected", officer=county.chen, at=LATER)


def test_an_objection_that_names_no_possible_value_is_refused(county):
    for changes, error in IMPOSSIBLE:
        with pytest.raises(error):
            objected(county, **changes)
    with pytest.raises(catalog.NotOwnValue):
        objected(county, by=county.company)
    with pytest.raises(NotAllowed):
        objected(county, by=replace(county.li, rights=frozenset()), source="organ")
    assert catalog.objections(actor=county.gu) == []


def test_who_objects_to_the_same_value_joins_the_open_case(county):
    number = objected(county)

    again = objected(county, by=county.li, source="organ", reference="SY1", claimed=NEW + "东")

    assert again == number
    found = catalog.objection(number, actor=county.li)
    assert [one.source for one in found.objectors] == ["citizen", "organ"]
    assert found.found is None, "an organ that objects does not learn the value"


def test_a_computed_value_goes_to_the_organ_behind_it_and_waits_for_its_own_correction(county):
    number = objected(county, column="is_alive", claimed="false", reason="此人已于去年去世。")

    found = catalog.objection(number, actor=county.gu)
    assert found.provider == library().feed("base.death").organ != PROVIDER
    assert found.feed == ""


def test_a_correction_reaches_every_copy_and_lasts_until_the_source_agrees(home):
    number = objected(home)
    assert decided(home, number).state == "corrected"

    assert {FEED, RESIDENT} <= set(catalog.carry_corrections(at=LATER))
    assert (address_of(FEED), address_of()) == (NEW, NEW)
    rows = catalog.lake().lookup(RESIDENT, where={"id_number": WANG_NUMBER}, columns=["address"])
    assert rows == [{"address": NEW}]
    assert catalog.carry_corrections(at=LATER) == [], "once is enough"

    collect(OLD, run="r2", at=LATER)
    assert address_of(FEED) == OLD, "the source brings the old value again"
    catalog.carry_corrections(at=LATER, feed=FEED)
    assert (address_of(FEED), address_of()) == (NEW, NEW)

    collect(NEW, run="r3", at=LATER)
    catalog.carry_corrections(at=LATER)
    assert catalog.objection(number, actor=home.gu).settled_at == LATER

    collect("另一处新址", run="r4", at=LATER)
    catalog.carry_corrections(at=LATER)
    assert address_of(FEED) == "另一处新址", "what is settled is never applied again"


def test_the_source_may_answer_with_another_value_and_the_bureau_may_ask_again(county):
    number = objected(county)
    catalog.answer_objection(
        number, agrees=False, reason="户口簿与登记一致。", officer=county.chen, at=LATER
    )
    catalog.check_objection(
        number, verdict="again", reason="请核对迁入记录。", officer=county.gu, at=LATER
    )
    assert decided(county, number, value="众兴街道上海路3号").value == "众兴街道上海路3号"


def test_a_value_that_stands_is_kept_with_its_reason_and_one_may_be_withdrawn(county):
    number = objected(county)
    answer = {"agrees": False, "reason": "户口簿与登记一致。"}
    catalog.answer_objection(number, officer=county.chen, at=LATER, **answer)
    with pytest.raises(casework.EvidenceMissing):
        catalog.check_objection(number, verdict="kept", officer=county.gu, at=LATER)
    found = catalog.check_objection(
        number, verdict="kept", reason="以户籍登记为准。", officer=county.gu, at=LATER
    )
    assert (found.state, found.value) == ("kept", "")

    again = objected(county)
    assert again != number
    found = catalog.withdraw_objection(again, applicant=county.wang, at=LATER, reason="已核对")
    assert found.state == "withdrawn"
