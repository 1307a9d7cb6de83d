"""Install the kinds of licence that a place's packs declare."""

import hashlib
from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.apps.credentials.models import LicenseKind
from yiwang.packkit import Library


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store the kinds of licence of a place; returns how many versions are new."""
    kinds, new = library.licenses(), 0
    LicenseKind.objects.exclude(ref__in=kinds).update(is_current=False)
    for ref, content in kinds.items():
        packed = msgspec.json.encode(content, order="sorted")
        version = hashlib.sha256(packed).hexdigest()[:16]
        current = LicenseKind.objects.filter(ref=ref, is_current=True)
        if current.filter(version=version).exists():
            continue
        current.update(is_current=False)
        _, is_new = LicenseKind.objects.update_or_create(
            ref=ref,
            version=version,
            defaults={"is_current": True},
            create_defaults={
                "title": content.title,
                "content": msgspec.to_builtins(content),
                "installed_at": at,
            },
        )
        new += is_new
    return new
