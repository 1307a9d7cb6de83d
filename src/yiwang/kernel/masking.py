"""Masking: what of a graded value may be shown to somebody without the right to its clear form.

Pure, by character as a reader counts them (a surrogate-range ideograph is one, a variation
selector belongs to the ideograph before it), so no half character ever leaves. The widths follow
the habit of Chinese public notices and are coarse on purpose: the mask never tells the length of
what it hides, save where the length is fixed by a standard (ID number, mobile number).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

HIDDEN = "****"
"""What stands for a value of which nothing may be shown."""

CLEAR_UP_TO = 2
"""Grades up to this are shown as they are, unless the element identifies a person."""

_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_TOWN = re.compile(r"^.{2,40}?(?:街道|镇|乡|苏木)")
_COUNTY = re.compile(r"^.{2,24}(?:自治县|县|区|旗|市)")


def characters(text: str) -> list[str]:
    """``text`` cut into what a reader calls characters: 葛󠄀 (with its selector) is one."""
    if text.isascii():
        return list(text)
    cut: list[str] = []
    for sign in text:
        joins = unicodedata.combining(sign) or any(ord(sign) in block for block in _SELECTORS)
        if cut and joins:
            cut[-1] += sign
        else:
            cut.append(sign)
    return cut


def _ends(text: str, *, front: int, back: int) -> str:
    """The first ``front`` and last ``back`` characters, at least as many hidden as shown."""
    cut = characters(text)
    if len(cut) < 2 * (front + back):
        return HIDDEN
    return "".join(cut[:front]) + "*" * (len(cut) - front - back) + "".join(cut[len(cut) - back :])


def mask_id_number(text: str) -> str:
    """身份证号: ``321***********12`` — first three, last two."""
    return _ends(text.strip(), front=3, back=2)


def mask_name(text: str) -> str:
    """姓名: the first character; 王小明 → ``王**``, one-character names vanish."""
    cut = characters(text.strip())
    return cut[0] + "*" * min(len(cut) - 1, 2) if len(cut) > 1 else "*"


def mask_phone(text: str) -> str:
    """电话: ``138****5678``; anything but a mobile number keeps its last two digits only."""
    digits = re.sub(r"[^\d]", "", text)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{HIDDEN}{digits[-2:]}" if len(digits) >= 7 else HIDDEN


def mask_bank_card(text: str) -> str:
    """银行账号: the last four digits."""
    digits = re.sub(r"\s", "", text)
    return f"{HIDDEN}{digits[-4:]}" if len(digits) >= 12 else HIDDEN


def mask_address(text: str) -> str:
    """住址: down to the township, else to the county, else nothing but a mask."""
    match = _TOWN.match(text.strip()) or _COUNTY.match(text.strip())
    return f"{match[0]}{HIDDEN}" if match else HIDDEN


def mask_text(text: str) -> str:
    """Any other text: first and last character of long ones, nothing of short ones."""
    cut = characters(text.strip())
    return f"{cut[0]}{HIDDEN}{cut[-1]}" if len(cut) >= 6 else HIDDEN


_BY_ELEMENT: dict[str, Callable[[str], str]] = {
    "id_number": mask_id_number,
    "name": mask_name,
    "phone": mask_phone,
    "bank_card": mask_bank_card,
    "address": mask_address,
}
_SPELLINGS = {
    "id_number": ("id_number", "identity", "公民身份", "身份证", "身份号"),
    "bank_card": ("bank_card", "bank_account", "account_number", "银行账", "银行卡"),
    "phone": ("phone", "mobile", "telephone", "电话", "手机"),
    "address": ("address", "住址", "地址", "住所"),
    "name": ("person_name", "姓名", "户名"),
}


def element_of(*, element: str = "", column: str = "", title: str = "") -> str:
    """Which personal element a column holds (``id_number``, ``name`` …), or the empty text.

    The declared element decides; without one, the column's name and title are read.
    """
    if element in _BY_ELEMENT:
        return element
    for text in (element, column, title):
        for known, spellings in _SPELLINGS.items():
            if text and any(spelling in text.lower() for spelling in spellings):
                return known
        if text == "name" and not element:
            return "name"
    return ""


def is_masked(*, element: str = "", grade: int) -> bool:
    """Whether a value of this element and grade is masked for those without a clear grant."""
    return grade > CLEAR_UP_TO or (grade == CLEAR_UP_TO and element in _BY_ELEMENT)


def mask(value: Any, *, element: str = "", grade: int) -> Any:
    """``value`` as it may be shown at ``grade`` (1 public … 4 hidden whole); None stays None."""
    if value is None or not is_masked(element=element, grade=grade):
        return value
    if grade >= 4 or isinstance(value, bool):
        return HIDDEN
    if isinstance(value, date | datetime):
        return f"{value:%Y}-**-**"
    if isinstance(value, int | float | Decimal):
        return HIDDEN
    return _BY_ELEMENT.get(element, mask_text)(str(value))
