"""Open data as people use it: search, datasets, files in ranges, taking part."""

import csv
import io
from datetime import timedelta

import pytest
from cast import NINE, PASSWORD
from django.test import Client
from opened import BANDS, DETAILS, published

from yiwang.apps.exchange import public as exchange

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(settled_county, db):
    return settled_county


@pytest.fixture
def homes(county):
    return published(county)


def signed_in(username):
    client = Client()
    client.post("/sign-in/", {"username": username, "password": PASSWORD})
    return client


def content(answer):
    return b"".join(answer.streaming_content)


def test_everybody_searches_in_both_scripts_and_filters(homes, client):
    for query in ("query=養老", "query=养老&theme=health-care", "tag=床位", "organ=civil-affairs"):
        assert "养老机构名录" in client.get(f"/open/?{query}").content.decode(), query
    assert "没有符合条件" in client.get("/open/?query=没有这个").content.decode()
    assert client.get("/open/?page=99999&sort=password&organ=%00").status_code == 200


def test_a_dataset_shows_preview_chart_map_files_and_its_licence(homes, client):
    page = client.get("/open/elder-homes/").content.decode()

    for part in ("data-chart", "data-map", "/open/elder-homes/data.csv", "text/turtle", "预览"):
        assert part in page, part
    for address in ("api/", "data.json", "data.parquet"):
        assert client.get(f"/open/elder-homes/{address}").status_code == 200
    assert "注明" in client.get("/open/licenses/county-open/").content.decode()
    duties = client.get("/open/duties/").content.decode()
    kept = duties.split('id="kept"')[1]
    assert "养老机构名录" in duties
    assert "个人信息保护法" in kept and "未登记例外" in kept


def test_machines_are_led_to_dcat_and_browsers_to_the_page(homes, client):
    turtle = client.get("/open/elder-homes/", headers={"accept": "text/turtle"})
    linked = client.get("/open/", headers={"accept": "application/ld+json"})

    assert turtle.headers["Location"] == "/api/dcat/elder-homes.ttl"
    assert linked.headers["Location"] == "/api/dcat/catalog.jsonld"
    assert client.get("/open/", headers={"accept": "text/html, */*"}).status_code == 200


def test_a_file_comes_whole_in_ranges_and_not_twice(homes, client):
    whole = client.get("/open/elder-homes/data.csv")
    body, tag = content(whole), whole.headers["ETag"]
    assert len(list(csv.DictReader(io.StringIO(body.decode(), newline="")))) == 12

    def part(span, **headers):
        return client.get("/open/elder-homes/data.csv", headers={"range": span, **headers})

    middle = part("bytes=10-19")
    assert (middle.status_code, content(middle)) == (206, body[10:20])
    assert middle.headers["Content-Range"] == f"bytes 10-19/{len(body)}"
    assert content(part("bytes=-5")) == body[-5:] and content(part("bytes=7-")) == body[7:]
    assert part("bytes=999999-").status_code == 416
    assert part("bytes=0-1", **{"if-range": '"old"'}).status_code == 200
    same = client.get("/open/elder-homes/data.csv", headers={"if-none-match": tag})
    assert same.status_code == 304 and not same.content
    with_mark = client.get("/open/elder-homes/data.csv?bom=1")
    assert content(with_mark) == b"\xef\xbb\xbf" + body and with_mark.headers["ETag"] != tag
    marked = client.get("/open/elder-homes/data.csv?bom=1", headers={"range": "bytes=2-5"})
    assert content(marked) == (b"\xef\xbb\xbf" + body)[2:6]


def test_fetches_are_counted_without_names(homes, client):
    content(client.get("/open/elder-homes/data.csv"))
    client.get("/open/elder-homes/data.csv", headers={"range": "bytes=5-9"})

    assert exchange.open_release("elder-homes").downloads == 1


def test_what_is_not_there_is_said_in_words(homes, client):
    for address in ("nothing/", "elder-homes/data.xlsx", "elder-homes/data.csv?version=7"):
        assert client.get(f"/open/{address}").status_code == 404, address
    assert client.get("/open/changes.pdf").status_code == 404
    assert client.post("/open/elder-homes/data.csv").status_code == 405


def test_a_withdrawn_dataset_tells_its_story(county, homes, client):
    later = NINE + timedelta(days=1)
    exchange.withdraw_release(homes.name, reason="口径调整", officer=county.li, at=later)
    page = client.get("/open/elder-homes/")

    assert page.status_code == 410 and "口径调整" in page.content.decode()
    assert client.get("/open/elder-homes/data.csv").status_code == 410
    assert "撤下" in client.get("/open/changes.atom").content.decode()
    assert client.get("/open/changes.rss").headers["Content-Type"].startswith("application/rss")


