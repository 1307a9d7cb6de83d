"""Versions of what packs declare: each kept once, one of them in force."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import models


def version_of(content: msgspec.Struct) -> str:
    """What names a content: sixteen hexadecimal digits of its SHA-256, keys sorted."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:16]


def retire_others(model: type[models.Model], kept: Iterable[str]) -> None:
    """Take out of force whatever is not among ``kept``; its versions stay."""
    model._default_manager.exclude(ref__in=list(kept)).update(is_current=False)


def keep_version(
    model: type[models.Model],
    *,
    ref: str,
    version: str,
    content: object,
    at: datetime,
    beside: Mapping[str, Any],
    follows: Mapping[str, Any] | None = None,
) -> bool:
    """Put a version into force, stored if it is not known yet; whether it is new.

    ``beside`` is stored with a new version and stays; ``follows`` is written each time that the
    version comes into force, and a change of it alone puts the version into force again.
    """
    follows = follows or {}
    current = model._default_manager.filter(ref=ref, is_current=True)
    if current.filter(version=version, **follows).exists():
        return False
    current.update(is_current=False)
    _, is_new = model._default_manager.update_or_create(
        ref=ref,
        version=version,
        defaults={**follows, "is_current": True},
        create_defaults={
            **beside,
            **follows,
            "content": msgspec.to_builtins(content),
            "installed_at": at,
        },
    )
    return is_new
