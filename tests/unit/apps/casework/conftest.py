"""Casework with the test pack installed."""

import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from workshop import VILLAGE, library

from yiwang.apps.casework import public as casework


@pytest.fixture
def installed(db) -> None:
    casework.install(library(), at=NINE)


@pytest.fixture
def waiting_case(installed) -> str:
    """The number of a case that waits for the clerk of VILLAGE."""
    view = casework.open_case(
        flow="work.confirmation",
        subject=WANG_NUMBER,
        title="高龄津贴确认",
        organ=OFFICE,
        division=VILLAGE,
        facts={"amount": "50.00"},
        actor="services",
        at=NINE,
    )
    return view.number
