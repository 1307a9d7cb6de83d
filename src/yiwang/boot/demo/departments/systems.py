"""Write the department systems of a county: a database file, CSVs in two encodings, a workbook."""

import csv
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import yaml

from yiwang.boot.demo.departments import flaws, servers
from yiwang.boot.demo.departments.exports import write_csv
from yiwang.boot.demo.departments.firm_records import write_firm_records
from yiwang.boot.demo.departments.firms import Firm, firms
from yiwang.boot.demo.departments.homeland import county_name, id_prefixes, short_name
from yiwang.boot.demo.departments.outdoors import FOLDERS as OUTDOORS
from yiwang.boot.demo.departments.outdoors import write_outdoors
from yiwang.boot.demo.departments.people import HEAD, County, Household, Person
from yiwang.boot.demo.departments.policies import FOLDERS as POLICY_FOLDERS
from yiwang.boot.demo.departments.policies import policy_registers
from yiwang.boot.demo.departments.records import write_records
from yiwang.boot.demo.departments.workbook import write_firms
from yiwang.kernel.divisions import Division
from yiwang.kernel.identifiers import gbt11643

PEOPLE, FIRMS = 50_000, 3_000

FOLDERS = (
    "health",
    "human-resources",
    "market",
    "approval",
    "medical-security",
    "tax",
    "housing",
    "court",
)

_POLICE = """
CREATE TABLE HK_RYXX (GMSFHM TEXT, XM TEXT, XB TEXT, MZ TEXT, CSRQ TEXT, HH TEXT, YHZGX TEXT,
    XZQH TEXT, ZZ TEXT, LXDH TEXT, GXSJ TEXT);
CREATE TABLE HK_HXX (HH TEXT, HZSFZ TEXT, XZQH TEXT, HLX TEXT, LHRQ TEXT);
"""


@dataclass(frozen=True)
class Built:
    """What was written, by table; ``people`` and ``firms`` before flaws."""

    rows: dict[str, int]
    sources: dict[str, dict[str, str]]


