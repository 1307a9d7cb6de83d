"""A few residents in households under the 24 subsidies, and officers of the organ in charge."""

from dataclasses import replace
from datetime import date

from cast import NINE, OFFICE
from django.conf import settings

from yiwang.apps.identity.public import Applicant, Officer
from yiwang.kernel.identifiers import gbt11643
from yiwang.lake import Lake
from yiwang.packkit import Library

TABLE = "benefits.person"
VILLAGE, TOWN = "321323001001", "321323001000"
RIGHTS = {
    "case.see", "case.handle", "case.open", "services.see", "services.run", "services.match",
    "services.pay", "services.draft", "services.answer",
}  # fmt: skip
MAKER = Officer(
    username="wu",
    name="吴民政",
    organ=OFFICE,
    roles=("base.policy_officer",),
    rights=frozenset(RIGHTS),
    divisions=("321323000000",),
)
CHECKER = replace(
    MAKER,
    username="zheng",
    name="郑复核",
    roles=("base.policy_checker",),
    rights=frozenset({"case.see", "services.see", "services.check", "services.publish"}),
)
STEWARD = replace(
    MAKER,
    username="chen",
    organ="data-bureau",
    rights=frozenset({"services.see", "services.batch"}),
)
CLERK = Officer(
    username="clerk",
    name="周村",
    organ="town-321323001",
    roles=("benefits.village_clerk",),
    rights=frozenset({"case.see", "case.handle"}),
    divisions=(VILLAGE,),
)
STRANGER = replace(MAKER, username="sun", organ="emergency", rights=frozenset(RIGHTS))


def number(birth: str, sequence: int) -> str:
    first17 = f"321323{birth}{sequence:03d}"
    return first17 + gbt11643.check_digit(first17)


OLD_POOR, ALMOST, BABY = number("19600101", 1), number("19661103", 2), number("20250601", 3)
DISABLED, PLAIN = number("19800505", 5), number("19900505", 7)


def person(of: str, **changes: object) -> dict[str, object]:
    row = {
        "id_number": of, "name": "王秀英", "sex": "2" if int(of[16]) % 2 == 0 else "1",
        "birth_on": date(int(of[6:10]), int(of[10:12]), int(of[12:14])), "division": VILLAGE,
        "township": TOWN, "household": "h1", "relation": "10", "is_alive": True, "death_on": None,
        "household_size": 2, "household_disabled": 0, "household_assisted": 0, "assistance": None,
        "assistance_amount": None, "disability_category": None, "disability_degree": None,
        "employment": "无", "employment_since": None, "insured_months": None,
        "is_hard_to_employ": False, "insurance": "无", "pension_months": None, "school_stage": "无",
        "enrolled_on": None, "veteran_kind": "无", "service_years": None, "injury_grade": None,
        "family_kind": "无", "guardianship": "无", "births": 0, "last_birth_on": None,
        "housing_kind": "无", "floor_area": None, "account": f"62{of[6:]}00", "account_status": "1",
    }  # fmt: skip
    return row | changes


PEOPLE = [
    person(OLD_POOR, assistance="01"),
    person(ALMOST, assistance="01", household="h2"),
    person(BABY, guardianship="孤儿", household="h3"),
    person(DISABLED, disability_degree="1", disability_category="4", household="h4"),
    person(PLAIN, household="h5", employment="失业", employment_since=date(2026, 5, 1)),
]


def write(library: Library, people: list[dict[str, object]] | None = None, *, at=NINE) -> None:
    """Publish the table, and its serving copy, with these people."""
    columns = {name: one.type for name, one in library.table(TABLE).columns.items()}
    lake = Lake(settings.HOME / "lake")
    lake.write(TABLE, PEOPLE if people is None else people, columns=columns, at=at)
    lake.serve(TABLE, lookup=["id_number"])
    lake.close()


def resident(of: str) -> Applicant:
    return Applicant(subject=of, kind="person", name="王秀英")
