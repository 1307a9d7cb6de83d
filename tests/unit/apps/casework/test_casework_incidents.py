"""An incident from its first signal to its rating."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE, WANG_NUMBER
from django.db import IntegrityError, transaction
from specimens import JPEG
from workshop import COUNTY, DISPATCHER, GRID, LI, SUN, VILLAGE

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, Signal
from yiwang.apps.identity.public import Applicant
from yiwang.kernel.errors import NotAllowed

WANG = Applicant(subject=WANG_NUMBER, kind="person", name="王秀英")
PHOTO = casework.EvidenceFile("现场.jpg", JPEG)


def report(minutes: int = 0, *, object: str = "gauge-1", lon: float = 118.70, actor="sensing"):  # noqa: A002
    return casework.report_signal(
        kind="work.overflow",
        source="alert",
        object=object,
        lon=lon,
        lat=33.70,
        division=VILLAGE,
        summary="水位 13.2 米",
        facts={"value": 13.2},
        actor=actor,
        at=NINE + timedelta(minutes=minutes),
    )


def handle(number: str, at):
    casework.act(number=number, verb="dispatch", officer=DISPATCHER, at=at)
    return casework.act(
        number=number,
        verb="handle",
        officer=GRID,
        at=at + timedelta(minutes=20),
        evidence={"photo": PHOTO, "reading_normal": "11.8"},
    )


@pytest.mark.usefixtures("installed")
class TestIncident:
    def test_an_alert_opens_one_incident_and_more_signals_join_it(self):
        first = report()
        again = report(5)

        assert (first.is_new, again.is_new) == (True, False)
        assert again.number == first.number
        assert again.merged_signals == 2
        assert Signal.objects.count() == 2, "no signal is lost"

    def test_a_citizen_beside_the_gauge_reports_the_same_incident(self):
        known = report()
        seen = report(30, object="", lon=118.701, actor=WANG)

        assert seen.number == known.number
        assert seen.case.moves == ()

    def test_another_gauge_is_another_incident(self):
        assert report().number != report(object="gauge-2").number

    def test_after_it_is_closed_the_next_alert_opens_a_new_one(self):
        number = report().number
        handle(number, NINE)
        casework.act(number=number, verb="close", officer=DISPATCHER, at=NINE + timedelta(hours=1))

        assert report(120).is_new

    def test_it_is_dispatched_handled_with_evidence_checked_closed_and_rated(self):
        number = report().number
        handled = handle(number, NINE)
        assert handled.step == "check"
        closed = casework.act(
            number=number, verb="close", officer=DISPATCHER, at=NINE + timedelta(hours=1)
        )
        assert (closed.state, closed.step_title) == ("ended", "已结案")

        (line,) = [one for one in casework.trail(number, actor=DISPATCHER) if one.verb == "handle"]
        photo, reading = line.evidence
        assert casework.content_of(photo.digest) == JPEG
        assert reading.text == "11.8"

        colleague = replace(DISPATCHER, username="he")
        casework.rate(
            number=number, score=5, comment="及时", actor=colleague, at=NINE + timedelta(hours=2)
        )
        assert casework.incident(number, actor=DISPATCHER, at=NINE).case.rating == 5
        with pytest.raises(casework.AlreadyRated):
            casework.rate(number=number, score=1, comment="", actor=colleague, at=NINE)

    def test_who_handled_it_cannot_rate_it(self):
        number = report().number
        handle(number, NINE)
        casework.act(number=number, verb="close", officer=DISPATCHER, at=NINE + timedelta(hours=1))

        with pytest.raises(NotAllowed, match="经办人"):
            casework.rate(number=number, score=5, comment="", actor=GRID, at=NINE)

    def test_it_cannot_be_handled_without_a_photo(self):
        number = report().number
        casework.act(number=number, verb="dispatch", officer=DISPATCHER, at=NINE)

        with pytest.raises(casework.EvidenceMissing, match="照片"):
            casework.act(
                number=number,
                verb="handle",
                officer=GRID,
                at=NINE,
                evidence={"reading_normal": "11.8"},
            )
        with pytest.raises(casework.FileRefused):
            casework.act(
                number=number,
                verb="handle",
                officer=GRID,
                at=NINE,
                evidence={
                    "photo": casework.EvidenceFile("x.jpg", b"<html>"),
                    "reading_normal": "1",
                },
            )

    def test_a_closed_incident_reopens_with_its_reason_and_new_clocks(self):
        number = report().number
        handle(number, NINE)
        casework.act(number=number, verb="close", officer=DISPATCHER, at=NINE + timedelta(hours=1))
        later = NINE + timedelta(hours=5)

        view = casework.act(
            number=number, verb="reopen", officer=DISPATCHER, at=later, reason="水位再次上涨"
        )

        assert (view.state, view.step) == ("open", "check")
        assert view.due_at == later + timedelta(hours=4)

    @pytest.mark.parametrize("stranger", [SUN, LI])
    def test_a_stranger_sees_no_incident_and_changes_none(self, stranger):
        number = report().number

        assert casework.incidents(actor=stranger, at=NINE) == []
        with pytest.raises(NotAllowed):
            casework.incident(number, actor=stranger, at=NINE)
        with pytest.raises(NotAllowed):
            casework.act(number=number, verb="dispatch", officer=stranger, at=NINE)
        assert Case.objects.get().version == 1

    def test_the_dispatcher_and_the_grid_worker_each_have_it_on_their_list(self):
        number = report().number
        assert [one.number for one in casework.cases_waiting(officer=DISPATCHER, at=NINE)] == [
            number
        ]
        casework.act(number=number, verb="dispatch", officer=DISPATCHER, at=NINE)
        assert [one.number for one in casework.cases_waiting(officer=GRID, at=NINE)] == [number]
        assert [one.number for one in casework.incidents(actor=GRID, at=NINE)] == [number]

    def test_the_database_admits_one_open_incident_per_kind_and_object(self):
        row = Case.objects.get(number=report().number)
        row.pk, row.number = None, "SY-second"

        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)

    def test_a_place_with_half_its_coordinates_is_refused(self):
        with pytest.raises(casework.PlaceIncomplete):
            report(lon=None)

    def test_a_watcher_sees_every_incident_of_the_divisions_and_of_no_others(self):
        number = report().number
        watching = replace(SUN, roles=(), rights=frozenset({"incident.watch"}))
        leader = replace(watching, divisions=(COUNTY,))
        elsewhere = replace(watching, divisions=("321324000000",))

        assert [one.number for one in casework.incidents(actor=leader, at=NINE)] == [number]
        assert casework.incidents(actor=elsewhere, at=NINE) == []
        with pytest.raises(casework.CaseNotYours):
            casework.case(number, actor=elsewhere, at=NINE)
