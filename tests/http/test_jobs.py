"""The pages of jobs: who sees which, the piece that draws itself anew, stop and again."""

import pytest
from cast import NINE, PASSWORD, make_cast
from django.test import Client

from yiwang.apps.identity.models import Account
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(db):
    make_cast({"tests.steward": ("jobs.see", "jobs.stop"), "tests.clerk": ("case.see",)})
    Account.objects.update(password_set_at=system_clock())

    def browser(username):
        client = Client()
        client.post("/sign-in/", {"username": username, "password": PASSWORD})
        return client

    return browser


def ask(by="wang"):
    jobs.register(kinds=[jobs.Kind("tests.page", "试验", lambda work: work.say(1, 2, "一半"))])
    return jobs.ask("tests.page", about="对象甲", by=by, at=NINE)


def test_whoever_may_see_all_sees_the_job_its_timetable_and_stops_it(at):
    number, li = ask(), at("li")

    page = li.get("/office/jobs/").content.decode()
    assert "对象甲" in page and "清除过期会话" in page and "每 1 小时" in page
    assert li.post(f"/office/jobs/{number}/stop/").status_code == 302
    assert jobs.job(number).state == "stopped"
    assert li.post(f"/office/jobs/{number}/again/").status_code == 302
    assert jobs.job(number).state == "waiting"


def test_the_piece_asks_for_itself_until_the_job_is_over(at):
    number, wang = ask(), at("wang")
    address = f"/office/jobs/{number}/progress/"

    assert f'hx-get="{address}"' in wang.get(address).content.decode()
    jobs.Worker(clock=system_clock).run_next()
    over = wang.get(address).content.decode()
    assert "hx-get" not in over and "完成" in over


def test_a_job_of_somebody_else_does_not_exist_for_a_stranger(at):
    number, company = ask(by="li"), at("wang-company")

    assert company.get("/office/jobs/").status_code == 403
    for address in (f"/office/jobs/{number}/", f"/office/jobs/{number}/progress/"):
        assert company.get(address).status_code == 404
    for act in ("stop", "again"):
        assert company.post(f"/office/jobs/{number}/{act}/").status_code == 403
    assert jobs.job(number).state == "waiting"
