"""Neighbouring catalogues registered, keyed, stopped; what both sides changed is decided."""

import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yiwang.apps.catalog import metadata
from yiwang.apps.catalog.actions.lists import write_draft
from yiwang.apps.catalog.keys import key_digest
from yiwang.apps.catalog.models import CatalogueNeighbour, ListEntry, NeighbourEntry
from yiwang.apps.catalog.neighbour_wire import ADDRESS, base_address, is_address
from yiwang.apps.catalog.queries.neighbours import NeighbourUnknown, neighbour_row
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid

RIGHT = "catalog.neighbours"


class NeighbourMalformed(Invalid):
    """What was given does not make a neighbour."""

    code = "catalog.neighbour_malformed"


class NeighbourStopped(Conflict):
    """Nothing is exchanged with this neighbour any more."""

    code = "catalog.neighbour_stopped"


class NothingToDecide(Conflict):
    """The entry is not one that both sides changed."""

    code = "catalog.nothing_to_decide"


@transaction.atomic
def register_neighbour(
    *,
    title: str,
    gives: bool,
    gives_organ: str = "",
    takes: bool,
    address: str = "",
    key: str = "",
    organ: str = "",
    officer: identity.Actor,
    at: datetime,
) -> tuple[int, str]:
    """登记邻目录: its number, and the key with which it asks us (shown once; empty if it may not).

    ``key`` is the one the neighbour gave us; it is kept in the ``secrets`` of the data folder.
    """
    identity.require(officer, RIGHT)
    title = title.strip()[:80]
    _demand_fit(title, gives_organ=gives_organ)
    if takes:
        _demand_reachable(address, key, organ)
    elif not gives:
        wrong = "没有选择交换的方向。"
        raise NeighbourMalformed(wrong, hint="至少选一个方向。", fields={"gives": wrong})
    row = CatalogueNeighbour.objects.create(
        title=title,
        gives=gives,
        gives_organ=gives_organ if gives else "",
        takes=takes,
        address=base_address(address) if takes else "",
        organ=organ if takes else "",
        set_by=officer.username,
        set_at=at,
    )
    if takes:
        _keep_key(row, key)
    _record("catalog.neighbour_registered", row, officer, at)
    return row.pk, _new_key(row, officer, at) if gives else ""


def _demand_fit(title: str, *, gives_organ: str) -> None:
    is_new = not CatalogueNeighbour.objects.filter(title=title).exists()
    NeighbourMalformed.unless(
        (bool(title), "title", "没有写明邻目录的名称。"),
        (is_new, "title", f"“{title}”已登记，请换一个名称。"),
        (not gives_organ or _is_organ(gives_organ), "gives_organ", "没有所选的机构。"),
    )


def _demand_reachable(address: str, key: str, organ: str) -> None:
    NeighbourMalformed.unless(
        (is_address(address), "address", f"对方地址不可用：{ADDRESS}"),
        (bool(key.strip()), "key", "没有写明对方发放的密钥，请向对方索取。"),
        (_is_organ(organ), "organ", "没有选择取来的条目归入的机构。"),
    )


def _is_organ(organ: str) -> bool:
    return organ in {one.id for one in identity.organs()}


@transaction.atomic
def change_neighbour(
    number: int, *, address: str, key: str, officer: identity.Actor, at: datetime
) -> None:
    """更改地址或密钥: where we ask and with which key; an empty ``key`` leaves the one kept."""
    row = _open(number, officer)
    if not row.takes:
        raise NeighbourMalformed("我方不取用这个邻目录的条目。", hint="请另行登记。")
    row.address = base_address(address)
    row.save(update_fields=["address"])
    if key.strip():
        _keep_key(row, key)
    _record("catalog.neighbour_changed", row, officer, at)


@transaction.atomic
def issue_neighbour_key(number: int, *, officer: identity.Actor, at: datetime) -> str:
    """发放密钥: a new key for the neighbour, shown once; the earlier one stops at once."""
    row = _open(number, officer)
    if not row.gives:
        raise NeighbourMalformed("这个邻目录不取用我方条目。", hint="请另行登记。")
    return _new_key(row, officer, at)


@transaction.atomic
def stop_neighbour(number: int, *, officer: identity.Actor, at: datetime) -> None:
    """停用: its key opens nothing, and we ask it nothing; what was exchanged stays."""
    row = _open(number, officer)
    row.stopped_at, row.stopped_by, row.key_digest = at, officer.username, ""
    row.save()
    _key_file(row).unlink(missing_ok=True)
    _record("catalog.neighbour_stopped", row, officer, at)


@transaction.atomic
def decide_conflict(link: int, *, take: bool, officer: identity.Actor, at: datetime) -> str:
    """两边都改过: their content becomes the draft here, or ours stays; returns our code."""
    row = NeighbourEntry.objects.select_for_update().filter(pk=link).first()
    if row is None:
        raise NeighbourUnknown("没有这条对应。", hint="请从邻目录页进入。")
    entry = ListEntry.objects.select_for_update().get(pk=row.entry_id)
    identity.require(officer, "catalog.draft", organ=entry.organ)
    if row.state != NeighbourEntry.State.CONFLICT:
        raise NothingToDecide("这条不是两边都改过的条目。", hint="刷新页面查看最新状态。")
    if take:
        write_draft(entry, row.values, by=officer.username, at=at)
    row.agreed = metadata.content_digest(metadata.LISTS["data"], row.values)
    row.state = NeighbourEntry.State.LINKED
    row.save()
    facts = {"theirs": row.number, "take": int(take)}
    journal.record(
        "catalog.neighbour_decided",
        subject=entry.number,
        actor=officer.username,
        at=at,
        facts=facts,
    )
    return entry.number


def kept_key(row: CatalogueNeighbour) -> str:
    """The key with which we ask a neighbour."""
    return _key_file(row).read_text(encoding="utf-8")


def _keep_key(row: CatalogueNeighbour, key: str) -> None:
    file = _key_file(row)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(key.strip(), encoding="utf-8")
    fresh.replace(file)


def _key_file(row: CatalogueNeighbour) -> Path:
    return Path(settings.HOME) / "secrets" / f"neighbour-{row.pk}"


def _new_key(row: CatalogueNeighbour, officer: identity.Actor, at: datetime) -> str:
    key = secrets.token_urlsafe(32)
    row.key_digest = key_digest(key)
    row.save(update_fields=["key_digest"])
    _record("catalog.neighbour_key_issued", row, officer, at)
    return key


def _open(number: int, officer: identity.Actor) -> CatalogueNeighbour:
    identity.require(officer, RIGHT)
    row = neighbour_row(number, lock=True)
    if row.stopped_at is not None:
        raise NeighbourStopped(f"邻目录“{row.title}”已停用。", hint="需要时请重新登记。")
    return row


def _record(event: str, row: CatalogueNeighbour, officer: identity.Actor, at: datetime) -> None:
    journal.record(event, subject=f"neighbour:{row.pk}", actor=officer.username, at=at)
