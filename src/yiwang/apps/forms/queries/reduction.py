"""减负成效: how many reports and cells nobody has to fill in, and which reports overlap."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from yiwang.apps.forms import place
from yiwang.apps.forms.models import Report, ReportRefusal, ReportRow, RosterEntry
from yiwang.apps.forms.overlap import shared_columns
from yiwang.apps.forms.reporting import asked_fields, content_of, given_fields
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date, system_clock
from yiwang.packkit.kinds.reports import Report as Content


@dataclass(frozen=True)
class Reduction:
    """What one organ's reports ask. ``cells`` counts every cell of every row of every round."""

    organ: str
    reports: int
    standing: int
    cells: int
    asked: int
    refused: int

    @property
    def known(self) -> int:
        """Cells that nobody had to fill in."""
        return self.cells - self.asked

    @property
    def share(self) -> Decimal | None:
        """Known cells among all; None before the first round."""
        return Decimal(self.known) / self.cells if self.cells else None


@dataclass(frozen=True)
class Overlapping:
    """Two issued reports that ask for the same columns."""

    one: str
    other: str
    columns: tuple[tuple[str, str], ...]
    percent: int
    """Shared columns among those of the smaller report."""


def reduction() -> list[Reduction]:
    """One line per organ with issued reports."""
    lines: dict[str, list[int]] = {}
    widths: dict[str, int] = {}
    for row in Report.objects.filter(state=Report.State.ISSUED).order_by("organ"):
        content = content_of(row.content)
        widths[row.ref] = len(content.fields)
        line = lines.setdefault(row.organ, [0, 0, 0, 0, 0])
        line[0] += 1
        line[1] += not asked_fields(content)
    counted = ReportRow.objects.values(
        "round__report__ref", "round__report__organ", "round__content"
    ).annotate(n=Count("id"), asked_sum=Sum("asked"))
    entries = dict(
        RosterEntry.objects.values_list("row__round__report__ref").annotate(n=Count("id"))
    )
    for row in counted:
        line = lines.setdefault(row["round__report__organ"], [0, 0, 0, 0, 0])
        content = content_of(row["round__content"])
        many = entries.pop(row["round__report__ref"], 0) if content.roster else row["n"]
        line[2] += many * len(content.fields)
        line[3] += row["asked_sum"] or 0
    refused = ReportRefusal.objects.values("report__organ").annotate(n=Count("id"))
    for row in refused:
        lines.setdefault(row["report__organ"], [0, 0, 0, 0, 0])[4] = row["n"]
    return [Reduction(organ, *line) for organ, line in sorted(lines.items())]


def overlaps(*, actor: identity.Actor | None) -> list[Overlapping]:
    """Pairs of issued reports with columns that ask the same, most alike first.

    A list and a report of divisions share what the list adds up; lists of two tables, nothing.
    """
    identity.require(actor, "forms.see")
    words = place.words()
    least = place.parameter(place.ALIKE, on=local_date(system_clock()))
    rows = list(Report.objects.filter(state=Report.State.ISSUED).order_by("ref"))
    contents = [content_of(row.content) for row in rows]
    found = []
    for at, one in enumerate(contents):
        for other in contents[at + 1 :]:
            mine, theirs = _comparable(one, other), _comparable(other, one)
            if pairs := shared_columns(mine, theirs, words=words, least=least):
                percent = round(100 * len(pairs) / min(len(mine), len(theirs)))
                found.append(Overlapping(one.title, other.title, tuple(pairs), percent))
    return sorted(found, key=lambda pair: -pair.percent)


def _comparable(one: Content, other: Content) -> list[str]:
    """The titles of what ``one`` asks, as far as the answers could stand in ``other``."""
    if one.roster and other.roster and one.roster != other.roster:
        return []
    fields = asked_fields(one) if one.roster == other.roster else given_fields(one)
    return [field.title for field in fields.values()]
