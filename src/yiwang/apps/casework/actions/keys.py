"""Keys of systems that report incidents: issued once, kept as digests, stopped at once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.models import IncidentKind, IntakeKey
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


class IntakeKeyUnknown(NotAllowed):
    """No key in force has this value."""

    code = "casework.intake_key_unknown"
    status = 401


class IntakeKeyNamed(Conflict):
    """A key of this name was issued before."""

    code = "casework.intake_key_named"


class IntakeKeyMissing(NotFound):
    """No key has this name."""

    code = "casework.intake_key_missing"


class KindNotForKey(NotAllowed):
    """The key may not report incidents of this kind."""

    code = "casework.kind_not_for_key"


@dataclass(frozen=True)
class Reporter:
    """A system that reports: its name, its organ, and the kinds it may report."""

    name: str
    organ: str
    kinds: tuple[str, ...]

    def require(self, kind: str) -> None:
        """``KindNotForKey`` unless the system may report this kind."""
        if kind not in self.kinds:
            raise KindNotForKey(
                f"这把密钥不能上报“{kind}”。",
                hint="请向网格管理员申请增加上报类型，或检查类型编号。",
                kind=kind,
            )


@dataclass(frozen=True)
class IntakeKeyView:
    """A key as its page lists it; never its value."""

    name: str
    organ: str
    kinds: tuple[str, ...]
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None


@transaction.atomic
def issue_intake_key(
    *, name: str, organ: str, kinds: Sequence[str], officer: identity.Officer, at: datetime
) -> str:
    """发放上报密钥: the key, shown once."""
    identity.require(officer, "incident.keys")
    if not name.strip() or not place.has_organ(organ):
        raise Invalid("请写明系统名称和所属部门。", hint="部门从列表中选择。")
    known = set(IncidentKind.objects.values_list("ref", flat=True))
    if unknown := [kind for kind in kinds if kind not in known]:
        raise Invalid(f"没有事件类型：{'、'.join(unknown)}。", hint="从列表中选择。")
    secret = f"yw-{secrets.token_urlsafe(24)}"
    try:
        with transaction.atomic():
            IntakeKey.objects.create(
                name=name.strip()[:64],
                organ=organ,
                digest=_digest(secret),
                kinds=list(kinds),
                issued_at=at,
                issued_by=officer.username,
            )
    except IntegrityError as error:
        raise IntakeKeyNamed(f"已有名为“{name}”的密钥。", hint="换一个名称。") from error
    journal.record("intake_key.issued", subject=name[:64], actor=officer.username, at=at)
    return secret


@transaction.atomic
def revoke_intake_key(*, name: str, officer: identity.Officer, at: datetime) -> None:
    """停用上报密钥: from now on every report with it is refused."""
    identity.require(officer, "incident.keys")
    if not IntakeKey.objects.filter(name=name, revoked_at=None).update(revoked_at=at):
        raise IntakeKeyMissing(f"没有在用的密钥“{name}”。", hint="刷新列表。")
    journal.record("intake_key.revoked", subject=name, actor=officer.username, at=at)


def intake_keys(*, officer: identity.Officer) -> list[IntakeKeyView]:
    """Every key, the newest first."""
    identity.require(officer, "incident.keys")
    return [
        IntakeKeyView(
            row.name, row.organ, tuple(row.kinds), row.issued_at, row.issued_by, row.revoked_at
        )
        for row in IntakeKey.objects.order_by("-id")
    ]


def reporter_of(secret: str) -> Reporter:
    """The system whose key this is, or ``IntakeKeyUnknown``."""
    row = IntakeKey.objects.filter(digest=_digest(secret), revoked_at=None).first()
    if not secret or row is None:
        raise IntakeKeyUnknown("上报密钥无效或已停用。", hint="请向网格管理员重新申请。")
    kinds = row.kinds or _public_kinds()
    return Reporter(row.name, row.organ, tuple(kinds))


def _public_kinds() -> list[str]:
    rows = IncidentKind.objects.filter(content__public=True)
    return list(rows.order_by("ref").values_list("ref", flat=True))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
