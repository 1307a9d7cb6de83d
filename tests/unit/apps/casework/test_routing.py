"""Whose an incident is, by kind, place and duty, over any number of tiers."""

from yiwang.apps.casework import routing
from yiwang.packkit.kinds.incidents import Incident

KIND = Incident(
    title="暴露垃圾",
    flow="grid.handling",
    grade=4,
    merge_within="1d",
    merge_metres=50,
    organ="command-center",
    routing="grid.duties",
    parties={"town": "command-center", "unit": "housing"},
    duties={"town": "town_command", "unit": "sanitation"},
)


def test_the_nearest_division_that_has_the_duty_decides():
    village, county = "321323001001", "321323000000"
    assert routing.organs_for(KIND, village)[1] == {
        "town": "town-321323001",
        "unit": "town-321323001",
    }
    assert routing.organs_for(KIND, county) == (
        "command-center",
        {"town": "command-center", "unit": "housing"},
    )


def test_where_nobody_has_the_duty_or_the_place_is_unknown_the_kind_s_own_organ_stands_in():
    organ, parties = routing.organs_for(KIND, "999999000000")
    assert (organ, parties["unit"]) == ("command-center", "housing")
