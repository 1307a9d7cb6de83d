"""The steward's tutorial, step by step: a workbook becomes a dataset with score, grade, lineage."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from cast import NINE, PASSWORD, WANG_NUMBER
from county import PURPOSE, settle
from django.conf import settings as configured
from visiting import browser_of, text_of

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.jobs import public as jobs
from yiwang.boot.installing import install_all
from yiwang.boot.work import register_work
from yiwang.kernel.clock import system_clock
from yiwang.packkit.current import current_library

pytestmark = pytest.mark.django_db

PAGES = Path(__file__).parents[2] / "docs/tutorial"
BLOCK = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)```", re.M | re.S)
FEED, TABLE = "cards.card_list", "cards.card"


def blocks(name):
    return dict(BLOCK.findall((PAGES / name).read_text("utf-8")))


def work():
    """What the worker beside the platform does."""
    worker = jobs.Worker(clock=system_clock)
    while worker.run_next():
        pass


@pytest.fixture
def county(db, settings, tmp_path):
    """Steps 1 and 2 as they are written, and the pack taken over."""
    settled, written = settle(), blocks("steward.md")
    identity.create_account(
        username="minzhengcdo",
        name="首席",
        password=PASSWORD,
        at=NINE,
        organ=settled.li.organ,
        posts=["首席数据官"],
    )
    Account.objects.update(password_set_at=system_clock())
    packs = tmp_path / "packs"
    shutil.copytree(configured.PACKS, packs)
    for path, text in written.items():
        if path.startswith("packs/"):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    place = packs / "places/siyang/place.yaml"
    text = place.read_text("utf-8")
    place.write_text(text.replace("packs:\n", "packs:\n  - cards\n", 1), "utf-8")
    settings.PACKS = packs
    home = Path(configured.HOME)
    rows = [
        [WANG_NUMBER, "YD0001", "2026-03-01"],
        [WANG_NUMBER.lower(), "YD0002", ""],
        ["320825195603140000", "YD0003", "2026-03-01"],
    ]
    exec(written["cards.py"], {"home": home, "rows": rows})
    bound = home / "sources.yaml"
    bound.write_text(yaml.safe_dump({"cards": {"kind": "folder", "path": "departments/cards"}}))
    register_work()
    library = current_library(configured.PACKS, configured.PLACE, home)
    install_all(library, at=system_clock())
    yield settled
    bound.unlink()
    shutil.rmtree(home / "departments")


def test_the_steps_are_done_on_the_pages_by_whom_they_name(county):
    shuju, chief, minzheng = (browser_of(name) for name in ("gu", "minzhengcdo", "li"))
    collect_and_publish(shuju)
    look(shuju)
    sign_a_change(shuju, chief, county)
    scan(shuju, chief)
    open_a_file(minzheng)


def collect_and_publish(shuju):
    assert shuju.post(f"/steward/feeds/{FEED}/ask/").status_code == 302
    work()
    (held,) = catalog.loads(ref=FEED, state="held")
    assert "超过上限" in text_of(shuju, f"/steward/loads/{held.run}/")
    decided = {"decision": "publish", "reason": "错号一行，已与民政核对"}
    shuju.post(f"/steward/loads/{held.run}/decision/", decided)
    work()
    done = catalog.load(held.run)
    assert (done.state, done.read, done.accepted, done.rejected) == ("done", 3, 2, 1)


def look(shuju):
    assert "老年优待证台账" in text_of(shuju, "/steward/runs/")
    assert catalog.collections(ref=FEED)[0].score < 100
    assert "发证日期不为空" in text_of(shuju, f"/steward/datasets/{FEED}/")
    assert "flow lineage" in text_of(shuju, f"/steward/datasets/{TABLE}/")
    table = catalog.dataset(TABLE)
    columns = {column.name: column for column in table.column_views}
    assert columns["id_number"].grade == 3
    assert columns["id_number"].sources == ((FEED, "id_number"),)
    assert table.rows == 2


def sign_a_change(shuju, chief, county):
    for query in ("老年优待证", "老年優待證", "lnydz"):
        found = catalog.list_entries("data", actor=county.sun, query=query)
        assert TABLE in {one.about for one in found}
    slug = catalog.entries_about([TABLE])[TABLE].slug
    page = f"/steward/entries/{slug}/"
    duty = {"organ": county.li.organ, "duty": "chief", "username": "minzhengcdo"}
    assert shuju.post("/steward/duties/", duty).status_code == 302
    kind, values = catalog.list_kind("data"), catalog.list_entry(slug, actor=county.li).values
    given = {one.name: catalog.shown(one, values.get(one.name), codes={}) for one in kind.fields}
    given |= {"abstract": "县民政局发放的老年优待证。"}
    assert chief.post(f"{page}draft/", given).status_code == 302
    assert chief.post(f"{page}submit/").status_code == 302
    assert page in text_of(shuju, "/office/todo/")
    assert shuju.post(f"{page}check/", {"passes": "1"}).status_code == 302
    assert page in text_of(chief, "/office/todo/")
    assert browser_of("sun").post(f"{page}publish/").status_code == 403
    assert chief.post(f"{page}publish/", {"reason": "补摘要"}).status_code == 302
    told = text_of(shuju, page)
    assert "签名有效" in told and "第 2 版与前一版的差别" in told


def scan(shuju, chief):
    folder = Path(configured.HOME) / "departments" / "cards"
    (folder / "旧台账.csv").write_text("姓名,证号\n王秀英,YD0001\n", "utf-8")
    assert shuju.post("/steward/scans/cards/ask/").status_code == 302
    work()
    found = {
        one.table: one.state for one in catalog.latest_tables(catalog.source("cards"), at=NINE)
    }
    (stray,) = (name for name, state in found.items() if state == "missing")
    assert sorted(found.values()) == ["catalogued", "missing"]
    assert stray in text_of(shuju, "/steward/scans/cards/")
    registered = {"table": stray, "title": "优待证旧台账"}
    assert chief.post("/steward/scans/cards/register/", registered).status_code == 302
    assert "编制中" in text_of(chief, "/steward/scans/cards/")
    for address in ("/steward/census/", "/steward/business/"):
        text_of(shuju, address)


def open_a_file(minzheng):
    assert catalog.subject_column(TABLE) == "id_number"
    asked = {"kind": "person", "number": WANG_NUMBER, "purpose": PURPOSE, "case": "外部-1"}
    page = minzheng.post("/steward/files/", asked).content.decode()
    assert "老年优待证" in page and "本次查看已留痕" in page
    again = browser_of("sun").post("/steward/files/", asked)
    assert "老年优待证" not in again.content.decode()


def test_both_languages_show_the_same_steps():
    assert blocks("steward.md") == blocks("steward.zh-CN.md")
