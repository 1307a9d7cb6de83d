"""From the shelf to the council, from my file to a corrected value, from an alert to its case."""

import sqlite3

import pytest
from cast import NINE, PASSWORD, WANG_NUMBER
from county import PROVIDER, PURPOSE, RESIDENT, County, granted
from django.urls import reverse

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.services import public as services
from yiwang.kernel.crypto import KeyPair
from yiwang.lake import Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(settled_county, db) -> County:
    return settled_county


def as_(client, username: str):
    client.post(reverse("portal:sign_in"), {"username": username, "password": PASSWORD})
    return client


def test_a_push_is_set_on_the_page_of_its_grant(client, county, settings):
    (settings.HOME / "targets.yaml").write_text(
        "intake: {organ: civil-affairs, kind: postgres, url: 'postgresql://x:secret@127.0.0.1:9/x'}"
    )
    grant = granted(county, lookup=(), rows="")
    page, li = reverse("steward:push", args=[grant.number]), as_(client, "li")
    assert "还没有推送" in li.get(page).content.decode()
    said = li.post(page, {"act": "set", "name": "intake", "relation": "shared"}, follow=True)
    assert "推送已设定" in said.content.decode()
    assert "secret" not in said.content.decode()
    said = li.post(page, {"act": "now"}, follow=True)
    assert "没有应答" in said.content.decode()
    assert "127.0.0.1" not in said.content.decode()
    assert li.post(page, {"act": "set", "name": "other", "relation": "x"}).status_code == 422
    assert (
        reverse("steward:push", args=[grant.number])
        in li.get(reverse("steward:grant", args=[grant.number])).content.decode()
    )
    assert "推送已停止" in li.post(page, {"act": "stop"}, follow=True).content.decode()
    assert as_(client, "sun").get(page).status_code == 404
    assert as_(client, "chen").get(page).status_code == 200
    assert as_(client, "chen").post(page, {"act": "now"}).status_code == 403


def test_the_shop_tells_returned_local_and_social_data_apart(client, county):
    number = catalog.ask_return(
        title="户籍人口", level="province", provider="省公安厅", purpose="核对", officer=county.gu,
        at=NINE,
    )  # fmt: skip
    for state, feed in (("agreed", ""), ("receiving", "base.police_resident")):
        catalog.answer_return(
            number, state=state, answer="同意", officer=county.gu, at=NINE, feed=feed
        )
    li, shelf = as_(client, "li"), reverse("steward:shelf", args=[RESIDENT])
    shown = {
        origin: li.get(reverse("steward:shop"), {"origin": origin}).content.decode()
        for origin in ("returned", "social", "local")
    }
    lifts = reverse("steward:shelf", args=["old_lifts.lift_list"])
    assert shelf in shown["returned"]
    assert shelf not in shown["social"]
    assert lifts in shown["social"]
    assert lifts not in shown["returned"] + shown["local"]
    assert "上级回流" in li.get(shelf).content.decode()


def test_a_list_goes_from_the_shelf_through_the_basket_to_its_one_approval(client, county):
    li = as_(client, "li")
    assert "居民" in li.get(reverse("steward:shop")).content.decode()
    need = li.get(reverse("steward:shop"), {"need": "核实老人住址和联系电话"}).content.decode()
    assert "联系电话" in need
    assert li.get(reverse("steward:shelf", args=[RESIDENT])).status_code == 200
    chosen = {"table": RESIDENT, "columns": ["id_number", "name"], "then": "basket"}
    page = li.post(reverse("steward:put_in_basket"), chosen, follow=True)
    assert "公民身份号码" in page.content.decode()
    wrong = li.post(
        reverse("steward:basket"),
        {"title": "核实", "purpose": "", "valid_days": "9999", f"clear-{RESIDENT}": "name"},
    )
    kept = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'value="name" checked' in kept and 'value="核实"' in kept and "请写明用途" in kept
    asked = {"title": "核实", "purpose": PURPOSE, "basis": "县办法（示例）", "valid_days": "365"}
    answer = li.post(reverse("steward:basket"), asked, follow=True)
    (listing,) = exchange.scenarios(actor=county.li)
    assert listing.number in answer.content.decode()

    assert (
        as_(client, "sun").get(reverse("steward:scenario", args=[listing.number])).status_code
        == 404
    )
    gu = as_(client, "gu")
    refused = gu.post(reverse("steward:judge", args=[listing.number]), {"verdict": "refuse"})
    assert (refused.status_code, "请填写理由" in refused.content.decode()) == (422, True)
    said = gu.post(
        reverse("steward:judge", args=[listing.number]),
        {"verdict": "approve", "reason": "可"},
        follow=True,
    )
    assert "已审定" in said.content.decode()
    assert exchange.scenario(listing.number, actor=county.gu).state == "approved"
    assert gu.get(reverse("steward:scenarios")).status_code == 200
    assert gu.get(reverse("steward:council")).status_code == 200
    assert gu.get(reverse("steward:flows")).status_code == 200
    assert as_(client, "sun").get(reverse("steward:flows")).status_code == 403