def build_departments(
    folder: Path,
    *,
    seed: int,
    on: date,
    villages: Sequence[Division],
    people: int = PEOPLE,
    towns: Sequence[Division] = (),
) -> Built:
    """Write all systems under ``folder``, which is replaced whole; same seed, same bytes.

    ``towns`` are those with weather stations and scenic spots, where a pack collects from them.
    ``sources.yaml`` and ``targets.yaml`` stand beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed + 1)
    county = County(seed=seed, on=on, villages=villages)
    homes = list(county.households(people=people))
    persons = [member for home in homes for member in home.members]
    _let_die(persons, on=on, random=random)
    enterprises = list(firms(seed=seed, on=on, count=FIRMS, villages=villages))
    rows = {
        "police.HK_RYXX": _police(folder / "police.sqlite", homes, random=random),
        "police.HK_HXX": len(homes),
        "health": _deaths(folder / "health", persons, random=random),
        "human-resources": _accounts(folder / "human-resources", persons, on=on, random=random),
        "market": write_firms(folder / "market", enterprises, villages=villages, random=random),
        "approval": _licenses(folder / "approval", persons, enterprises, on=on, random=random),
    }
    own = Random(seed + 3)  # a series of its own: the other registers stay as they are
    rows |= write_records(folder, homes, on=on, random=own, firms=[f.uscc for f in enterprises])
    rows |= write_firm_records(folder, enterprises, on=on, random=own)
    if towns:
        rows |= write_outdoors(folder, towns, on=on, random=Random(seed + 4))
    sources = _bindings([*FOLDERS, *POLICY_FOLDERS, *(OUTDOORS if towns else ())])
    for name, table in servers.welfare(persons, on=on, random=random).items():
        sources[name], rows[name] = servers.place(name, table, folder=folder), len(table.rows)
    rows |= policy_registers(folder, homes, enterprises, on=on, random=Random(seed + 2))
    _write_bindings(folder.parent, sources)
    return Built(rows, sources)


def _write_bindings(home: Path, sources: dict[str, dict[str, str]]) -> None:
    for name, bound in (("sources", sources), ("targets", servers.targets(sources))):
        text = yaml.safe_dump(bound, allow_unicode=True)
        (home / f"{name}.yaml").write_text(text, encoding="utf-8")


def _bindings(folders: Iterable[str]) -> dict[str, dict[str, str]]:
    """Where each system lies that is in the folder itself."""
    bases = {"police": "police.sqlite", "civil-records": "civil-records.sqlite"}
    return {
        **{name: {"kind": "sqlite", "path": f"departments/{file}"} for name, file in bases.items()},
        **{name: {"kind": "folder", "path": f"departments/{name}"} for name in sorted({*folders})},
    }


def _let_die(persons: Iterable[Person], *, on: date, random: Random) -> None:
    """Give a share of the old a recent death that the police register has not heard of."""
    for person in persons:
        age = on.year - person.birth_on.year
        if random.random() < max(0.0, (age - 62) / 300):
            person.died_on = on - timedelta(days=random.randint(5, 700))


def _police(path: Path, homes: Sequence[Household], *, random: Random) -> int:
    path.unlink(missing_ok=True)
    rows = []
    for home in homes:
        for member in home.members:
            row = _resident(flaws.flawed(member, random))
            rows.append(row)
            if random.random() < flaws.TWICE:
                rows.append(row)
    for home in random.sample(homes, flaws.TOO_OLD):
        rows.append(_resident(_forgotten(home.members[0])))
    with sqlite3.connect(path) as database:
        database.executescript(_POLICE)
        database.executemany(f"INSERT INTO HK_RYXX VALUES ({','.join('?' * 11)})", rows)
        database.executemany(
            "INSERT INTO HK_HXX VALUES (?,?,?,?,?)",
            (
                (h.number, h.members[0].id_number, h.village, h.kind, f"{h.set_up_on:%Y%m%d}")
                for h in homes
            ),
        )
    database.close()
    return len(rows)


def _resident(person: Person) -> tuple[str, ...]:
    return (
        person.id_number,
        person.name,
        str(person.sex),
        person.ethnic,
        f"{person.birth_on:%Y%m%d}",
        person.household,
        person.relation,
        person.village,
        person.address,
        person.phone,
        f"{person.updated_on:%Y-%m-%d} 09:30:00",
    )


def _forgotten(person: Person) -> Person:
    """An entry of 1890 that nobody struck off."""
    digits = f"{id_prefixes(person.village)[0][1]}{1888 + person.sex}0614{person.id_number[14:17]}"
    return replace(
        person,
        id_number=digits + gbt11643.check_digit(digits),
        birth_on=date(1888 + person.sex, 6, 14),
        name="戴" + person.name[:1] + "氏",
    )


def _deaths(folder: Path, persons: Iterable[Person], *, random: Random) -> int:
    """Two GB18030 files with three ways of writing a date and one cut-off last line."""
    folder.mkdir(parents=True, exist_ok=True)
    dead = [person for person in persons if person.died_on]
    shapes = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
    for part, name in enumerate(("死亡登记_一.csv", "死亡登记_二.csv")):
        lines = ["身份证号,姓名,死亡日期,登记单位"]
        for person in dead[part::2]:
            assert person.died_on
            day = person.died_on.strftime(random.choice(shapes))
            lines.append(f"{person.id_number},{person.name},{day},{person.village[:9]}卫生院")
        text = "\r\n".join(lines) + "\r\n"
        cut = f"{dead[0].village[:6]}194203110" if part and dead else ""
        (folder / name).write_bytes((text + cut).encode("gb18030"))
    return len(dead) + 1


def _accounts(folder: Path, persons: Iterable[Person], *, on: date, random: Random) -> int:
    """Social security card accounts: bar-separated UTF-8 with a byte order mark."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "社保卡账户.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter="|")
        writer.writerow(("身份证号码", "户名", "开户行", "银行账号", "状态"))
        for person in persons:
            age = on.year - person.birth_on.year
            if age < 16 or random.random() > (0.93 if age >= 60 else 0.72):
                continue
            number = _card(random)
            if random.random() < 0.004:
                number = number[:-1] + str((int(number[-1]) + 3) % 10)
            state = random.choices(("正常", "冻结", "注销"), (970, 12, 18))[0]
            home = short_name(county_name(person.village))
            bank = random.choice(
                (f"{home}农村商业银行", f"农业银行{home}支行", f"江苏银行{home}支行")
            )
            writer.writerow((person.id_number, person.name, bank, number, state))
            count += 1
    return count


def _card(random: Random) -> str:
    """A 19-digit card number with its Luhn digit (ISO/IEC 7812-1)."""
    body = "621459" + "".join(str(random.randint(0, 9)) for _ in range(12))
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _licenses(
    folder: Path,
    persons: Sequence[Person],
    enterprises: Sequence[Firm],
    *,
    on: date,
    random: Random,
) -> int:
    """The index of e-licences: business licences of firms, ids of people, homes of householders."""
    rows: list[tuple[str, ...]] = []
    for firm in enterprises:
        day = f"{firm.established_on:%Y-%m-%d}"
        rows.append((f"YY{firm.uscc[8:17]}", "营业执照", firm.uscc, "市场监督管理局", day, ""))
    for person in random.sample(list(persons), len(persons) // 3):
        since = on - timedelta(days=random.randint(100, 3600))
        until = since.replace(year=since.year + 20, day=min(since.day, 28))
        rows.append(
            (
                f"SF{random.randint(10**9, 10**10 - 1)}",
                "居民身份证",
                person.id_number,
                "公安局",
                f"{since:%Y-%m-%d}",
                f"{until:%Y-%m-%d}",
            )
        )
    for number, person in enumerate(one for one in persons if one.relation == HEAD):
        day = f"{on - timedelta(days=365 + number % 3000):%Y-%m-%d}"
        proof = (f"BDC{number:08}", "不动产权证书", person.id_number)
        rows.append((*proof, "自然资源和规划局", day, ""))
    heading = ("证照编号", "证照类型", "持有人号码", "颁发机构", "颁发日期", "有效期至")
    return write_csv(folder / "证照目录.csv", heading, rows)
