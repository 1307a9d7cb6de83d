"""Every interface for machines says what it takes and answers."""

from yiwang.faces.api.describe import Operation
from yiwang.web.routes import patterns_of

PAGES = {"home", "docs", "problems"}


def test_every_address_under_api_is_described_or_is_a_page_about_them():
    silent = [
        str(pattern.pattern)
        for pattern in patterns_of("api")
        if pattern.name not in PAGES
        and not isinstance(getattr(pattern.callback, "operation", None), Operation)
    ]

    assert not silent
