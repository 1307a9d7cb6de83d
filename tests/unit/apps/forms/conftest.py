"""A county whose reports are installed."""

import pytest
import reporting_county


@pytest.fixture(scope="module")
def installed(django_db_setup, django_db_blocker, tmp_path_factory):
    """Installed once for all tests of a module; each test's own changes are undone."""
    with (
        django_db_blocker.unblock(),
        reporting_county.reporting_county(tmp_path_factory.mktemp("home")) as packs,
    ):
        yield packs
