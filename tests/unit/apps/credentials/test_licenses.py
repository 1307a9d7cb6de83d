"""A licence from its issue to its revocation, and every way to forge one."""

import json
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE, OFFICE, WANG_COMPANY, WANG_NUMBER
from django.db import DatabaseError, connection, transaction
from workshop import LI, SUN, library

from yiwang.apps.credentials import public as credentials
from yiwang.apps.credentials.models import License, LicenseUse
from yiwang.apps.identity.public import Applicant
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.errors import NotAllowed, NotFound, YiwangError
from yiwang.kernel.ids import NumberMistyped, number
from yiwang.packkit.kinds.work import Field
from yiwang.packkit.kinds.work import License as Kind

DECISION = Kind(
    title="高龄津贴认定记录",
    organ=OFFICE,
    holder="person",
    number_prefix="GL",
    valid="365d",
    shown=("name", "tier"),
    basis="notice",
    fields={
        "name": Field(title="姓名", required=True),
        "id_number": Field(title="公民身份号码", required=True),
        "tier": Field(title="年龄档"),
    },
)
ISSUER = replace(LI, rights=LI.rights | {"credentials.issue"})
FORGER = replace(SUN, rights=SUN.rights | {"credentials.issue"})
WANG = Applicant(subject=WANG_NUMBER, kind="person", name="王秀英")
COMPANY = Applicant(subject=WANG_COMPANY, kind="firm", name="别人的公司")
FIELDS = {"name": "王秀英", "id_number": WANG_NUMBER, "tier": "80至89周岁"}


@pytest.fixture
def issued(db) -> credentials.LicenseView:
    credentials.install(library(licenses={"decision": DECISION}), at=NINE)
    return credentials.issue(
        kind="work.decision", holder=WANG_NUMBER, fields=FIELDS, officer=ISSUER, at=NINE, case="SY1"
    )


def test_an_issued_licence_is_verified_by_its_code_and_shows_masked_fields(issued):
    found = credentials.verify(issued.token, at=NINE)

    assert (found.state, found.is_valid, found.number) == ("valid", True, issued.number)
    assert found.shown == {"姓名": "王**", "年龄档": "80至89周岁"}
    assert WANG_NUMBER not in str(found)


def test_by_number_alone_a_stranger_learns_only_the_state(issued):
    found = credentials.verify(issued.number, at=NINE)

    assert found.is_valid
    assert found.shown == {}


def test_one_wrong_digit_in_the_number_is_noticed(issued):
    wrong = issued.number[:-2] + ("0" if issued.number[-2] != "0" else "1") + issued.number[-1]

    with pytest.raises(NumberMistyped):
        credentials.verify(wrong, at=NINE)


@pytest.mark.parametrize("place", [0, 2, 8, 40, -2, -1])
def test_an_altered_token_proves_nothing(issued, place):
    letters = list(issued.token)
    letters[place] = "A" if letters[place] != "A" else "B"

    with pytest.raises(credentials.TokenAltered):
        credentials.verify("".join(letters), at=NINE)


def test_a_token_moved_to_another_licence_proves_nothing(issued):
    other = credentials.issue(
        kind="work.decision", holder=WANG_NUMBER, fields=FIELDS, officer=ISSUER, at=NINE, case="SY2"
    )
    moved = issued.token.replace(issued.number, other.number)

    with pytest.raises(credentials.TokenAltered):
        credentials.verify(moved, at=NINE)


def test_a_revoked_licence_fails_from_that_instant(issued):
    credentials.revoke(number=issued.number, reason="已去世", officer=ISSUER, at=NINE)

    found = credentials.verify(issued.token, at=NINE)

    assert (found.is_valid, found.state_title) == (False, "已撤销")
    with pytest.raises(credentials.LicenseStopped):
        credentials.resume(number=issued.number, reason="x", officer=ISSUER, at=NINE)


def test_a_suspended_licence_can_be_resumed(issued):
    credentials.suspend(number=issued.number, reason="复核", officer=ISSUER, at=NINE)
    assert not credentials.verify(issued.token, at=NINE).is_valid

    credentials.resume(number=issued.number, reason="复核通过", officer=ISSUER, at=NINE)
    assert credentials.verify(issued.token, at=NINE).is_valid


