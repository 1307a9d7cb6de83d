"""Whether a listed system answered when the platform last asked."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.catalog.models import SystemProbe

TITLES = {"ipv4": "IPv4", "ipv6": "IPv6"}


@dataclass(frozen=True)
class ProbeView:
    """The latest probe over one kind of address; ``note`` says why nobody answered.

    ``leads_to`` is the other host to which strangers are sent, as to a single sign-on.
    """

    title: str
    probed_at: datetime
    is_answered: bool
    note: str
    leads_to: str


def probes_of(number: str) -> tuple[ProbeView, ...]:
    """The latest probe over each kind of address, of the entry of this code."""
    latest = {
        row.kind: row
        for row in SystemProbe.objects.filter(entry__number=number).order_by("probed_on")
    }
    return tuple(
        ProbeView(title, row.probed_at, row.is_answered, row.note, row.leads_to)
        for kind, title in TITLES.items()
        if (row := latest.get(kind))
    )
