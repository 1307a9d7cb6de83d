"""Items on every channel from one source; adoption, versions, guides, one-things and proxies."""

import csv
import io
import re

import applying
import msgspec
import pytest
from applying import CARDLESS, ELDER, page, signed_in
from cast import PASSWORD
from django.test import Client
from django.utils import timezone

from yiwang.apps.casework.models import Case
from yiwang.apps.identity import public as identity
from yiwang.apps.journal.models import Outbox
from yiwang.apps.services import public as services
from yiwang.apps.services.models import Application, ItemAdoption, ServiceItem
from yiwang.packkit.kinds.work import Item

CARD = "everyday.elder_card"
LOCAL = {
    "promised_limit": "2wd", "channels": ["portal", "window"], "address": "众兴街道便民服务中心",
    "hours": "工作日 9:00—17:00", "phone": "0527-85200000",
}  # fmt: skip
ASKED = {"answer-sex": "2", "answer-address": "北京路1号", "answer-card_pickup": "mail"}


@pytest.fixture
def county(applying_county, db):
    for username, organ, post in (
        ("town", applying.TOWN, "事项审批"), ("town2", "town-321323002", "事项审批"),
        ("lead", "approval", "一件事牵头"),
    ):  # fmt: skip
        identity.create_account(
            username=username, name=username, password=PASSWORD, at=timezone.now(),
            organ=organ, posts=[post],
        )  # fmt: skip


def officer(username: str) -> identity.Officer:
    return identity.officer(username, at=timezone.now())


def adopted(username: str = "town", **changes) -> int:
    return services.adopt_item(
        CARD, local={**LOCAL, **changes}, officer=officer(username), at=timezone.now()
    )


def test_portal_phone_window_kiosk_and_interface_say_the_same(county):
    adopted()
    title, version = "老年人优待证", services.item(CARD).version
    shown = page(Client(), f"/items/{CARD}/")
    assert f"第 {version} 版" in shown
    assert "众兴街道便民服务中心" in shown
    assert title in page(Client(), "/items/?query=优待证")
    assert title in page(Client(), "/kiosk/")
    told = msgspec.json.decode(page(Client(), f"/api/v1/items/{CARD}"))
    assert told["line"]["version"] == version
    assert told["adoptions"][0]["promised_limit"] == "2wd"
    listed = msgspec.json.decode(page(Client(), "/api/v1/items?channel=kiosk"))
    assert CARD in {one["ref"] for one in listed}
    assert "business_start.fund" not in {one["ref"] for one in listed}
    assert title in {one.title for one in services.items_for("person")}


@pytest.mark.parametrize("words", ["优待证", "優待證", "老年证", "laonian", "yhz", "lnrydz"])
def test_an_item_is_found_in_both_scripts_by_its_nickname_and_by_pinyin(county, words):
    found = {one.ref for one in services.items(query=words)}
    assert (CARD in found) == (words != "yhz")


def test_an_adopting_organ_handles_its_own_division_by_its_own_promise(county):
    adopted()
    adopted("town2")
    browser = signed_in("elder")
    address = f"/items/{CARD}/apply/"
    token = re.search(r'name="token" value="([^"]+)"', page(browser, address))[1]
    filed = browser.post(address, {"act": "submit", "token": token, **ASKED})
    assert filed.status_code == 302, filed.content.decode()
    case = Case.objects.get()
    assert case.organ == applying.TOWN
    assert case.limit == "2wd"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"promised_limit": "9wd"}, "promised_limit"),
        ({"promised_limit": "1d"}, "promised_limit"),
        ({"promised_limit": "soon"}, "promised_limit"),
        ({"channels": ["telex"]}, "channels"),
        ({"phone": " "}, "phone"),
        ({"fee": "100 元"}, "fee"),
    ],
)
def test_only_what_may_be_local_is_localised(county, changes, wrong):
    with pytest.raises(services.AdoptionRefused) as refusal:
        adopted(**changes)
    assert wrong in refusal.value.fields
    assert not ItemAdoption.objects.exists()


