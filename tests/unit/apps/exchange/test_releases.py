"""Opening a table: measured, blamed, decided by another, renewed, withdrawn; the stranger tried."""

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE
from opened import BANDS, DETAILS, HOMES, HOMES_OPEN, PROFILE, SECRET, fill, homes, published, write

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.open_folders import folder_of
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.services import public as services

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _tables(county):
    fill()


def proposed(county, proposal, *, at=NINE):
    officer = county.chen if proposal.table == PROFILE else county.li
    return exchange.propose_release(proposal, officer=officer, at=at)


def test_a_table_that_tells_persons_apart_is_refused_and_the_column_is_blamed(county):
    made = proposed(county, DETAILS)

    assert made.state == "blocked" and made.case == ""
    assert made.measured["k"] < 5 and made.measured["threshold"]["k"] == 5
    assert made.measured["blame"][0]["column"] == "birth_on"
    assert made.measured["way"], "the way out is named"
    with pytest.raises(exchange.ReleaseUnknown):
        exchange.open_release(made.name)


def test_the_suggested_way_out_passes_the_gate(county):
    way = proposed(county, DETAILS).measured["way"]
    coarse = {step["column"]: step["coarse"] for step in way if step["coarse"]}
    left = {step["column"] for step in way if not step["coarse"]}
    columns = tuple(one for one in DETAILS.columns if one not in left)

    assert proposed(county, replace(DETAILS, coarse=coarse, columns=columns)).state == "waiting"


def test_a_generalised_table_waits_for_another_person_and_its_files_hold_no_more(county):
    made = published(county, BANDS)

    assert made.state == "published" and made.measured["k"] >= 5
    text = made.file("csv").read_text("utf-8")
    assert SECRET not in text and text.startswith("sex,birth_on,division\n")
    with made.file("csv").open(newline="") as lines:
        assert {row["birth_on"] for row in csv.DictReader(lines)} == {
            "1940-1949",
            "1950-1959",
            "1960-1969",
        }


def test_who_proposes_does_not_decide(county):
    made = proposed(county, HOMES_OPEN)
    both = replace(county.gu, username=county.li.username)
    with pytest.raises(exchange.DecidedByProposer):
        exchange.decide_release(made.name, agree=True, reason="", officer=both, at=NINE)
    with pytest.raises(NotAllowed):
        exchange.decide_release(made.name, agree=True, reason="", officer=county.li, at=NINE)


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": ("id_number", "sex")},
        {
            "terms": "unconditional",
            "columns": ("sex", "division"),
            "coarse": {},
            "leaves_out": True,
        },
    ],
)
def test_an_identifier_never_goes_out_and_large_groups_may(county, changes):
    made = proposed(county, replace(BANDS, **changes))
    if "id_number" in made.name or any(one.name == "id_number" for one in made.columns):
        assert made.state == "blocked"
        assert "直接指向个人" in made.measured["refusals"][0]["sentence"]
    else:
        assert made.state == "waiting" and made.measured["below"] == 0


def test_a_stranger_proposes_sees_and_withdraws_nothing_of_another_organ(county):
    made = published(county)
    with pytest.raises(NotAllowed):
        exchange.propose_release(replace(HOMES_OPEN, name="mine"), officer=county.sun, at=NINE)
    with pytest.raises(exchange.ReleaseUnknown):
        exchange.release(made.name, actor=county.sun)
    with pytest.raises(NotAllowed):
        exchange.withdraw_release(made.name, reason="x", officer=county.sun, at=NINE)
    assert exchange.releases(actor=county.sun) == []


def test_who_only_reads_the_catalogue_is_shown_what_is_public_and_nothing_before(county):
    reader = replace(county.sun, rights=county.sun.rights - {"exchange.release"})
    made = proposed(county, HOMES_OPEN)
    assert exchange.releases(actor=reader) == []
    assert exchange.releases(actor=reader, state="waiting") == []

    exchange.decide_release(made.name, agree=True, reason="", officer=county.gu, at=NINE)

    assert [one.name for one in exchange.releases(actor=reader)] == [made.name]


