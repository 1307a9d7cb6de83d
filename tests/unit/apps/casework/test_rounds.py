"""Rounds: a task for each entry of a register, about the firm that the entry names."""

from datetime import timedelta

import pytest
from cast import NINE
from django.conf import settings
from workshop import SUN

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.current import current_library

REGISTER, FLOW = "safe_production.enterprises", "safe_production.inspection"
MONTH = timedelta(days=31)


@pytest.fixture
def library(db):
    found = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.install(found, at=NINE)
    identity.register_divisions(found.divisions)
    casework.install(found, at=NINE)
    return found


def firm(code: str) -> identity.Applicant:
    return identity.Applicant(subject=code, kind="firm", name="某厂")


def inspections(code: str) -> list[casework.CaseView]:
    return [one for one in casework.cases_of(code, actor=firm(code), at=NINE) if one.flow == FLOW]


def test_each_firm_sees_its_own_inspection_and_no_other(library):
    first, second, *_ = library.entries(REGISTER)
    casework.begin_rounds(NINE)

    (own,) = inspections(str(first["uscc"]))

    assert str(first["name"]) in own.title
    assert not inspections("91321323MADEM0126T")
    with pytest.raises(NotAllowed):
        casework.case(own.number, actor=firm(str(second["uscc"])), at=NINE)
    with pytest.raises(NotAllowed):
        casework.case(own.number, actor=SUN, at=NINE)


def test_a_due_time_begins_its_tasks_once_and_the_next_one_again(library):
    code = str(library.entries(REGISTER)[0]["uscc"])

    casework.begin_rounds(NINE)
    casework.begin_rounds(NINE)
    assert len(inspections(code)) == 1

    casework.begin_rounds(NINE + MONTH)
    assert len(inspections(code)) == 2
