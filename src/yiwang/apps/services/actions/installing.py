"""Install the items and policies of a place, whole or not at all."""

from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.apps.services.actions.answers import install_answers
from yiwang.apps.services.actions.library import install_documents
from yiwang.apps.services.actions.publishing import install_items
from yiwang.apps.services.frozen import FrozenPolicy
from yiwang.apps.services.models import PolicyVersion
from yiwang.packkit import Library


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store items, documents, answers and policies; returns how many policy versions are new."""
    install_items(library, at=at)
    install_documents(library, at=at)
    install_answers(library, at=at)
    policies = library.policies()
    PolicyVersion.objects.exclude(ref__in=policies).update(is_current=False)
    return sum(_install_policy(FrozenPolicy.of(ref, library), at) for ref in policies)


def _install_policy(frozen: FrozenPolicy, at: datetime) -> bool:
    current = PolicyVersion.objects.filter(ref=frozen.ref, is_current=True)
    if current.filter(version=frozen.version).exists():
        return False
    current.update(is_current=False)
    _, is_new = PolicyVersion.objects.update_or_create(
        ref=frozen.ref,
        version=frozen.version,
        defaults={"is_current": True},
        create_defaults={
            "title": frozen.policy.title,
            "organ": frozen.policy.organ,
            "content": msgspec.to_builtins(frozen),
            "installed_at": at,
        },
    )
    return is_new
