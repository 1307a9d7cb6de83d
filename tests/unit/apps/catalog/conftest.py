"""A county whose packs are in the catalogue."""

import pytest
from county import County, settle


@pytest.fixture
def county(db) -> County:
    return settle()
