"""Grants pushed into a consumer's own PostgreSQL and MariaDB tables, over real connections."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
import yaml
from cast import NINE, OFFICE, OTHER_OFFICE, WANG_NUMBER
from county import PROVIDER, PURPOSE, RESIDENT, YOUNG_NUMBER, County, granted, resident

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord, Key
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.journal import public as journal
from yiwang.kernel import masking

pytestmark = pytest.mark.django_db
COLUMNS = ("id_number", "name", "phone", "birth_on", "is_alive")
CLEAR = ("id_number", "name", "birth_on", "is_alive")
SHOWN = ("id_number", "name", "phone")
INVISIBLE = "\u200b\u200c\u200d\u2060\u2062"
OLD = (WANG_NUMBER, "王秀英", "138****5678")
Asked = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A lake of this module's own: other tests' lakes hold two residents for ever."""
    return tmp_path_factory.mktemp("pushing")


@pytest.fixture(params=["postgres", "mariadb"])
def target(request, settings, home, settled_county) -> Asked:
    """A home that binds a database of Li's organ; asks that database."""
    url = request.getfixturevalue(request.param)
    settings.HOME = home
    bound = {
        "intake": {"organ": OFFICE, "kind": request.param, "url": url},
        "theirs": {"organ": OTHER_OFFICE, "kind": request.param, "url": url},
    }
    (home / "targets.yaml").write_text(yaml.safe_dump(bound))
    return _on_mariadb(url) if request.param == "mariadb" else _on_postgres(url)


def _on_postgres(url: str) -> Asked:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            found = connection.execute(sql.encode())
            return found.fetchall() if found.description else []

    return ask


