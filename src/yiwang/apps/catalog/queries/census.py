"""What a census knows: campaigns, coverage per organ and list, gaps, answers, imports."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max

from yiwang.apps.catalog.metadata import LISTS
from yiwang.apps.catalog.models import (
    Campaign,
    CensusAnswer,
    CensusImport,
    CensusReminder,
    NilReturn,
)
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class CampaignUnknown(NotFound):
    """There is no such campaign, or it does not ask this organ."""

    code = "catalog.campaign_unknown"


@dataclass(frozen=True)
class ImportTaken:
    """What became of a workbook: read = accepted + rejected."""

    id: int
    read: int
    accepted: int
    rejected: int


@dataclass(frozen=True)
class CampaignLine:
    """普查任务 with how many organs have answered everything."""

    number: str
    title: str
    lists: tuple[str, ...]
    organs: int
    answered: int
    answers: int
    due_on: date
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class OrganCoverage:
    """One organ's answers: list to number of answers, or None where nothing was said."""

    organ: str
    counts: dict[str, int | None]
    nils: dict[str, str]
    reminders: int
    reminded_at: datetime | None

    @property
    def is_whole(self) -> bool:
        """Whether every list was answered or reported nil."""
        return None not in self.counts.values()


@dataclass(frozen=True)
class CampaignView(CampaignLine):
    """A campaign with the coverage of every organ, gaps first."""

    coverage: tuple[OrganCoverage, ...]


@dataclass(frozen=True)
class AnswerView:
    """普查答卷."""

    id: int
    organ: str
    list: str
    list_title: str
    title: str
    values: dict[str, Any]
    state: str
    state_title: str
    note: str
    entry: str
    file: str
    given_at: datetime
    given_by: str


@dataclass(frozen=True)
class ImportView:
    """普查导入 with its wrong rows and why."""

    id: int
    organ: str
    list: str
    file: str
    read: int
    accepted: int
    rejected: int
    rejects: tuple[dict[str, Any], ...]
    taken_at: datetime
    taken_by: str


def campaign_row(number: str) -> Campaign:
    """The campaign of this number, or ``CampaignUnknown``."""
    row = Campaign.objects.filter(number=number).first()
    if row is None:
        raise CampaignUnknown(f"没有普查任务“{number}”。", hint="请查看普查任务清单。")
    return row


def campaigns(*, actor: identity.Actor | None) -> list[CampaignLine]:
    """Campaigns, newest first: all for who runs them, else those that ask the actor's organ."""
    rows = Campaign.objects.order_by("-id")
    found = [row for row in rows if _may_see(actor, row)]
    return [CampaignLine(**_line(row, _coverage(row))) for row in found]


def campaign(number: str, *, actor: identity.Actor | None) -> CampaignView:
    """One campaign; an organ sees its own coverage only."""
    row = campaign_row(number)
    if not _may_see(actor, row):
        raise CampaignUnknown(f"没有普查任务“{number}”。", hint="请查看普查任务清单。")
    coverage = _coverage(row)
    shown = coverage if _runs(actor) else [one for one in coverage if one.organ == _organ(actor)]
    shown.sort(key=lambda one: (one.is_whole, one.organ))
    return CampaignView(**_line(row, coverage), coverage=tuple(shown))


@dataclass(frozen=True)
class CensusWaiting:
    """普查任务 that waits for an officer: lists their organ has not answered, answers to judge."""

    number: str
    title: str
    due_on: date
    since: datetime
    lists: tuple[str, ...]
    """Titles of the lists about which the officer's organ has said nothing."""
    reminders: int
    answers: int
    """How many answers wait to be judged, for who runs the census."""


