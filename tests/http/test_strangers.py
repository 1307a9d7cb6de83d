"""The stranger is tried at every address that needs a right: an officer without posts' rights,
a citizen, and nobody; by reading and by posting."""

import re

import pytest
from cast import NINE, OTHER_OFFICE, PASSWORD
from county import settle
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.boot.access import all_rights
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import OFFICER, PUBLIC, SIGNED_IN

pytestmark = pytest.mark.django_db

BEHIND_NO_PAGE = {
    # checked where it is acted on, with the test that tries the stranger there
    "subjects.reconcile": "tests/unit/apps/subjects/test_conflicts.py",
    "subjects.link": "tests/unit/apps/subjects/test_conflicts.py",
    "boards.take": "nothing asks for it yet: values are taken by the worker and the demo",
    "case.open": "tests/unit/apps/casework/test_casework_cases.py",
    "case.see": "tests/unit/apps/casework/test_casework_cases.py",
    "catalog.watch": "tests/unit/apps/catalog/test_catalog.py",
    "credentials.issue": "tests/unit/apps/credentials/test_licenses.py",
    "exchange.watch": "tests/unit/apps/exchange/test_sharing.py",
    "identity.absence.manage": "tests/unit/apps/casework/test_casework_absence.py",
    "identity.account.unlock": "tests/http/test_signing.py",
    "identity.explain": "tests/http/test_signing.py",
    "identity.organ.manage": "nothing asks for it yet: organs come with the place",
    "identity.post.assign": "tests/unit/identity/test_access.py",
    "incident.watch": "tests/unit/apps/casework/test_casework_incidents.py",
    "journal.export": "nothing asks for it yet: exported on the machine by `yiwang journal export`",
    "catalog.bulletin": "tests/unit/apps/catalog/test_loads.py",
    "catalog.collect": "tests/unit/apps/catalog/test_loads.py",
    "catalog.return": "tests/unit/apps/catalog/test_loads.py",
    "boards.appeal": "tests/http/test_assessments.py",
    "rating.watch": "tests/unit/apps/casework/test_casework_ratings.py",
    "boards.supervise": "tests/unit/apps/boards/test_plans.py",
    "catalog.check": "tests/unit/apps/catalog/test_lists.py",
    "catalog.publish": "tests/unit/apps/catalog/test_lists.py",
    "catalog.scan": "tests/unit/apps/catalog/test_scans.py",
    "jobs.stop": "tests/http/test_jobs.py",
    "services.publish": "tests/unit/apps/services/test_library.py",
    "subjects.see_clear": "tests/unit/apps/subjects/test_files.py",
}


def _guarded(resolver, prefix="/"):
    """Address and right of every page that needs a right."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _guarded(entry, f"{prefix}{entry.pattern}")
        elif isinstance(entry, URLPattern):
            right = getattr(entry.callback, "right", None)
            if right not in (None, PUBLIC, SIGNED_IN, OFFICER):
                address = f"{prefix}{entry.pattern}"
                yield re.sub(r"<[^>]+>", "1", address), right


GUARDED = list(_guarded(get_resolver("yiwang.boot.urls")))


@pytest.fixture
def strangers():
    """Signed-in browsers of an officer without a post and of a citizen."""
    settle()
    identity.create_account(
        username="stranger", name="郑无岗", password=PASSWORD, at=NINE, organ=OTHER_OFFICE
    )
    Account.objects.update(password_set_at=system_clock())
    browsers = []
    for username in ("stranger", "wang"):
        browser = Client()
        given = {"username": username, "password": PASSWORD}
        assert browser.post("/sign-in/", given).status_code == 302
        browsers.append(browser)
    return browsers


def test_no_page_with_a_right_opens_for_a_stranger(strangers):
    opened = [
        f"{method} {address} ({right}): {answer.status_code}"
        for address, right in GUARDED
        for browser in strangers
        for method in ("get", "post")
        if (answer := getattr(browser, method)(address)).status_code != 403
    ]
    assert not opened


def test_no_page_with_a_right_opens_for_nobody():
    opened = [
        address
        for address, _ in GUARDED
        if Client().get(address).status_code not in (302, 401)
        or Client().post(address).status_code != 401
    ]
    assert not opened


def test_a_page_of_every_officer_is_no_page_of_a_citizen(strangers):
    officer, citizen = strangers
    assert officer.get("/office/todo/").status_code == 200
    assert citizen.get("/office/todo/").status_code == 403
    assert "/office/todo/" not in citizen.get("/office/").content.decode()


def test_the_refusal_names_the_right_and_what_to_do(strangers):
    page = strangers[0].get("/steward/datasets/").content.decode()
    assert "没有权利" in page
    assert "权限说明" in page


def test_every_right_is_tried_by_a_stranger_somewhere(repository):
    tried = {right for _, right in GUARDED}
    assert set(all_rights()) - tried <= BEHIND_NO_PAGE.keys()
    for place in BEHIND_NO_PAGE.values():
        assert not place.startswith("tests/") or (repository / place).is_file()
