"""Time limits of sharing and weights of quality, as dated registers of the place say them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import RegisterEntry

LIMITS = "base.share_limit"
"""The register: per clock, from a day on, a limit; an example that the operator replaces."""

WEIGHTS = "base.quality_weight"
"""The register: per dimension, from a day on, its weight; an example that the operator replaces."""


def time_limit(clock: str, *, on: date) -> str:
    """The limit (``10wd``) of a clock in force on a day; empty where the register says none."""
    return _in_force(LIMITS, "clock", "limit", on).get(clock, "")


def quality_weights(*, on: date) -> Mapping[str, Decimal]:
    """The weight of each dimension on a day; where the register says none, the platform's own."""
    told = _in_force(WEIGHTS, "dimension", "weight", on)
    return {name: Decimal(told.get(name, own)) for name, own in scoring.WEIGHTS.items()}


def _in_force(register: str, key: str, value: str, on: date) -> dict[str, str]:
    """The latest value of each key whose day has come."""
    rows = RegisterEntry.objects.filter(register__ref=register, active_until=None)
    found = sorted(
        (str(entry["from_on"]), str(entry[key]), str(entry[value]))
        for entry in rows.values_list("values", flat=True)
        if str(entry["from_on"]) <= on.isoformat()
    )
    return {name: text for _, name, text in found}