def test_a_later_snapshot_makes_a_version_and_what_falls_below_is_held(county):
    made = published(county)
    assert exchange.refresh_releases(at=NINE) == {}
    write(HOMES, homes(30), at=NINE + DAY)

    assert exchange.refresh_releases(at=NINE + DAY) == {made.name: "published"}
    renewed = exchange.open_release(made.name)
    assert (renewed.version, renewed.rows, len(renewed.versions)) == (2, 30, 2)
    assert renewed.changed_at > made.changed_at
    write(HOMES, [], at=NINE + 2 * DAY)
    assert exchange.refresh_releases(at=NINE + 2 * DAY) == {made.name: "held"}
    with pytest.raises(exchange.ReleaseUnknown):
        exchange.open_release(made.name)
    write(HOMES, homes(), at=NINE + 3 * DAY)
    assert exchange.refresh_releases(at=NINE + 3 * DAY) == {made.name: "published"}


def test_what_is_withdrawn_is_gone_and_a_tombstone_says_so(
    county, django_capture_on_commit_callbacks
):
    made = published(county)
    with django_capture_on_commit_callbacks(execute=True):
        exchange.withdraw_release(made.name, reason="口径调整", officer=county.li, at=NINE + DAY)

    assert not folder_of(made.ident).exists()
    with pytest.raises(exchange.ReleaseGone, match="口径调整"):
        exchange.open_release(made.name)
    assert [one.name for one in exchange.tombstones()] == [made.name]
    with pytest.raises(exchange.ReleaseNameTaken):
        proposed(county, HOMES_OPEN)


def test_a_conditional_dataset_is_fetched_under_a_key_only_and_every_use_is_on_record(county):
    made = published(county, BANDS)
    with pytest.raises(exchange.OpenKeyRefused):
        exchange.admit_open_use(made, form="csv", key="", at=NINE)
    asked = exchange.request_release(
        made.name, purpose="研究人口结构", has_agreed=True, actor=county.wang, at=NINE
    )
    with pytest.raises(NotAllowed):
        exchange.decide_open_request(
            asked.number, agree=True, reason="", officer=county.sun, at=NINE
        )
    exchange.decide_open_request(asked.number, agree=True, reason="", officer=county.chen, at=NINE)
    key = exchange.take_open_key(asked.number, actor=county.wang, at=NINE)
    exchange.admit_open_use(made, form="csv", key=key, at=NINE)

    assert exchange.own_requests(made.name, actor=county.wang)[0].uses == 1
    assert exchange.own_requests(made.name, actor=county.company) == []
    with pytest.raises(exchange.OpenKeyRefused):
        exchange.admit_open_use(made, form="csv", key=key, at=NINE + timedelta(days=366))
    assert [
        one.number for one in casework.cases_of(county.wang.subject, actor=county.wang, at=NINE)
    ]


def test_a_request_answered_from_the_work_list_gives_its_key_too(county):
    made = published(county, BANDS)

    def asked(actor):
        return exchange.request_release(
            made.name, purpose="研究人口结构", has_agreed=True, actor=actor, at=NINE
        ).number

    def acted(officer, number, verb, reason=""):
        services.act_on_case(number=number, verb=verb, officer=officer, at=NINE, reason=reason)

    agreed, refused = asked(county.wang), asked(county.company)
    with pytest.raises(NotAllowed):
        acted(county.sun, agreed, "approve")
    acted(county.chen, agreed, "approve")
    acted(county.chen, refused, "refuse", reason="用途不明。")

    assert exchange.take_open_key(agreed, actor=county.wang, at=NINE)
    (told,) = exchange.own_requests(made.name, actor=county.company)
    assert (told.state, told.reason) == ("refused", "用途不明。")


def test_a_release_decided_from_the_work_list_is_open_and_not_by_its_proposers_hand(county):
    made = proposed(county, HOMES_OPEN)
    both = replace(county.gu, username=county.li.username)
    with pytest.raises(exchange.DecidedByProposer):
        services.act_on_case(number=made.case, verb="approve", officer=both, at=NINE)
    with pytest.raises(NotAllowed):
        services.act_on_case(number=made.case, verb="approve", officer=county.sun, at=NINE)

    services.act_on_case(number=made.case, verb="approve", officer=county.gu, at=NINE)

    opened = exchange.open_release(made.name)
    assert (opened.decided_by, opened.file("csv").is_file()) == (county.gu.username, True)


