"""What is reported to the packs of safety comes to those who answer for it, and to nobody else."""

import pytest
from cast import NINE
from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.current import current_library

POSTS = {
    "emergency": ("emergency", "应急经办"),
    "building": ("housing", "建设监管员"),
    "stranger": ("market", "事件经办"),
}


@pytest.fixture
def officers(db) -> dict[str, identity.Officer]:
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.install(library, at=NINE)
    identity.register_divisions(library.divisions)
    casework.install(library, at=NINE)
    for name, (organ, post) in POSTS.items():
        identity.create_account(
            username=name,
            name=name,
            password="Tests-only-2026",
            organ=organ,
            posts=[post],
            at=NINE,
        )
    return {name: identity.officer(name, at=NINE) for name in POSTS}


def reported(kind: str) -> str:
    (told,) = casework.report_signals(
        signals=[casework.NewSignal(kind=kind, source="值班", summary="险情", lon=118.7, lat=33.7)],
        actor="demo",
        at=NINE,
    )
    return told.number


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        ("safe_production.hazard", "emergency"),
        ("fire_safety.facility_fault", "emergency"),
        ("construction_safety.hazard", "building"),
    ],
)
def test_it_comes_to_its_own_organ_and_a_stranger_neither_sees_nor_moves_it(officers, kind, owner):
    number = reported(kind)
    move = {"number": number, "verb": "deny", "at": NINE, "evidence": {"reason": "查无此事"}}

    with pytest.raises(NotAllowed):
        casework.incident(number, actor=officers["stranger"], at=NINE)
    with pytest.raises(NotAllowed):
        casework.act(officer=officers["stranger"], **move)
    casework.act(officer=officers[owner], **move)

    assert casework.incident(number, actor=officers[owner], at=NINE).case.state == "ended"


def test_a_weather_warning_is_one_incident_however_many_send_it(officers):
    first = reported("natural_disaster.weather_warning")

    assert reported("natural_disaster.weather_warning") == first
