"""Make the forms of a place known, each version once."""

import hashlib
from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.apps.forms.models import FormVersion
from yiwang.packkit import Library


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store the forms of a place; returns how many versions are new."""
    forms, new = library.forms(), 0
    FormVersion.objects.exclude(ref__in=forms).update(is_current=False)
    for ref, content in forms.items():
        packed = msgspec.json.encode(content, order="sorted")
        version = hashlib.sha256(packed).hexdigest()[:16]
        current = FormVersion.objects.filter(ref=ref, is_current=True)
        if current.filter(version=version).exists():
            continue
        current.update(is_current=False)
        _, is_new = FormVersion.objects.update_or_create(
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
