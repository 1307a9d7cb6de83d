"""Roles that come with others for a time, and stop when their cause does."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from yiwang.apps.identity.models import RoleLoan
from yiwang.apps.journal import public as journal


def lend_roles(*, roles: Mapping[str, Iterable[str]], why: str, actor: str, at: datetime) -> None:
    """Let whoever holds a key of ``roles`` hold its values as well; the caller has the right."""
    for role, lent in roles.items():
        for one in lent:
            RoleLoan.objects.get_or_create(
                role=role, lent=one, why=why, until=None, defaults={"since": at}
            )
    if roles:
        journal.record("identity.roles_lent", subject=why, actor=actor, at=at)


def end_loans(*, why: str, actor: str, at: datetime) -> None:
    """End everything that was lent for this cause."""
    if RoleLoan.objects.filter(why=why, until=None).update(until=at):
        journal.record("identity.loans_ended", subject=why, actor=actor, at=at)
