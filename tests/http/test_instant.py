"""秒批: what the rules decide is decided as it is filed, with reasons; the rest waits."""

import re

import prepared
import pytest
from applying import CARDLESS, ELDER, page, signed_in
from django.test import Client
from django.utils import timezone

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal.models import Outbox
from yiwang.apps.services import public as services
from yiwang.apps.services.models import Application

CARD = "everyday.elder_card"
FORM = f"/items/{CARD}/apply/"
ASKED = {"answer-card_pickup": "mail", "answer-address": "西康居委会3组8号"}


@pytest.fixture
def county(applying_county, db):
    """Everything installed, two old ladies in the lake."""


def file(browser: Client) -> str:
    token = re.search(r'name="token" value="([^"]+)"', page(browser, FORM))[1]
    filed = browser.post(FORM, {"act": "submit", "token": token, **ASKED})
    assert filed.status_code == 302, filed.content.decode()
    return Application.objects.latest("pk").case


def dies(number: str) -> None:
    """Wang's neighbour is registered as dead."""
    lake, table = catalog.lake(), prepared.library().table("base.resident")
    columns = {name: one.type for name, one in table.columns.items()}
    rows = lake.rows("SELECT * FROM base.resident")
    changed = [{**row, "is_alive": row["id_number"] != number} for row in rows]
    lake.write("base.resident", changed, columns=columns, at=timezone.now())


def test_what_the_rules_decide_is_granted_as_it_is_filed_with_its_reasons(county):
    elder = signed_in("elder")
    number = file(elder)

    case = Case.objects.get(number=number)
    assert (case.state, case.step) == ("ended", "granted")
    assert Application.objects.get().state == "granted"
    shown = page(elder, f"/mine/cases/{number}/")
    for reason in ("秒批，规则判断：", "在世", "到达起始年龄"):
        assert reason in shown
    last = casework.trail(number, actor=identity.applicant(ELDER))[-1]
    assert (last.verb, last.actor) == ("approve", "rules")
    events = list(Outbox.objects.values_list("event", flat=True))
    assert events.count("application.granted") == 1


def test_what_no_rule_decides_waits_for_an_officer_who_may_decide_by_hand(county):
    dies(CARDLESS)
    number = file(signed_in("cardless"))

    assert Case.objects.get(number=number).step == "decide"
    at = timezone.now()
    identity.create_account(
        username="decider", name="decider", password="Tests-only-2026", at=at,
        organ="civil-affairs", posts=["事项审批"],
    )  # fmt: skip
    decider = identity.officer("decider", at=at)
    with pytest.raises(services.RuleNotMet, match="在世"):
        services.act_on_case(number=number, verb="approve", officer=decider, at=timezone.now())
    refused = services.act_on_case(
        number=number, verb="refuse", officer=decider, at=timezone.now(), reason="本人已去世",
        evidence={"clause": "县便民服务事项办法（示例）第二条"},
    )  # fmt: skip
    assert refused.step == "denied"


def test_the_stranger_neither_sees_nor_moves_what_was_decided_at_once(county):
    number = file(signed_in("elder"))
    stranger = signed_in("stranger")

    assert stranger.get(f"/office/cases/{number}/").status_code == 403
    assert signed_in("cardless").get(f"/mine/cases/{number}/").status_code == 403
