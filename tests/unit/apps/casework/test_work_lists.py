"""Work-lists: each filter shows what it says, in pages, from indexes alone, and no stranger's."""

from datetime import datetime, timedelta

import pytest
from cast import NINE, OFFICE
from django.db import connection
from django.test.utils import CaptureQueriesContext
from workshop import CLERK, LI, OTHER_CLERK, OTHER_VILLAGE, SUN, VILLAGE

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import StepTask

AT = NINE + timedelta(hours=1)
ASKS = (
    {"light": "red"},
    {"light": "yellow"},
    {"light": "green"},
    {"flow": "work.confirmation"},
    {"step": "village"},
    {"division": VILLAGE},
    {"division": "321323001000"},
    {"query": "person-3"},
    {"query": "确认 4"},
    {"state": "ended"},
    {},
)


@pytest.fixture
def eight(installed) -> list[str]:
    """Seven cases of VILLAGE, one red, two yellow, and one of another village."""
    numbers = casework.open_cases(
        flow="work.confirmation",
        cases=[
            casework.NewCase(
                subject=f"person-{n}",
                title=f"确认 {n}",
                organ=OFFICE,
                division=OTHER_VILLAGE if n == 7 else VILLAGE,
            )
            for n in range(8)
        ],
        actor="services",
        at=NINE,
    )
    for n, (due, warn) in enumerate(
        [(AT, AT)] + [(AT + timedelta(days=1), NINE)] * 2 + [(AT + timedelta(days=9), AT)] * 4
    ):
        StepTask.objects.filter(case__number=numbers[n]).update(
            soonest_due_at=due - timedelta(minutes=1), warn_at=warn + timedelta(minutes=n)
        )
    return numbers


def listed(lister, officer, *, at: datetime = AT, **ask: str) -> list[int]:
    """Which of the eight are shown, read in pages of two."""
    found, after = [], ""
    while True:
        page = lister(officer=officer, at=at, asked=casework.Asked(**ask), after=after, limit=2)
        found += [int(line.title.split()[1]) for line in page.lines]
        if not (after := page.next):
            return found


def test_each_filter_of_the_work_list_shows_what_it_says(eight):
    def of(**ask):
        return listed(casework.work_list, CLERK, **ask)

    assert of() == [0, 1, 2, 3, 4, 5, 6]
    assert of(light="red") == [0]
    assert of(light="yellow") == [1, 2]
    assert of(light="green") == [3, 4, 5, 6]
    assert of(query="person-3") == [3]
    assert of(query=eight[4]) == [4]
    assert of(query="确认 4") == [4]
    assert of(query="确认", light="yellow") == [1, 2]
    assert of(step="check") == of(division=OTHER_VILLAGE) == of(query="没有") == []
    assert of(division="321323001000") == of(step="village") == of()
    assert listed(casework.work_list, OTHER_CLERK) == [7]


def test_the_list_of_all_cases_is_the_organ_s_newest_first(eight):
    def of(**ask):
        return listed(casework.case_list, LI, **ask)

    assert of() == of(flow="work.confirmation") == of(state="open") == [7, 6, 5, 4, 3, 2, 1, 0]
    assert of(division="321323001000") == of(division=VILLAGE) == [6, 5, 4, 3, 2, 1, 0]
    assert of(query="person-3") == [3]
    assert of(query="确认 4") == [4]
    assert of(query="确认") == of()
    assert of(state="ended") == of(flow="work.rising") == []


def test_the_counts_above_the_list_are_those_of_its_lights(eight):
    counts = casework.count_waiting(officer=CLERK, at=AT)

    assert (counts.total, counts.yellow, counts.red) == (7, 2, 1)
    assert counts.flows == {"work.confirmation": ("高龄津贴村级确认", 7)}


def test_the_stranger_s_lists_are_empty_whatever_is_asked(eight):
    for ask in ASKS:
        assert listed(casework.work_list, SUN, **ask) == []
        assert listed(casework.case_list, SUN, **ask) == []
    assert casework.count_waiting(officer=SUN, at=AT).total == 0


def test_no_page_of_a_list_sorts_what_it_lists(eight):
    if connection.vendor != "sqlite":
        pytest.skip("the plan of PostgreSQL follows its statistics, of eight rows")
    with CaptureQueriesContext(connection) as queries:
        for ask in ASKS:
            listed(casework.work_list, CLERK, **ask)
            listed(casework.case_list, LI, **ask)

    asked = [one["sql"] for one in queries if "ORDER BY" in one["sql"] and "LIMIT" in one["sql"]]
    asked = [sql for sql in asked if '."id" IN (' not in sql]  # a few that a word named
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall()]
            assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step], (sql, plan)
    assert len(asked) > 40
