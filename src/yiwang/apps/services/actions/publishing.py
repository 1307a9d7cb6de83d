"""Publish the items, one-things and guides of a place: one source, kept in versions."""

import hashlib
from datetime import datetime

import msgspec

from yiwang.apps.services.bundles import FrozenBundle
from yiwang.apps.services.finding import search_text
from yiwang.apps.services.frozen import bases_of
from yiwang.apps.services.models import ItemVersion, ServiceBundle, ServiceGuide, ServiceItem
from yiwang.packkit import Library
from yiwang.packkit.kinds.work import Item
from yiwang.packkit.merging import merged


def install_items(library: Library, *, at: datetime) -> None:
    """Store what people may ask for; what is no longer in a pack is withdrawn from all channels."""
    items = library.items()
    ServiceItem.objects.exclude(ref__in=items).update(is_active=False)
    for ref, item in items.items():
        version, since = keep_version(ref, item, at)
        ServiceItem.objects.update_or_create(
            ref=ref,
            defaults={
                "title": item.title,
                "organ": item.organ,
                "basis": bases_of(library, ref).get(item.basis, item.basis),
                "content": msgspec.to_builtins(item),
                "search_text": search_text(item.title, item.words),
                "version": version,
                "is_active": True,
                "installed_at": since,
            },
        )
    _install_bundles(library, at)
    _install_guides(library)


def keep_version(ref: str, item: Item, at: datetime) -> tuple[int, datetime]:
    """The number of the item's present version, and since when it is so; a change is a new one."""
    digest = hashlib.sha256(msgspec.json.encode(item, order="sorted")).hexdigest()[:16]
    latest = ItemVersion.objects.filter(ref=ref).order_by("-number").first()
    if latest is not None and latest.digest == digest:
        return latest.number, latest.installed_at
    number = latest.number + 1 if latest else 1
    ItemVersion.objects.create(
        ref=ref, number=number, digest=digest, content=msgspec.to_builtins(item), installed_at=at
    )
    return number, at


def _install_bundles(library: Library, at: datetime) -> None:
    bundles, items, forms = library.bundles(), library.items(), library.forms()
    ServiceBundle.objects.exclude(ref__in=bundles).update(is_active=False)
    for ref, bundle in bundles.items():
        joined = merged(bundle, items, forms)
        content = FrozenBundle(
            bundle=bundle,
            form=joined.form,
            materials=joined.materials,
            fields_of=joined.fields_of,
        )
        ServiceBundle.objects.update_or_create(
            ref=ref,
            defaults={
                "title": bundle.title,
                "organ": bundle.organ,
                "basis": bases_of(library, ref).get(bundle.basis, bundle.basis),
                "content": msgspec.to_builtins(content),
                "search_text": search_text(bundle.title, bundle.words),
                "is_active": True,
                "installed_at": at,
            },
        )


def _install_guides(library: Library) -> None:
    guides = library.guides()
    ServiceGuide.objects.exclude(ref__in=guides).update(is_active=False)
    for ref, guide in guides.items():
        ServiceGuide.objects.update_or_create(
            ref=ref,
            defaults={
                "title": guide.title,
                "content": msgspec.to_builtins(guide),
                "search_text": search_text(guide.title, guide.words),
                "is_active": True,
            },
        )
