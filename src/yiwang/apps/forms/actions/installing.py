"""Make the forms of a place known, each version once."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.forms.models import FormVersion
from yiwang.apps.journal.public import keep_version, retire_others, version_of
from yiwang.packkit import Library


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store the forms of a place; returns how many versions are new."""
    retire_others(FormVersion, library.forms())
    return sum(
        keep_version(
            FormVersion,
            ref=ref,
            version=version_of(content),
            content=content,
            at=at,
            beside={"title": content.title},
        )
        for ref, content in library.forms().items()
    )
