"""What tax, insurance, housing and the court hold about the firms of the market register."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiwang.boot.demo.departments.exports import write_csv
from yiwang.boot.demo.departments.firms import Firm
from yiwang.boot.demo.departments.homeland import county_name, short_name
from yiwang.boot.demo.departments.names import given_name, surname

Row = tuple[str, ...]


def write_firm_records(
    folder: Path, firms: Sequence[Firm], *, on: date, random: Random
) -> dict[str, int]:
    """Write the four registers below ``folder``; rows by file."""
    written = {
        folder / "tax" / "税务登记.csv": (
            (
                "纳税人识别号",
                "纳税人名称",
                "法定代表人",
                "联系电话",
                "生产经营地址",
                "信用等级",
                "登记日期",
            ),
            _taxed(firms, on, random),
        ),
        folder / "human-resources" / "单位参保核定.csv": (
            ("统一社会信用代码", "单位名称", "单位地址", "参保人数", "核定日期"),
            _insuring(firms, on, random),
        ),
        folder / "housing" / "建筑业企业资质.csv": (
            ("证书编号", "统一社会信用代码", "企业名称", "资质等级", "发证日期", "有效期至"),
            _building(firms, on, random),
        ),
        folder / "court" / "失信被执行人.csv": (
            ("案号", "统一社会信用代码", "被执行人名称", "立案日期", "执行标的", "状态"),
            _enforced(firms, on, random),
        ),
    }
    return {file.stem: write_csv(file, *table) for file, table in written.items()}


def _taxed(firms: Sequence[Firm], on: date, random: Random) -> Iterator[Row]:
    """Names are those of the first registration; a representative changed since, now and then."""
    for firm in firms:
        if random.random() > 0.8:
            continue
        head = firm.representative
        if random.random() < 0.01:
            head = surname(random) + given_name(random, sex=1, born=date(1970, 1, 1))
        name = _without_level(firm) if random.random() < 0.008 else firm.name
        code = firm.uscc[:-1] + "0" if random.random() < 0.003 else firm.uscc
        phone = f"0527{random.randint(80_000_000, 89_999_999)}"
        day = firm.established_on + timedelta(days=random.randint(5, 60))
        yield (
            code, name, head, phone, firm.address, random.choice("AABBBCM"),
            f"{min(day, on):%Y-%m-%d}",
        )  # fmt: skip


def _insuring(firms: Sequence[Firm], on: date, random: Random) -> Iterator[Row]:
    for firm in firms:
        if random.random() > 0.4:
            continue
        address = (
            firm.address
            if random.random() > 0.05
            else f"{short_name(county_name(firm.township))}经济开发区{random.randint(1, 60)}号"
        )
        day = on - timedelta(days=random.randint(1, 300))
        yield (firm.uscc, firm.name, address, str(random.randint(1, 220)), f"{day:%Y-%m-%d}")


def _building(firms: Sequence[Firm], on: date, random: Random) -> Iterator[Row]:
    for number, firm in enumerate(firms):
        if random.random() > 0.03:
            continue
        since = on - timedelta(days=random.randint(60, 1700))
        until = since + timedelta(days=1826)
        yield (
            f"D332{number:06d}", firm.uscc, firm.name, random.choice(("三级", "二级", "二级")),
            f"{since:%Y-%m-%d}", f"{until:%Y-%m-%d}",
        )  # fmt: skip


def _enforced(firms: Sequence[Firm], on: date, random: Random) -> Iterator[Row]:
    for number, firm in enumerate(firms):
        if random.random() > 0.012:
            continue
        day = on - timedelta(days=random.randint(20, 1200))
        yield (
            f"({day.year})苏1323执{number}号", firm.uscc, firm.name, f"{day:%Y-%m-%d}",
            f"{random.randint(2, 900) * 1000}", random.choice(("执行中", "已履行", "终结本次")),
        )  # fmt: skip


def _without_level(firm: Firm) -> str:
    """The name as it was first registered: 泗阳 for 泗阳县."""
    county = county_name(firm.township)
    return firm.name.replace(county, short_name(county))