def test_an_expired_licence_says_so(issued):
    assert credentials.verify(issued.token, at=NINE + timedelta(days=365)).is_valid
    assert credentials.verify(issued.token, at=NINE + timedelta(days=366)).state == "expired"


def test_the_holder_sees_every_use_and_nobody_else_does(issued):
    credentials.verify(issued.token, verifier=SUN, at=NINE, purpose="核对")

    newest, first = credentials.uses_of(WANG_NUMBER, actor=WANG)
    assert (newest.act, newest.actor_name, newest.reason) == ("核验", "孙强（market）", "核对")
    assert first.act == "颁发"
    for stranger in (COMPANY, SUN):
        with pytest.raises(NotAllowed):
            credentials.uses_of(WANG_NUMBER, actor=stranger)
        with pytest.raises(NotAllowed):
            credentials.licenses_of(WANG_NUMBER, actor=stranger, at=NINE)
        with pytest.raises(NotAllowed):
            credentials.license_of(issued.number, actor=stranger, at=NINE)


def test_a_stranger_issues_and_stops_nothing(issued):
    before = Outbox.objects.count()

    for act in (credentials.revoke, credentials.suspend):
        with pytest.raises(NotAllowed):
            act(number=issued.number, reason="x", officer=FORGER, at=NINE)
    with pytest.raises(NotAllowed):
        credentials.issue(
            kind="work.decision", holder=WANG_NUMBER, fields=FIELDS, officer=FORGER, at=NINE
        )
    assert Outbox.objects.count() == before


def test_one_case_gives_one_licence_of_a_kind(issued):
    with pytest.raises(DatabaseError), transaction.atomic():
        credentials.issue(
            kind="work.decision",
            holder=WANG_NUMBER,
            fields=FIELDS,
            officer=ISSUER,
            at=NINE,
            case="SY1",
        )


def test_a_required_field_is_named_when_it_is_missing(issued):
    with pytest.raises(credentials.FieldsIncomplete, match="公民身份号码"):
        credentials.issue(
            kind="work.decision",
            holder=WANG_NUMBER,
            fields={"name": "王秀英"},
            officer=ISSUER,
            at=NINE,
        )


def test_the_database_keeps_the_record_and_its_uses(issued):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        License.objects.update(record="{}")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LicenseUse.objects.all().delete()


def test_a_record_changed_behind_the_database_is_found_by_its_signature(issued):
    row = License.objects.get()
    altered = json.loads(row.record) | {"holder": "somebody else"}
    with connection.cursor() as cursor:
        of_table = " ON credentials_license" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER credentials_license_record{of_table}")
        cursor.execute("UPDATE credentials_license SET record = %s", [json.dumps(altered)])

    with pytest.raises(credentials.RecordBroken):
        credentials.verify(issued.token, at=NINE)


def test_the_qr_code_is_svg_without_inline_style(issued):
    svg = credentials.qr_svg(issued.number, address="http://localhost/verify/")

    assert svg.startswith("<svg")
    assert "style=" not in svg


def test_an_unknown_number_is_not_found(issued):
    with pytest.raises(NotFound):
        credentials.verify(number(prefix="GL", day=NINE.date(), sequence=9999), at=NINE)


def test_a_changed_licence_is_a_new_one_and_the_old_says_so(issued):
    new = credentials.change(
        number=issued.number,
        fields={**FIELDS, "tier": "90至99周岁"},
        reason="年龄档变化",
        officer=ISSUER,
        at=NINE,
    )

    old = credentials.license_of(issued.number, actor=WANG, at=NINE)
    assert (old.state_title, old.replaced_by) == ("已换发", new.number)
    assert not credentials.verify(issued.token, at=NINE).is_valid
    assert credentials.verify(new.token, at=NINE).shown["年龄档"] == "90至99周岁"
    for act in (credentials.resume, credentials.revoke):
        with pytest.raises(credentials.LicenseStopped):
            act(number=issued.number, reason="x", officer=ISSUER, at=NINE)


