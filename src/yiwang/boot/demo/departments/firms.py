"""Legal persons of the county with right unified social credit codes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from yiwang.boot.demo.departments.homeland import county_name
from yiwang.boot.demo.departments.names import given_name, surname
from yiwang.kernel.divisions import Division
from yiwang.kernel.identifiers import uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TRADES = (
    ("2011", "木业", "锯材加工"),
    ("2021", "板材", "胶合板制造"),
    ("1711", "纺织", "棉纺纱加工"),
    ("1751", "化纤", "化纤织造加工"),
    ("1512", "酒业", "白酒制造"),
    ("2110", "家居", "木质家具制造"),
    ("5212", "粮油", "粮油零售"),
    ("6210", "餐饮", "正餐服务"),
    ("0141", "农业科技", "蔬菜种植"),
    ("3360", "金属", "金属表面处理"),
    ("5430", "物流", "道路货物运输"),
    ("6513", "科技", "应用软件开发"),
)
"""Industry code (GB/T 4754), the word in a firm's name, the label."""


@dataclass(slots=True)
class Firm:
    """One legal person of the generated county."""

    uscc: str
    name: str
    representative: str
    address: str
    township: str
    kind: str
    industry: str
    established_on: date
    state: str


def firms(*, seed: int, on: date, count: int, villages: Sequence[Division]) -> Iterator[Firm]:
    """``count`` firms in the given villages, of which the parents are townships."""
    random = Random(seed)
    for _ in range(count):
        village = random.choice(villages)
        industry, word, _label = random.choice(TRADES)
        kind, tail = random.choice(
            (
                ("有限责任公司", "有限公司"),
                ("有限责任公司", "有限公司"),
                ("个人独资企业", "厂"),
                ("农民专业合作社", "专业合作社"),
            )
        )
        brand = "".join(random.choice("泗洋众兴运河盛源佳禾瑞丰恒宏达意杨绿林") for _ in range(2))
        yield Firm(
            uscc=_code(random, county=village.code[:6], cooperative=kind == "农民专业合作社"),
            name=f"{county_name(village.code)}{brand}{word}{tail}",
            representative=surname(random) + given_name(random, sex=1, born=date(1975, 1, 1)),
            address=f"{village.name}{random.randint(1, 99)}号",
            township=village.parent,
            kind=kind,
            industry=industry,
            established_on=on - timedelta(days=int(random.expovariate(1 / 2600)) % 12000),
            state=random.choices(("存续", "吊销", "注销", "迁出"), (92, 3, 4, 1))[0],
        )


def _code(random: Random, *, county: str, cooperative: bool) -> str:
    """A unified social credit code: authority and class, division, organization code, check."""
    body = "".join(random.choice(ALPHABET) for _ in range(8))
    head = f"{'93' if cooperative else '91'}{county}{body}{uscc.organization_check(body)}"
    return head + uscc.check_digit(head)
