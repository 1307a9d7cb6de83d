"""A licence that stood for a material and was stopped before the decision."""

from dataclasses import replace

import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from django.conf import settings
from workshop import CLERK, LI, VILLAGE

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.services import public as services
from yiwang.apps.services.models import Application
from yiwang.packkit.current import current_library

CIVIL = replace(
    LI, rights=LI.rights | {"credentials.issue"}, roles=("elder_allowance.civil_officer",)
)
VILLAGER = replace(CLERK, roles=("elder_allowance.village_clerk",))


def test_a_licence_revoked_between_filing_and_decision_stops_the_decision(db):
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    casework.install(library, at=NINE)
    credentials.install(library, at=NINE)
    card = credentials.issue(
        kind="common_licenses.elder_card",
        holder=WANG_NUMBER,
        fields={"name": "王秀英", "id_number": WANG_NUMBER, "birth_on": "1956-03-14"},
        officer=CIVIL,
        at=NINE,
    )
    case = casework.open_case(
        flow="elder_allowance.confirmation",
        subject=WANG_NUMBER,
        title="高龄津贴",
        organ=OFFICE,
        division=VILLAGE,
        actor="services",
        at=NINE,
    )
    Application.objects.create(
        item="tests.item",
        content={"title": "高龄津贴"},
        subject=WANG_NUMBER,
        case=case.number,
        token="t",
        answers={},
        materials=[{"source": "license", "title": "身份证明", "proof": card.number}],
        saved_fields=0,
        saved_materials=1,
        filed_at=NINE,
    )
    services.act_on_case(number=case.number, verb="confirm", officer=VILLAGER, at=NINE)
    credentials.suspend(number=card.number, reason="复核", officer=CIVIL, at=NINE)

    with pytest.raises(services.LicenseLapsed, match="已暂停"):
        services.act_on_case(number=case.number, verb="approve", officer=CIVIL, at=NINE)
    assert casework.case(case.number, actor=CIVIL, at=NINE).step == "civil_check"
    assert Application.objects.get().state == "waiting"

    credentials.resume(number=card.number, reason="无误", officer=CIVIL, at=NINE)
    services.act_on_case(number=case.number, verb="approve", officer=CIVIL, at=NINE)
    assert Application.objects.get().state == "granted"
