"""Tasks and parties say of their incident what lists filter by, whatever becomes of it."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from cast import NINE
from specimens import JPEG
from workshop import DISPATCHER, GRID, OVERFLOW, RISING, SUN, VILLAGE, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, Party, StepTask

LATER = NINE + timedelta(minutes=5)
HANDLE = msgspec.structs.replace(RISING.steps["handle"], organ="town")
FLOW = msgspec.structs.replace(
    RISING, parties={"town": "所在街道"}, steps={**RISING.steps, "handle": HANDLE}
)
KIND = msgspec.structs.replace(OVERFLOW, parties={"town": "town-321323001"}, rises={"1": 3})
EVIDENCE = {"photo": casework.EvidenceFile("现场.jpg", JPEG), "reading_normal": "11.8"}


def seen(times: int = 1) -> str:
    for _ in range(times):
        told = casework.report_signal(
            kind="work.overflow",
            source="alert",
            summary="水位超限",
            object="gauge-1",
            division=VILLAGE,
            actor="sensing",
            at=NINE,
        )
    return told.number


def moved(number: str, *verbs: str) -> None:
    for verb in verbs:
        officer = GRID if verb == "handle" else DISPATCHER
        casework.act(
            number=number,
            verb=verb,
            officer=officer,
            at=LATER,
            reason="水位再次上涨" if verb == "reopen" else "",
            evidence=EVIDENCE if verb == "handle" else {},
        )


def said(number: str) -> set[tuple[bool, str, int]]:
    """What all tasks and parties of an incident say; one thing, if they agree."""
    row = Case.objects.get(number=number)
    assert Party.objects.filter(case=row).exists()
    return {
        values
        for rows in (StepTask.objects.filter(case=row), Party.objects.filter(case=row))
        for values in rows.values_list("is_ended", "kind", "grade")
    }


@pytest.fixture
def shared(db) -> None:
    casework.install(library(flows={"rising": FLOW}, incidents={"overflow": KIND}), at=NINE)


@pytest.mark.usefixtures("shared")
class TestListed:
    def test_an_end_and_another_beginning(self):
        number = seen()
        assert said(number) == {(False, "work.overflow", 2)}

        moved(number, "dispatch", "handle", "close")
        assert said(number) == {(True, "work.overflow", 2)}

        moved(number, "reopen")
        assert said(number) == {(False, "work.overflow", 2)}

    def test_a_grade_that_signals_or_a_dispatcher_change(self):
        number = seen(times=3)
        assert said(number) == {(False, "work.overflow", 1)}

        casework.regrade(number=number, grade=4, reason="已控制", officer=DISPATCHER, at=LATER)
        moved(number, "dispatch")
        assert said(number) == {(False, "work.overflow", 4)}

    @pytest.mark.parametrize("state", ["", "open", "ended"])
    def test_lists_and_counts_agree_and_a_stranger_s_are_empty(self, state):
        number = seen()
        moved(number, "dispatch", *(("handle", "close") if state == "ended" else ()))
        for grade in (0, 2, 3):
            asked = casework.AskedIncidents(state=state, grade=grade)
            for officer in (GRID, replace(GRID, roles=()), SUN):
                page = casework.incident_list(officer=officer, at=LATER, asked=asked)
                found = [one.number for one in page.lines]
                assert found == [number] * (officer is not SUN and grade != 3)
                assert casework.count_incidents(officer=officer, asked=asked) == len(found)


def test_what_is_no_incident_says_nothing(waiting_case):
    rows = StepTask.objects.filter(case__number=waiting_case)
    assert set(rows.values_list("is_ended", "kind", "grade")) == {(None, None, None)}
