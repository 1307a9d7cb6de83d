"""A licence on paper: one A4 page that says what it is, what it says, and how to check it."""

from datetime import datetime

import segno

from yiwang.apps.credentials.pdf import WIDTH, Page, beyond, spelled, wrapped
from yiwang.apps.credentials.queries import LicenseView
from yiwang.kernel.clock import CHINA

LEFT, VALUE, RIGHT = 70, 190, WIDTH - 70
SIZE, STEP = 12, 24


def printout(view: LicenseView, *, organ: str, address: str, at: datetime) -> bytes:
    """The licence as PDF; ``address`` is what stands before the token in its code's link."""
    page = Page(f"{view.title} {view.number}")
    page.text((WIDTH - 24 * len(view.title)) / 2, 90, view.title, size=24)
    page.text(LEFT, 128, f"证照编号：{view.number}")
    page.rule(142, left=LEFT, right=RIGHT)
    top = 172.0
    for title, value in _lines(view, organ):
        page.text(LEFT, top, title, size=SIZE)
        for line in wrapped(spelled(value), width=RIGHT - VALUE, size=SIZE):
            page.text(VALUE, top, line, size=SIZE)
            top += STEP
    page.rule(top, left=LEFT, right=RIGHT)
    _proof(page, view, address, top + 24, at)
    return page.content()


def not_printed(view: LicenseView) -> list[str]:
    """The characters in what a licence says that its printout cannot show: rare names."""
    return beyond("".join(str(value) for _, value in view.fields.values()))


def _lines(view: LicenseView, organ: str) -> list[tuple[str, str]]:
    until = view.valid_until.isoformat() if view.valid_until else "长期"
    return [
        *((title, str(value)) for title, value in view.fields.values()),
        ("颁发机构", organ),
        ("颁发时间", f"{view.issued_at.astimezone(CHINA):%Y-%m-%d}"),
        ("有效期至", until),
        ("当前状态", view.state_title),
    ]


def _proof(page: Page, view: LicenseView, address: str, top: float, at: datetime) -> None:
    """The code, and what a reader without a phone can compare."""
    code = segno.make(address + view.token, error="m")
    page.matrix([bytes(row) for row in code.matrix], left=LEFT, top=top, side=130)
    said = [
        "扫描左侧二维码，或在“证照核验”页面输入证照编号，",
        "以核验页面显示的状态为准：打印件不反映打印后的变化。",
        f"打印时间：{at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        f"签名算法：SM2；摘要（SM3）：{view.digest[:16]}…",
        f"颁发机构公钥编号：{view.key}",
    ]
    if not_printed(view):
        said.append("〔U+…〕为打印字体没有的字，以核验页面显示的原字为准。")
    for number, line in enumerate(said):
        page.text(LEFT + 150, top + 20 + number * 22, line, size=10)
