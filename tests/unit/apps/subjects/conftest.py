"""A county with residents whose files can be read."""

import pytest
from county import County, settle


@pytest.fixture
def county(db) -> County:
    return settle()
