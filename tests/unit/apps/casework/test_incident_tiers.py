"""Tiers, help, more time, silence: what a step may do beside its moves."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from workshop import COUNTY, DISPATCHER, LI, PLACE, SUN, TOWN, VILLAGE, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.actions.finding import NoTierAbove
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit import Library
from yiwang.packkit.kinds.incidents import Incident
from yiwang.packkit.kinds.pack import Organ
from yiwang.packkit.kinds.work import Extension, Flow, Follow, Move, Step

MINUTE = timedelta(minutes=1)
TOWN_ORGAN = "town-321323001"
TIERED = Flow(
    title="逐级处置",
    profile="incident",
    start="handle",
    limit="8h",
    merged="joined",
    steps={
        "handle": Step(
            title="处置",
            role="work.dispatcher",
            limit="2h",
            may=("assist", "escalate", "transfer"),
            unattended="10m",
            extension=Extension(most="1h", role="work.checker"),
            moves=(Move(verb="handle", to="closed"),),
        ),
    },
    ends={"closed": "已结案", "joined": "已并入"},
)
SILENT = Flow(
    title="逾期视为同意",
    start="answer",
    limit="3h",
    steps={
        "answer": Step(
            title="答复",
            role="work.checker",
            limit="1h",
            late="confirm",
            moves=(Move(verb="confirm", to="closed"),),
        )
    },
    ends={"closed": "已同意"},
    follows={"closed": Follow(flow="work.watch", organ=OFFICE, title="事后监管")},
)
WATCH = Flow(
    title="监管",
    start="look",
    limit="3d",
    steps={
        "look": Step(
            title="检查",
            role="work.checker",
            limit="2d",
            moves=(Move(verb="check", to="done"),),
        )
    },
    ends={"done": "已检查"},
)
KIND = Incident(
    title="井盖缺失",
    flow="work.tiered",
    grade=3,
    rises={"2": 3},
    merge_within="2h",
    merge_metres=50,
    organ=TOWN_ORGAN,
)
TOWN_DUTY = replace(DISPATCHER, username="town", organ=TOWN_ORGAN, divisions=(TOWN,))
WATCHER = replace(DISPATCHER, rights=DISPATCHER.rights | {"incident.watch"})
POST = casework.Post("work.checker", OFFICE, "")


@pytest.fixture
def tiers(db) -> None:
    posts = {"值班": ("work.dispatcher",)}
    organs = {**PLACE.organs, TOWN_ORGAN: Organ(title="众兴街道", division=TOWN, roles=posts)}
    flows = {"tiered": TIERED, "silent": SILENT, "watch": WATCH}
    made = library(flows=flows, incidents={"cover": KIND})
    place = msgspec.structs.replace(PLACE, organs=organs)
    casework.install(Library("siyang", place, made.packs), at=NINE)


def seen(minutes: int = 0, *, lon: float = 118.70, object: str = "", origin=None):  # noqa: A002
    at = NINE + minutes * MINUTE
    return casework.report_signal(
        kind="work.cover", source="hotline", object=object, lon=lon, lat=33.70,
        division=VILLAGE, summary="井盖缺失", facts={}, actor="hotline", at=at, origin=origin,
    )  # fmt: skip


def task_of(number: str) -> casework.CaseTask:
    return casework.incident(number, actor=WATCHER, at=NINE).case.tasks[-1]


@pytest.mark.usefixtures("tiers")
class TestTiers:
    def test_what_one_tier_cannot_do_goes_to_the_same_role_one_tier_up(self):
        number = seen().number
        casework.act(number=number, verb="escalate", officer=TOWN_DUTY, at=NINE, reason="需县级")

        assert task_of(number).organ == "command-center"
        with pytest.raises(NoTierAbove):
            casework.act(number=number, verb="escalate", officer=DISPATCHER, at=NINE, reason="再上")
        assert casework.act(number=number, verb="handle", officer=DISPATCHER, at=NINE).step

    def test_an_inbox_that_nobody_attends_goes_up_by_itself_once(self):
        number = seen().number
        early = casework.act_on_late(NINE + 9 * MINUTE)
        late = casework.act_on_late(NINE + 10 * MINUTE)
        again = casework.act_on_late(NINE + 10 * MINUTE)

        assert [one.counts["逐级上报"] for one in (early, late, again)] == [0, 1, 0]
        assert task_of(number).organ == "command-center"
        top = casework.act_on_late(NINE + 60 * MINUTE)
        assert top.counts["逐级上报"] == 0, "nobody is above"

    def test_a_task_that_was_taken_stays(self):
        number = seen().number
        casework.act(number=number, verb="claim", officer=TOWN_DUTY, at=NINE)

        assert casework.act_on_late(NINE + 60 * MINUTE).counts["逐级上报"] == 0
        assert task_of(number).officer == "town"

    def test_help_is_asked_for_without_waiting_for_it(self):
        number = seen().number
        casework.act(
            number=number, verb="assist", officer=TOWN_DUTY, at=NINE, post=POST, reason="请协助"
        )

        assert [one.is_held for one in casework.incident(
            number, actor=WATCHER, at=NINE
        ).case.tasks] == [False, False]  # fmt: skip
        casework.act(number=number, verb="confirm", officer=LI, at=NINE, reason="已到场协助")
        ended = casework.act(number=number, verb="handle", officer=TOWN_DUTY, at=NINE)
        assert ended.state == "ended"

    def test_more_time_is_agreed_to_by_another_and_moves_both_clocks(self):
        number = seen().number
        before = casework.clock_of(number, actor=WATCHER, at=NINE)
        casework.act(number=number, verb="extend", officer=TOWN_DUTY, at=NINE, reason="等吊车")
        view = casework.act(number=number, verb="confirm", officer=LI, at=NINE)

        assert view.step_due_at == NINE + timedelta(hours=3)
        assert view.due_at == NINE + timedelta(hours=9)
        assert before is not None
        with pytest.raises(casework.MoveNotOpen):
            casework.act(number=number, verb="extend", officer=TOWN_DUTY, at=NINE, reason="再等等")

    def test_silence_counts_as_what_the_flow_says_and_the_next_matter_begins(self):
        view = casework.open_case(
            flow="work.silent", subject=WANG_NUMBER, title="备案", organ=OFFICE,
            division=COUNTY, facts={}, actor="services", at=NINE,
        )  # fmt: skip
        told = casework.act_on_late(NINE + timedelta(hours=2))

        assert told.counts["逾期视为"] == 1
        assert casework.case(view.number, actor=LI, at=NINE).state == "ended"
        (link,) = casework.links_of(view.number, actor=LI)
        assert (link.relation, link.title) == ("审管联动", "事后监管：备案")


@pytest.mark.usefixtures("tiers")
class TestJoining:
    def test_two_incidents_are_merged_and_taken_apart_and_no_signal_is_lost(self):
        first, second = seen().number, seen(lon=118.80, object="cover-7").number
        casework.merge_incidents(
            number=second, into=first, reason="同一处", officer=TOWN_DUTY, at=NINE
        )

        assert casework.case(second, actor=WATCHER, at=NINE).step_title == "已并入"
        assert len(casework.signals_of(first, actor=WATCHER)) == 2
        assert seen(5, lon=118.80, object="cover-7").number == first, "its alarms join too"

        casework.unmerge_incident(
            number=second, reason="不是一处", officer=TOWN_DUTY, at=NINE + 6 * MINUTE
        )
        assert len(casework.signals_of(second, actor=WATCHER)) == 1
        assert casework.incident(first, actor=WATCHER, at=NINE).merged_signals == 2

    def test_signals_about_something_else_are_split_off(self):
        number = seen().number
        seen(1)
        one, _ = casework.signals_of(number, actor=TOWN_DUTY)
        new = casework.split_signals(
            number=number, signals=[one.id], reason="另一处", officer=TOWN_DUTY, at=NINE + MINUTE
        )

        assert casework.incident(new, actor=WATCHER, at=NINE).merged_signals == 1
        with pytest.raises(casework.SignalsNotSplit):
            casework.split_signals(
                number=number, signals=[one.id], reason="再拆", officer=TOWN_DUTY, at=NINE + MINUTE
            )

    def test_many_signals_make_it_graver_and_a_dispatcher_may_say_otherwise(self):
        number = [seen(n).number for n in range(3)][-1]
        assert casework.incident(number, actor=WATCHER, at=NINE).grade == 2

        casework.regrade(
            number=number, grade=4, reason="已围挡", officer=TOWN_DUTY, at=NINE + 3 * MINUTE
        )
        assert casework.incident(number, actor=WATCHER, at=NINE).grade == 4
        view = casework.act(number=number, verb="handle", officer=TOWN_DUTY, at=NINE + 4 * MINUTE)
        assert view.state == "ended", "the history replays with the notes in it"

    def test_the_same_report_sent_twice_is_one_signal(self):
        assert seen(origin="T-1").number == seen(1, origin="T-1").number
        assert len(casework.signals_of(seen(2).number, actor=WATCHER)) == 2

    @pytest.mark.parametrize("stranger", [SUN, LI])
    def test_a_stranger_merges_splits_grades_and_calls_nothing(self, stranger):
        first, second = seen().number, seen(lon=118.80).number
        for attempt in (
            lambda: casework.merge_incidents(
                number=second, into=first, reason="x", officer=stranger, at=NINE
            ),
            lambda: casework.regrade(
                number=first, grade=1, reason="x", officer=stranger, at=NINE
            ),
            lambda: casework.split_signals(
                number=first, signals=[1], reason="x", officer=stranger, at=NINE
            ),
            lambda: casework.call_back(
                number=first, is_reached=True, is_satisfied=True, text="", officer=stranger, at=NINE
            ),
            lambda: casework.signals_of(first, actor=stranger),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                attempt()


@pytest.mark.usefixtures("tiers")
class TestLists:
    def test_a_list_is_read_page_by_page_by_who_may_see_it(self):
        watcher = replace(WATCHER, organ="data-bureau", rights=frozenset({"incident.watch"}))
        numbers = [seen(lon=118.0 + n / 100).number for n in range(5)]
        asked = casework.AskedIncidents(state="open")

        for officer in (watcher, TOWN_DUTY):
            first = casework.incident_list(officer=officer, at=NINE, asked=asked, limit=3)
            rest = casework.incident_list(
                officer=officer, at=NINE, asked=asked, after=first.next, limit=3
            )
            found = [one.number for one in (*first.lines, *rest.lines)]
            assert found == numbers[::-1]
            assert rest.next == ""
        assert not casework.incident_list(officer=SUN, at=NINE, asked=asked).lines
        (by_number,) = casework.incident_list(
            officer=watcher, at=NINE, asked=casework.AskedIncidents(query=numbers[0])
        ).lines
        assert by_number.number == numbers[0]

    def test_the_map_groups_what_lies_close_and_follows_every_move(self):
        box = casework.Box(110.0, 30.0, 125.0, 40.0, 6.0)
        number = seen().number
        seen(lon=119.9)
        asked = casework.AskedIncidents(state="open")

        part = casework.incident_map(officer=WATCHER, at=NINE, asked=asked, box=box)
        assert {one.number for one in part.points} >= {number}
        casework.act(number=number, verb="handle", officer=TOWN_DUTY, at=NINE)
        left = casework.incident_map(officer=WATCHER, at=NINE, asked=asked, box=box)
        assert len(left.points) == 1
        assert not casework.incident_map(officer=SUN, at=NINE, asked=asked, box=box).points