def census_waiting(*, officer: identity.Officer) -> list[CensusWaiting]:
    """Open campaigns in which the officer has something to do, the earliest due first."""
    found = []
    for row in Campaign.objects.filter(closed_at=None).order_by("due_on", "pk"):
        own = None
        if identity.may(officer, "catalog.draft") and officer.organ in row.organs:
            own = next(one for one in _coverage(row) if one.organ == officer.organ)
        missing = [name for name, count in own.counts.items() if count is None] if own else []
        given = row.answers.filter(state="given").count() if _runs(officer) else 0
        if missing or given:
            found.append(
                CensusWaiting(
                    row.number,
                    row.title,
                    row.due_on,
                    (own and own.reminded_at) or row.opened_at,
                    tuple(LISTS[name].title for name in missing),
                    own.reminders if own else 0,
                    given,
                )
            )
    return found


def answers(
    number: str,
    *,
    actor: identity.Actor | None,
    state: str = "",
    organ: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[AnswerView]:
    """Answers, oldest first: all for who runs the census, else the actor's organ's."""
    campaign(number, actor=actor)
    rows = CensusAnswer.objects.filter(campaign__number=number).select_related("source")
    organ = organ if _runs(actor) else _organ(actor)
    rows = rows.filter(organ=organ) if organ else rows
    rows = rows.filter(state=state) if state else rows
    return [_answer(row) for row in rows.order_by("id")[offset : offset + limit]]


def imports(number: str, *, actor: identity.Actor | None) -> list[ImportView]:
    """Workbooks taken, newest first."""
    campaign(number, actor=actor)
    rows = CensusImport.objects.filter(campaign__number=number)
    if not _runs(actor):
        rows = rows.filter(organ=_organ(actor))
    names = [name for name in ImportView.__match_args__ if name != "rejects"]
    return [
        ImportView(**{name: getattr(row, name) for name in names}, rejects=tuple(row.rejects))
        for row in rows.order_by("-id")[:100]
    ]


def lists_missing(row: Campaign) -> dict[str, list[str]]:
    """Organs with the lists about which they have said nothing."""
    gaps = {
        one.organ: [name for name, count in one.counts.items() if count is None]
        for one in _coverage(row)
    }
    return {organ: gap for organ, gap in gaps.items() if gap}


def _coverage(row: Campaign) -> list[OrganCoverage]:
    given = row.answers.exclude(state="returned").values_list("organ", "list")
    counts = {(organ, name): n for organ, name, n in given.annotate(Count("id"))}
    nils = {
        (organ, name): reason
        for organ, name, reason in NilReturn.objects.filter(campaign=row).values_list(
            "organ", "list", "reason"
        )
    }
    sent = CensusReminder.objects.filter(campaign=row).values_list("organ")
    reminded = {organ: (n, last) for organ, n, last in sent.annotate(Count("id"), Max("sent_at"))}
    return [
        OrganCoverage(
            organ,
            {
                name: counts.get((organ, name), 0 if (organ, name) in nils else None)
                for name in row.lists
            },
            {name: nils[organ, name] for name in row.lists if (organ, name) in nils},
            *reminded.get(organ, (0, None)),
        )
        for organ in row.organs
    ]


def _line(row: Campaign, coverage: list[OrganCoverage]) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.title,
        "lists": tuple(row.lists),
        "organs": len(coverage),
        "answered": sum(one.is_whole for one in coverage),
        "answers": sum(count or 0 for one in coverage for count in one.counts.values()),
        "due_on": row.due_on,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
    }


def _answer(row: CensusAnswer) -> AnswerView:
    return AnswerView(
        row.pk,
        row.organ,
        row.list,
        LISTS[row.list].title,
        row.title,
        row.values,
        row.state,
        row.get_state_display(),
        row.note,
        row.entry,
        row.source.file if row.source else "",
        row.given_at,
        row.given_by,
    )


def _runs(actor: identity.Actor | None) -> bool:
    return identity.may(actor, "catalog.census")


def _organ(actor: identity.Actor | None) -> str:
    return actor.organ if isinstance(actor, identity.Officer) else ""


def _may_see(actor: identity.Actor | None, row: Campaign) -> bool:
    return _runs(actor) or _organ(actor) in row.organs