def test_an_item_in_a_new_version_shows_which_adoptions_are_still_of_the_old(county):
    adopted()
    row = ServiceItem.objects.get(ref=CARD)
    assert services.adoptions_of(services.item(CARD))[0].stale == ()
    changed = msgspec.convert({**row.content, "result": "优待证（新版）"}, Item)
    from yiwang.apps.services.actions.publishing import keep_version

    number, _ = keep_version(CARD, changed, timezone.now())
    ServiceItem.objects.filter(ref=CARD).update(
        version=number, content=msgspec.to_builtins(changed)
    )
    (view,) = services.adoptions_of(services.item(CARD))
    assert view.stale == ("result",)
    assert services.item_versions(CARD)[0].changed == ("result",)
    assert "1 份待更新" in page(signed_in("lead"), "/office/items/")
    adopted()
    assert services.adoptions_of(services.item(CARD))[0].stale == ()


def test_who_governs_items_sees_kinds_gaps_and_results_and_the_stranger_nothing(county):
    adopted()
    lead, stranger = signed_in("lead"), signed_in("stranger")
    shown = page(lead, "/office/items/")
    for kind in ("政务服务", "公共服务", "便民服务", "中介服务"):
        assert kind in shown
    assert "城厢街道办事处" in shown
    results = page(lead, "/office/items/results/")
    assert "5 → 2" in results or "4 → 2" in results
    assert "免填率" in results
    assert "更新认领" in page(signed_in("town"), f"/office/items/{CARD}/")
    for address in ("items/", "items/results/", f"items/{CARD}/", "filings/"):
        assert stranger.get(f"/office/{address}").status_code == 403
    assert stranger.post(f"/office/items/{CARD}/", LOCAL).status_code == 403
    signed_in("town").post(f"/office/items/{CARD}/end/")
    assert services.adoptions_of(services.item(CARD)) == []


def test_questions_narrow_to_exactly_what_is_to_be_done(county):
    guide = "/guides/birth.newborn/"
    assert "已经有出生医学证明" not in page(Client(), guide)
    assert "已经有出生医学证明" in page(Client(), f"{guide}?answer-is_born_here=true")
    first = page(Client(), f"{guide}?answer-is_born_here=true&answer-has_certificate=false")
    assert "一次办好四件事" in first
    last = page(
        Client(),
        f"{guide}?answer-is_born_here=true&answer-has_certificate=true&answer-has_household=true",
    )
    assert "参保和办卡" in last
    assert "一次办好四件事" not in last
    assert page(Client(), f"{guide}?answer-is_born_here=' or 1=1")


def test_a_one_thing_is_filled_in_filed_and_followed_in_the_browser(county):
    browser = signed_in("elder")
    assert "企业设立登记" in page(Client(), "/bundles/business_start.start/")
    address = "/bundles/business_start.start/apply/"
    token = re.search(r'name="token" value="([^"]+)"', page(browser, address))[1]
    answers = {
        "answer-firm_name": "泗阳县秀英家政有限公司", "answer-firm_kind": "household",
        "answer-sex": "2", "answer-ethnic": "01", "answer-address": "北京路1号",
    }  # fmt: skip
    refused = browser.post(address, {"act": "submit", "token": token, **answers})
    assert refused.status_code == 422
    assert "material-premises" in refused.content.decode()
    given = {**answers, "material-premises": "1", "act": "submit", "token": token}
    filed = browser.post(address, given)
    again = browser.post(address, given)
    assert filed.url == again.url
    shown = page(browser, filed.url)
    assert "公章刻制备案" in shown
    assert "0 / 3" in shown
    assert "企业开办一件事" in page(browser, "/mine/")
    assert signed_in("cardless").get(filed.url).status_code == 404


