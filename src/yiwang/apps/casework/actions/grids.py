"""Grid cells from a drawn layer, and who works in them with which duties."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.cells import CellUnknown
from yiwang.apps.casework.models import GridCell, GridPost
from yiwang.apps.casework.polygons import AreaBroken, bounds
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.divisions import DivisionUnknown
from yiwang.kernel.errors import Invalid

MOST = 20_000
CODE = re.compile(r"[0-9A-Za-z-]{3,32}")


class LayerUnreadable(Invalid):
    """The file is no GeoJSON FeatureCollection, or holds too many cells."""

    code = "casework.layer_unreadable"


@dataclass(frozen=True)
class CellsImported:
    """What became of the features: each is new, changed, unchanged or refused with its reason."""

    new: int
    changed: int
    unchanged: int
    refused: tuple[tuple[str, str], ...]
    """The feature's code or place in the file, and why."""


@transaction.atomic
def import_cells(
    *, layer: bytes, source: str, is_synthetic: bool, officer: identity.Officer, at: datetime
) -> CellsImported:
    """导入网格: take cells from a GeoJSON file with properties ``code``, ``title``, ``division``.

    A cell that changed ends today and its new form begins; cells that the file leaves out stay.
    """
    identity.require(officer, "grid.manage")
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    refused: list[tuple[str, str]] = []
    for number, feature in enumerate(_features(layer), 1):
        try:
            cell = _cell(feature, source=source, is_synthetic=is_synthetic, at=at)
        except (Invalid, DivisionUnknown) as error:
            refused.append((_name(feature, number), error.message))
        else:
            counts[_store(cell)] += 1
    facts = counts | {"refused": len(refused)}
    journal.record("grid.imported", subject="grid", actor=officer.username, at=at, facts=facts)
    return CellsImported(**counts, refused=tuple(refused))


@transaction.atomic
def assign_worker(
    *,
    cell: str,
    username: str,
    duties: Sequence[str],
    officer: identity.Officer,
    at: datetime,
) -> None:
    """指派网格员: somebody works in a cell with these duties (一专多能); replaces their earlier."""
    identity.require(officer, "grid.manage")
    row = _current(cell)
    worker = identity.officer(username, at=at)
    if not {"field.work"} <= worker.rights:
        raise Invalid(f"{worker.name}的岗位不能使用现场工作端。", hint="请先任命为网格员。")
    GridPost.objects.filter(cell=row, officer=username, active_until=None).update(active_until=at)
    GridPost.objects.create(
        cell=row,
        officer=username,
        duties=[one.strip()[:40] for one in duties if one.strip()],
        active_from=at,
        assigned_by=officer.username,
    )
    journal.record("grid.assigned", subject=row.code, actor=officer.username, at=at)


@transaction.atomic
def end_worker(*, cell: str, username: str, officer: identity.Officer, at: datetime) -> None:
    """免去网格员: from now on they no longer work in the cell."""
    identity.require(officer, "grid.manage")
    rows = GridPost.objects.filter(cell__code=cell, officer=username, active_until=None)
    if not rows.update(active_until=at):
        raise CellUnknown("此人不在这个网格任职。", hint="刷新页面。")
    journal.record("grid.ended", subject=cell, actor=officer.username, at=at)


def _features(layer: bytes) -> list[Any]:
    try:
        found = msgspec.json.decode(layer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LayerUnreadable("文件不是 JSON。", hint="请导出为 GeoJSON（UTF-8）。") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or len(features) > MOST:
        raise LayerUnreadable(
            "文件不是 GeoJSON 要素集，或超过两万个网格。",
            hint="请导出 FeatureCollection，分批导入。",
        )
    return features


def _name(feature: Any, number: int) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else ""
    return str(code or f"第 {number} 个")[:40]


def _cell(feature: Any, *, source: str, is_synthetic: bool, at: datetime) -> GridCell:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise AreaBroken("要素没有属性。", hint="属性写 code、title、division。")
    code, title = str(properties.get("code", "")), str(properties.get("title") or "").strip()
    if not CODE.fullmatch(code) or not title:
        raise AreaBroken("网格编码或名称不对。", hint="编码为 3 至 32 位数字或字母。")
    division = place.divisions().get(str(properties.get("division", ""))).code
    if not identity.is_within(division, place.code()):
        raise AreaBroken("网格不在本地区划之内。", hint="核对 division。")
    area = feature.get("geometry")
    west, south, east, north = bounds(area)
    return GridCell(
        code=code,
        title=title[:120],
        division=division,
        area=area,
        west=west,
        south=south,
        east=east,
        north=north,
        source=source[:200],
        is_synthetic=is_synthetic,
        active_from=local_date(at),
    )


def _store(cell: GridCell) -> str:
    old = GridCell.objects.filter(code=cell.code, active_until=None).first()
    if old is not None:
        names = ("title", "division", "area", "source", "is_synthetic")
        if all(getattr(old, name) == getattr(cell, name) for name in names):
            return "unchanged"
        old.active_until = cell.active_from
        old.save(update_fields=["active_until"])
    cell.save()
    if old is not None:
        GridPost.objects.filter(cell=old, active_until=None).update(cell=cell)
    return "changed" if old is not None else "new"


def _current(code: str) -> GridCell:
    row = GridCell.objects.filter(code=code, active_until=None).first()
    if row is None:
        raise CellUnknown(f"没有在用的网格 {code[:32]}。", hint="刷新列表，或先导入。")
    return row
