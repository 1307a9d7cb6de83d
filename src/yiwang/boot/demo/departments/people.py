"""Residents in households, with the division prefixes of the years in which they got their ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from yiwang.boot.demo.departments.homeland import id_prefixes
from yiwang.boot.demo.departments.names import given_name, surname
from yiwang.kernel.divisions import Division
from yiwang.kernel.identifiers import gbt11643

HEAD, SPOUSE, CHILD, PARENT = "01", "10", "20", "50"
"""Relations to the head of a household as GB/T 4761 groups them (example subset)."""


@dataclass(slots=True)
class Person:
    """One resident of the generated county; ``died_on`` is known to the health register only."""

    id_number: str
    name: str
    sex: int
    ethnic: str
    birth_on: date
    household: str
    relation: str
    village: str
    address: str
    phone: str
    updated_on: date
    died_on: date | None = None


@dataclass(slots=True)
class Household:
    """A household and its members; the first is the head."""

    number: str
    village: str
    kind: str
    set_up_on: date
    members: list[Person] = field(default_factory=list)


class County:
    """The generator of one county's people: same seed, same people."""

    def __init__(
        self,
        *,
        seed: int,
        on: date,
        villages: Sequence[Division],
    ) -> None:
        self.random = Random(seed)
        self.on = on
        self.villages = villages
        self._serials: dict[tuple[str, date, int], int] = {}

    def households(self, *, people: int) -> Iterator[Household]:
        """Households until at least ``people`` residents are in them."""
        made, number = 0, 0
        while made < people:
            number += 1
            household = self._household(number)
            made += len(household.members)
            yield household

    def _household(self, number: int) -> Household:
        village = self.random.choice(self.villages)
        code = f"{village.code[:9]}{number:09d}"
        house = f"{village.name}{self.random.randint(1, 12)}组{self.random.randint(1, 180)}号"
        made = Household(code, village.code, "家庭户", self.on)
        family = surname(self.random)
        for relation, age, sex in self._ages():
            born_in = relation in (HEAD, CHILD) or (relation == PARENT and sex == 1)
            last = family if born_in else surname(self.random)
            made.members.append(self._person(made, relation, age, sex, house, last))
        oldest = min(member.birth_on for member in made.members)
        grown = date(min(oldest.year + 22, self.on.year), 3, 1)
        made.set_up_on = grown + timedelta(days=self.random.randint(0, 300))
        if made.set_up_on > self.on:
            made.set_up_on = self.on - timedelta(days=self.random.randint(30, 900))
        if made.members[0].birth_on.year <= self.on.year - 60 and len(made.members) == 1:
            made.kind = self.random.choice(("家庭户", "家庭户", "家庭户", "集体户"))
        return made

    def _ages(self) -> list[tuple[str, int, int]]:
        """Relation, age, sex of the members of one household of a typical form."""
        roll, random = self.random.random(), self.random
        if roll < 0.12:  # an old person alone
            return [(HEAD, random.randint(66, 102), random.choice((1, 2, 2)))]
        if roll < 0.30:  # an old couple
            age = random.randint(62, 92)
            return [(HEAD, age, 1), (SPOUSE, max(60, age - random.randint(-2, 5)), 2)]
        head = random.randint(24, 58)
        family = [(HEAD, head, 1), (SPOUSE, max(21, head - random.randint(-2, 4)), 2)]
        for _ in range(random.choice((0, 1, 1, 2, 2, 3))):
            family.append((CHILD, max(0, head - random.randint(22, 34)), random.choice((1, 2))))
        if roll > 0.62:  # three generations under one roof
            family.append((PARENT, head + random.randint(21, 33), random.choice((1, 2))))
        if roll > 0.86:
            family.append((PARENT, head + random.randint(21, 31), random.choice((1, 2))))
        return family

    def _person(
        self, home: Household, relation: str, age: int, sex: int, house: str, family: str
    ) -> Person:
        born = self._birthday(min(age, 106))
        return Person(
            id_number=self._id_number(born, sex, home.village),
            name=family + given_name(self.random, sex=sex, born=born),
            sex=sex,
            ethnic="01" if self.random.random() < 0.985 else self.random.choice(("03", "05", "15")),
            birth_on=born,
            household=home.number,
            relation=relation,
            village=home.village,
            address=house,
            phone=self._phone() if 12 < age < 90 and self.random.random() < 0.85 else "",
            updated_on=self.on - timedelta(days=self.random.randint(0, 1500)),
        )

    def _birthday(self, age: int) -> date:
        return self.on - timedelta(days=round(age * 365.2425) + self.random.randint(0, 364))

    def _phone(self) -> str:
        head = self.random.choice(("138", "139", "151", "152", "158", "177", "180", "187", "199"))
        return f"{head}{self.random.randint(0, 99_999_999):08d}"

    def _id_number(self, born: date, sex: int, village: str) -> str:
        """An id with the prefix of its first issue, which for the old is later than the birth."""
        issued = max(born.year, 1984) if self.random.random() < 0.7 else max(born.year, 1980)
        prefix = next(one for since, one in reversed(id_prefixes(village)) if since <= issued)
        if self.random.random() < 0.08:  # moved here from another county
            prefix = self.random.choice(("321324", "320826", "321322", "341302", "320305"))
        key = (prefix, born, sex)
        self._serials[key] = serial = self._serials.get(key, self.random.randint(0, 60)) + 1
        digits = f"{prefix}{born:%Y%m%d}{(serial * 2 - (sex % 2)) % 1000:03d}"
        return digits + gbt11643.check_digit(digits)
