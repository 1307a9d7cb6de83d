"""The composer: put together, saved in versions, published, withdrawn; strangers reach nothing."""

import prepared
import pytest
from cast import NINE, PASSWORD
from county import County, settle
from visiting import browser_of, text_of

from yiwang.apps.boards import public as boards
from yiwang.apps.boards.actions.indicators import take_snapshot
from yiwang.apps.boards.models import ScreenVersion
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock
from yiwang.packkit.kinds.sight import Screen, Widget

pytestmark = pytest.mark.django_db
NUMBER = Widget(kind="indicator", title="人口", of="base.residents")
BARS = Widget(kind="chart", title="各部门", of="vital_signs.incidents", by="organ", chart="bar")
WORDS = Widget(kind="text", title="说明", of="今日重点：防汛。")


@pytest.fixture(scope="module")
def composed(django_db_setup, django_db_blocker):
    yield from prepared.for_module(django_db_blocker, compose)


@pytest.fixture
def county(composed, db):
    return composed


def compose() -> County:
    settled = settle()
    for name, organ, post in (
        ("cheng", "command-center", "分管领导"),
        ("han", "command-center", "指挥中心值班员"),
        ("ma", "data-bureau", "分管领导"),
    ):
        identity.create_account(
            username=name, name=name, password=PASSWORD, at=NINE, organ=organ, posts=[post]
        )
    Account.objects.update(password_set_at=system_clock())
    boards.publish_platform(catalog.lake(), at=NINE)
    for ref in ("base.residents", "vital_signs.incidents"):
        indicator = settled.library.indicator(ref)
        take_snapshot(ref, indicator, lake=catalog.lake(), at=NINE, library=settled.library)
    return settled


def officer(name: str) -> identity.Officer:
    return identity.officer(name, at=NINE)


@pytest.fixture
def ref(county) -> str:
    return boards.begin_screen(
        title="今日值守", officer=officer("cheng"), at=NINE, library=county.library
    )


def saved(county, ref: str, *widgets: Widget, base: int = 1, by: str = "cheng") -> int:
    said = Screen(title="今日值守", audience="leader", widgets=widgets)
    return boards.save_screen(
        ref, content=said, base=base, officer=officer(by), at=NINE, library=county.library
    )


def form(*widgets: Widget, act: str, base: int = 1, **more: object) -> dict[str, object]:
    fields = ("kind", "title", "of", "by", "chart", "size")
    columns = {name: [getattr(one, name) for one in widgets] for name in fields}
    return {
        "screen_title": "今日值守",
        "audience": "leader",
        "base": base,
        "act": act,
        **columns,
    } | more


def test_a_screen_is_put_together_published_seen_and_withdrawn(county, ref):
    leader, address = browser_of("cheng"), f"/oversight/own-screens/{ref}/"
    added = leader.post(
        address, form(NUMBER, act="add-chart", new_counted="vital_signs.incidents|organ")
    )
    moved = leader.post(address, form(NUMBER, WORDS, act="up-1"))
    kept = leader.post(address, form(NUMBER, BARS, WORDS, act="save"), follow=True)

    assert "事件总数 · 按机构" in added.content.decode()
    assert moved.content.decode().index("今日重点") < moved.content.decode().index('value="人口"')
    assert "已保存为第 2 版" in kept.content.decode()
    assert "有改动尚未保存" in added.content.decode()
    assert browser_of("han").get(f"/oversight/screens/{ref}/").status_code == 404

    published = leader.post(f"{address}publish/", {"act": "publish"}, follow=True)
    assert "第 2 版已发布" in published.content.decode()
    duty = browser_of("han")
    assert "今日值守" in text_of(duty, "/oversight/screens/")
    for shape in ("", "wall/"):
        page = text_of(duty, f"/oversight/screens/{ref}/{shape}")
        assert all(words in page for words in ("人口", "各部门", "今日重点"))
        assert "/steward/indicators/base.residents/numerator/" in page
    leader.post(f"{address}publish/", {"act": "withdraw"})
    assert duty.get(f"/oversight/screens/{ref}/").status_code == 404


