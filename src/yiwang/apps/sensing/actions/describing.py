"""What a SensorThings client may create, change and take away, within its own organ."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.actions.installing import for_broker, note_change
from yiwang.apps.sensing.models import Device, Point, ThingsEntity, ThingsKey
from yiwang.apps.sensing.queries.things import KeyView
from yiwang.apps.sensing.secrecy import digest
from yiwang.kernel.errors import Conflict, NotAllowed

OWN = "things."
"""Before the stream of a point that a client described; no pack is called so."""


class ThingNotYours(NotAllowed):
    """A key changes what belongs to its own organ, and only if it may create."""

    code = "sensing.thing_not_yours"


class ThingFromRegister(Conflict):
    """A device of a register is changed in the register."""

    code = "sensing.thing_from_register"


@transaction.atomic
def issue_things_key(*, title: str, organ: str, may_create: bool, at: datetime) -> str:
    """A new key of the SensorThings interface, shown once."""
    secret = secrets.token_urlsafe(24)
    ThingsKey.objects.create(
        title=title[:120],
        organ=organ,
        digest=digest(secret),
        broker_password=for_broker(secret),
        may_create=may_create,
        issued_at=at,
    )
    journal.record("sensing.key_issued", subject=organ, actor="system", at=at)
    return secret


@transaction.atomic
def describe_thing(
    *, title: str, facts: Mapping[str, Any], lon: float, lat: float, key: KeyView, at: datetime
) -> str:
    """A device that no register knows; returns its id."""
    _may_create(key)
    made = Device.objects.create(
        id=f"T{secrets.token_hex(6)}",
        stream="",
        title=title[:120],
        organ=key.organ,
        division="",
        lon=lon,
        lat=lat,
        facts=dict(facts),
        placed_at=at,
    )
    _noted("sensing.thing_described", made.id, key, at)
    return made.id


@transaction.atomic
def describe_point(
    *, device: str, stream: str, facts: Mapping[str, Any], key: KeyView, at: datetime
) -> int:
    """A point of a device: of a pack's stream, or one of its own that the facts describe."""
    _own_device(device, key)
    made, _ = Point.objects.get_or_create(
        device_id=device,
        stream=stream or f"{OWN}{secrets.token_hex(6)}",
        defaults={"facts": dict(facts)},
    )
    _noted("sensing.point_described", device, key, at)
    return made.pk


@transaction.atomic
def describe_entity(*, kind: str, content: Mapping[str, Any], key: KeyView, at: datetime) -> int:
    """A sensor, property, place or feature; returns its number."""
    _may_create(key)
    made = ThingsEntity.objects.create(kind=kind, organ=key.organ, content=dict(content))
    _noted("sensing.entity_described", f"{kind}({made.pk})", key, at)
    return made.pk


@transaction.atomic
def change_thing(*, device: str, changes: Mapping[str, Any], key: KeyView, at: datetime) -> None:
    """Title, facts or place of a described device; ``properties`` are instead of those it had."""
    row = _own_device(device, key)
    if row.register:
        raise ThingFromRegister("设备来自登记册，不能在此修改。", hint="请在登记册中更正。")
    kept = row.facts
    if "properties" in changes:
        kept = {k: v for k, v in kept.items() if k.startswith("@") or k == "description"}
    row.facts = {**kept, **changes.get("properties", {}), **changes.get("facts", {})}
    row.title = str(changes.get("title", row.title))[:120]
    if "lon" in changes:
        row.lon, row.lat, row.placed_at = changes["lon"], changes["lat"], at
    row.save(update_fields=["facts", "title", "lon", "lat", "placed_at"])
    _noted("sensing.thing_changed", device, key, at)


@transaction.atomic
def change_point(*, point: int, facts: Mapping[str, Any], key: KeyView, at: datetime) -> None:
    """What is said of a described point."""
    row = Point.objects.get(pk=point)
    _own_device(row.device_id, key)
    if not row.stream.startswith(OWN):
        raise ThingFromRegister("测点来自场景包，不能在此修改。", hint="请在场景包中修改。")
    row.facts = {**row.facts, **facts}
    row.save(update_fields=["facts"])
    _noted("sensing.point_changed", row.device_id, key, at)


@transaction.atomic
def change_entity(*, number: int, content: Mapping[str, Any], key: KeyView, at: datetime) -> None:
    """What was described."""
    row = _own_entity(number, key)
    row.content = {**row.content, **content}
    row.save(update_fields=["content"])
    _noted("sensing.entity_changed", f"{row.kind}({number})", key, at)


@transaction.atomic
def remove_thing(*, device: str, key: KeyView, at: datetime) -> None:
    """Take a described device out of use; what it said is kept."""
    row = _own_device(device, key)
    if row.register:
        raise ThingFromRegister("设备来自登记册，不能在此删除。", hint="请在登记册中更正。")
    row.is_active = False
    row.save(update_fields=["is_active"])
    _noted("sensing.thing_removed", device, key, at)


@transaction.atomic
def remove_entity(*, number: int, key: KeyView, at: datetime) -> None:
    """Remove what was described."""
    row = _own_entity(number, key)
    name = f"{row.kind}({number})"
    row.delete()
    _noted("sensing.entity_removed", name, key, at)


def _may_create(key: KeyView) -> None:
    if not key.may_create:
        raise ThingNotYours("此密钥只能读取。", hint="请申请可以写入的密钥。")


def _own_device(device: str, key: KeyView) -> Device:
    _may_create(key)
    row = Device.objects.select_for_update().get(id=device, is_active=True)
    if row.organ != key.organ:
        raise ThingNotYours("设备不归此密钥的单位管理。", hint="由设备的管理单位操作。")
    return row


def _own_entity(number: int, key: KeyView) -> ThingsEntity:
    _may_create(key)
    row = ThingsEntity.objects.select_for_update().get(pk=number)
    if row.organ != key.organ:
        raise ThingNotYours("实体不归此密钥的单位。", hint="由登记它的单位操作。")
    return row


def _noted(what: str, subject: str, key: KeyView, at: datetime) -> None:
    note_change()
    journal.record(what, subject=subject, actor=f"organ:{key.organ}", at=at)
