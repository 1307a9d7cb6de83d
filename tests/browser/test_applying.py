"""On a phone: the form of an item is filled in, refused, mended and filed; axe has no complaint."""

from pathlib import Path

import applying
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from wcag import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looked_at(page: Page, name: str) -> None:
    """Nothing to complain of, nothing wider than the phone; a picture is kept in HOME."""
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=Path(settings.HOME) / f"{name}.png", full_page=True)


def test_an_application_is_filled_in_refused_mended_and_filed_on_a_phone(elder: Page):
    elder.goto(f"/items/{applying.ITEM}/")
    looked_at(elder, "item")
    elder.get_by_role("link", name="办理", exact=True).click()
    expect(elder.get_by_text("本次免填 6 项、免交 2 份材料")).to_be_visible()
    expect(elder.get_by_label("代领人姓名")).to_have_count(0)
    looked_at(elder, "form")

    elder.get_by_label("由他人代领").check()
    expect(elder.get_by_label("代领人姓名")).to_be_visible()
    elder.get_by_role("button", name="提交申请").click()
    expect(elder.get_by_role("alert")).to_contain_text("请填写“代领人姓名”")
    looked_at(elder, "refused")
    elder.get_by_label("代领人姓名").fill("王小明")
    elder.get_by_role("button", name="保存草稿").click()
    expect(elder.get_by_text("草稿已保存")).to_be_visible()
    expect(elder.get_by_label("代领人姓名")).to_have_value("王小明")

    elder.get_by_role("button", name="提交申请").click()
    expect(elder.get_by_role("heading", name="申请回执")).to_be_visible()
    looked_at(elder, "receipt")
    elder.get_by_role("link", name="查看进展").click()
    expect(elder.get_by_text("村（社区）核实").first).to_be_visible()
    looked_at(elder, "progress")
    elder.goto(f"/items/{applying.ITEM}/apply/")
    expect(elder.get_by_text("您的申请正在办理")).to_be_visible()
