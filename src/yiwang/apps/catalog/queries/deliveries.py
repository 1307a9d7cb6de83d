"""When the data of an entry was last heard of, held against the cycle that the entry promises."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.db.models.fields.json import KeyTextTransform

from yiwang.apps.catalog.models import CollectionRun, Dataset, FeedLoad, ListEntryVersion

CYCLE_DAYS: Mapping[str, int] = {"1": 1, "2": 1, "3": 7, "4": 31, "5": 92, "7": 184, "6": 366}
"""Codes of ``base.update_cycle`` to days; 不定期 (9) has none."""
GRACE = timedelta(days=1)


@dataclass(frozen=True)
class OverdueEntry:
    """清单条目 whose data did not come within the cycle of its version in force."""

    number: str
    slug: str
    title: str
    feed: str
    """The feed that collects it; empty where none does."""
    heard_at: datetime | None
    due_at: datetime


def last_heard(refs: Collection[str] | None = None) -> dict[str, datetime]:
    """The latest delivery of these feeds, or of all; one that brought the same again counts."""
    runs = CollectionRun.objects.all()
    same = FeedLoad.objects.filter(state="same", ended_at__isnull=False)
    if refs is not None:
        runs, same = runs.filter(dataset__ref__in=refs), same.filter(dataset__ref__in=refs)
    heard: dict[str, datetime] = dict(
        runs.values_list("dataset__ref").annotate(Max("collected_at"))
    )
    for ref, at in same.values_list("dataset__ref").annotate(Max("ended_at")):
        heard[ref] = max(at, heard.get(ref, at))
    return heard


def overdue_entries(*, organ: str, at: datetime, number: str = "") -> list[OverdueEntry]:
    """An organ's entries of the data list past their cycle, the latest first; or the one named.

    What was never collected counts from the day its version was published; what the platform
    computes from other tables is nobody's to deliver.
    """
    rows = ListEntryVersion.objects.filter(
        active_until=None, entry__list="data", entry__organ=organ
    ).exclude(entry__state="withdrawn")
    rows = rows.filter(entry__number=number) if number else rows
    said = rows.annotate(cycle=KeyTextTransform("cycle", "values")).values_list(
        "entry__number", "entry__title", "entry__about", "cycle", "active_from"
    )
    watched = [one for one in said if str(one[3]) in CYCLE_DAYS]
    abouts = {one[2] for one in watched}
    kinds = dict(Dataset.objects.filter(ref__in=abouts).values_list("ref", "kind"))
    heard = last_heard([ref for ref, kind in kinds.items() if kind == Dataset.Kind.FEED])
    found = []
    for code, title, about, cycle, since in watched:
        due = heard.get(about, since) + timedelta(days=CYCLE_DAYS[str(cycle)]) + GRACE
        if due < at and kinds.get(about, Dataset.Kind.FEED) == Dataset.Kind.FEED:
            feed = about if about in kinds else ""
            slug = code.replace("/", "-")
            found.append(OverdueEntry(code, slug, title, feed, heard.get(about), due))
    return sorted(found, key=lambda one: (one.due_at, one.number))