def test_a_proxy_applies_in_the_principals_name_and_only_as_long_as_it_holds(county):
    principal, agent = signed_in("elder"), signed_in("cardless")
    form = f"/items/{CARD}/apply/"
    given = {"agent": CARDLESS, "reason": "腿脚不便", "days": "30"}
    assert principal.post("/my/proxies/", {**given, "agent": ELDER}).status_code == 422
    assert principal.post("/my/proxies/", {**given, "days": "999"}).status_code == 422
    assert principal.post("/my/proxies/", given).status_code == 302
    assert "王秀英" in page(agent, "/my/proxies/")
    (held,) = services.proxies_held(actor=identity.applicant(CARDLESS), at=timezone.now())
    assert signed_in("shop").post(f"/my/proxies/{held.id}/begin/").status_code == 403
    agent.post(f"/my/proxies/{held.id}/begin/")
    assert "您正在代 王秀英 办理" in page(agent, form)
    token = re.search(r'name="token" value="([^"]+)"', page(agent, form))[1]
    assert agent.post(form, {"act": "submit", "token": token, **ASKED}).status_code == 302
    row = Application.objects.get()
    assert row.subject == ELDER
    filed, used = (Outbox.objects.get(event=one) for one in ("application.filed", "proxy.used"))
    assert (filed.actor, filed.subject) == (used.actor, used.subject)
    assert filed.actor != filed.subject
    assert agent.get(f"/mine/cases/{row.case}/").status_code in (403, 404)
    assert "使用 1 次" in page(principal, "/my/proxies/")

    principal.post(f"/my/proxies/{held.id}/end/")

    assert "您正在代" not in page(agent, form)


def test_nothing_is_granted_to_who_has_died_and_a_move_stays_with_the_organ(county, monkeypatch):
    from yiwang.apps.services import holders

    browser, address = signed_in("elder"), "/items/everyday.residence_note/apply/"
    token = re.search(r'name="token" value="([^"]+)"', page(browser, address))[1]
    filed = browser.post(
        address,
        {"act": "submit", "token": token, "answer-address": "x", "answer-note_use": "rent"},
    )
    assert filed.status_code == 302, filed.content.decode()
    row = Application.objects.get()
    assert holders.moved_to(row) == ""
    row.answers["division"] = "321323001002"
    assert holders.moved_to(row) == applying.VILLAGE
    monkeypatch.setattr(holders, "_resident", lambda _: {"is_alive": False, "division": ""})
    with pytest.raises(services.HolderDied):
        holders.require_living(row)


def test_an_organ_s_own_list_is_compared_element_by_element_and_kept_nowhere(county):
    lead = signed_in("lead")
    assert "清单比对" in page(lead, "/office/items/")
    master = page(lead, "/office/items/list.csv").lstrip("\ufeff")
    heads, *lines = csv.reader(io.StringIO(master))
    own = next(line for line in lines if line[1] == "老年人优待证")
    same = [line for line in lines if line is not own][:2]
    changed = [own[0], own[1], "99个工作日", "1个工作日", f"{own[4]}、户口簿原件"]

    def compared(*rows):
        text = io.StringIO()
        csv.writer(text).writerows([heads, *rows])
        file = io.BytesIO(text.getvalue().encode("gb18030"))
        file.name = "本单位清单.csv"
        return lead.post("/office/items/compare/", {"file": file}).content.decode()

    told = compared(*same, changed, ["x", "没有的事项", "", "", ""])
    differences = told.split("有差异的要素", 1)[1]
    assert "99个工作日" in differences and "户口簿原件" in differences
    assert "没有的事项" in told and "第 5 行" in told
    assert "承诺办结时限</td>" not in differences, "a shorter promise is local"
    assert "没有差异" in compared(*lines)
    wrong = io.BytesIO(b"a,b\n1,2\n")
    for name, why in (("x.csv", "表头缺少“基本编码”"), ("x.xlsx", "打不开")):
        wrong.seek(0)
        wrong.name = name
        answer = lead.post("/office/items/compare/", {"file": wrong})
        assert answer.status_code == 422 and why in answer.content.decode()
    assert lead.post("/office/items/compare/", {}).status_code == 422
    for address in ("/office/items/compare/", "/office/items/list.csv"):
        assert signed_in("elder").get(address).status_code == 403