def test_a_returned_list_comes_back_filled_in_and_is_sent_again(client, county):
    part = exchange.Part(RESIDENT, ("id_number", "name"), exchange.Bounds(valid_days=90))
    number = exchange.open_scenario(
        title="入户核实", purpose=PURPOSE, basis="县办法（示例）", parts=[part],
        officer=county.li, at=NINE,
    ).number  # fmt: skip
    page, here = (
        reverse(name, args=[number]) for name in ("steward:scenario", "steward:amend_scenario")
    )
    gu, judged = as_(client, "gu"), reverse("steward:judge", args=[number])
    assert gu.post(judged, {"verdict": "return"}).status_code == 422
    said = gu.post(judged, {"verdict": "return", "reason": "用途不清。"}, follow=True)
    assert "已退回，等待需求机构补充" in said.content.decode()
    assert here not in said.content.decode()

    li = as_(client, "li")
    shown = li.get(page).content.decode()
    assert here in shown and "用途不清。" in shown
    lifts = "old_lifts.lift_list"
    li.post(reverse("steward:put_in_basket"), {"table": lifts, "columns": ["name"]})
    filled = li.get(here).content.decode()
    assert PURPOSE in filled and 'value="90"' in filled and "老旧电梯名录" in filled
    given = {
        "tables": [RESIDENT, lifts], "title": "入户核实", "basis": "县办法第六条",
        f"columns-{RESIDENT}": ["id_number", "phone"], "valid_days": "60",
    }  # fmt: skip
    wrong = li.post(here, {**given, "purpose": ""})
    assert wrong.status_code == 422
    assert "县办法第六条" in wrong.content.decode() and "请写明用途" in wrong.content.decode()
    said = li.post(here, {**given, "purpose": "逐户核实", "words": "写明用途。"}, follow=True)
    told = said.content.decode()
    assert "已补充并重新提交" in told and "逐户核实" in told
    assert "写明用途。 改动：用途、法律依据、“居民”的字段或范围。" in told

    assert as_(client, "sun").get(here).status_code == 404
    assert as_(client, "chen").post(here, {**given, "purpose": "改"}).status_code == 404
    assert as_(client, "gu").post(here, {**given, "purpose": "改"}).status_code == 403
    (asked,) = exchange.scenario(number, actor=county.li).parts
    assert asked.columns == ("id_number", "phone")
    as_(client, "gu").post(judged, {"verdict": "approve", "reason": "可"})
    assert exchange.scenario(number, actor=county.li).parts[0].demand


def test_what_the_form_of_a_list_does_not_ask_stays_as_it_was(client, county):
    bounds = exchange.Bounds(rows="is_alive", quota_per_day=50, system="old_people")
    number = exchange.open_scenario(
        title="入户核实", purpose=PURPOSE, basis="县办法（示例）", officer=county.li, at=NINE,
        parts=[exchange.Part(RESIDENT, ("id_number", "name"), bounds)],
    ).number  # fmt: skip
    exchange.return_scenario(number, reason="用途不清。", officer=county.gu, at=NINE)
    given = {
        "tables": [RESIDENT], "title": "入户核实", "purpose": "逐户核实", "basis": "县办法第六条",
        f"columns-{RESIDENT}": ["id_number", "name"], "valid_days": "60",
    }  # fmt: skip
    as_(client, "li").post(reverse("steward:amend_scenario", args=[number]), given)

    (part,) = exchange.scenario(number, actor=county.li).parts
    assert exchange.bounds_of(part.bounds) == exchange.Bounds(
        rows="is_alive", quota_per_day=50, system="old_people", valid_days=60
    )


