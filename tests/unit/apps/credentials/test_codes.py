"""A personal or enterprise code: shown once, to one verifier, for one purpose, for a moment."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE, OFFICE, OTHER_OFFICE, WANG_COMPANY, WANG_NUMBER, make_cast
from django.conf import settings
from django.db import connection
from workshop import LI, SUN

from yiwang.apps.credentials import public as credentials
from yiwang.apps.credentials.models import LicenseUse, RefusedReading, ShownCode
from yiwang.apps.identity.public import Applicant
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.current import current_library

WANG = Applicant(subject=WANG_NUMBER, kind="person", name="王秀英")
COMPANY = Applicant(subject=WANG_COMPANY, kind="firm", name="秀英家政")
OTHER = Applicant(subject="91321323MA1NX0RG0A", kind="firm", name="另一家企业")
SCANNER = replace(LI, rights=LI.rights | {"credentials.scan"})
STRANGER = replace(SUN, rights=SUN.rights | {"credentials.scan"})
CIVIL = replace(LI, rights=LI.rights | {"credentials.issue"})
WINDOW, ELDER = "base.window", "common_licenses.elder_discount"
SOON = NINE + timedelta(seconds=20)


@pytest.fixture
def place(db):
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    make_cast()
    credentials.install(library, at=NINE)


def shown(purpose=WINDOW, verifier=OFFICE, actor=WANG) -> credentials.CodeView:
    return credentials.make_code(purpose=purpose, verifier=verifier, actor=actor, at=NINE)


def read(code, verifier=SCANNER, purpose=WINDOW, at=SOON) -> credentials.Assertion:
    return credentials.read_code(code.token, purpose=purpose, verifier=verifier, at=at)


def test_a_code_tells_its_verifier_what_its_purpose_shows_and_no_more(place):
    told = read(shown())
    assert told.shown == {"姓名": "王秀英", "公民身份号码": WANG_NUMBER}

    code = shown("base.who_i_am", WANG_COMPANY)
    told = read(code, COMPANY, "base.who_i_am")
    assert (told.shown["姓名"], told.subject) == ("王**", "")
    assert WANG_NUMBER not in str(told)


def test_the_picture_names_neither_the_holder_nor_the_purpose(place):
    code = shown()

    assert WANG_NUMBER not in code.token
    assert "window" not in code.token
    assert credentials.code_svg(code.token, address="http://x/scan/").startswith("<svg")


def test_a_replayed_code_is_refused_and_the_holder_sees_the_attempt(place):
    code = shown()
    read(code)
    with pytest.raises(credentials.CodeReplayed):
        read(code)

    (one,) = credentials.readings_of(WANG)
    assert one.read_by == "李芳（县民政局）"
    assert [reason for _, _, reason in one.refused] == ["码已用过"]


def test_a_late_code_is_refused(place):
    code = shown()

    for at in (code.expires_at, NINE + timedelta(days=1), NINE - timedelta(seconds=1)):
        with pytest.raises(credentials.CodeExpired):
            read(code, at=at)


@pytest.mark.parametrize(
    ("verifier", "purpose"),
    [(STRANGER, WINDOW), (SCANNER, "common_licenses.person_to_organ"), (COMPANY, WINDOW)],
)
def test_another_verifier_or_purpose_reads_nothing_and_spoils_nothing(place, verifier, purpose):
    code = shown()
    with pytest.raises(credentials.CodeForAnother):
        read(code, verifier, purpose)

    assert RefusedReading.objects.count() == 1
    assert read(code).subject == WANG_NUMBER


def test_an_officer_without_the_right_reads_nothing(place):
    with pytest.raises(NotAllowed):
        read(shown(), LI)
    assert ShownCode.objects.get().used_at is None


def test_a_new_code_ends_the_one_before(place):
    first, second = shown(), shown()

    with pytest.raises(credentials.CodeExpired):
        read(first)
    assert read(second).name == "王秀英"


@pytest.mark.parametrize("place_", [0, 2, 10, 40, -2, -1])
def test_an_altered_code_says_nothing(place, place_):
    letters = list(shown().token)
    letters[place_] = "A" if letters[place_] != "A" else "B"

    with pytest.raises(credentials.TokenAltered):
        credentials.read_code("".join(letters), purpose=WINDOW, verifier=SCANNER, at=SOON)


def test_a_code_whose_row_was_moved_to_another_verifier_is_not_believed(place):
    code = shown()
    ShownCode.objects.update(verifier=OTHER_OFFICE)

    with pytest.raises(credentials.TokenAltered):
        read(code, STRANGER)


def test_a_code_read_from_a_link_is_the_same(place):
    code = shown()
    link = f"http://localhost/office/scan/{code.token}/"

    told = credentials.read_code(link, purpose=WINDOW, verifier=SCANNER, at=SOON)
    assert told.name == "王秀英"


def test_a_code_shows_a_licence_s_state_and_the_use_is_on_its_record(place):
    card = credentials.issue(
        kind="common_licenses.elder_card",
        holder=WANG_NUMBER,
        fields={"name": "王秀英", "id_number": WANG_NUMBER, "birth_on": "1956-03-14"},
        officer=CIVIL,
        at=NINE,
    )
    (told,) = read(shown(ELDER, WANG_COMPANY), COMPANY, ELDER).licenses
    assert (told.is_valid, told.shown) == (True, {"姓名": "王**"})
    assert LicenseUse.objects.filter(act="shown", actor=WANG_COMPANY).count() == 1

    credentials.revoke(number=card.number, reason="冒领", officer=CIVIL, at=SOON)
    (told,) = read(shown(ELDER, WANG_COMPANY), COMPANY, ELDER).licenses
    assert (told.is_valid, told.state_title) == (False, "已撤销")


def test_a_code_is_made_for_an_existing_verifier_and_an_own_purpose(place):
    for purpose, verifier, actor in (
        (WINDOW, "nowhere", WANG),
        ("base.who_i_am", "12345", WANG),
        (WINDOW, OFFICE, COMPANY),
        ("base.nothing", OFFICE, WANG),
    ):
        with pytest.raises((credentials.VerifierUnknown, credentials.PurposeUnknown)):
            shown(purpose, verifier, actor)
    assert not ShownCode.objects.exists()


def test_a_reading_is_in_the_journal_under_its_holder(place):
    read(shown())

    events = [row.event for row in Outbox.objects.order_by("pk")]
    assert events[-2:] == ["code.made", "code.read"]


def test_nobody_else_sees_who_read_a_code(place):
    code = shown()
    read(code)

    assert credentials.readings_of(COMPANY) == []
    assert not credentials.is_read(code.id, actor=COMPANY)
    assert credentials.is_read(code.id, actor=WANG)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads share SQLite's one memory")
def test_of_two_readers_at_once_one_is_told(place):
    code, told = shown(), []

    def try_to_read() -> None:
        try:
            told.append(read(code).name)
        except credentials.CodeReplayed:
            told.append("")
        finally:
            connection.close()

    readers = [threading.Thread(target=try_to_read) for _ in range(4)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert sorted(told) == ["", "", "", "王秀英"]
