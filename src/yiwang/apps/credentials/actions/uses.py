"""Every use of a licence is kept for its holder, with who, when and why."""

from datetime import datetime

from yiwang.apps.credentials.models import License, LicenseUse
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal

PUBLIC = "public"
"""Who verifies without an account."""


def write_down(
    row: License,
    act: str,
    actor: identity.Actor | str,
    *,
    at: datetime,
    result: str = "",
    reason: str = "",
) -> None:
    """Keep a use where the holder sees it, and in the journal."""
    who, name = named(actor)
    LicenseUse.objects.create(
        license=row,
        at=at,
        act=act,
        actor=who,
        actor_name=name,
        result=result,
        reason=reason.strip()[:500],
    )
    journal.record(
        f"license.{act}",
        subject=row.holder,
        actor=who,
        at=at,
        purpose=reason,
        case=row.case,
        facts={"number": row.number, "digest": row.digest},
    )


def named(actor: identity.Actor | str) -> tuple[str, str]:
    """The actor's id, and what the holder reads."""
    if isinstance(actor, str):
        return actor, "公开核验" if actor == PUBLIC else "平台"
    if isinstance(actor, identity.Applicant):
        return actor.subject, actor.name
    titles = {one.id: one.title for one in identity.organs()}
    return actor.username, f"{actor.name}（{titles.get(actor.organ, actor.organ)}）"