def test_a_returned_list_is_given_up(client, county):
    part = exchange.Part(RESIDENT, ("id_number", "name"))
    number = exchange.open_scenario(
        title="入户核实", purpose=PURPOSE, basis="县办法（示例）", parts=[part],
        officer=county.li, at=NINE,
    ).number  # fmt: skip
    gone = reverse("steward:withdraw_scenario", args=[number])
    assert as_(client, "li").post(gone, {"reason": "不办了"}).status_code == 403
    exchange.return_scenario(number, reason="用途不清。", officer=county.gu, at=NINE)
    assert as_(client, "sun").post(gone, {"reason": "不办了"}).status_code == 404
    said = as_(client, "li").post(gone, {"reason": "不办了"}, follow=True).content.decode()
    assert "场景清单已撤回" in said
    assert exchange.scenario(number, actor=county.li).state == "withdrawn"


def test_a_returned_demand_comes_back_filled_in_and_is_sent_again(client, county):
    demand = exchange.open_demand(
        table=RESIDENT, columns=("id_number", "name"), purpose=PURPOSE, basis="县办法（示例）",
        officer=county.li, at=NINE, bounds=exchange.Bounds(lookup=("id_number",), valid_days=90),
    ).number  # fmt: skip
    services.act_on_case(
        number=demand, verb="return", reason="用途不清。", officer=county.chen, at=NINE
    )
    here, li = reverse("steward:amend_demand", args=[demand]), as_(client, "li")
    assert here in li.get(reverse("steward:demand", args=[demand])).content.decode()
    filled = li.get(here).content.decode()
    assert PURPOSE in filled and 'value="90"' in filled
    given = {
        "columns": ["id_number", "name"], "lookup": "id_number", "basis": "县办法第六条",
        "quota_per_day": "100", "rate_per_second": "5", "valid_days": "60", "assurance": "key",
    }  # fmt: skip
    wrong = li.post(here, {**given, "purpose": ""})
    assert wrong.status_code == 422
    assert "县办法第六条" in wrong.content.decode() and "请写明用途" in wrong.content.decode()
    said = li.post(here, {**given, "purpose": "入户核实"}, follow=True).content.decode()
    assert "已补充并重新提交" in said and "入户核实" in said
    assert as_(client, "sun").get(here).status_code == 404
    assert as_(client, "chen").post(here, {**given, "purpose": "改"}).status_code == 403


def test_what_is_refused_on_pages_of_sharing_says_so_at_its_field(client, county):
    demand = exchange.open_demand(
        table=RESIDENT, columns=("id_number", "name"), purpose=PURPOSE, basis="县办法（示例）",
        officer=county.li, at=NINE, bounds=exchange.Bounds(lookup=("id_number",)),
    ).number  # fmt: skip
    li = as_(client, "li")
    early = li.post(reverse("steward:follow_demand", args=[demand]), {"act": "deny"})
    assert early.status_code in (403, 409)
    chen = as_(client, "chen")
    unsaid = chen.post(reverse("steward:decide", args=[demand]), {"agree": "0"})
    assert unsaid.status_code == 422
    assert 'id="f-reason-error"' in unsaid.content.decode()
    chen.post(reverse("steward:decide", args=[demand]), {"agree": "1"})
    grant = exchange.demand(demand, actor=county.li).grant
    unsaid = chen.post(reverse("steward:withdraw", args=[grant]), {"reason": " "})
    assert "撤回授权应当说明理由" in unsaid.content.decode()
    li = as_(client, "li")
    wrong = li.post(reverse("steward:register_key", args=[grant]), {"public": "no key"})
    assert wrong.status_code == 422 and "no key</textarea>" in wrong.content.decode()
    unsaid = li.post(reverse("steward:keep_grant", args=[grant]), {"act": "give_up"})
    assert (unsaid.status_code, 'id="f-reason-error"' in unsaid.content.decode()) == (422, True)


