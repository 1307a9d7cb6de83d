"""The 25 subsidies once more, written plainly by hand: what the packs' rules must come to.

Three values: True, False, None for unknown. Nothing of yiwang is used here, on purpose. Each rule
gives a pair (verdict, amount); amounts in cents as whole numbers, None unless the verdict is yes.
"""

from datetime import date

DAY = date(2026, 11, 22)


def age(one):
    born = one["birth_on"]
    if born is None or born > DAY:
        return None
    month, day = born.month, born.day
    if (month, day) == (2, 29) and not _leap(DAY.year):
        day = 28
    return DAY.year - born.year - ((DAY.month, DAY.day) < (month, day))


def _leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def months_before(count):
    """The day ``count`` months before DAY; DAY's day exists in every month."""
    months = DAY.year * 12 + DAY.month - 1 - count
    return date(months // 12, months % 12 + 1, DAY.day)


def at_least(value, least):
    return None if value is None else value >= least


def less(value, bound):
    return None if value is None else value < bound


def after(day, bound):
    return None if day is None else day > bound


def both(*parts):
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


def either(*parts):
    if any(part is True for part in parts):
        return True
    return None if any(part is None for part in parts) else False


def told(verdict, amount):
    word = {True: "yes", False: "no", None: "unknown"}[verdict]
    return word, (amount() if verdict else None)


def here(one):
    return both(one["is_alive"], one["division"] is not None)


def poor(one, *kinds):
    return (one["assistance"] or "") in kinds


def severe(one):
    return (one["disability_degree"] or "") in ("1", "2")


def certified(one):
    return one["disability_degree"] is not None


def head(one):
    return None if one["relation"] is None else one["relation"] in ("01", "02")


def in_need(one, *, disabled=True):
    return either(
        (one["assistance"] or "") != "",
        at_least(one["household_assisted"], 1),
        disabled and certified(one),
    )


def stage(one, *names):
    return one["school_stage"] in names


def by_sex(one, man, woman):
    if one["sex"] == "1":
        return at_least(age(one), man)
    return at_least(age(one), woman) if one["sex"] == "2" else None


def elder_allowance(one):
    usable = None if one["account_status"] is None else one["account_status"] == "1"
    own = None if one["account_holders"] is None else one["account_holders"] == 1
    verdict = both(here(one), at_least(age(one), 80), usable, own)
    return told(verdict, lambda: 50000 if age(one) >= 100 else 12000 if age(one) >= 90 else 6000)


def elder_hardship(one):
    verdict = both(here(one), at_least(age(one), 60), poor(one, "01", "02", "03"))
    return told(verdict, lambda: 16000 if severe(one) else 10000)


def elder_care_service(one):
    old = either(at_least(age(one), 80), both(at_least(age(one), 60), severe(one)))
    return told(both(here(one), old, poor(one, "01", "03")), lambda: 20000)


def disabled_living(one):
    verdict = both(here(one), certified(one), poor(one, "01", "03"))
    return told(verdict, lambda: 15000 if severe(one) else 9000)


def disabled_nursing(one):
    mind = one["disability_degree"] == "3" and (one["disability_category"] or "") in ("5", "6")
    verdict = both(here(one), severe(one) or mind, not poor(one, "02"))
    return told(verdict, lambda: 12000 if one["disability_degree"] == "1" else 8000)


def disabled_household(one):
    verdict = both(here(one), certified(one), at_least(one["household_disabled"], 2))
    return told(verdict, lambda: 6000)


def disabled_student(one):
    verdict = both(here(one), certified(one), one["school_stage"] != "无")
    return told(verdict, lambda: 300000 if stage(one, "大学") else 120000)


def orphan_living(one):
    young = either(less(age(one), 18), one["school_stage"] != "无")
    return told(both(here(one), one["guardianship"] == "孤儿", young), lambda: 140000)


def unattended_child(one):
    verdict = both(here(one), one["guardianship"] == "事实无人抚养", less(age(one), 18))
    return told(
        verdict,
        lambda: 140000 - (one["assistance_amount"] or 0) if poor(one, "01") else 140000,
    )


def destitute_nursing(one):
    def amount():
        if one["disability_degree"] == "1":
            return 90000
        half = either(one["disability_degree"] == "2", at_least(age(one), 80))
        return None if half is None else 45000 if half else 15000

    return told(both(here(one), poor(one, "02")), amount)


def heating(one):
    def amount():
        size = one["household_size"]
        return None if size is None else 45000 if size >= 5 else 30000

    return told(both(here(one), head(one), at_least(one["household_assisted"], 1)), amount)


def student_preschool(one):
    years = age(one)
    fits = None if years is None else 3 <= years <= 6
    return told(both(here(one), stage(one, "学前"), fits, in_need(one)), lambda: 100000)


def student_compulsory(one):
    verdict = both(here(one), stage(one, "小学", "初中"), in_need(one))
    return told(verdict, lambda: 125000 if stage(one, "初中") else 100000)


def student_senior(one):
    verdict = both(here(one), stage(one, "高中", "中职"), less(age(one), 22), in_need(one))
    return told(verdict, lambda: 200000)


def freshman(one):
    recent = after(one["enrolled_on"], months_before(12))
    verdict = both(here(one), stage(one, "大学"), recent, in_need(one, disabled=False))
    return told(verdict, lambda: 500000)


def unemployment(one):
    of_age = both(at_least(age(one), 16), less(age(one), 60))
    verdict = both(
        here(one),
        of_age,
        one["employment"] == "失业",
        at_least(one["insured_months"], 12),
        after(one["employment_since"], months_before(24)),
    )
    return told(verdict, lambda: 156000 if one["insured_months"] >= 120 else 130000)


def hard_employment(one):
    verdict = both(
        here(one), one["is_hard_to_employ"], one["employment"] == "灵活就业", by_sex(one, 50, 40)
    )
    return told(verdict, lambda: 42000)


def resident_pension(one):
    verdict = both(
        here(one),
        at_least(age(one), 60),
        one["insurance"] == "城乡居民",
        at_least(one["pension_months"], 180),
    )
    return told(
        verdict,
        lambda: (26000 if age(one) >= 80 else 23000) + (one["pension_months"] - 180) // 12 * 200,
    )


def veteran_living(one):
    verdict = both(
        here(one),
        one["veteran_kind"] != "无",
        at_least(age(one), 60),
        one["insurance"] != "城镇职工",
    )
    years = one["service_years"]
    return told(verdict, lambda: None if years is None else years * 6500)


def veteran_injured(one):
    grade = one["injury_grade"]
    return told(
        both(here(one), grade is not None),
        lambda: 6800000 if grade <= 4 else 3200000 if grade <= 8 else 1400000,
    )


def one_child(one):
    verdict = both(here(one), one["family_kind"] == "独生子女父母", by_sex(one, 60, 55))
    return told(verdict, lambda: 10000)


def bereaved_family(one):
    lost = one["family_kind"] in ("失独", "伤残")
    verdict = both(here(one), lost, at_least(age(one), 49))
    return told(verdict, lambda: 90000 if one["family_kind"] == "失独" else 72000)


def birth_grant(one):
    recent = after(one["last_birth_on"], months_before(12))
    verdict = both(here(one), recent, at_least(one["births"], 1))
    return told(
        verdict, lambda: 500000 if one["births"] >= 3 else 200000 if one["births"] == 2 else 100000
    )


def funeral(one):
    dead = None if one["is_alive"] is None else not one["is_alive"]
    recent = after(one["death_on"], months_before(12))
    needy = (one["assistance"] or "") != "" or certified(one)
    verdict = both(one["division"] is not None, dead, recent, needy)
    return told(verdict, lambda: 120000)


def rent(one):
    size, area = one["household_size"], one["floor_area"]
    # The quotient has six digits behind the point, rounded half away from zero.
    each = None if not size or area is None else (2 * area * 10**6 + size) // (2 * size)
    small = None if each is None else each < 1500 * 10**6
    verdict = both(here(one), head(one), one["housing_kind"] == "租赁补贴", small)
    return told(verdict, lambda: 9600 * min(size, 4))


PLAIN = {
    "elder_allowance.elder_allowance": elder_allowance,
    **{
        f"benefits.{rule.__name__}": rule
        for rule in (
            elder_hardship, elder_care_service, disabled_living, disabled_nursing,
            disabled_household, disabled_student, orphan_living, unattended_child,
            destitute_nursing, heating, student_preschool, student_compulsory, student_senior,
            freshman, unemployment, hard_employment, resident_pension, veteran_living,
            veteran_injured, one_child, bereaved_family, birth_grant, funeral, rent,
        )
    },
}  # fmt: skip
