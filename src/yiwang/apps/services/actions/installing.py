"""Install the items and policies of a place, whole or not at all."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.journal.public import keep_version, retire_others
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
    retire_others(PolicyVersion, policies)
    return sum(_install_policy(FrozenPolicy.of(ref, library), at) for ref in policies)


def _install_policy(frozen: FrozenPolicy, at: datetime) -> bool:
    return keep_version(
        PolicyVersion,
        ref=frozen.ref,
        version=frozen.version,
        content=frozen,
        at=at,
        beside={"title": frozen.policy.title, "organ": frozen.policy.organ},
    )
