"""Install the items and policies of a place, whole or not at all."""

from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.apps.services.frozen import FrozenPolicy, bases_of
from yiwang.apps.services.models import PolicyVersion, ServiceItem
from yiwang.packkit import Library


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store items and policies; returns how many policy versions are new."""
    items = library.items()
    ServiceItem.objects.exclude(ref__in=items).update(is_active=False)
    for ref, item in items.items():
        ServiceItem.objects.update_or_create(
            ref=ref,
            defaults={
                "title": item.title,
                "organ": item.organ,
                "basis": bases_of(library, ref).get(item.basis, item.basis),
                "content": msgspec.to_builtins(item),
                "is_active": True,
                "installed_at": at,
            },
        )
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