def test_a_change_without_reason_or_by_a_stranger_changes_nothing(issued):
    for officer, reason in ((FORGER, "x"), (ISSUER, " ")):
        with pytest.raises(YiwangError):
            credentials.change(
                number=issued.number, fields=FIELDS, reason=reason, officer=officer, at=NINE
            )
    assert License.objects.count() == 1


def test_many_licences_are_issued_at_once_or_not_at_all(issued):
    wanted = [
        credentials.NewLicense(holder=WANG_NUMBER, fields={**FIELDS, "tier": str(n)})
        for n in range(200)
    ]
    numbers = credentials.issue_many(kind="work.decision", licenses=wanted, officer=ISSUER, at=NINE)

    assert len(set(numbers)) == 200
    last = credentials.license_of(numbers[-1], actor=WANG, at=NINE)
    assert credentials.verify(last.token, at=NINE).shown["年龄档"] == "199"
    broken = [*wanted, credentials.NewLicense(holder=WANG_NUMBER, fields={})]
    with pytest.raises(credentials.FieldsIncomplete):
        credentials.issue_many(kind="work.decision", licenses=broken, officer=ISSUER, at=NINE)
    assert License.objects.count() == 201


def test_a_licence_is_issued_to_a_number_of_its_kind_of_holder_only(issued):
    for holder in (COMPANY.subject, WANG_NUMBER[:-1] + "0", ""):
        with pytest.raises(credentials.HolderMismatched):
            credentials.issue(
                kind="work.decision", holder=holder, fields=FIELDS, officer=ISSUER, at=NINE
            )


def test_an_organ_lists_what_it_issued_with_the_holder_masked(issued):
    page = credentials.licenses_issued(officer=ISSUER, at=NINE)
    assert [one.number for one in page.lines] == [issued.number]
    assert WANG_NUMBER not in str(page)
    found = credentials.licenses_issued(officer=ISSUER, at=NINE, query=WANG_NUMBER)
    assert found.lines == page.lines
    assert credentials.licenses_issued(officer=FORGER, at=NINE).lines == ()
    with pytest.raises(NotAllowed):
        credentials.licenses_issued(officer=LI, at=NINE)


def test_kinds_are_ranked_by_use_of_organs_and_in_society(issued):
    credentials.verify(issued.token, at=NINE)
    credentials.verify(issued.token, verifier=SUN, at=NINE)
    credentials.verify(issued.token, verifier=COMPANY, at=NINE)

    (one,) = credentials.use_ranking(since=NINE, until=NINE + timedelta(days=1))
    assert (one.issued, one.by_organs, one.in_society) == (1, 1, 2)


def test_a_printout_says_in_chinese_what_the_licence_says(issued):
    file = credentials.printout(issued, organ="县民政局", address="http://x/verify/", at=NINE)

    assert file.startswith(b"%PDF-")
    assert file.endswith(b"%%EOF\n")
    stream = zlib.decompress(file.split(b"stream\n")[1].split(b"\nendstream")[0]).decode()
    for words in ("高龄津贴认定记录", issued.number, "王秀英", "县民政局"):
        assert words.encode("utf-16-be").hex().upper() in stream
    table = int(file.rsplit(b"startxref\n")[1].split(b"\n")[0])
    assert file[table:].startswith(b"xref")
    assert len(file) < 20_000


def test_a_rare_character_stands_on_paper_as_its_number_and_is_named_before(issued):
    name, (title, _) = next(iter(issued.fields.items()))
    rare = replace(issued, fields={**issued.fields, name: (title, "王𠮷鿍")})

    assert credentials.not_printed(issued) == []
    assert credentials.not_printed(rare) == ["𠮷", "鿍"]
    file = credentials.printout(rare, organ="县民政局", address="http://x/verify/", at=NINE)
    stream = zlib.decompress(file.split(b"stream\n")[1].split(b"\nendstream")[0]).decode()
    assert "王〔U+20BB7〕〔U+9FCD〕".encode("utf-16-be").hex().upper() in stream
    assert "打印字体没有的字".encode("utf-16-be").hex().upper() in stream
