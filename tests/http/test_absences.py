"""The page on which somebody who goes away names who does their work."""

from datetime import timedelta

import pytest
from cast import PASSWORD, make_cast
from django.test import Client

from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import local_date, system_clock

PAGE = "/office/absences/"


@pytest.fixture
def at(db):
    """A browser with the given account signed in; all of the cast handle cases."""
    make_cast({"tests.clerk": ("case.see", "case.handle")})
    Account.objects.update(password_set_at=system_clock())

    def browser(username):
        client = Client()
        given = {"username": username, "password": PASSWORD}
        assert client.post("/sign-in/", given).status_code == 302
        return client

    return browser


def leave(**changed):
    today = local_date(system_clock())
    days = {"first_on": today.isoformat(), "last_on": (today + timedelta(days=2)).isoformat()}
    return {"step": "name", "deputy": "zhao", "reason": "年休", **days, **changed}


def test_who_goes_away_names_a_colleague_and_both_see_it(at):
    li = at("li")
    assert li.post(PAGE, leave()).status_code == 302

    assert "赵静" in li.get(PAGE).content.decode()
    assert [one.name for one in identity.officer("zhao").stands_for] == ["李明"]
    zhao = at("zhao")
    assert "您正在代办" in zhao.get("/office/cases/").content.decode()
    own = zhao.get(PAGE).content.decode()
    assert "代办中" in own and "提前结束" not in own

    (known,) = identity.absences(officer=identity.officer("li"), at=system_clock())
    assert zhao.post(PAGE, {"step": "end", "absence": known.id}).status_code == 403
    assert li.post(PAGE, {"step": "end", "absence": known.id}).status_code == 302
    assert identity.officer("zhao").stands_for == ()


def test_a_stranger_a_resident_and_a_wrong_entry_are_refused(at):
    li = at("li")
    assert li.post(PAGE, leave(deputy="sun")).status_code == 422
    assert li.post(PAGE, leave(last_on="")).status_code == 422
    assert li.post(PAGE, {"step": "end", "absence": "x"}).status_code == 422
    assert li.post(PAGE, leave()).status_code == 302

    sun = at("sun")
    assert sun.post(PAGE, leave(username="li")).status_code == 403
    assert "李明" not in sun.get(PAGE).content.decode()
    (known,) = identity.absences(officer=identity.officer("li"), at=system_clock())
    assert sun.post(PAGE, {"step": "end", "absence": known.id}).status_code == 422
    assert at("wang").get(PAGE).status_code == 403
