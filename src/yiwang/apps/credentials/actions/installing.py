"""Install the kinds of licence that a place's packs declare."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.credentials.models import LicenseKind
from yiwang.apps.journal.public import keep_version, retire_others, version_of
from yiwang.packkit import Library


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store the kinds of licence of a place; returns how many versions are new."""
    retire_others(LicenseKind, library.licenses())
    return sum(
        keep_version(
            LicenseKind,
            ref=ref,
            version=version_of(content),
            content=content,
            at=at,
            beside={"title": content.title},
        )
        for ref, content in library.licenses().items()
    )
