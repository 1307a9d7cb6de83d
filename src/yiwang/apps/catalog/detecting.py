"""Does a column hold numbers, names, addresses? Validators over sampled values, pure.

Each detector says yes to a value or not; how many of a sample it says yes to is evidence, never a
decision: the organ that provides the column decides.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from yiwang.kernel import masking
from yiwang.kernel.identifiers import gbt11643, uscc

LEAST_VALUES = 20
"""Fewer values are no evidence."""
EXAMPLES = 3

_PHONE = re.compile(r"(?:\+?86)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")
_CARD = re.compile(r"\d{16,19}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·.]?"
    r"(?:[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF])"
)
_PLACE = re.compile(r"省|市|县|区|街道|镇|乡|村|社区|居委会|路|大道|巷|组|幢|单元|室")
_DOOR = re.compile(r"\d+[号栋幢室]")
_OFFICES = ("局", "院", "中心", "公司", "政府", "委员会", "部", "社", "厂")
_NAME = re.compile(r"[\u4e00-\u9fff\U00020000-\U0003ffff·]{2,4}")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱"
    "严覃武戴莫孔向汤葛庄仓席倪欧司诸尉"
)


@dataclass(frozen=True)
class Detector:
    """One kind of sensitive value: how it is told, and from which share of a sample on."""

    id: str
    title: str
    is_one: Callable[[str], bool]
    share: float = 0.6
    masked_as: str = ""


@dataclass(frozen=True)
class Evidence:
    """What a detector found in a column's sample; the examples are masked."""

    detector: str
    sampled: int
    hits: int
    examples: tuple[str, ...]


def _is_uscc(text: str) -> bool:
    try:
        uscc.check(text.upper())
    except uscc.UsccMistyped:
        return False
    return True


def _is_card(text: str) -> bool:
    """A bank card by its length and Luhn digit (ISO/IEC 7812-1)."""
    if not _CARD.fullmatch(text) or gbt11643.is_valid(text):
        return False
    total = 0
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_address(text: str) -> bool:
    return (
        not text.endswith(_OFFICES)
        and len(text) >= 5
        and len(_PLACE.findall(text)) + bool(_DOOR.search(text)) >= 2
    )


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and text[0] in _SURNAMES


DETECTORS = (
    Detector("id_number", "公民身份号码", gbt11643.is_valid, masked_as="id_number"),
    Detector("bank_card", "银行卡号", _is_card, masked_as="bank_card"),
    Detector("uscc", "统一社会信用代码", _is_uscc, masked_as="id_number"),
    Detector("phone", "电话号码", lambda text: bool(_PHONE.fullmatch(text)), masked_as="phone"),
    Detector("plate", "机动车号牌", lambda text: bool(_PLATE.fullmatch(text.upper()))),
    Detector("address", "地址", _is_address, masked_as="address"),
    Detector("name", "姓名", _is_name, share=0.8, masked_as="name"),
)


def detect(values: Iterable[object]) -> Evidence | None:
    """The first detector that enough of the values satisfy; None when there is none."""
    texts = [text for value in values if value is not None and (text := str(value).strip())]
    if len(texts) < LEAST_VALUES:
        return None
    for detector in DETECTORS:
        hits = [text for text in texts if detector.is_one(text)]
        if len(hits) >= detector.share * len(texts):
            return Evidence(detector.id, len(texts), len(hits), _masked(hits, detector.masked_as))
    return None


def _masked(hits: Sequence[str], element: str) -> tuple[str, ...]:
    chosen = dict.fromkeys(hits)
    return tuple(
        str(masking.mask(text, element=element, grade=3)) for text in list(chosen)[:EXAMPLES]
    )
