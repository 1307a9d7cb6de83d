"""Search among open releases: words, filters, counts by facet, and a stable order for harvests.

A withdrawn release keeps its place in the order by ident for ``GAP``, so a loop that counts
positions neither skips nor repeats one while others vanish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from yiwang.apps.exchange.models import Release, ReleaseKeyword
from yiwang.apps.exchange.queries.releases import FORMATS, ReleaseView, release_views
from yiwang.kernel.errors import Invalid
from yiwang.kernel.folding import words_of

GAP = timedelta(days=1)
MOST = 1000
SORTS: Mapping[str, str] = {
    "id": "ident",
    "name": "name",
    "title": "title",
    "title_string": "title",
    "metadata_modified": "changed_at",
    "metadata_created": "published_at",
    "views_recent": "downloads",
    "score": "changed_at",
}
OPEN_FACETS: Mapping[str, str] = {
    "organization": "organ",
    "groups": "theme",
    "license_id": "license",
    "division": "division",
    "terms": "terms",
}


class SortUnknown(Invalid):
    """The order asked for is none that releases have."""

    code = "exchange.open_sort_unknown"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is searched for. ``any_of`` and ``none_of`` hold (field, accepted values).

    A field is a key of ``OPEN_FACETS``, or ``id``, ``name``, ``tags``, ``res_format``, ``title``.
    """

    words: str = ""
    any_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    none_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    changed_from: datetime | None = None
    changed_until: datetime | None = None
    sort: tuple[tuple[str, bool], ...] = (("metadata_modified", True),)
    offset: int = 0
    limit: int = 20
    includes_withdrawn: bool = False
    only_withdrawn: bool = False
    facets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """One page, how many there are, and the counts of each facet."""

    releases: list[ReleaseView]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


def search_releases(asked: Asked, *, at: datetime) -> Answered:
    """The page that was asked for."""
    order = _order(asked.sort)
    found = _narrowed(Release.objects.all(), asked)
    published = Q(state=Release.State.PUBLISHED)
    if asked.only_withdrawn:
        rows = found.filter(_tombstone())
    elif asked.includes_withdrawn:
        rows = found.filter(published | _tombstone())
    elif order == ["ident"]:
        rows = found.filter(published | _tombstone() & Q(withdrawn_at__gt=at - GAP))
    else:
        rows = found.filter(published)
    limit = min(max(asked.limit, 0), MOST)
    page = rows.order_by(*order)[asked.offset : asked.offset + limit] if limit else rows.none()
    idents = list(page.values_list("ident", flat=True))
    by_ident = {one.ident: one for one in release_views(Release.objects.filter(ident__in=idents))}
    return Answered(
        [
            by_ident[ident]
            for ident in idents
            if asked.includes_withdrawn or asked.only_withdrawn or by_ident[ident].is_open
        ],
        rows.count(),
        {name: _facet(found.filter(published), name) for name in asked.facets},
    )


def _tombstone() -> Q:
    return Q(state=Release.State.WITHDRAWN, published_at__isnull=False)


def _order(sort: Sequence[tuple[str, bool]]) -> list[str]:
    named = []
    for name, is_descending in sort or (("metadata_modified", True),):
        if name not in SORTS:
            raise SortUnknown(
                f"不能按“{name[:40]}”排序。", hint=f"可用：{'、'.join(SORTS)}。", sort=name[:40]
            )
        named.append(f"{'-' if is_descending else ''}{SORTS[name]}")
    return named if any(one.strip("-") == "ident" for one in named) else [*named, "ident"]


def _narrowed(rows: QuerySet[Release], asked: Asked) -> QuerySet[Release]:
    for word in words_of(asked.words):
        rows = rows.filter(folded__contains=word)
    for name, accepted in asked.any_of:
        rows = rows.filter(_among(name, accepted))
    for name, refused in asked.none_of:
        rows = rows.exclude(_among(name, refused))
    if asked.changed_from is not None:
        rows = rows.filter(changed_at__gte=asked.changed_from)
    if asked.changed_until is not None:
        rows = rows.filter(changed_at__lte=asked.changed_until)
    return rows


def _among(name: str, values: tuple[str, ...]) -> Q:
    if name in OPEN_FACETS:
        return Q(**{f"{OPEN_FACETS[name]}__in": values})
    if name == "tags":
        words = ReleaseKeyword.objects.filter(word__in=values)
        return Q(pk__in=words.values("release"))
    if name == "res_format":  # every open release has every form
        return Q() if {one.lower() for one in values} & set(FORMATS) else Q(pk=None)
    if name in ("id", "ident"):
        return Q(ident__in=values)
    if name in ("name", "title"):
        return Q(**{f"{name}__in": values})
    return Q(pk=None)


def _facet(rows: QuerySet[Release], name: str) -> dict[str, int]:
    """How many open releases have each value; the most frequent fifty."""
    if name == "tags":
        words = ReleaseKeyword.objects.filter(release__in=rows.values("pk"))
        counted = words.values_list("word").annotate(n=Count("id")).order_by("-n", "word")
    elif name == "res_format":
        total = rows.count()
        return dict.fromkeys((one.upper() for one in FORMATS), total) if total else {}
    elif name in OPEN_FACETS:
        counted = rows.values_list(OPEN_FACETS[name]).annotate(n=Count("id")).order_by("-n")
    else:
        return {}
    return {str(value): n for value, n in counted[:50] if value}


def open_keywords(*, query: str = "", limit: int = 1000) -> list[str]:
    """Keywords of open releases, in order."""
    words = ReleaseKeyword.objects.filter(release__state=Release.State.PUBLISHED)
    for word in words_of(query):
        words = words.filter(word__icontains=word)
    return list(words.values_list("word", flat=True).distinct().order_by("word")[:limit])


def open_names(*, offset: int = 0, limit: int | None = None) -> list[str]:
    """Names of open releases, in order."""
    rows = Release.objects.filter(state=Release.State.PUBLISHED).order_by("name")
    end = None if limit is None else offset + limit
    return list(rows.values_list("name", flat=True)[offset:end])


def tombstones(*, since: datetime | None = None, limit: int = 1000) -> list[ReleaseView]:
    """What was open and is withdrawn, latest first: harvests carry it away by these."""
    rows = Release.objects.filter(_tombstone())
    if since is not None:
        rows = rows.filter(changed_at__gte=since)
    return release_views(rows.order_by("-changed_at")[:limit])
