"""The functions an expression may call: what they take, what they give, where it comes from.

This table is the allow-list. ``partial`` functions may be unknown although every argument is
known (a division by zero, a birth date read from a mistyped number).
"""

from dataclasses import dataclass
from typing import Literal as OneOf

from yiwang.rules.tree import AgeReached, Call, Node, Type, Widen

Kind = OneOf["text", "integer", "number", "date", "instant", "constant"]
"""What an argument must be; ``number`` is integer or decimal, ``constant`` a written integer."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function or operator. ``result`` None gives the common type of its numbers."""

    takes: tuple[Kind, ...]
    result: Type | None
    title: str
    partial: bool = False
    least: int | None = None
    """How many arguments are needed; all when None."""
    shown: str = ""
    """How an operator is written; functions are written by name."""
    source: str = ""


NUMBERS: tuple[Kind, Kind] = ("number", "number")
_ID = "GB 11643—1999《公民身份号码》"

FUNCTIONS: dict[str, Function] = {
    "add": Function(takes=NUMBERS, result=None, title="加", partial=True, shown="a + b"),
    "subtract": Function(takes=NUMBERS, result=None, title="减", partial=True, shown="a - b"),
    "multiply": Function(
        takes=NUMBERS,
        result=None,
        title="乘；小数积保留 6 位，第 7 位四舍五入",
        partial=True,
        shown="a * b",
    ),
    "divide": Function(
        takes=NUMBERS,
        result="decimal",
        title="除，结果为小数，保留 6 位，四舍五入；除数为零则不明",
        partial=True,
        shown="a / b",
    ),
    "quotient": Function(
        takes=("integer", "integer"),
        result="integer",
        title="整除，向零取整；除数为零则不明",
        partial=True,
        shown="a // b",
    ),
    "remainder": Function(
        takes=("integer", "integer"),
        result="integer",
        title="余数，符号随被除数；除数为零则不明",
        partial=True,
        shown="a % b",
    ),
    "negative": Function(takes=("number",), result=None, title="相反数", shown="-a"),
    "abs": Function(takes=("number",), result=None, title="绝对值"),
    "round": Function(
        takes=("number", "constant"),
        result="decimal",
        title="四舍五入到 n 位小数（0 至 6，不写为 0）；负数按绝对值",
        partial=True,
        least=1,
    ),
    "least": Function(takes=NUMBERS, result=None, title="两数中较小者；任一不明则不明"),
    "greatest": Function(takes=NUMBERS, result=None, title="两数中较大者；任一不明则不明"),
    "concat": Function(takes=("text", "text"), result="text", title="连接文本", shown="a || b"),
    "length": Function(takes=("text",), result="integer", title="字数（按字符，不按字节）"),
    "substr": Function(
        takes=("text", "constant", "constant"),
        result="text",
        title="从第几个字符起取几个字符（从 1 数起；不写长度则到末尾）",
        least=2,
    ),
    "upper": Function(takes=("text",), result="text", title="英文字母转大写，其他字符不变"),
    "lower": Function(takes=("text",), result="text", title="英文字母转小写，其他字符不变"),
    "trim": Function(
        takes=("text",), result="text", title="去掉两端的空格、全角空格、制表符、回车、换行"
    ),
    "replace": Function(takes=("text", "text", "text"), result="text", title="替换全部出现处"),
    "starts_with": Function(takes=("text", "text"), result="boolean", title="以……开头"),
    "ends_with": Function(takes=("text", "text"), result="boolean", title="以……结尾"),
    "contains": Function(takes=("text", "text"), result="boolean", title="包含"),
    "is_digits": Function(takes=("text",), result="boolean", title="非空且全是数字 0 至 9"),
    "is_id_number": Function(
        takes=("text",),
        result="boolean",
        title="公民身份号码：18 位、出生日期真实、校验码正确；须已去空格、X 大写",
        source=_ID,
    ),
    "birth_of_id": Function(
        takes=("text",),
        result="date",
        title="身份号码中的出生日期；号码有误则不明",
        partial=True,
        source=_ID,
    ),
    "sex_of_id": Function(
        takes=("text",),
        result="text",
        title="身份号码中的性别代码：1 男、2 女；号码有误则不明",
        partial=True,
        source=_ID + "；GB/T 2261.1",
    ),
    "is_uscc": Function(
        takes=("text",),
        result="boolean",
        title="统一社会信用代码：18 位，两个校验码正确；须已去空格、大写",
        source="GB 32100—2015；GB 11714",
    ),
    "is_phone": Function(
        takes=("text",),
        result="boolean",
        title="手机号（13 至 19 开头 11 位）或带区号的固定电话（0 开头 10 至 12 位，可含 -）",
    ),
    "is_bank_card": Function(
        takes=("text",),
        result="boolean",
        title="银行卡号：13 至 19 位数字，末位校验正确",
        source="ISO/IEC 7812-1 附录（Luhn）",
    ),
    "age_on_birthday": Function(
        takes=("date", "date"),
        result="integer",
        title="周岁，生日当天即满；闰日（2 月 29 日）出生者平年在 2 月 28 日满；出生晚于该日则不明",
        partial=True,
        source="平年对应日：《民法典》第二百零二条",
    ),
    "age_after_birthday": Function(
        takes=("date", "date"),
        result="integer",
        title="周岁，生日第二天起满；闰日出生者平年从 3 月 1 日起；出生晚于该日则不明",
        partial=True,
        source="法释〔2006〕1 号第二条；平年对应日：《民法典》第二百零二条",
    ),
    "days_between": Function(
        takes=("date", "date"), result="integer", title="从前一日期到后一日期的天数，可为负"
    ),
    "add_days": Function(
        takes=("date", "integer"),
        result="date",
        title="加若干天；超出公元 1 年至 9999 年则不明",
        partial=True,
    ),
    "add_months": Function(
        takes=("date", "integer"),
        result="date",
        title="加若干月；没有对应日的取月末日；超出公元 1 年至 9999 年则不明",
        partial=True,
        source="《民法典》第二百零二条",
    ),
    "date_of": Function(
        takes=("instant",), result="date", title="时刻在北京时间的日期（按东八区）"
    ),
    "year_of": Function(takes=("date",), result="integer", title="年"),
    "month_of": Function(takes=("date",), result="integer", title="月"),
    "day_of": Function(takes=("date",), result="integer", title="日"),
}


def is_partial(node: Node) -> bool:
    """Whether a node may be unknown although everything below it is known."""
    if isinstance(node, Call):
        return FUNCTIONS[node.name].partial
    return isinstance(node, Widen | AgeReached)
