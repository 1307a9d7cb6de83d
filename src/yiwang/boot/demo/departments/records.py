"""What other departments hold about the same people: moves, births, marriages, insurance, visits.

Each copies what it once was told: some names with a homophone, addresses and phones of years ago,
old numbers of 15 digits, a death that another office dates otherwise, a visit after a death.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiwang.boot.demo.departments.exports import write_csv
from yiwang.boot.demo.departments.homeland import county_name
from yiwang.boot.demo.departments.people import CHILD, HEAD, PARENT, SPOUSE, Household, Person
from yiwang.kernel.identifiers import gbt11643

HOMOPHONES = (
    "伟玮",
    "芳方",
    "丽莉",
    "军君",
    "强墙",
    "霞侠",
    "英瑛",
    "兰蓝",
    "国囯",
    "娟涓",
    "华桦",
    "静靖",
)
"""Characters that clerks take for each other."""
WRONG_NAME, OTHER_PHONE, OLD_ADDRESS, BAD_DIGIT = 0.015, 0.12, 0.3, 0.004
SOMEBODY_ELSE = 0.0004
"""Share of records that carry another person's name: two people, one number."""

Row = tuple[str, ...]

POLICE = """
CREATE TABLE HK_QYXX (QYBH TEXT, GMSFHM TEXT, QYLX TEXT, YZZ TEXT, XZZ TEXT, QYRQ TEXT, ZZRQ TEXT);
CREATE TABLE HK_BGXX (YHM TEXT, XHM TEXT, BGRQ TEXT, BGYY TEXT);
"""
CIVIL = """
CREATE TABLE marriage (register_no TEXT, kind TEXT, husband_id TEXT, husband_name TEXT,
    wife_id TEXT, wife_name TEXT, registered_on TEXT);
CREATE TABLE funeral (register_no TEXT, id_number TEXT, name TEXT, died_on TEXT, cremated_on TEXT);
CREATE TABLE care_stay (stay_no TEXT, id_number TEXT, name TEXT, phone TEXT, home TEXT,
    moved_in_on TEXT, care_level TEXT);
"""


WORKING, COVERED, SEEN, MOVED = 0.3, 0.25, 0.08, 0.05
"""Shares of the people whom insurance, health insurance, clinics and moves know of."""
BIRTH = "证明编号 新生儿姓名 新生儿身份证号 出生日期 母亲身份证号 父亲身份证号"
VISIT = "门诊号 身份证号 就诊日期 医疗机构"
INSURED = "个人编号 身份证号 姓名 联系电话 居住地址 险种 参保单位 参保日期 核对日期"
MEDICAL = "医保编号 证件号码 姓名 手机 住址 参保类型 更新时间"


def write_records(
    folder: Path, homes: Sequence[Household], *, on: date, random: Random, firms: Sequence[str]
) -> dict[str, int]:
    """Write all of these registers below ``folder``; rows by table."""
    persons = [member for home in homes for member in home.members]
    rows = {
        "HK_QYXX": list(_moves(persons, MOVED, on, random)),
        "HK_BGXX": list(_changes(persons, on, random)),
        "marriage": list(_marriages(homes, on, random)),
        "funeral": list(_funerals(persons, random)),
        "care_stay": list(_stays(persons, on, random)),
    }
    _insert(folder / "police.sqlite", POLICE, {k: rows[k] for k in ("HK_QYXX", "HK_BGXX")})
    (folder / "civil-records.sqlite").unlink(missing_ok=True)
    own = {name: rows[name] for name in ("marriage", "funeral", "care_stay")}
    _insert(folder / "civil-records.sqlite", CIVIL, own)
    files = {
        "health/出生医学证明.csv": (BIRTH, _births(homes, on, random)),
        "health/门诊登记.csv": (VISIT, _visits(persons, SEEN, on, random)),
        "human-resources/参保登记.csv": (
            INSURED,
            _insured(persons, WORKING, on, random, firms),
        ),
        "medical-security/参保人员.csv": (MEDICAL, _medical(persons, COVERED, on, random)),
    }
    counts = {name: len(found) for name, found in rows.items()}
    for name, (header, lines) in files.items():
        counts[Path(name).stem] = write_csv(folder / name, header.split(), lines)
    return counts