def test_conditional_data_needs_request_agreement_and_key(county):
    published(county, BANDS)
    nobody, wang = Client(), signed_in("wang")
    assert nobody.get("/open/resident-bands/data.csv").status_code == 403
    assert nobody.get("/open/resident-bands/apply/").status_code == 302
    assert "预览" not in nobody.get("/open/resident-bands/").content.decode()
    short = wang.post("/open/resident-bands/apply/", {"purpose": "短"})
    assert short.status_code == 422
    wang.post("/open/resident-bands/apply/", {"purpose": "研究人口结构", "agreed": "1"})
    (asked,) = exchange.own_requests("resident-bands", actor=county.wang)
    decision = f"/steward/open-requests/{asked.number}/decision/"
    assert signed_in("sun").post(decision, {"agree": "1"}).status_code == 403
    unsaid = signed_in("chen").post(decision, {"agree": "0"})
    assert (unsaid.status_code, "不同意时应当说明理由" in unsaid.content.decode()) == (422, True)
    assert signed_in("chen").post(decision, {"agree": "1"}).status_code == 302
    key_page = f"/open/resident-bands/apply/{asked.number}/key/"
    assert signed_in("wang-company").post(key_page).status_code == 409
    shown = wang.post(key_page).content.decode()
    key = shown[shown.index("yo_") :].split("<", 1)[0].split("'", 1)[0].strip()
    keyed = nobody.get("/open/resident-bands/data.csv", headers={"authorization": key})
    assert keyed.status_code == 200 and content(keyed).startswith(b"sex,")
    wrong = nobody.get("/open/resident-bands/data.csv", headers={"authorization": key + "x"})
    assert wrong.status_code == 403
    end = f"/steward/open-requests/{asked.number}/end/"
    assert signed_in("sun").post(end, {"reason": "x"}).status_code == 403
    assert signed_in("chen").post(end, {"reason": ""}).status_code == 422
    signed_in("chen").post(end, {"reason": "用途不符。"})
    assert "用途不符。" in wang.get("/open/resident-bands/apply/").content.decode()
    assert (
        nobody.get("/open/resident-bands/data.csv", headers={"authorization": key}).status_code
        == 403
    )


def test_developers_try_the_interface_and_made_up_rows_before_they_have_a_key(homes, county):
    made, nobody = published(county, BANDS), Client()
    page = nobody.get("/open/elder-homes/api/").content.decode()
    tried = page.split('name="resource_id" value="')[1].split('"')[0]
    answer = nobody.get("/api/3/action/datastore_search", {"resource_id": tried, "limit": "5"})
    assert len(answer.json()["result"]["records"]) == 5

    assert "合成样例" in nobody.get("/open/resident-bands/api/").content.decode()
    sample = nobody.get("/open/resident-bands/sample.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(sample)))
    real = list(csv.DictReader(io.StringIO(made.file("csv").read_text("utf-8"))))
    assert [*real[0], "synthetic"] == list(rows[0])
    assert {row["synthetic"] for row in rows} == {"合成样例"}
    for row in rows:
        low, _, high = row["birth_on"].partition("-")
        assert int(high) - int(low) == 9, "made as coarse as the real ones"
        assert len(row["division"]) == len(real[0]["division"])
    assert nobody.get("/open/no-such/sample.csv").status_code == 404


def test_society_asks_rates_and_shows_and_officers_answer(county, homes):
    wang, li, gu = signed_in("wang"), signed_in("li"), signed_in("gu")
    wang.post("/open/elder-homes/questions/", {"text": "床位数何时更新？"})
    wang.post(
        "/open/elder-homes/reuses/", {"title": "地图", "text": "床位", "link": "javascript:1"}
    )
    wang.post("/open/elder-homes/reuses/", {"title": "养老地图", "text": "床位", "link": ""})
    wang.post("/open/elder-homes/stars/", {"stars": "5"})
    assert li.post("/open/elder-homes/stars/", {"stars": "1"}).status_code == 403
    desk = li.get("/steward/releases/").content.decode()
    assert "床位数何时更新" in desk
    (question,) = exchange.questions_waiting(actor=county.li)
    short = li.post(f"/steward/open-questions/{question.id}/answer/", {"answer": "月"})
    assert short.status_code == 422
    assert "请写答复" in short.content.decode() and ">月</textarea>" in short.content.decode()
    li.post(f"/steward/open-questions/{question.id}/answer/", {"answer": "每月更新。"})
    (reuse,) = exchange.reuses_waiting(actor=county.gu)
    assert li.post(f"/steward/open-reuses/{reuse.id}/decision/", {"agree": "1"}).status_code == 403
    gu.post(f"/steward/open-reuses/{reuse.id}/decision/", {"agree": "1"})
    page = Client().get("/open/elder-homes/").content.decode()
    assert "每月更新" in page and "养老地图" in page and "javascript:" not in page


def test_an_officer_proposes_on_a_page_reads_the_blame_and_mends_it(county, homes):
    chen, gu = signed_in("chen"), signed_in("gu")
    address = "/steward/releases/new/?table=open_data.resident_profile"
    assert "出生日期" in chen.get(address).content.decode()
    given = {
        "name": DETAILS.name,
        "title": DETAILS.title,
        "terms": "conditional",
        "theme": "population",
        "license": "county-conditional",
        "contact": "县公安局",
        "columns": list(DETAILS.columns),
    }
    page = chen.post(address, given, follow=True).content.decode()
    assert "没有通过开放检查" in page and "去掉“出生日期”" in page and "这样修改后可以通过" in page
    coarse = {"coarse-birth_on": "years:10", "coarse-division": "digits:9"}
    assert "待审核" in chen.post(address, {**given, **coarse}, follow=True).content.decode()
    decision = f"/steward/releases/{DETAILS.name}/decision/"
    assert chen.post(decision, {"agree": "1"}).status_code == 403
    assert gu.post(decision, {"agree": "1"}).status_code == 302
    assert Client().get(f"/open/{DETAILS.name}/").status_code == 200
    withdrawal = f"/steward/releases/{DETAILS.name}/withdrawal/"
    assert signed_in("sun").post(withdrawal, {"reason": "x"}).status_code in (403, 404)
    assert chen.post(withdrawal, {"reason": "口径调整"}).status_code == 302
    assert Client().get(f"/open/{DETAILS.name}/").status_code == 410
