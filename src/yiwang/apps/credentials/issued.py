"""What an organ sees of the licences it issued, and how much each kind is used."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from yiwang.apps.credentials.models import License, LicenseKind, LicenseUse
from yiwang.apps.credentials.queries import STATES, kind_content, state_of
from yiwang.apps.identity import public as identity
from yiwang.kernel.identifiers import uscc
from yiwang.kernel.masking import element_of, mask
from yiwang.packkit.kinds.work import License as KindContent

USES = ("verified", "shown")
"""Acts that use a licence; issuing and stopping are not use."""


@dataclass(frozen=True)
class IssuedView:
    """A line of an organ's list; the holder masked."""

    number: str
    title: str
    holder: str
    issued_at: datetime
    valid_until: date | None
    state: str
    state_title: str


@dataclass(frozen=True)
class IssuedPage:
    """A page of an organ's licences; ``next`` begins the page after it, empty if there is none."""

    lines: tuple[IssuedView, ...]
    next: str


@dataclass(frozen=True)
class KindUse:
    """How often licences of a kind were used, by organs and in society."""

    title: str
    organ: str
    issued: int
    by_organs: int
    in_society: int

    @property
    def total(self) -> int:
        """All uses."""
        return self.by_organs + self.in_society


def licenses_issued(
    *,
    officer: identity.Officer,
    at: datetime,
    query: str = "",
    state: str = "",
    after: str = "",
    limit: int = 50,
) -> IssuedPage:
    """The licences of the officer's organ, newest first; by number or by the holder's number."""
    identity.require(officer, "credentials.issue", organ=officer.organ)
    rows = License.objects.select_related("kind").filter(organ=officer.organ)
    if state in License.State.values:
        rows = rows.filter(state=state)
    if text := query.strip().upper():
        rows = rows.filter(Q(number=text) | Q(holder=text))
    if after.isdigit():
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else ""
    return IssuedPage(tuple(_line(row, at) for row in found[:limit]), following)


def kinds_of(organ: str) -> dict[str, KindContent]:
    """The kinds of licence that an organ issues, by name."""
    found = LicenseKind.objects.filter(is_current=True).order_by("title")
    kinds = {row.ref: kind_content(row) for row in found}
    return {ref: one for ref, one in kinds.items() if one.organ == organ}


def states_of(numbers: Iterable[str], *, at: datetime) -> dict[str, str]:
    """Licence number to its state now, for apps that rely on one; unknown numbers are left out."""
    rows = License.objects.filter(number__in=list(numbers))
    return {row.number: state_of(row, at) for row in rows}


def use_ranking(*, since: datetime, until: datetime) -> list[KindUse]:
    """百项证照应用: kinds by how often their licences were used in a period, most used first."""
    acts = LicenseUse.objects.filter(act__in=USES, at__gte=since, at__lt=until)
    counted = acts.values("license__kind__ref", "actor").annotate(uses=Count("id"))
    uses: Mapping[str, Counter[bool]] = defaultdict(Counter)
    for one in counted.iterator():
        uses[one["license__kind__ref"]][_is_social(one["actor"])] += one["uses"]
    issued = dict(License.objects.values_list("kind__ref").annotate(Count("id")))
    kinds = LicenseKind.objects.filter(is_current=True)
    found = [
        KindUse(
            title=row.title,
            organ=kind_content(row).organ,
            issued=issued.get(row.ref, 0),
            by_organs=uses[row.ref][False],
            in_society=uses[row.ref][True],
        )
        for row in kinds
    ]
    return sorted(found, key=lambda one: (-one.total, one.title))


def _is_social(actor: str) -> bool:
    """Firms and whoever verified without an account; officers use licences for an organ."""
    return actor == "public" or uscc.is_valid(actor)


def _line(row: License, at: datetime) -> IssuedView:
    state = state_of(row, at)
    element = element_of(column="id_number", title="公民身份号码")
    holder = (
        row.holder if uscc.is_valid(row.holder) else str(mask(row.holder, element=element, grade=3))
    )
    return IssuedView(
        number=row.number,
        title=row.kind.title,
        holder=holder,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        state=state,
        state_title=STATES[state],
    )
