"""A county with its packs, a lake, and a grant in force with a key."""

import pytest
from cast import NINE
from county import County, granted

from yiwang.apps.exchange import public as exchange


@pytest.fixture
def county(settled_county, db) -> County:
    return settled_county


@pytest.fixture
def grant(county) -> exchange.GrantView:
    return granted(county)


@pytest.fixture
def key(county, grant) -> str:
    return exchange.issue_key(grant.number, officer=county.li, at=NINE)
