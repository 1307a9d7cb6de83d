"""Quality over time: scores by table and organ, their history, and what is still wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import Bulletin, CollectionRun, Dataset, FeedLoad, Rectification
from yiwang.apps.catalog.queries.runs import RunView, collections, since_whole
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import CHINA
from yiwang.kernel.cycles import days_of_duration
from yiwang.kernel.errors import NotFound

_CENT = Decimal("0.01")
_GRACE = 2
"""A feed is late when nothing came for so many of its cycles."""


class BulletinUnknown(NotFound):
    """There is no bulletin of this number."""

    code = "catalog.bulletin_unknown"


@dataclass(frozen=True, kw_only=True)
class OrganScore:
    """An organ's feeds loaded in a period: mean of their scores, what is late and what is open."""

    organ: str
    title: str
    score: Decimal | None
    feeds: int
    late: int
    rejected: int
    read: int
    dimensions: Mapping[str, Decimal]
    open_cases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TableScore:
    """A feed's score as its table stands, how the last load moved it, and what it stands on.

    Rows are those of the last load of the whole and of the partial ones since.
    """

    ref: str
    title: str
    organ: str
    score: Decimal | None
    before: Decimal | None
    read: int
    rejected: int
    flagged: int
    collected_at: datetime
    case: str
    left: int | None
    """Rows still wrong of the open rectification."""


@dataclass(frozen=True, kw_only=True)
class RectificationView:
    """整改 as pages show it."""

    case: str
    ref: str
    title: str
    organ: str
    run: str
    rows: int
    left: int
    checked_run: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BulletinView:
    """质量通报: lines ranked, best first."""

    number: str
    since: date
    until: date
    issued_at: datetime
    issued_by: str
    lines: tuple[Mapping[str, object], ...]


def table_scores(*, since: date | None = None, until: date | None = None) -> list[TableScore]:
    """Feeds loaded in a period (``until`` exclusive) as they stood at its end, worst first."""
    rows = Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None)
    found = [one for dataset in rows if (one := _table(dataset, since, until)) is not None]
    return sorted(found, key=lambda one: (one.score is None, one.score, one.ref))


def organ_scores(*, since: date, until: date, at: datetime) -> list[OrganScore]:
    """Organs by the quality of what they delivered in a period (``until`` exclusive)."""
    titles = {one.id: one.title for one in identity.organs()}
    by_organ: dict[str, list[Dataset]] = {}
    for dataset in Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None):
        by_organ.setdefault(dataset.organ, []).append(dataset)
    found = [
        _organ(organ, titles.get(organ, organ), datasets, since, until, at)
        for organ, datasets in by_organ.items()
    ]
    return sorted(
        found, key=lambda one: (one.score is None, -(one.score or 0), one.late, one.organ)
    )


def score_history(ref: str, *, limit: int = 60) -> list[RunView]:
    """The scored loads of a feed, oldest first."""
    return list(
        reversed([one for one in collections(ref=ref, limit=limit) if one.score is not None])
    )


def rectifications(*, is_open: bool | None = None, limit: int = 200) -> list[RectificationView]:
    """整改 cases of feeds, newest first."""
    rows = Rectification.objects.select_related("dataset").order_by("-id")
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    same = "case run rows left checked_run opened_at closed_at".split()
    return [
        RectificationView(
            **{name: getattr(row, name) for name in same},
            ref=row.dataset.ref,
            title=row.dataset.title,
            organ=row.dataset.organ,
        )
        for row in rows[:limit]
    ]


def bulletins() -> list[BulletinView]:
    """Every bulletin, newest first."""
    return [_bulletin(row) for row in Bulletin.objects.order_by("-since", "-until")]


def bulletin(number: str) -> BulletinView:
    """One bulletin, or ``BulletinUnknown``."""
    row = Bulletin.objects.filter(number=number).first()
    if row is None:
        raise BulletinUnknown(f"没有质量通报 {number}。", hint="从质量通报列表进入。")
    return _bulletin(row)


def _bulletin(row: Bulletin) -> BulletinView:
    same = "number since until issued_at issued_by".split()
    return BulletinView(**{name: getattr(row, name) for name in same}, lines=tuple(row.lines))


def _table(dataset: Dataset, since: date | None, until: date | None) -> TableScore | None:
    rows = _until(dataset.runs.all(), until)
    runs = list(rows.order_by("-id")[:2])
    if not runs or (since and runs[0].collected_at < _begin(since)):
        return None
    last = runs[0]
    parts = [last] if last.mode == "whole" else since_whole(rows)
    one = Rectification.objects.filter(dataset=dataset, closed_at=None).first()
    return TableScore(
        ref=dataset.ref,
        title=dataset.title,
        organ=dataset.organ,
        score=last.standing,
        before=runs[1].standing if len(runs) > 1 else None,
        read=sum(part.read for part in parts),
        rejected=sum(part.rejected for part in parts),
        flagged=sum(part.flagged for part in parts),
        collected_at=last.collected_at,
        case=one.case if one else "",
        left=one.left if one else None,
    )


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def _until(rows: QuerySet[CollectionRun], day: date | None) -> QuerySet[CollectionRun]:
    return rows.filter(collected_at__lt=_begin(day)) if day else rows


def _organ(
    organ: str, title: str, datasets: list[Dataset], since: date, until: date, at: datetime
) -> OrganScore:
    rows = CollectionRun.objects.filter(dataset__in=datasets)
    tables = [one for dataset in datasets if (one := _table(dataset, since, until)) is not None]
    scored = [one.score for one in tables if one.score is not None]
    by_ref = {dataset.ref: dataset for dataset in datasets}
    points: dict[str, list[Decimal]] = {}
    for one in tables:
        for name, score in _dimensions(by_ref[one.ref], until).items():
            points.setdefault(name, []).append(score)
    return OrganScore(
        organ=organ,
        title=title,
        score=_mean(scored) if scored else None,
        feeds=len(datasets),
        late=sum(_is_late(one, rows, min(_begin(until), at)) for one in datasets),
        rejected=sum(one.rejected for one in tables),
        read=sum(one.read for one in tables),
        dimensions={
            scoring.TITLES.get(name, name): _mean(values) for name, values in points.items()
        },
        open_cases=tuple(
            Rectification.objects.filter(dataset__in=datasets, closed_at=None).values_list(
                "case", flat=True
            )
        ),
    )


def _dimensions(dataset: Dataset, until: date) -> dict[str, Decimal]:
    """The scores of a table's dimensions as it stands, weighted as its score is."""
    points: dict[str, list[tuple[Decimal | None, int]]] = {}
    for run in since_whole(_until(dataset.runs.all(), until)):
        for part in run.dimensions.all():
            points.setdefault(part.dimension, []).append((part.score, run.read))
    found = {name: scoring.weighted(scores) for name, scores in points.items()}
    return {name: score for name, score in found.items() if score is not None}


def _is_late(dataset: Dataset, rows: QuerySet[CollectionRun], at: datetime) -> bool:
    """Whether nothing was delivered (not even the same again) for two cycles."""
    days = days_of_duration(dataset.cycle)
    if days is None:
        return False
    since = at - timedelta(days=days * _GRACE)
    same = FeedLoad.objects.filter(dataset=dataset, state="same", ended_at__gte=since)
    return not (rows.filter(dataset=dataset, collected_at__gte=since).exists() or same.exists())


def _mean(scores: list[Decimal]) -> Decimal:
    return (sum(scores, Decimal(0)) / len(scores)).quantize(_CENT, ROUND_HALF_UP)
