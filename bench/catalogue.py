"""Catalogue at scale: search over 100,000 entries, steward pages over 1 million columns.

`python -m bench catalogue` fills a home of its own and times the real search and the real pages
over the WSGI test client. `SCALE=0.1` makes everything a tenth.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

SCALE = float(os.environ.get("SCALE", "1"))
ENTRIES, TABLES, COLUMNS = int(100_000 * SCALE), int(10_000 * SCALE), 100
WORDS = (
    "户籍 人口 婚姻 登记 死亡 医保 参保 社保 缴费 低保 救助 残疾 车辆 驾驶 税务 发票 企业 法人 "
    "许可 处罚 水位 雨量 空气 监测 学籍 学生 教师 就业 公积金 不动产 土地 规划 施工 房屋 租赁 "
    "银行 账户 津贴 补贴 养老 机构 床位 疫苗 接种 病历 门诊 药品 食品 抽检 信用 合同 采购 预算"
).split()
QUERIES = (
    "户籍人口 婚姻登记 殘疾 車輛登記 津贴 企业信用 监测 银行账户 hukou jumin yiliao rkxx hjrk "
    "xuesheng 不动产 土地规划 医保参保 处罚 死亡登记 shebao 税务发票 登记 信息 dengji sbjf"
).split()
PASSWORD = "Measured-2026-xk"


def run() -> Iterator[str]:
    """Fill once, then time; the lines to print."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as home:
        from yiwang.boot.starting import start_django

        start_django(home=Path(home), place="siyang")
        begun = time.monotonic()
        _fill()
        seconds = time.monotonic() - begun
        yield f"{ENTRIES:,} entries, {TABLES * COLUMNS:,} columns filled in {seconds:.0f} s"
        yield from _search()
        yield from _pages()


def _fill() -> None:
    from django.core.management import call_command

    from yiwang.apps.catalog import searching
    from yiwang.apps.catalog.editions import begin_edition
    from yiwang.apps.catalog.feed_sources import library
    from yiwang.apps.catalog.models import Dataset, ListEntry, ListEntryVersion
    from yiwang.apps.identity import public as identity

    call_command("migrate", verbosity=0)
    at, random = datetime(2026, 11, 1, tzinfo=UTC), Random(7)
    identity.install(library(), at=at)
    identity.create_account(
        username="bench",
        name="测量",
        password=PASSWORD,
        at=at,
        organ="data-bureau",
        posts=["数据管理员"],
    )
    organs = [one.id for one in identity.organs()]
    titles = ["".join(random.choices(WORDS, k=3)) + "信息" for _ in range(ENTRIES)]
    rows = [
        ListEntry(
            number=f"3{n % 30:05}/{n:06}",
            list="data",
            organ=organs[n % len(organs)],
            about=f"t{n % 20}.table_{n}" if n < TABLES else "",
            title=title,
            state="published",
            version=1,
            origin="pack",
            completeness=0.9,
            touched_at=at,
        )
        for n, title in enumerate(titles)
    ]
    made = ListEntry.objects.bulk_create(rows, batch_size=500)
    values = {"title": "", "abstract": "各部门办理业务时产生。", "items": [{"title": "姓名"}]}
    ListEntryVersion.objects.bulk_create(
        [
            ListEntryVersion(
                entry=row,
                version=1,
                values={**values, "title": row.title},
                digest="0" * 64,
                origin="pack",
                active_from=at,
            )
            for row in made
        ],
        batch_size=500,
    )
    searching.index(
        "entry",
        (
            searching.Indexed(
                row.number,
                row.organ,
                row.title,
                (row.number, "姓名 证件号码 办理日期"),
                (searching.mark("list", "data"),),
            )
            for row in made
        ),
    )
    tables = [
        Dataset(
            ref=f"t{n % 20}.table_{n}",
            pack=f"t{n % 20}",
            kind="table" if n % 3 else "feed",
            title=titles[n],
            organ=organs[n % len(organs)],
            share="conditional",
            open="none",
            grade=2,
            folded=titles[n],
            active_from=at,
        )
        for n in range(TABLES)
    ]
    found = Dataset.objects.bulk_create(tables, batch_size=500)
    searching.index(
        "dataset",
        (
            searching.Indexed(
                row.ref,
                row.organ,
                row.title,
                (row.ref, row.title),
                (searching.mark("type", row.kind),),
            )
            for row in found
        ),
    )
    _columns()
    begin_edition()


def _columns() -> None:
    """A million rows are made by the store itself."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_datasetcolumn (dataset_id, name, position, title, type, element, "
            "codes, category, grade, grade_reason, grade_clause, share, open, is_required, "
            "active_from) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
            f"WHERE i < {COLUMNS - 1}) SELECT d.id, 'column_' || i, i, '字段' || i, 'text', '', "
            "'', '', 2, '提供机构定为 2 级', '《数据安全法》第二十一条', 'conditional', 'none', 0, "
            "d.active_from FROM catalog_dataset d CROSS JOIN n WHERE d.kind IN ('feed', 'table')"
        )


def _timed(act: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return sorted(times)


def _line(what: str, times: list[float], bar: int) -> str:
    p95 = times[int(len(times) * 0.95)]
    verdict = "ok" if p95 <= bar else "MISSED"
    return (
        f"{what}: p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms (bar {bar} ms) {verdict}"
    )


def _search() -> Iterator[str]:
    from yiwang.apps.catalog import public as catalog
    from yiwang.apps.identity import public as identity

    officer = identity.officer("bench", at=datetime.now(UTC))
    times: list[float] = []
    for query in QUERIES:
        times += _timed(
            lambda q=query: catalog.list_entries("data", actor=officer, query=q, limit=51), 8
        )
    yield _line(f"search, {len(QUERIES)} queries × 8", sorted(times), 50)
    times = []
    for query in QUERIES:
        times += _timed(
            lambda q=query: catalog.list_entries(
                "data", actor=officer, query=q, organ="market", limit=51
            ),
            4,
        )
    yield _line("search within one organ", sorted(times), 50)


def _pages() -> Iterator[str]:
    from django.test import Client

    client = Client()
    client.post("/sign-in/", {"username": "bench", "password": PASSWORD})
    for address in (
        "/steward/",
        "/steward/lists/",
        "/steward/lists/data/",
        "/steward/lists/data/?page=100",
        "/steward/lists/data/?query=jumin",
        "/steward/datasets/",
        "/steward/datasets/?page=100",
        "/steward/datasets/?query=登记",
        "/steward/datasets/t7.table_7/",
        "/steward/entries/300007-000007/",
        "/steward/census/",
        "/steward/standards/",
    ):
        begun = time.perf_counter()
        status = client.get(address).status_code
        first = (time.perf_counter() - begun) * 1000
        times = _timed(lambda a=address: client.get(a), 40)
        yield _line(f"{address} ({status}), first look {first:.0f} ms", times, 300)


if __name__ == "__main__":
    for line in run():
        print(line)
