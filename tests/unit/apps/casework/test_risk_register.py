"""The register of risks of pack ``risk_control``: graded, owned, up for review by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE
from django.conf import settings
from workshop import COUNTY, DISPATCHER

from yiwang.apps.casework import public as casework
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit import Library

STEWARD = replace(
    DISPATCHER,
    username="steward",
    roles=("risk_control.steward",),
    rights=DISPATCHER.rights | {"incident.watch"},
)
OWNER = replace(STEWARD, username="owner", organ="public-security", roles=("grid.unit_officer",))
STRANGER = replace(
    STEWARD,
    username="stranger",
    organ="market",
    roles=("risk_control.steward", "grid.unit_officer"),
)
"""Holds every role of the flow, in another organ."""


@pytest.fixture
def risk(db) -> str:
    """The number of a risk that has just been reported."""
    casework.install(Library.read(settings.PACKS, "siyang"), at=NINE)
    view = casework.report_signal(
        kind="risk_control.dispute_risk", source="网格走访", summary="老街占道整治引发纠纷的风险",
        division=COUNTY, lon=118.6622, lat=33.7362, actor="grid", at=NINE,
    )  # fmt: skip
    return view.number


def _step(number: str) -> str:
    return casework.incident(number, actor=STEWARD, at=NINE).case.step


def _managed(number: str, to: str) -> None:
    casework.act(
        number=number, verb="dispatch", to=to, officer=STEWARD, at=NINE,
        evidence={"measures": "每周走访"},
    )  # fmt: skip


def test_a_risk_comes_up_for_review_by_itself_when_its_time_has_come(risk):
    _managed(risk, "major")
    casework.act_on_late(NINE + timedelta(days=29))
    assert _step(risk) == "major"

    casework.act_on_late(NINE + timedelta(days=30, minutes=1))
    assert _step(risk) == "review"

    later = NINE + timedelta(days=31)
    casework.act(
        number=risk, verb="confirm", to="general", officer=OWNER, at=later,
        evidence={"finding": "摊位已搬入市场，仍有两户有意见"},
    )  # fmt: skip
    casework.act_on_late(later + timedelta(days=80))
    assert _step(risk) == "general"


def test_a_stranger_grades_manages_and_strikes_no_risk(risk):
    for verb, to in (("dispatch", "major"), ("deny", "void")):
        with pytest.raises(NotAllowed):
            casework.act(
                number=risk,
                verb=verb,
                to=to,
                officer=STRANGER,
                at=NINE,
                evidence={"measures": "无"},
            )
    _managed(risk, "major")
    with pytest.raises(NotAllowed):
        casework.act(number=risk, verb="check", officer=STRANGER, at=NINE)
    assert _step(risk) == "major"
