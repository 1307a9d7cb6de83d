"""Registers behind subsidies and firms' policies: jobs, schools, veterans, births, taxes, staff."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiwang.boot.demo.departments.exports import write_csv
from yiwang.boot.demo.departments.firms import Firm
from yiwang.boot.demo.departments.people import CHILD, HEAD, Household, Person

Row = Sequence[object]
FOLDERS = (
    "children", "education", "health", "housing", "human-resources", "industry", "market", "tax",
    "veterans",
)  # fmt: skip
"""The departments' own folders, beside those that other registers make."""
STAGES = ((3, "学前"), (6, "小学"), (12, "初中"), (15, "高中"), (18, "大学"), (22, ""))


def policy_registers(
    folder: Path, homes: Sequence[Household], firms: Sequence[Firm], *, on: date, random: Random
) -> dict[str, int]:
    """Write every register under ``folder``; returns their rows by name."""
    people = [member for home in homes for member in home.members]
    return {
        **_of_people(folder, people, on=on, random=random),
        **_of_homes(folder, homes, on=on, random=random),
        **_of_firms(folder, firms, on=on, random=random),
    }


def _of_people(
    folder: Path, people: Iterable[Person], *, on: date, random: Random
) -> dict[str, int]:
    jobs, insured, pupils, veterans, families, children = [], [], [], [], [], []
    for one in people:
        age, roll = on.year - one.birth_on.year, random.random()
        if 16 <= age < 60:
            jobs += _job(one, roll, on, random)
        if age >= 16 and roll < 0.8:
            kind = "城镇职工" if random.random() < 0.35 else "城乡居民"
            insured.append((one.id_number, kind, random.randint(6, 12 * max(1, min(age - 16, 30)))))
        if 3 <= age < 22 and (roll < 0.9 or age < 15) and (age < 18 or roll < 0.5):
            pupils.append(_pupil(one, age, on))
        if one.sex == 1 and age >= 20 and roll < 0.03:
            injured = random.randint(1, 10) if random.random() < 0.06 else ""
            veterans.append((one.id_number, "义务兵", random.randint(2, 12), injured))
        if age >= 40 and roll > 0.88:
            kind = random.choices(("独生子女父母", "失独", "伤残"), (96, 2, 2))[0]
            families.append((one.id_number, kind, _ago(on, random, 4000)))
        if age < 18 and roll < 0.004:
            kind = "孤儿" if random.random() < 0.3 else "事实无人抚养"
            children.append((one.id_number, kind, _ago(on, random, 1500)))
    person = "身份证号"
    return {
        "human-resources.employment": write_csv(
            folder / "human-resources" / "就业失业登记.csv",
            (person, "就业状态", "登记日期", "失业保险缴费月数", "就业困难"), jobs),
        "human-resources.insurance": write_csv(
            folder / "human-resources" / "养老保险参保.csv", (person, "险种", "缴费月数"), insured),
        "education": write_csv(
            folder / "education" / "学籍.csv", (person, "学段", "入学日期", "学校"), pupils),
        "veterans": write_csv(
            folder / "veterans" / "退役军人.csv",
            (person, "类别", "服役年限", "残疾等级"), veterans),
        "health.family": write_csv(
            folder / "health" / "计划生育家庭.csv", (person, "类别", "认定日期"), families),
        "children": write_csv(
            folder / "children" / "困境儿童.csv", (person, "类别", "认定日期"), children),
    }  # fmt: skip


def _job(one: Person, roll: float, on: date, random: Random) -> list[Row]:
    if roll > 0.75:
        return []
    state = random.choices(("就业", "失业", "灵活就业"), (82, 5, 13))[0]
    months: object = random.randint(0, 200) if random.random() > 0.02 else ""
    hard = "是" if state != "就业" and random.random() < 0.2 else "否"
    return [(one.id_number, state, _ago(on, random, 1200), months, hard)]


def _pupil(one: Person, age: int, on: date) -> Row:
    began, stage = [each for each in STAGES if each[0] <= age][-1]
    year = one.birth_on.year + began
    since = date(min(year, on.year - (on.month < 9)), 9, 1)
    return (one.id_number, stage, since.isoformat(), f"{stage}示例学校")


def _of_homes(
    folder: Path, homes: Iterable[Household], *, on: date, random: Random
) -> dict[str, int]:
    births, housing = [], []
    for home in homes:
        mother = next((m for m in home.members if m.sex == 2 and m.relation in (HEAD, "10")), None)
        young = [m for m in home.members if m.relation == CHILD and on.year - m.birth_on.year < 10]
        for one in young:
            if mother is None:
                break
            number = f"Q{one.birth_on:%y}{one.id_number[-8:-1]}"
            births.append((number, mother.id_number, one.birth_on.isoformat()))
        if random.random() < 0.03:
            kind = random.choices(("租赁补贴", "公租房实物配租"), (6, 4))[0]
            area = f"{random.randint(12, 90)}.00"
            housing.append((home.members[0].id_number, kind, area))
    return {
        "health.birth": write_csv(
            folder / "health" / "出生登记.csv",
            ("出生医学证明编号", "母亲身份证号", "出生日期"),
            births,
        ),
        "housing": write_csv(
            folder / "housing" / "住房保障.csv", ("身份证号", "保障方式", "住房面积"), housing
        ),
    }


def _of_firms(folder: Path, firms: Iterable[Firm], *, on: date, random: Random) -> dict[str, int]:
    taxes, staff, titles, patents = [], [], [], []
    for one in firms:
        sales = round(random.lognormvariate(5.2, 1.6), 2)
        grade = random.choices(("A", "B", "M", "C", "D"), (18, 40, 30, 8, 4))[0]
        if random.random() < 0.93:
            before = round(sales * random.uniform(0.6, 1.4), 2)
            taxes.append((one.uscc, grade, sales, before, round(sales * 0.03, 2)))
        heads = int(random.lognormvariate(2.0, 1.3))
        if random.random() < 0.85:
            was = max(0, heads + random.randint(-3, 3))
            young = random.randint(1, 4) if random.random() < 0.15 else 0
            staff.append((one.uscc, heads, was, young, int(random.random() < 0.08)))
        if one.industry[0] in "123" and random.random() < 0.06:
            title = random.choice(("高新技术企业", "专精特新企业"))
            titles.append((one.uscc, title, _ago(on, random, 900)))
        if random.random() < 0.03:
            patents += [
                (
                    f"ZL{on.year - 1}1{random.randint(0, 9999999):07d}",
                    one.uscc,
                    _ago(on, random, 360),
                )
                for _ in range(random.randint(1, 5))
            ]
    firm = "统一社会信用代码"
    return {
        "tax": write_csv(
            folder / "tax" / "纳税信用.csv",
            (firm, "信用级别", "销售收入", "上年销售收入", "缴纳税款"), taxes),
        "human-resources.staff": write_csv(
            folder / "human-resources" / "单位参保.csv",
            (firm, "参保人数", "上年参保人数", "新招毕业生", "就业困难人员"), staff),
        "industry": write_csv(
            folder / "industry" / "企业认定.csv", (firm, "认定名称", "认定日期"), titles),
        "market.patent": write_csv(
            folder / "market" / "发明专利.csv", ("专利号", firm, "授权日期"), patents),
    }  # fmt: skip


def _ago(on: date, random: Random, days: int) -> str:
    return (on - timedelta(days=random.randint(1, days))).isoformat()