def _on_mariadb(url: str) -> Asked:
    parts = urlsplit(url)

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with (
            pymysql.connect(
                host=parts.hostname, port=parts.port or 3306, user=parts.username or "root",
                password=parts.password or "", database=parts.path[1:], autocommit=True,
            ) as connection,
            connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(sql)
            return list(cursor.fetchall())

    return ask


@pytest.fixture
def county(target, settled_county, db) -> County:
    written(resident(WANG_NUMBER, "王秀英", date(1956, 3, 14)))
    return settled_county


def written(*rows: dict[str, object]) -> None:
    columns = {name: one.type for name, one in _table().columns.items()}
    catalog.lake().write(RESIDENT, list(rows), columns=columns, at=NINE)


def _table():  # type: ignore[no-untyped-def]
    import prepared

    return prepared.library().table(RESIDENT)


def pushed_by(county: County, **changes: object) -> exchange.GrantView:
    bounds = {"lookup": (), "rows": "", "columns": COLUMNS, "clear": CLEAR}
    grant = _granted(county, **{**bounds, **changes})
    return exchange.set_push(
        grant.number, name="intake", relation="shared_resident", officer=county.li, at=NINE
    )


def _granted(county: County, *, columns: tuple[str, ...], **bounds: object) -> exchange.GrantView:
    demand = exchange.open_demand(
        table=RESIDENT, columns=columns, purpose=PURPOSE, basis="依据", officer=county.li, at=NINE,
        bounds=exchange.Bounds(quota_per_day=50, rate_per_second=50, **bounds),
    )  # fmt: skip
    grant = exchange.decide_demand(
        demand.number, agree=True, reason="同意", officer=county.chen, at=NINE
    )
    assert grant is not None
    return grant


def held(target: Asked) -> list[tuple[Any, ...]]:
    """What people see of the table: the watermark behind masked values is invisible."""
    rows = target(f"SELECT {', '.join(SHOWN)} FROM shared_resident")
    return sorted(
        tuple(value and "".join(sign for sign in value if sign not in INVISIBLE) for value in row)
        for row in rows
    )


def counts(view: exchange.PushView) -> tuple[int, int, int, int]:
    assert not view.fault, view.sentence
    return view.added, view.changed, view.removed, view.total


def test_a_grant_is_pushed_masked_then_what_changed_and_the_counts_balance(county, target):
    grant = pushed_by(county)
    first = exchange.push_grant(grant.number, at=NINE)
    assert counts(first) == (1, 0, 0, 1)
    assert held(target) == [OLD]
    [[born, alive]] = target("SELECT birth_on, is_alive FROM shared_resident")
    assert alive in (True, 1)
    assert born == date(1956, 3, 14)
    assert exchange.push_due(NINE) == 0  # nothing new, nobody is asked

    written(
        resident(WANG_NUMBER, "王秀英", date(1956, 3, 14), phone="13912340000"),
        resident(YOUNG_NUMBER, "李𠮷", date(2001, 1, 1), phone=None),
    )
    assert exchange.push_due(NINE) == 1
    [second, _] = exchange.pushes(grant.number, actor=county.li)
    assert counts(second) == (1, 1, 0, 2)
    assert second.since == first.snapshot
    assert held(target) == sorted(
        [(WANG_NUMBER, "王秀英", "139****0000"), (YOUNG_NUMBER, "李𠮷", None)]
    )

    written(resident(YOUNG_NUMBER, "李𠮷", date(2001, 1, 1), phone=None))
    assert counts(exchange.push_grant(grant.number, at=NINE)) == (0, 0, 1, 1)
    [[snapshot, rows]] = target("SELECT snapshot, rows_total FROM yiwang_push")
    assert (snapshot, rows) == (exchange.pushes(grant.number, actor=county.li)[0].snapshot, 1)


def test_a_push_is_judged_metered_and_journalled_as_any_call(county, target):
    grant = pushed_by(county)
    view = exchange.push_grant(grant.number, at=NINE)
    record = CallRecord.objects.get(number=view.call)
    assert (record.form, record.code, record.rows) == ("push", "allowed", 1)
    assert record.bytes_out
    assert not Key.objects.filter(grant__number=grant.number, revoked_at=None).exists()
    for event in ("gate.answered", "gate.delivered"):
        [entry] = journal.entries(event=event, limit=1)
        assert entry.facts["call"] == view.call

    exchange.withdraw_grant(grant.number, reason="不再提供", officer=county.chen, at=NINE)
    refused = exchange.push_grant(grant.number, at=NINE + timedelta(hours=1))
    assert "已被数据提供方撤回" in refused.sentence
    assert exchange.push_due(NINE + timedelta(hours=1)) == 0


def test_a_push_that_breaks_off_leaves_what_was_there_and_is_taken_up_again(
    county, target, settings
):
    grant = pushed_by(county)
    exchange.push_grant(grant.number, at=NINE)
    written(*(resident(str(10**17 + n), f"甲{n}", date(1990, 1, 1)) for n in range(70_000)))

    def cut(parts):  # type: ignore[no-untyped-def]
        yield next(parts)
        yield next(parts)
        raise exchange.StreamBroken("断", hint="")

    whole = exchange.Stream.parts
    exchange.Stream.parts = lambda self: cut(whole(self))
    try:
        broken = exchange.push_grant(grant.number, at=NINE)
    finally:
        exchange.Stream.parts = whole
    assert broken.fault == "exchange.stream_broken"
    assert CallRecord.objects.get(number=broken.call).code == "broken"
    assert held(target) == [OLD]

    assert counts(exchange.push_grant(grant.number, at=NINE)) == (70_000, 0, 1, 70_000)


def test_a_table_that_the_consumer_changed_is_pushed_whole_again(county, target):
    grant = pushed_by(county)
    exchange.push_grant(grant.number, at=NINE)
    target("DELETE FROM shared_resident")
    written(resident(WANG_NUMBER, "王秀英", date(1956, 3, 14), phone="13912340000"))
    again = exchange.push_grant(grant.number, at=NINE)
    assert (again.since, *counts(again)) == ("", 1, 0, 0, 1)
    assert held(target) == [(WANG_NUMBER, "王秀英", "139****0000")]


def test_a_push_since_a_snapshot_that_is_gone_is_whole_and_the_refusal_on_record(county, target):
    grant = pushed_by(county)
    exchange.push_grant(grant.number, at=NINE)
    target("UPDATE yiwang_push SET snapshot = '1'")
    again = exchange.push_grant(grant.number, at=NINE)
    assert (again.since, *counts(again)) == ("", 1, 0, 0, 1)
    codes = CallRecord.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["allowed", "since_unknown", "allowed"]
    assert held(target) == [OLD]


def test_a_key_that_leaves_masked_tells_no_rows_apart_so_all_is_pushed(county, target):
    grant = pushed_by(county, clear=())
    for _ in range(2):
        view = exchange.push_grant(grant.number, at=NINE)
        assert (view.since, *counts(view)) == ("", 1, 0, 0, 1)
    [[number]] = target("SELECT id_number FROM shared_resident")
    assert number.startswith(masking.mask(WANG_NUMBER, element="id_number", grade=3))


def test_a_table_that_somebody_else_made_is_never_written_to(county, target):
    target("CREATE TABLE shared_resident (id_number varchar(20))")
    target("INSERT INTO shared_resident VALUES ('theirs')")
    view = exchange.push_grant(pushed_by(county).number, at=NINE)
    assert view.fault == "lake.target_not_ours"
    assert "不是推送建立的" in view.sentence
    assert target("SELECT id_number FROM shared_resident") == [("theirs",)]


def test_a_database_that_is_not_there_is_on_record_without_its_address(county, settings):
    grant = pushed_by(county)
    bound = {
        "intake": {
            "organ": OFFICE, "kind": "postgres", "url": "postgresql://li:secret@127.0.0.1:9/x"
        }
    }  # fmt: skip
    (settings.HOME / "targets.yaml").write_text(yaml.safe_dump(bound))
    view = exchange.push_grant(grant.number, at=NINE)
    assert view.fault == "lake.target_down"
    assert "secret" not in view.sentence
    assert "127.0.0.1" not in view.sentence


def test_only_the_using_organ_sets_a_push_and_into_its_own_database_only(county):
    grant = _granted(county, columns=COLUMNS, lookup=(), clear=())
    words = {"name": "intake", "relation": "shared_resident", "at": NINE}
    for stranger in (county.sun, county.chen):
        with pytest.raises(NotAllowed):
            exchange.set_push(grant.number, officer=stranger, **words)
        with pytest.raises(NotAllowed):
            exchange.push_now(grant.number, officer=stranger, at=NINE)
    for name in ("theirs", "nowhere", PROVIDER):
        with pytest.raises(exchange.TargetUnknown):
            exchange.set_push(grant.number, officer=county.li, **{**words, "name": name})
    with pytest.raises(exchange.NotPushed):
        exchange.push_now(grant.number, officer=county.li, at=NINE)
    for hostile in ('x"; DROP TABLE y; --', "a.b.c", "x`y", "𠮷 x"):
        exchange.set_push(grant.number, officer=county.li, **{**words, "relation": hostile})
        assert exchange.push_grant(grant.number, at=NINE).fault == "lake.push_refused"
    by_key = granted(county)
    with pytest.raises(exchange.NotPushed):
        exchange.set_push(by_key.number, officer=county.li, **words)
    exchange.stop_push(grant.number, officer=county.li, at=NINE)
    assert exchange.push_due(NINE) == 0
