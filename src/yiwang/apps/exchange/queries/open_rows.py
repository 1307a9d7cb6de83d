"""Rows of open releases: searched in the copy of the version in force, nowhere else."""

from yiwang.apps.exchange.open_folders import store
from yiwang.apps.exchange.queries.releases import ReleaseView
from yiwang.lake import Search
from yiwang.lake.openstore import Found


def open_rows(release: ReleaseView, search: Search) -> Found:
    """The rows of ``release`` that ``search`` asks for; names outside the release are refused."""
    return store.search(release.file("sqlite"), search)