def test_an_agreed_key_is_ended_by_its_organ_with_a_reason_and_refused_with_it(county):
    made = published(county, BANDS)
    number = exchange.request_release(
        made.name, purpose="研究人口结构", has_agreed=True, actor=county.wang, at=NINE
    ).number

    def end(officer, reason="用途不符。"):
        return exchange.end_open_request(number, reason=reason, officer=officer, at=NINE)

    with pytest.raises(exchange.ReleaseNotInState):
        end(county.chen)
    exchange.decide_open_request(number, agree=True, reason="", officer=county.chen, at=NINE)
    key = exchange.take_open_key(number, actor=county.wang, at=NINE)
    with pytest.raises(NotAllowed):
        end(county.sun)
    with pytest.raises(exchange.ReleaseMalformed) as refused:
        end(county.chen, reason=" ")
    assert list(refused.value.fields) == ["reason"]
    end(county.chen)

    with pytest.raises(exchange.OpenKeyRefused, match="用途不符"):
        exchange.admit_open_use(made, form="csv", key=key, at=NINE)
    (told,) = exchange.own_requests(made.name, actor=county.wang)
    assert (told.state, told.ended_reason) == ("ended", "用途不符。")
    with pytest.raises(exchange.ReleaseNotInState):
        exchange.take_open_key(number, actor=county.wang, at=NINE)


def test_the_duties_rank_what_is_wanted_and_say_why_the_rest_stays_closed(county):
    def of(table):
        return next(one for one in exchange.duties() if one.table == table)

    before = [one for one in exchange.duties() if one.terms != "none" and not one.released]
    last = before[-1]
    exchange.open_demand(
        table=last.table, columns=[column_of(last.table)], purpose="研究", basis="办法",
        officer=county.sun, at=NINE,
    )  # fmt: skip
    assert exchange.duties()[0].table == last.table, "the most wanted stands first"
    assert "个人信息保护法" in of("base.resident").clause
    assert "税收征收管理法" in of("base.taxpayer").clause
    assert (of("base.license").terms, of("base.license").clause) == ("none", ""), "none on file"
    published(county)
    assert of(HOMES).released and of(HOMES).clause == ""


def column_of(table):
    """A column that a modest demand may ask for."""
    return next(one.name for one in catalog.columns_of(table) if one.grade <= 3)


def test_feedback_is_shown_with_its_answer_and_a_re_use_once_it_was_looked_at(county):
    made = published(county)
    exchange.ask_about(made.name, text="床位数何时更新？", actor=county.wang, at=NINE)
    exchange.send_reuse(
        made.name, title="养老地图", text="标出床位", link="", actor=county.wang, at=NINE
    )
    exchange.rate_release(made.name, stars=5, actor=county.wang, at=NINE)
    exchange.rate_release(made.name, stars=4, actor=county.wang, at=NINE)

    assert exchange.questions_of(made.name) == [] and exchange.reuses_of(made.name) == []
    (waiting,) = exchange.questions_waiting(actor=county.li)
    assert exchange.questions_waiting(actor=county.sun) == []
    with pytest.raises(NotAllowed):
        exchange.answer_question(waiting.id, answer="每月", officer=county.sun, at=NINE)
    exchange.answer_question(waiting.id, answer="每月更新。", officer=county.li, at=NINE)
    (reuse,) = exchange.reuses_waiting(actor=county.gu)
    exchange.decide_reuse(reuse.id, agree=True, officer=county.gu, at=NINE)
    assert exchange.questions_of(made.name)[0].answer == "每月更新。"
    assert exchange.reuses_of(made.name)[0].title == "养老地图"
    assert exchange.liked(made.name).mean == 4
    with pytest.raises(exchange.ApplicantsOnly):
        exchange.rate_release(made.name, stars=1, actor=county.li, at=NINE)


def test_two_changes_never_share_an_instant(county):
    names = [published(county, name=f"homes-{n}").changed_at for n in range(3)]

    assert len(set(names)) == 3


def test_a_title_with_a_line_break_is_refused(county):
    with pytest.raises(exchange.ReleaseMalformed):
        proposed(county, replace(HOMES_OPEN, title="甲\r\nSet-Cookie: a=b"))
