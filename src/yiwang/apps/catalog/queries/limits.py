"""Time limits of sharing, as the dated register of the place says them."""

from datetime import date

from yiwang.apps.catalog.models import RegisterEntry

LIMITS = "base.share_limit"
"""The register: per clock, from a day on, a limit; an example that the operator replaces."""


def time_limit(clock: str, *, on: date) -> str:
    """The limit (``10wd``) of a clock in force on a day; empty where the register says none."""
    rows = RegisterEntry.objects.filter(register__ref=LIMITS, active_until=None)
    found = [
        (str(values["from_on"]), str(values["limit"]))
        for values in rows.values_list("values", flat=True)
        if values["clock"] == clock and str(values["from_on"]) <= on.isoformat()
    ]
    return max(found, default=("", ""))[1]
