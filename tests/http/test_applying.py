"""A resident applies for what an item offers: filled in as far as known, filed once, decided."""

import re
from io import BytesIO

import pytest
from applying import ACCOUNT, CARDLESS, ELDER, FORM, ITEM, VILLAGE, page, signed_in
from django.test import Client
from django.utils import timezone
from specimens import JPEG

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.journal.models import Outbox
from yiwang.apps.services import public as services
from yiwang.apps.services.models import Application, Draft, Payment


@pytest.fixture
def county(applying_county, db):
    """Everything installed, two old ladies in the lake."""


def token_in(text: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', text)[1]


def send(browser: Client, act: str = "submit", **more):
    given = {"token": token_in(page(browser, FORM)), **more}
    return browser.post(FORM, {"act": act, **given})


def photo(content: bytes = JPEG, name: str = "存折.jpg") -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(county):
    assert FORM in page(Client(), f"/items/{ITEM}/")
    answer = Client().get(FORM)
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/?next=")
    sent = Client().post(
        "/sign-in/", {"username": "elder", "password": "Tests-only-2026", "code": "", "next": FORM}
    )
    assert sent.url == FORM


def test_an_old_lady_files_with_one_click_and_is_granted_her_record(county):
    elder, clerk, civil = signed_in("elder"), signed_in("clerk"), signed_in("civil")
    shown = page(elder, FORM)
    assert "本次免填 6 项、免交 2 份材料" in shown
    assert "县公安局·居民" in shown
    assert ACCOUNT in shown
    assert "县公安局居民身份证" in shown

    filed = send(elder)
    receipt = page(elder, filed.url)
    number = re.search(r"SY\d{12}[\dX]", receipt)[0]
    assert "8 个工作日" in receipt
    assert "已立案" in page(elder, f"/mine/cases/{number}/")
    assert number in page(elder, "/mine/")

    case = f"/office/cases/{number}/"
    assert number in page(clerk, "/office/cases/")
    assert "规则判断" in page(clerk, case)
    clerk.post(f"{case}act/", {"verb": "confirm", "version": "1"})
    assert number in page(civil, "/office/cases/")
    civil.post(f"{case}act/", {"verb": "approve", "version": "2"})

    (held,) = credentials.licenses_of(ELDER, actor=identity.applicant(ELDER), at=timezone.now())
    assert held.case == number
    assert held.fields["tier"][1] == "80至89周岁"
    assert held.fields["division"][1] == "众兴街道西康居委会"
    assert Application.objects.get().state == "granted"
    assert "不用再申请" in page(elder, FORM)
    (paid,) = Payment.objects.all()
    assert (paid.case, paid.subject, paid.license) == (number, ELDER, held.number)
    assert paid.amount == 60
    assert {"application.filed", "application.granted", "policy.granted"} <= events()


def events() -> set[str]:
    return {str(one) for one in Outbox.objects.values_list("event", flat=True)}


def test_the_same_form_sent_twice_is_one_case(county):
    elder = signed_in("elder")
    token = token_in(page(elder, FORM))
    first = elder.post(FORM, {"act": "submit", "token": token})
    second = elder.post(FORM, {"act": "submit", "token": token})
    assert first.url == second.url
    third = elder.post(FORM, {"act": "submit", "token": "another"}, follow=True)
    assert "不用重复提交" in third.content.decode()
    assert Case.objects.count() == 1
    assert not Draft.objects.exists()


def test_the_clock_is_the_item_s_promise_and_outlives_a_move(county):
    elder = identity.applicant(ELDER)
    at = timezone.now()
    filed = services.file_application(ITEM, token="t", given=services.Given(), actor=elder, at=at)
    before = casework.case(filed.case, actor=elder, at=at)
    assert "8" in casework.flow_of(filed.case, actor=elder).limit
    clerk = identity.officer("clerk", at=at)
    after = services.act_on_case(number=filed.case, verb="confirm", officer=clerk, at=at)
    assert after.due_at == before.due_at


def test_what_depends_on_an_answer_is_asked_when_that_answer_is_given(county):
    elder = signed_in("elder")
    assert "answer-payee_name" not in page(elder, FORM)
    shown = send(elder, "show", **{"answer-paid_to_other": "1"})
    assert shown.status_code == 200
    assert "answer-payee_name" in shown.content.decode()
    assert not Draft.objects.exists()


def test_errors_stand_at_their_fields_and_answers_are_kept(county):
    elder = signed_in("elder")
    refused = send(elder, **{"answer-paid_to_other": "1"})
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert 'id="f-answer-payee_name-error"' in shown
    assert 'href="#f-answer-payee_name"' in shown
    assert re.search(r'name="answer-paid_to_other" value="1" checked', shown)
    assert not Case.objects.exists()


def test_an_altered_known_value_is_refused_and_the_register_s_one_stands(county):
    elder = signed_in("elder")
    refused = send(elder, **{"answer-birth_on": "1920-01-01"})
    assert refused.status_code == 422
    assert "不能修改" in refused.content.decode()
    assert not Application.objects.exists()
    assert send(elder).status_code == 302
    assert Application.objects.get().answers["birth_on"] == "1940-01-01"


def test_a_draft_is_kept_and_gone_on_with_by_its_owner_alone(county):
    elder = signed_in("elder")
    saved = send(elder, "save", **{"answer-paid_to_other": "1", "answer-payee_name": "王小明"})
    assert saved.url == FORM
    shown = page(signed_in("elder"), FORM)
    assert "王小明" in shown
    assert "保存的草稿" in shown
    assert "王小明" not in page(signed_in("cardless"), FORM)
    assert "王小明" not in str(list(Outbox.objects.values()))


def test_a_material_nobody_holds_is_uploaded_cleaned_and_seen_by_the_officer(county):
    cardless = signed_in("cardless")
    assert "本次免填 5 项、免交 1 份材料" in page(cardless, FORM)
    assert "请上传“银行账户”" in send(cardless).content.decode()

    exif = JPEG[:2] + b"\xff\xe1\x00\x10Exif\x00\x00secret!!" + JPEG[2:]
    for bad in (b"MZ not a picture", JPEG[:40]):
        refused = send(cardless, **{"material-account": photo(bad)})
        assert refused.status_code == 422
        assert 'id="f-material-account-error"' in refused.content.decode()
    refused = send(cardless, **{"material-account": photo(exif), "answer-account": "123"})
    assert "已收到一份" in refused.content.decode()
    filed = send(cardless, **{"answer-account": ACCOUNT})
    assert filed.status_code == 302
    number = Application.objects.get().case

    clerk = signed_in("clerk")
    address = re.search(
        rf"/office/cases/{number}/files/\d+/", page(clerk, f"/office/cases/{number}/")
    )
    answer = clerk.get(address[0])
    assert answer.content == JPEG
    assert signed_in("stranger").get(address[0]).status_code == 403


def test_nobody_files_twice_for_what_a_policy_already_found_them_for(county):
    civil = identity.officer("civil", at=timezone.now())
    run = services.run_policy(ITEM, as_of=timezone.localdate(), at=timezone.now(), officer=civil)
    (number,) = services.open_confirmations(run.id, officer=civil, at=timezone.now())
    elder = signed_in("elder")
    shown = page(elder, FORM)
    assert "政府已主动为您办理" in shown
    assert number in shown
    elder.post(FORM, {"act": "submit", "token": "t"})
    assert Case.objects.count() == 1


def test_a_policy_opens_no_case_for_who_has_applied(county):
    at = timezone.now()
    elder, civil = identity.applicant(ELDER), identity.officer("civil", at=at)
    services.file_application(ITEM, token="t", given=services.Given(), actor=elder, at=at)
    run = services.run_policy(ITEM, as_of=timezone.localdate(), at=at, officer=civil)
    assert services.open_confirmations(run.id, officer=civil, at=at) == []


def test_only_the_applicant_sees_the_receipt_and_officers_and_firms_cannot_apply(county):
    filed = send(signed_in("elder"))
    for name, status in (("cardless", 404), ("stranger", 403), ("clerk", 403)):
        assert signed_in(name).get(filed.url).status_code == status
    for name in ("stranger", "shop"):
        browser = signed_in(name)
        assert browser.get(FORM).status_code == 403
        assert browser.post(FORM, {"act": "submit", "token": "t"}).status_code == 403
    assert Case.objects.count() == 1
    assert Case.objects.get().division == VILLAGE


def test_a_refused_application_gives_nothing_and_may_be_filed_again(county):
    elder, at = signed_in("elder"), timezone.now()
    send(elder)
    number = Application.objects.get().case
    for verb, officer, reason in (("confirm", "clerk", ""), ("refuse", "civil", "情况不符")):
        services.act_on_case(
            number=number, verb=verb, officer=identity.officer(officer, at=at), at=timezone.now(),
            reason=reason, evidence={"clause": "《办法》第四条"} if reason else {},
        )  # fmt: skip
    assert Application.objects.get().state == "denied"
    assert not credentials.licenses_of(ELDER, actor=identity.applicant(ELDER), at=at)
    told = page(elder, f"/mine/cases/{number}/")
    assert "《办法》第四条" in told
    assert "情况不符" in told
    assert "行政复议" in told
    assert send(elder).status_code == 302
    assert Case.objects.count() == 2
    assert not Case.objects.filter(subject=CARDLESS).exists()


def test_a_refusal_needs_its_clause_and_the_officer_is_offered_those_of_the_pack(county):
    send(signed_in("elder"))
    number = Application.objects.get().case
    case = f"/office/cases/{number}/"
    signed_in("clerk").post(f"{case}act/", {"verb": "confirm", "version": "1"})
    civil = signed_in("civil")
    assert "县高龄津贴发放办法（示例）" in page(civil, case).split("datalist")[1]
    answer = civil.post(
        f"{case}act/", {"verb": "refuse", "version": "2", "reason": "情况不符"}, follow=True
    )

    assert "还缺：依据条款" in answer.content.decode()
    assert Application.objects.get().state == "waiting"
    text = "县高龄津贴发放办法（示例）第三条"
    civil.post(
        f"{case}act/",
        {"verb": "refuse", "version": "2", "reason": "情况不符", "evidence-clause": text},
    )
    assert Application.objects.get().state == "denied"
    assert text in page(civil, case)
    assert signed_in("cardless").get(f"/mine/cases/{number}/").status_code == 403


def test_a_refusal_is_printed_as_a_letter_with_its_basis_and_what_can_be_done(county):
    elder = signed_in("elder")
    send(elder)
    number = Application.objects.get().case
    letter, case = f"/mine/cases/{number}/refusal/", f"/office/cases/{number}/"
    signed_in("clerk").post(f"{case}act/", {"verb": "confirm", "version": "1"})
    civil, text = signed_in("civil"), "县高龄津贴发放办法（示例）第三条"
    assert elder.get(letter).status_code == 404
    assert "决定书" not in page(civil, case)
    civil.post(
        f"{case}act/",
        {"verb": "refuse", "version": "2", "reason": "情况不符", "evidence-clause": text},
    )

    assert letter in page(elder, f"/mine/cases/{number}/")
    assert f"{case}refusal/" in page(civil, case)
    for read in (page(elder, letter), page(civil, f"{case}refusal/")):
        assert "不予认定决定书" in read and "official" in read
        assert text in read and "情况不符" in read and "行政复议" in read and "县民政局" in read
    for stranger, address in (("cardless", letter), ("cardless", f"{case}refusal/")):
        assert signed_in(stranger).get(address).status_code == 403


def test_a_decision_whose_record_lacks_a_field_does_not_stand(county):
    send(signed_in("cardless"), **{"answer-account": ACCOUNT, "material-account": photo()})
    number, at = Application.objects.get().case, timezone.now()
    clerk = identity.officer("clerk", at=at)
    services.act_on_case(number=number, verb="confirm", officer=clerk, at=timezone.now())

    answer = signed_in("civil").post(
        f"/office/cases/{number}/act/", {"verb": "approve", "version": "2"}, follow=True
    )

    assert "缺少年龄档" in answer.content.decode()
    assert Case.objects.get().step == "civil_check"
    assert Application.objects.get().state == "waiting"


def test_what_is_not_decided_yet_is_withdrawn_by_its_applicant_alone(county):
    elder = signed_in("elder")
    form = "/items/everyday.residence_note/apply/"
    filed = elder.post(
        form,
        {
            "act": "submit",
            "token": token_in(page(elder, form)),
            "answer-note_use": "rent",
            "answer-address": "西康居委会3组8号",
        },
    )
    number = re.search(r"SY\d{12}[\dX]", page(elder, filed.url))[0]
    case = f"/mine/cases/{number}/"
    assert "撤回申请" in page(elder, case)
    for name, status in (("cardless", 403), ("stranger", 403), ("shop", 403)):
        assert signed_in(name).post(f"{case}withdrawal/").status_code == status
    assert Application.objects.get().state == "waiting"

    done = elder.post(f"{case}withdrawal/", {"version": "1", "reason": "已不需要"}, follow=True)
    shown = done.content.decode()
    assert "已撤回" in shown
    assert "撤回申请" not in shown.split("办理轨迹")[0].split("进展")[0]
    assert Application.objects.get().state == "withdrawn"
    assert not Case.objects.exclude(state="ended").exists()
    again = elder.post(f"{case}withdrawal/", {"version": "1"})
    assert again.status_code == 409, "the back button withdraws nothing twice"
    assert "不用再申请" not in page(elder, form), "it can be asked for again"
