"""What is wrong in department systems, at the rates stated here, so that counts can be foretold.

Each flaw changes one row in a way a quality rule of the base pack should find or tolerate.
"""

from dataclasses import replace
from datetime import date
from random import Random

from yiwang.boot.demo.departments.people import Person

CHECK_DIGIT = 0.004
LOWER_X = 0.3
"""Share of the ids ending in X that are typed with a small x: right, but not canonical."""
OLD_FIFTEEN = 0.001
NO_NAME = 0.0015
BIRTH_DIFFERS = 0.002
NO_SUCH_VILLAGE = 0.001
BAD_PHONE = 0.01
TWICE = 0.001
TOO_OLD = 3
"""People whom the register never struck off, of more than 130 years."""


def flawed(person: Person, random: Random) -> Person:
    """``person`` as the register holds it: mostly unharmed, sometimes with one flaw."""
    if person.id_number.endswith("X") and random.random() < LOWER_X:
        person = replace(person, id_number=person.id_number.lower())
    roll = random.random()
    for rate, change in _CHANGES:
        if roll < rate:
            return replace(person, **change(person))
        roll -= rate
    return person


def _wrong_check_digit(person: Person) -> dict[str, str]:
    last = person.id_number[-1]
    return {
        "id_number": person.id_number[:-1] + ("0" if last in "Xx" else str((int(last) + 5) % 10))
    }


def _fifteen(person: Person) -> dict[str, str]:
    if person.birth_on.year >= 1999 or person.birth_on.year < 1900:
        return {}
    return {"id_number": person.id_number[:6] + person.id_number[8:17]}


def _other_birthday(person: Person) -> dict[str, date]:
    return {"birth_on": person.birth_on.replace(year=person.birth_on.year + 1, day=1)}


_CHANGES = (
    (CHECK_DIGIT, _wrong_check_digit),
    (OLD_FIFTEEN, _fifteen),
    (NO_NAME, lambda person: {"name": ""}),
    (BIRTH_DIFFERS, _other_birthday),
    (NO_SUCH_VILLAGE, lambda person: {"village": person.village[:9] + "999"}),
    (BAD_PHONE, lambda person: {"phone": person.phone[:7] if person.phone else ""}),
)