def test_a_late_answer_and_a_denied_objection_reach_the_council_from_their_pages(client, county):
    demand = exchange.open_demand(
        table=RESIDENT, columns=("id_number", "name"), purpose=PURPOSE, basis="县办法（示例）",
        officer=county.li, at=NINE, bounds=exchange.Bounds(lookup=("id_number",)),
    ).number  # fmt: skip
    page, follow = (
        reverse(f"steward:{name}", args=[demand]) for name in ("demand", "follow_demand")
    )
    assert "提供机构逾期未答复" not in as_(client, "chen").get(page).content.decode()
    assert as_(client, "sun").get(page).status_code == 404
    li = as_(client, "li")
    assert "提供机构逾期未答复" in li.get(page).content.decode()
    said = li.post(follow, {"act": "escalate", "reason": "逾期未答复。"}, follow=True)
    assert "已提请议事协调" in said.content.decode()

    number = catalog.object_to(
        RESIDENT, key=WANG_NUMBER, column="address", claimed="众兴街道上海路3号",
        reason="今年八月迁居。", by=county.wang, at=NINE, source="citizen",
    )  # fmt: skip
    catalog.answer_objection(number, agrees=False, reason="无误", officer=county.chen, at=NINE)
    gu, verdict = as_(client, "gu"), reverse("steward:verdict", args=[number])
    said = gu.post(verdict, {"verdict": "council", "reason": "有租约。"}, follow=True)
    assert "已提请议事协调" in said.content.decode()

    held = {"title": "协调会", "held_at": "2026-12-01T14:30", "items": [demand, number]}
    wrong = gu.post(reverse("steward:council"), {**held, "held_at": "明天"})
    assert (wrong.status_code, 'id="f-held_at-error"' in wrong.content.decode()) == (422, True)
    meeting = gu.post(reverse("steward:council"), held, follow=True).content.decode()
    (called,) = exchange.meetings(actor=county.gu)
    written = {"minutes": "听取双方意见。", f"words-{demand}": "按字段共享。"}
    unsaid = gu.post(reverse("steward:meeting", args=[called.number]), written)
    assert unsaid.status_code == 422
    assert f"请为议题 {demand} 选择决定" in unsaid.content.decode()
    assert "按字段共享。</textarea>" in unsaid.content.decode()
    assert "议定更正" in meeting and "议定共享" in meeting
    assert "上海路" not in meeting, "no value is told to the council"
    assert WANG_NUMBER not in meeting


def test_a_resident_objects_from_my_file_and_follows_it_to_the_corrected_value(client, county):
    jobs.register(kinds=catalog.JOBS)
    wang = as_(client, "wang")
    assert "这一行有误" in wang.get(reverse("portal:my_file")).content.decode()
    row = {"table": RESIDENT, "key-id_number": WANG_NUMBER}
    assert wang.post(reverse("portal:new_objection"), row).status_code == 200
    told = {"column": "address", "claimed": "众兴街道上海路3号", "reason": "今年八月迁居。"}
    page = wang.post(reverse("portal:new_objection"), {**row, **told}, follow=True)
    (objection,) = catalog.objections(actor=county.wang)
    assert objection.number in page.content.decode()
    address = reverse("steward:objection", args=[objection.number])

    assert as_(client, "sun").get(address).status_code == 404
    assert (
        as_(client, "wang-company")
        .get(reverse("portal:my_objection", args=[objection.number]))
        .status_code
        == 404
    )
    chen = as_(client, "chen")
    assert "众兴街道上海路3号" in chen.get(address).content.decode()
    for page in (address, reverse("office:case", args=[objection.number])):
        seen = chen.get(page).content.decode()
        assert f"{PROVIDER} chen " in seen.split('class="watermark"')[1].split("</svg>")[0]
    denied = chen.post(
        reverse("steward:answer", args=[objection.number]), {"agrees": "0", "value": "上海路5号"}
    )
    assert denied.status_code == 422
    assert "请填写理由" in denied.content.decode() and "上海路5号" in denied.content.decode()
    chen.post(reverse("steward:answer", args=[objection.number]), {"agrees": "1"})
    gu = as_(client, "gu")
    unsaid = gu.post(reverse("steward:verdict", args=[objection.number]), {"verdict": "kept"})
    assert (unsaid.status_code, "请填写理由" in unsaid.content.decode()) == (422, True)
    gu.post(reverse("steward:verdict", args=[objection.number]), {"verdict": "corrected"})
    assert "已更正" in gu.get(address).content.decode()
    assert (
        "您的异议成立"
        in as_(client, "wang")
        .get(reverse("portal:my_objection", args=[objection.number]))
        .content.decode()
    )


def test_a_system_reads_what_changed_with_its_key_and_nobody_without(client, county):
    grant = granted(county)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    address = reverse("api:changes")
    right = {"Authorization": f"Bearer {key}"}

    assert client.get(address, headers=right).json() == {"changes": [], "until": ""}
    assert client.get(address).status_code == 401
    wrong = client.get(address, {"since": "gestern"}, headers=right)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "api.since_mistyped")


