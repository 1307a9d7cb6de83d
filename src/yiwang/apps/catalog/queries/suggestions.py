"""Columns that fit a need said in free words, and how good the data behind a table is."""

from dataclasses import dataclass
from decimal import Decimal

from yiwang.apps.catalog.models import CollectionRun, ColumnSource, Dataset, DatasetColumn
from yiwang.kernel.folding import fold

STOP = frozenset("的了和与及或在是为需要想查看询获取数据信息情况")
MOST = 12


@dataclass(frozen=True)
class Suggestion:
    """A column that fits, and what of the need it fits to."""

    table: str
    table_title: str
    organ: str
    column: str
    title: str
    grade: int
    matched: str
    score: int


def suggest_columns(need: str, *, limit: int = MOST) -> list[Suggestion]:
    """Shared columns by how many pairs of characters of the need their names have, best first.

    Pairs of characters find Chinese words without a dictionary; both scripts fold into one.
    """
    wanted = _pairs(need)
    rows = DatasetColumn.objects.filter(
        active_until=None, dataset__active_until=None, dataset__kind=Dataset.Kind.TABLE
    ).exclude(dataset__share="none")
    found = []
    for row in rows.select_related("dataset"):
        own = _pairs(f"{row.title} {row.category}") & wanted
        near = _pairs(f"{row.dataset.title} {row.dataset.description}") & wanted
        score = 3 * len(own) + len(near)
        if own or len(near) > 1:
            found.append(
                Suggestion(
                    table=row.dataset.ref,
                    table_title=row.dataset.title,
                    organ=row.dataset.organ,
                    column=row.name,
                    title=row.title,
                    grade=row.grade,
                    matched="、".join(sorted(own | near))[:60],
                    score=score,
                )
            )
    return sorted(found, key=lambda one: (-one.score, one.table, one.column))[:limit]


def _pairs(text: str) -> set[str]:
    words = "".join(" " if sign in STOP else sign for sign in fold(text)).split()
    return {word[n : n + 2] for word in words for n in range(len(word) - 1)}


def score_behind(ref: str) -> Decimal | None:
    """The lowest quality score among the feeds behind a table; None when none is scored."""
    feeds, waiting = set[str](), [ref]
    seen = set[str]()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        above = set(
            ColumnSource.objects.filter(column__dataset__ref=here).values_list(
                "source_table", flat=True
            )
        )
        feeds |= {one for one in above if one not in seen}
        waiting += above
    scores = []
    for feed in feeds:
        run = CollectionRun.objects.filter(dataset__ref=feed).order_by("-id").first()
        if run is not None and run.standing is not None:
            scores.append(run.standing)
    return min(scores, default=None)
