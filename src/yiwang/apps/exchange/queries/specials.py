"""Special grants: one's own, those that wait for a second person, those to be reviewed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.db.models import Q

from yiwang.apps.casework.public import light_before
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.models import CallRecord, SpecialGrant
from yiwang.apps.exchange.queries.access import shared_values
from yiwang.apps.exchange.queries.calls import CallView, call_view
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound
from yiwang.kernel.limits import Limit
from yiwang.packkit.current import current_library


class SpecialUnknown(NotFound):
    """No special grant has this number, or the actor may not know it."""

    code = "exchange.special_unknown"


@dataclass(frozen=True)
class SpecialView:
    """特别授权 with everything that was done under it."""

    number: str
    kind: str
    kind_title: str
    holder: str
    organ: str
    tables: tuple[str, ...]
    purpose: str
    basis: str
    case: str
    hours: int
    state: str
    state_title: str
    is_over: bool
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    active_until: datetime | None
    closed_at: datetime | None
    reviewed_by: str
    reviewed_at: datetime | None
    has_finding: bool
    review: str
    finding: str
    due_at: datetime | None
    """By when it must be opened or refused, or reviewed; none where nothing waits."""
    light: Literal["", "red", "yellow", "green"]
    uses: tuple[CallView, ...]

    @property
    def is_open(self) -> bool:
        """Whether look-ups are possible now."""
        return self.state == "open" and not self.is_over


def special_row(number: str, *, lock: bool = False) -> SpecialGrant:
    """The stored special grant, or ``SpecialUnknown``."""
    rows = SpecialGrant.objects.select_for_update() if lock else SpecialGrant.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise SpecialUnknown(f"没有特别授权 {number}。", hint="请核对编号。", number=number)
    return row


def specials(
    *, actor: identity.Actor, at: datetime, waiting: str = "", limit: int = 100
) -> list[SpecialView]:
    """One's own; all of them for guard and auditor. ``waiting``: ``opening`` or ``review``."""
    rows = _known_to(actor)
    if waiting == "opening":
        rows = rows.filter(state="waiting")
    elif waiting == "review":
        has_ended = Q(closed_at__isnull=False) | Q(active_until__lte=at)
        rows = rows.filter(has_ended, state="open", reviewed_at=None)
    return [special_view(row, at) for row in rows.order_by("-pk")[:limit]]


def special(number: str, *, actor: identity.Actor, at: datetime) -> SpecialView:
    """One special grant; a stranger is told that there is none."""
    row = _known_to(actor).filter(number=number).first()
    return special_view(row or special_row(""), at)


def _known_to(actor: identity.Actor) -> Any:
    rows = SpecialGrant.objects.all()
    if any(identity.may(actor, right) for right in ("exchange.guard", "exchange.review")):
        return rows
    identity.require(actor, "exchange.special")
    return rows.filter(holder=actor.username)


def special_view(row: SpecialGrant, at: datetime) -> SpecialView:
    """The stored special grant as a value, as it stands at an instant."""
    values = shared_values(row, SpecialView.__match_args__)
    calls = CallRecord.objects.filter(grant__special__special=row).select_related("grant")
    has_ended = row.closed_at or (row.active_until and at >= row.active_until)
    state, due = row.get_state_display(), _due(row, at)
    values.update(
        kind_title=row.get_kind_display(),
        is_over=bool(row.state == "open" and has_ended),
        state_title="已结束" if row.state == "open" and has_ended else state,
        decided_by=row.decided_by or "",
        reviewed_by=row.reviewed_by or "",
        due_at=due,
        light=light_before(due, at) if due else "",
        uses=tuple(call_view(call) for call in calls.order_by("pk")),
    )
    return SpecialView(**values)


def _due(row: SpecialGrant, at: datetime) -> datetime | None:
    """When the limit runs out of what waits: the opening, or after its end the review."""
    if row.state == SpecialGrant.State.WAITING:
        return _limit("special.decide", row.asked_at)
    ended = min((one for one in (row.closed_at, row.active_until) if one), default=None)
    if row.state != SpecialGrant.State.OPEN or row.reviewed_at or ended is None or at < ended:
        return None
    return _limit("special.review", ended)


def _limit(clock: str, begin: datetime) -> datetime | None:
    limit = catalog.time_limit(clock, on=local_date(begin))
    calendar = current_library(settings.PACKS, settings.PLACE, settings.HOME).calendar
    return Limit.parse(limit).due(begin, calendar) if limit else None
