from datetime import date

import pytest

from yiwang.kernel.organs import Organ, OrganCycle, by_id, superiors

CITY_TAX = Organ(id="city-tax", title="市税务局", division="321300")
COUNTY = Organ(id="county", title="县政府", division="321323")
TAX = Organ(
    id="tax", title="县税务局", division="321323", superior="county", line_superior="city-tax"
)


def test_a_vertically_led_organ_has_a_superior_outside_its_division():
    assert superiors(TAX, by_id([CITY_TAX, COUNTY, TAX])) == (COUNTY, CITY_TAX)


def test_a_superior_unknown_here_is_passed_over():
    assert superiors(TAX, by_id([COUNTY])) == (COUNTY,)


def test_a_ring_of_superiors_is_an_error():
    ring = [Organ(id="a", title="甲", division="1", superior="b")]
    ring.append(Organ(id="b", title="乙", division="1", superior="a"))
    with pytest.raises(OrganCycle):
        superiors(ring[0], by_id(ring))


def test_an_organ_ends_on_the_first_day_without_it():
    organ = Organ(id="a", title="甲", division="1", active_until=date(2026, 1, 1))
    assert organ.is_active(date(2025, 12, 31))
    assert not organ.is_active(date(2026, 1, 1))
