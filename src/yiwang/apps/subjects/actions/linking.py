"""号码关联: two numbers of one subject, a wrong merge undone, a source that means somebody else.

Nothing is merged in place: a decision is a row, the golden tables are computed from claims and
decisions, so the next publication follows a decision and follows its undoing.
"""

from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.subjects.models import Conflict as ConflictRow
from yiwang.apps.subjects.models import IdentifierLink
from yiwang.apps.subjects.plan import PlannedEntity, plan
from yiwang.apps.subjects.published import links
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.lake import Lake

LINKS = "platform.identifier_links"


class EntityUnknown(NotFound):
    """No pack of the place declares such an entity."""

    code = "subjects.entity_unknown"


class ConflictUnknown(NotFound):
    """There is no open conflict of this number that could be settled."""

    code = "subjects.conflict_unknown"


class ReasonMissing(Invalid):
    """A decision about numbers is made without a reason."""

    code = "subjects.reason_missing"


class NumbersAlike(Invalid):
    """A number is linked with itself."""

    code = "subjects.numbers_alike"


class NotLinked(Conflict):
    """There is no link between these numbers that could be undone."""

    code = "subjects.not_linked"


@transaction.atomic
def link_identifiers(
    *, entity: str, stated: str, canonical: str, reason: str, officer: identity.Actor, at: datetime
) -> None:
    """Say that two numbers are one subject's; ``canonical`` is the one that stays."""
    planned = _permitted(entity, officer, reason)
    old, new = _checked(planned, stated), _checked(planned, canonical)
    if old == new:
        raise NumbersAlike("两个号码相同，不需要关联。", hint="请填写两个不同的号码。")
    _decide(planned, "same", old, new, source="", reason=reason, officer=officer, at=at)


@transaction.atomic
def undo_link(
    *, entity: str, stated: str, canonical: str, reason: str, officer: identity.Actor, at: datetime
) -> None:
    """Undo a link, whether decided here or reported by a source; both subjects stand again."""
    planned = _permitted(entity, officer, reason)
    old, new = _checked(planned, stated), _checked(planned, canonical)
    newest = _newest(entity, old, new)
    if newest is not None and newest.kind == IdentifierLink.Kind.UNDONE:
        raise NotLinked("这两个号码已经分开。", hint="请刷新页面查看最新状态。")
    _decide(planned, "undone", old, new, source="", reason=reason, officer=officer, at=at)


@transaction.atomic
def settle_source(
    *,
    entity: str,
    subject: str,
    source: str,
    is_same: bool,
    reason: str,
    officer: identity.Actor,
    at: datetime,
) -> None:
    """Decide whether a source under a number speaks of this subject, or of somebody else."""
    planned = _permitted(entity, officer, reason)
    number = _checked(planned, subject)
    kind = "accepted" if is_same else "refused"
    _decide(planned, kind, number, number, source=source, reason=reason, officer=officer, at=at)


@transaction.atomic
def settle_conflict(
    number: int, *, is_same: bool, reason: str, officer: identity.Actor, at: datetime
) -> None:
    """Settle a source that seems to speak of somebody else, by the number of its conflict."""
    row = ConflictRow.objects.filter(pk=number, kind=ConflictRow.Kind.APART, closed_at=None).first()
    if row is None:
        raise ConflictUnknown("没有这一条待决定的不一致。", hint="请刷新列表，可能已经消除。")
    settle_source(
        entity=row.entity,
        subject=row.subject,
        source=row.source,
        is_same=is_same,
        reason=reason,
        officer=officer,
        at=at,
    )


def _permitted(entity: str, officer: identity.Actor, reason: str) -> PlannedEntity:
    planned = plan().entities.get(entity)
    if planned is None:
        raise EntityUnknown(f"没有主体库“{entity}”。", hint="请从主体库清单进入。", entity=entity)
    identity.require(officer, "subjects.link", organ=planned.owner)
    if not reason.strip():
        raise ReasonMissing("没有写明理由。", hint="请写明核实的经过和依据。")
    return planned


def _checked(entity: PlannedEntity, number: str) -> str:
    if entity.subject == "person":
        cleaned = gbt11643.normalize(number)
        return gbt11643.check(gbt11643.upgrade15(cleaned) if len(cleaned) == 15 else cleaned).text
    cleaned = number.strip().upper()
    uscc.check(cleaned)
    return cleaned


def _newest(entity: str, stated: str, canonical: str) -> IdentifierLink | None:
    rows = IdentifierLink.objects.filter(entity=entity, stated=stated, canonical=canonical)
    return rows.filter(source="").order_by("-pk").first()


def _decide(
    entity: PlannedEntity,
    kind: str,
    stated: str,
    canonical: str,
    *,
    source: str,
    reason: str,
    officer: identity.Actor,
    at: datetime,
) -> None:
    assert isinstance(officer, identity.Officer)
    IdentifierLink.objects.create(
        entity=entity.ref,
        kind=kind,
        stated=stated,
        canonical=canonical,
        source=source,
        reason=reason.strip(),
        decided_by=officer.username,
        decided_at=at,
    )
    journal.record(
        f"subjects.link_{kind}",
        subject=canonical,
        actor=officer.username,
        at=at,
        facts={"entity": entity.ref, "source": source, "organ": officer.organ},
    )


def write_links(lake: Lake | None = None, *, at: datetime) -> None:
    """Let the lake know every decision in force, before golden tables are computed."""
    columns, rows = links()
    (lake or catalog.lake()).write(LINKS, list(rows), columns=columns, at=at)
