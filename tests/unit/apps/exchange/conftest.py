"""A county with its packs, a lake, and a grant in force with a key."""

import pytest
from cast import NINE
from county import County, granted, settle

from yiwang.apps.exchange import answering
from yiwang.apps.exchange import public as exchange


@pytest.fixture(autouse=True)
def _no_calls_yet(monkeypatch) -> None:
    """Each test is a second of its own: grants of different tests bear the same numbers."""
    monkeypatch.setattr(answering, "_rates", answering.Rates())


@pytest.fixture
def county(db) -> County:
    return settle()


@pytest.fixture
def grant(county) -> exchange.GrantView:
    return granted(county)


@pytest.fixture
def key(county, grant) -> str:
    return exchange.issue_key(grant.number, officer=county.li, at=NINE)
