"""What a holder sees of their codes: purposes, the code with its picture, and who read which."""

from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.db.models import Q

from yiwang.apps.credentials.models import RefusedReading, ShownCode
from yiwang.apps.identity import public as identity
from yiwang.packkit.current import current_library
from yiwang.packkit.kinds.citizens import Code


@dataclass(frozen=True)
class CodeView:
    """A code as its holder shows it."""

    id: str
    token: str
    purpose: str
    title: str
    verifier: str
    made_at: datetime
    expires_at: datetime
    seconds: int
    """How long it still lasts."""


@dataclass(frozen=True)
class ReadingView:
    """One code of the holder's and what became of it."""

    title: str
    verifier: str
    made_at: datetime
    read_at: datetime | None
    read_by: str
    refused: tuple[tuple[datetime, str, str], ...]
    """When, who, and why nothing was told."""


def code_purposes() -> dict[str, Code]:
    """Every purpose of the place."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    return {
        f"{pack.id}.{name}": one
        for pack in library.packs.values()
        for name, one in pack.codes.items()
    }


def purposes_for(actor: identity.Applicant) -> dict[str, Code]:
    """The purposes for which a person, or a firm, may show a code."""
    return {ref: one for ref, one in code_purposes().items() if one.holder == actor.kind}


def purposes_of(verifier: identity.Actor) -> dict[str, Code]:
    """The purposes for which an officer, or a firm, may read codes."""
    kind = "organ" if isinstance(verifier, identity.Officer) else "firm"
    return {ref: one for ref, one in code_purposes().items() if one.verifier == kind}


def code_view(row: ShownCode, *, token: str, at: datetime) -> CodeView:
    """A row as a value."""
    return CodeView(
        id=row.pk,
        token=token,
        purpose=row.purpose,
        title=row.content["title"],
        verifier=row.verifier,
        made_at=row.made_at,
        expires_at=row.expires_at,
        seconds=max(0, int((row.expires_at - at).total_seconds())),
    )


def code_svg(token: str, *, address: str) -> str:
    """The picture of a code; ``address`` is what stands before the token in its link."""
    made = segno.make(address + token, error="m")
    return made.svg_inline(scale=5, border=3, svgclass="qr", lineclass=None)


def is_read(code: str, *, actor: identity.Applicant) -> bool:
    """Whether a code of the actor's was read, so that their page can say so."""
    return ShownCode.objects.filter(~Q(used_at=None), pk=code, holder=actor.subject).exists()


def readings_of(actor: identity.Applicant, *, limit: int = 50) -> list[ReadingView]:
    """The holder's codes that somebody read or tried to read, newest first."""
    tried = RefusedReading.objects.values("shown")
    rows = ShownCode.objects.filter(~Q(used_at=None) | Q(pk__in=tried), holder=actor.subject)
    rows = rows.prefetch_related("refused").order_by("-made_at")
    return [
        ReadingView(
            title=row.content["title"],
            verifier=row.verifier,
            made_at=row.made_at,
            read_at=row.used_at,
            read_by=row.used_by_name,
            refused=tuple(
                (one.at, one.actor_name, REFUSALS.get(one.reason, one.reason))
                for one in sorted(row.refused.all(), key=lambda one: one.at)
            ),
        )
        for row in rows[:limit]
    ]


REFUSALS = {
    "credentials.code_expired": "码已过期",
    "credentials.code_replayed": "码已用过",
    "credentials.code_for_another": "机构或用途不符",
}