def _insert(file: Path, schema: str, tables: dict[str, list[Row]]) -> None:
    with sqlite3.connect(file) as database:
        database.executescript(schema)
        for name, rows in tables.items():
            if rows:
                marks = ",".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    database.close()


def _moves(persons: Sequence[Person], share: float, on: date, random: Random) -> Iterator[Row]:
    """Moves into the county or within it; now and then two whose periods overlap."""
    for number, person in enumerate(persons):
        if random.random() > share or person.birth_on.year > on.year - 2:
            continue
        since = max(person.birth_on, on - timedelta(days=random.randint(200, 6000)))
        before = (
            random.choice(("江苏省沭阳县", "江苏省宿豫区", "安徽省泗县", "江苏省淮阴区")) + "迁出"
        )
        yield (
            f"QY{number:08d}",
            person.id_number,
            "迁入",
            before,
            person.address,
            f"{since:%Y%m%d}",
            "",
        )
        if random.random() < 0.02:  # a second move that begins before the first has ended
            later = since + timedelta(days=random.randint(10, 90))
            yield (
                f"QY{number:08d}B", person.id_number, "迁入", before, person.address + "之一",
                f"{later:%Y%m%d}", "",
            )  # fmt: skip


def _changes(persons: Sequence[Person], on: date, random: Random) -> Iterator[Row]:
    """Numbers that were given twice or wrongly, and the ones that replaced them."""
    for person in random.sample(list(persons), max(3, len(persons) // 2500)):
        digits = person.id_number[:14] + f"{(int(person.id_number[14:17]) + 400) % 1000:03d}"
        old = digits + gbt11643.check_digit(digits)
        day = on - timedelta(days=random.randint(300, 5000))
        yield (old, person.id_number.upper(), f"{day:%Y%m%d}", "重号更正")


def _marriages(homes: Sequence[Household], on: date, random: Random) -> Iterator[Row]:
    for home in homes:
        by_relation = {member.relation: member for member in home.members}
        husband, wife = by_relation.get(HEAD), by_relation.get(SPOUSE)
        if husband is None or wife is None or random.random() > 0.3:
            continue
        day = max(husband.birth_on, wife.birth_on) + timedelta(days=random.randint(7400, 10500))
        if day >= on:
            continue
        yield (
            f"JH{home.number[-9:]}", "结婚",
            _as_typed(husband, day, random), _name(husband, random),
            _as_typed(wife, day, random), _name(wife, random), f"{day:%Y-%m-%d}",
        )  # fmt: skip


def _as_typed(person: Person, day: date, random: Random) -> str:
    """A number as the marriage office wrote it: with 15 digits before 1999, wrong now and then."""
    number = person.id_number
    if random.random() < BAD_DIGIT:
        return number[:-1] + ("0" if number[-1] != "0" else "1")
    if day.year < 1999 and 1900 <= person.birth_on.year < 1999 and random.random() < 0.5:
        return number[:6] + number[8:17]
    return number


def _funerals(persons: Iterable[Person], random: Random) -> Iterator[Row]:
    for number, person in enumerate(one for one in persons if one.died_on):
        if random.random() > 0.8 or person.died_on is None:
            continue
        told = person.died_on + timedelta(days=random.choice((0,) * 18 + (1, -1)))
        day = told + timedelta(days=random.randint(2, 4))
        yield (
            f"HH{number:06d}", person.id_number, _name(person, random),
            f"{told:%Y-%m-%d}", f"{day:%Y-%m-%d}",
        )  # fmt: skip


def _stays(persons: Sequence[Person], on: date, random: Random) -> Iterator[Row]:
    """People of more than seventy who live in a home; the phone is a relative's."""
    for number, person in enumerate(persons):
        if person.birth_on.year > on.year - 70 or random.random() > 0.04:
            continue
        since = on - timedelta(days=random.randint(30, 2000))
        yield (
            f"YL{number:06d}", person.id_number, _name(person, random), _phone(person, random),
            random.choice(("泗阳县社会福利院", "众兴街道敬老院", "王集镇敬老院")),
            f"{since:%Y-%m-%d}", random.choice(("自理", "半失能", "失能")),
        )  # fmt: skip


def _births(homes: Sequence[Household], on: date, random: Random) -> Iterator[Row]:
    for home in homes:
        people = {member.relation: member for member in home.members}
        mother, father = people.get(SPOUSE), people.get(HEAD)
        for child in home.members:
            if child.relation != CHILD or on.year - child.birth_on.year > 12 or mother is None:
                continue
            other = father.id_number if father else ""
            yield (
                f"C32{child.id_number[6:17]}", _name(child, random), child.id_number,
                f"{child.birth_on:%Y-%m-%d}", mother.id_number, other,
            )  # fmt: skip
    grandparent = next(m for h in homes for m in h.members if m.relation == PARENT)
    child = next(m for h in homes for m in h.members if m.household == grandparent.household)
    yield (  # a ring: the parent is registered as the child of their own child
        "C3299990000001", grandparent.name, grandparent.id_number,
        f"{grandparent.birth_on:%Y-%m-%d}", child.id_number, "",
    )  # fmt: skip


def _visits(persons: Sequence[Person], share: float, on: date, random: Random) -> Iterator[Row]:
    """Out-patient visits of the last two years; a few of people who had died by then."""
    for number, person in enumerate(persons):
        if random.random() > share:
            continue
        day = on - timedelta(days=random.randint(1, 600))
        if person.died_on and day > person.died_on and random.random() > 0.1:
            day = person.died_on - timedelta(days=random.randint(1, 200))
        clinic = (
            f"{person.village[:9]}卫生院"
            if random.random() < 0.7
            else f"{county_name(person.village)}人民医院"
        )
        yield (f"MZ{number:08d}", person.id_number, f"{day:%Y-%m-%d}", clinic)


def _insured(
    persons: Sequence[Person], share: float, on: date, random: Random, firms: Sequence[str]
) -> Iterator[Row]:
    for number, person in enumerate(persons):
        age = on.year - person.birth_on.year
        if not 18 <= age < 60 or random.random() > share * 2:
            continue
        since = on - timedelta(days=random.randint(100, 5000))
        told = on - timedelta(days=random.randint(1, 1200))
        worker = random.random() < 0.4
        yield (
            f"{number:010d}", person.id_number, _name(person, random), _phone(person, random),
            _residence(person, random), "城镇职工" if worker else "城乡居民",
            random.choice(firms) if worker else "", f"{since:%Y-%m-%d}", f"{told:%Y-%m-%d}",
        )  # fmt: skip


def _medical(persons: Sequence[Person], share: float, on: date, random: Random) -> Iterator[Row]:
    for number, person in enumerate(persons):
        if random.random() > share:
            continue
        told = on - timedelta(days=random.randint(1, 900))
        name = "代某某" if random.random() < SOMEBODY_ELSE else _name(person, random)
        yield (
            f"{number:09d}", person.id_number, name, _phone(person, random),
            _residence(person, random),
            random.choice(("职工医保", "居民医保", "居民医保")), f"{told:%Y-%m-%d}",
        )  # fmt: skip


def _name(person: Person, random: Random) -> str:
    if random.random() > WRONG_NAME:
        return person.name
    for pair in HOMOPHONES:
        if pair[0] in person.name[1:]:
            return person.name[0] + person.name[1:].replace(pair[0], pair[1])
    return person.name


def _phone(person: Person, random: Random) -> str:
    if not person.phone or random.random() < OTHER_PHONE:
        return f"13{random.randint(0, 999_999_999):09d}" if person.phone else ""
    return person.phone


def _residence(person: Person, random: Random) -> str:
    if random.random() < OLD_ADDRESS:
        return (
            f"众兴街道{random.choice(('北京路', '淮海路', '洪泽湖大道'))}{random.randint(1, 400)}号"
        )
    return f"{county_name(person.village)}{person.address}"
