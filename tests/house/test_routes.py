"""Every address names the right it needs, and every right is one that somebody defines."""

import re
from importlib import import_module

import pytest
import source
from django.urls import URLPattern, URLResolver, get_resolver

CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def _patterns(resolver, prefix="", space=""):
    for entry in resolver.url_patterns:
        address = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            within = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _patterns(entry, address, within)
        elif isinstance(entry, URLPattern):
            yield address, entry, f"{space}{entry.name or ''}"


PATTERNS = list(_patterns(get_resolver("yiwang.boot.urls")))


@pytest.fixture(scope="module")
def rights():
    doors = [import_module(f"yiwang.apps.{app}.public") for app in source.APPS]
    return {right: title for door in doors for right, title in getattr(door, "RIGHTS", {}).items()}


def test_every_address_declares_a_right_that_exists(rights):
    known = {*rights, "public", "signed_in", "officer"}
    wrong = [
        f"{address}: {getattr(entry.callback, 'right', 'no right')}"
        for address, entry, _ in PATTERNS
        if getattr(entry.callback, "right", None) not in known
    ]
    assert not wrong


def test_every_address_has_a_name_of_its_own():
    names = [name for _, _, name in PATTERNS]
    assert not [address for address, entry, _ in PATTERNS if not entry.name]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


def test_every_right_is_a_code_with_a_chinese_title(rights):
    for right, title in rights.items():
        assert CODE.fullmatch(right), right
        assert title and not title.isascii(), right


def test_a_page_stands_under_a_page_of_the_navigation_of_its_face():
    menus = {name for _, entry, name in PATTERNS if getattr(entry.callback, "menu", "")}
    led_to = {
        f"{name.partition(':')[0]}:{entry.callback.under}"
        for _, entry, name in PATTERNS
        if getattr(entry.callback, "under", "")
    }
    assert led_to <= menus