def test_a_screen_of_a_pack_is_a_start_and_stays_as_it_is(county):
    before = county.library.screen("vital_signs.county")
    started = browser_of("cheng").post(
        "/oversight/own-screens/begin/",
        {"title": "我的一屏", "start": "vital_signs.county"},
        follow=True,
    )
    (own,) = boards.own_screens(officer=officer("cheng"))

    assert "城市运行体征" in started.content.decode()
    assert (own.content.title, own.content.widgets) == ("我的一屏", before.widgets)
    assert county.library.screen("vital_signs.county") == before


def test_of_two_composers_the_second_is_told_and_loses_nothing(county, ref):
    assert saved(county, ref, NUMBER, by="han") == 2
    address = f"/oversight/own-screens/{ref}/"
    late = browser_of("cheng").post(address, form(WORDS, act="save", base=1))

    assert "被 han 保存为第 2 版" in late.content.decode()
    assert "今日重点" in late.content.decode()
    assert boards.own_screen(ref, officer=officer("cheng")).content.widgets == (NUMBER,)
    assert saved(county, ref, NUMBER, base=2) == 2
    assert saved(county, ref, WORDS, base=2) == 3
    assert "取回这一版" in text_of(browser_of("cheng"), address)
    assert boards.own_version(ref, 2, officer=officer("cheng")).widgets == (NUMBER,)


@pytest.mark.parametrize(
    ("widget", "words"),
    [
        (Widget(kind="chart", title="各人", of="base.residents", by="name"), "不能按“name”"),
        (Widget(kind="chart", title="各人", of="base.residents", by="id_number"), "不能按"),
        (Widget(kind="indicator", title="无", of="tests.none"), "没有指标"),
        (Widget(kind="map", title="图", of="tests.none"), "没有图层"),
        (Widget(kind="vitals", title="树", of="tests.none"), "没有体征体系"),
        (Widget(kind="text", title="空", of=" "), "文字应为"),
        (Widget(kind="list", title="清单", of="cases"), "只能是事件"),
    ],
)
def test_what_is_not_there_or_names_somebody_is_not_shown(county, ref, widget, words):
    with pytest.raises(boards.ScreenMalformed, match=words):
        saved(county, ref, widget)

    assert ScreenVersion.objects.count() == 1


def test_an_empty_screen_and_one_that_a_wall_cannot_hold_are_not_published(county, ref):
    told = {"officer": officer("cheng"), "at": NINE, "library": county.library}
    with pytest.raises(boards.ScreenEmpty):
        boards.publish_screen(ref, **told)
    saved(county, ref, *[BARS] * 10)
    with pytest.raises(boards.ScreenTooFull):
        boards.publish_screen(ref, **told)


def test_strangers_compose_preview_publish_and_withdraw_nothing(county, ref):
    saved(county, ref, NUMBER)
    address = f"/oversight/own-screens/{ref}/"
    acts = (("publish/", {"act": "publish"}), ("preview/", form(NUMBER, act="stay")))
    for name, status in (("ma", 404), ("sun", 403), ("wang", 403)):
        stranger = browser_of(name)
        assert stranger.get(address).status_code == status
        assert stranger.post(address, form(WORDS, act="save", base=2)).status_code == status
        for act, told in acts:
            assert stranger.post(f"{address}{act}", told).status_code == status
    assert browser_of("han").post(f"{address}publish/", {"act": "publish"}).status_code == 403
    with pytest.raises(boards.ScreenUnknown):
        boards.publish_screen(ref, officer=officer("ma"), at=NINE, library=county.library)
    with pytest.raises(boards.ScreenUnknown):
        boards.declared(ref, county.library)
    assert boards.own_screen(ref, officer=officer("cheng")).number == 2


def test_the_preview_shows_what_is_not_saved(county, ref):
    address = f"/oversight/own-screens/{ref}/preview/"
    shown = browser_of("han").post(address, form(NUMBER, WORDS, act="stay")).content.decode()
    wrong = browser_of("han").post(address, form(Widget(kind="text", title="", of=""), act="stay"))

    assert "今日重点" in shown
    assert "还不能预览" in wrong.content.decode()
    assert ScreenVersion.objects.count() == 1
