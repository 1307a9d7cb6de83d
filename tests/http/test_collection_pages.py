"""Pages of collection and quality: opened by the bureau, acted on, closed to strangers."""

import json

import pytest
import yaml
from cast import NINE, PASSWORD
from county import settle
from django.test import Client

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import CollectionRun, Dataset, FeedLoad
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock
from yiwang.lake import Collection

pytestmark = pytest.mark.django_db
FEED = "base.death"


@pytest.fixture
def at(db, settings, tmp_path):
    settle()
    settings.HOME = tmp_path
    (tmp_path / "health").mkdir()
    bound = {"health": {"kind": "folder", "path": "health"}}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(bound))
    Account.objects.update(password_set_at=system_clock())
    jobs.register(kinds=catalog.JOBS)
    for n in range(2):
        catalog.record_collection(
            Collection(
                run=f"r{n}", feed=FEED, read=100, accepted=98, rejected=2, flagged=5,
                by_rule={"id_number.element": 2}, snapshot="s", at=NINE, seconds=0.5,
            ),
            at=system_clock(),
        )  # fmt: skip

    def browser(username):
        client = Client()
        client.post("/sign-in/", {"username": username, "password": PASSWORD})
        return client

    yield browser
    catalog.lake().close()


def held(**more):
    return FeedLoad.objects.create(
        run=f"{FEED}@9", dataset=Dataset.objects.get(ref=FEED), mode="whole", state="held",
        source="文件夹", asked_by="system", asked_at=NINE, reasons=["来源是空的"], **more,
    )  # fmt: skip


def test_every_page_of_collection_and_quality_opens_and_says_what_is_there(at):
    held(drift={"missing": {"id_number": "身份证号"}, "found": ["号码"]})
    gu = at("gu")
    for address, words in {
        "/steward/feeds/": "死亡登记",
        f"/steward/feeds/{FEED}/": "归集计划",
        "/steward/loads/?state=held": "待决定",
        f"/steward/loads/{FEED}@9/": "来源缺少下列各列",
        "/steward/quality/": "县卫生健康委员会",
        f"/steward/quality/{FEED}/": "质量趋势",
        "/steward/quality/report/": "数据质量报告",
        "/steward/bulletins/": "还没有通报",
        "/steward/returns/": "回流台账",
    }.items():
        answer = gu.get(address)
        assert answer.status_code == 200, address
        assert words in answer.content.decode(), address
    report = json.loads(gu.get("/steward/quality/report.json").content)
    assert report["tables"][0]["ref"] == FEED
    table = gu.get("/steward/quality/report.csv").content.decode("utf-8-sig")
    assert FEED in table and "县卫生健康委员会" in table
    past = "?since=2020-01-01&until=2020-02-01"
    assert json.loads(gu.get(f"/steward/quality/report.json{past}").content)["tables"] == []
    assert FEED not in gu.get(f"/steward/quality/report.csv{past}").content.decode("utf-8-sig")


def test_a_load_offers_only_what_can_be_decided_and_names_what_is_not_read(at):
    held(drift={"missing": {}, "doubled": ["姓名"], "found": []}, unused=["备注", "乡镇"])

    page = at("gu").get(f"/steward/loads/{FEED}@9/").content.decode()

    assert 'value="refuse"' in page
    assert 'value="publish"' not in page and 'value="map"' not in page
    assert "备注、乡镇" in page and f"/steward/datasets/{FEED}/" in page


def test_the_steward_plans_asks_decides_issues_and_keeps_the_ledger(at):
    held()
    gu = at("gu")

    plan = {"cycle": "workday 08:30", "is_active": "1", "drop_limit": "20", "rejected_limit": "10"}
    gu.post(f"/steward/feeds/{FEED}/plan/", plan)
    assert catalog.feed_plan(FEED, at=NINE).cycle_title == "每个工作日 08:30"
    gu.post(f"/steward/feeds/{FEED}/plan/", plan | {"cycle": "sometimes"})
    assert catalog.feed_plan(FEED, at=NINE).cycle == "workday 08:30"
    gu.post(f"/steward/feeds/{FEED}/ask/")
    assert catalog.feed_plan(FEED, at=NINE).job.state == "waiting"
    assert "推送密钥" in gu.post(f"/steward/feeds/{FEED}/key/", follow=True).content.decode()
    feed = Dataset.objects.get(ref=FEED)
    feed.mappings.create(column="name", source="死者", decided_by="gu", active_from=NINE)
    assert "取消这项对应" in gu.get(f"/steward/feeds/{FEED}/").content.decode()
    gu.post(f"/steward/feeds/{FEED}/mappings/name/", {"reason": "来源恢复"})
    assert not feed.mappings.filter(active_until=None).exists()
    gu.post(f"/steward/loads/{FEED}@9/decision/", {"decision": "refuse", "reason": "错发"})
    assert catalog.load(f"{FEED}@9").state == "refused"
    period = {"since": "2026-11-01", "until": "2026-12-01"}
    assert "质量通报" in gu.post("/steward/bulletins/issue/", period, follow=True).content.decode()
    asked = {"title": "参保", "level": "province", "provider": "省人社厅", "purpose": "津贴"}
    refused = gu.post("/steward/returns/ask/", asked | {"provider": " "})
    page = refused.content.decode()
    assert refused.status_code == 422 and not catalog.returns()
    assert "没有写明上级部门。" in page and 'aria-invalid="true"' in page
    assert 'value="津贴"' in page and 'value="province" selected' in page
    gu.post("/steward/returns/ask/", asked)
    [line] = catalog.returns()
    gu.post(f"/steward/returns/{line.number}/", {"state": "agreed", "answer": "同意"})
    assert catalog.returns()[0].state == "agreed"


def test_a_stranger_opens_the_pages_but_changes_nothing(at):
    held()
    sun = at("sun")
    for address in (
        f"/steward/feeds/{FEED}/plan/", f"/steward/feeds/{FEED}/ask/",
        f"/steward/feeds/{FEED}/key/", f"/steward/feeds/{FEED}/mappings/name/",
        f"/steward/loads/{FEED}@9/decision/",
        "/steward/bulletins/issue/", "/steward/returns/ask/", "/steward/returns/1/",
    ):  # fmt: skip
        assert sun.post(address, {"decision": "publish", "reason": "x"}).status_code == 403
    assert catalog.load(f"{FEED}@9").state == "held"
    assert CollectionRun.objects.count() == 2


def test_a_system_pushes_rows_with_its_key_and_asks_how_they_fared(at):
    key = catalog.issue_push_key(FEED, officer=identity.officer("gu"), at=NINE)
    machine, address = Client(), f"/api/feeds/{FEED}/rows"
    headers = {"authorization": f"Bearer {key}", "idempotency-key": "d-0001"}

    refused = machine.post(address, b"a", content_type="text/csv")
    assert (refused.status_code, refused.json()["code"]) == (401, "catalog.push_key_unknown")
    rows = [{"id_number": "1", "name": "王", "death_on": "2026-10-01"}]
    taken = machine.post(
        address, json.dumps(rows), content_type="application/json", headers=headers
    )
    again = machine.post(
        address, json.dumps(rows), content_type="application/json", headers=headers
    )
    assert (taken.status_code, taken.json()) == (202, again.json())
    told = machine.get(f"/api/feeds/{FEED}/loads/{taken.json()['run']}", headers=headers)
    assert told.json()["state"] == "waiting"
    other = {**headers, "authorization": "Bearer x"}
    assert machine.get(f"/api/feeds/{FEED}/loads/x", headers=other).status_code == 401