def test_the_guard_traces_a_leaked_answer_to_its_call_and_strangers_do_not(client, county):
    grant = granted(county)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    where = {"id_number": WANG_NUMBER}
    call = exchange.Call(key=key, table=RESIDENT, where=where, purpose=PURPOSE, case="SY1")
    answer = exchange.answer(call, at=NINE)
    identity.create_account(
        username="guard",
        name="高安全",
        password=PASSWORD,
        at=NINE,
        organ="data-bureau",
        posts=["数据安全员"],
    )
    guard = identity.officer("guard", at=NINE)

    leaked = exchange.mark_of(answer.call).told.encode()
    (found,) = exchange.trace(leaked, actor=guard)
    assert found.is_genuine and found.call.number == answer.call
    assert found.call.organ == county.li.organ
    forged = leaked[:-8] + b"00000000"
    assert [one.call for one in exchange.trace(forged, actor=guard)] == [None]
    with pytest.raises(identity.NotAllowed):
        exchange.trace(leaked, actor=county.sun)
    page = as_(client, "guard")
    for name in ("alerts", "trace", "flows", "specials_opening"):
        assert page.get(reverse(f"steward:{name}")).status_code == 200, name


def test_a_special_grant_says_whether_the_platform_knows_its_case(client, county):
    def account(username, **more):
        identity.create_account(
            username=username, name=username, password=PASSWORD, at=NINE, **more
        )

    account("chuangkou", organ="approval", posts=["综合窗口"])
    account("guard", organ="data-bureau", posts=["数据安全员"])
    window = identity.officer("chuangkou", at=NINE)

    def shown(case: str) -> str:
        number = exchange.ask_special(
            kind="super", tables=[RESIDENT], purpose="免提交户口簿", basis="县办法（示例）",
            case=case, hours=2, officer=window, at=NINE,
        ).number  # fmt: skip
        page = reverse("steward:special", args=[number])
        assert as_(client, "sun").get(page).status_code == 403
        return as_(client, "guard").get(page).content.decode()

    assert "不是本平台的办件编号" in shown("SZ-2026-1")
    assert "本平台的办件，内容供承办单位查看" in shown(granted(county).demand)


def test_the_bureau_sets_a_route_to_the_source_on_a_page_and_ends_it(
    client, county, tmp_path, monkeypatch
):
    file = tmp_path / "hukou.sqlite"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE czrk (sfzh TEXT, xm TEXT)")
    bound = catalog.BoundSource("hukou", "sqlite", PROVIDER, (), Source(kind="sqlite", path=file))
    monkeypatch.setattr(catalog, "source", lambda name: bound)
    monkeypatch.setattr(catalog, "sources", lambda: {"hukou": bound})
    here, gu = reverse("steward:at_source"), as_(client, "gu")
    given = {"table": RESIDENT, "source": "hukou", "relation": "czrk"}
    wrong = gu.post(here, {**given, "columns": "id_number = sfzh\nname = no_such"})
    assert wrong.status_code == 422
    assert "试查来源" in wrong.content.decode()
    assert gu.post(here, {**given, "columns": "id_number ="}).status_code == 422
    page = gu.post(here, {**given, "columns": "id_number = sfzh\nname = xm"}, follow=True)
    assert "直连中" in page.content.decode()
    ended = gu.post(reverse("steward:end_route", args=[RESIDENT]), follow=True)
    assert "已结束" in ended.content.decode()
    for stranger in ("sun", "li"):
        assert as_(client, stranger).get(here).status_code == 403
        assert client.post(reverse("steward:end_route", args=[RESIDENT])).status_code == 403


def test_a_public_key_is_registered_on_the_page_of_its_grant(client, county):
    grant = granted(county)
    here = reverse("steward:register_key", args=[grant.number])
    li = as_(client, "li")
    public = KeyPair.generate().public.pem()
    page = li.post(here, {"public": public}, follow=True).content.decode()
    assert "keyid" in page
    assert "已为本授权登记过" in li.post(here, {"public": public}, follow=True).content.decode()
    assert "公钥" in li.post(here, {"public": "no key"}, follow=True).content.decode()
    assert as_(client, "sun").post(here, {"public": public}).status_code in (403, 404)
