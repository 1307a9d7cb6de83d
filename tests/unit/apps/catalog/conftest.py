"""A county whose packs are in the catalogue."""

import feed_home
import pytest
from county import County, settle

from yiwang.apps.catalog import public as catalog


@pytest.fixture
def county(db) -> County:
    return settle()


@pytest.fixture
def feeding(db, tmp_path, settings):
    """The county with a lake and sources of this test's own."""
    found = settle()
    settings.HOME = tmp_path
    feed_home.bind()
    yield found
    catalog.lake().close()
