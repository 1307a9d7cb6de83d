"""What is open: releases as everybody sees them, and as the organ that proposes them does."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.models import Release, ReleaseVersion
from yiwang.apps.exchange.open_folders import version_folder
from yiwang.apps.exchange.opening import COARSE, ROLES
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound

THEMES, LICENSES, THRESHOLDS = "base.open_theme", "base.open_license", "base.open_threshold"
FORMATS = ("csv", "json", "parquet")
MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
"""The media type of each form."""


class ReleaseUnknown(NotFound):
    """No open dataset has this name, or it is not open (yet)."""

    code = "exchange.release_unknown"


class ReleaseGone(NotFound):
    """The dataset was open and has been withdrawn; its tombstone says when and why."""

    code = "exchange.release_gone"
    status = 410


@dataclass(frozen=True)
class OpenColumnView:
    """开放字段: what is opened, how coarse, and what it was in the measure."""

    name: str
    title: str
    type: str
    codes: str = ""
    coarse: str = ""
    role: str = "plain"

    @property
    def coarse_title(self) -> str:
        """What a page calls the generalisation."""
        return COARSE.get(self.coarse, self.coarse)

    @property
    def role_title(self) -> str:
        """What a page calls the role."""
        return ROLES.get(self.role, self.role)


@dataclass(frozen=True)
class VersionView:
    """开放版本: its files by format (name, size, digest)."""

    number: int
    snapshot: str
    rows: int
    smallest: int
    left_out: int
    files: dict[str, dict[str, Any]]
    made_at: datetime


@dataclass(frozen=True)
class ReleaseView:
    """开放数据集 with everything a page, an API or a catalogue says of it."""

    ident: str
    name: str
    title: str
    description: str
    organ: str
    theme: str
    license: str
    contact: str
    cycle: str
    division: str
    terms: str
    terms_title: str
    table: str
    columns: tuple[OpenColumnView, ...]
    leaves_out: bool
    state: str
    state_title: str
    measured: dict[str, Any]
    case: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    changed_at: datetime
    version: int
    rows: int
    score: Decimal | None
    downloads: int
    keywords: tuple[str, ...] = ()
    versions: tuple[VersionView, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """Whether everybody may see it now."""
        return self.state == "published"

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """The files of the version in force."""
        return self.versions[0].files if self.versions else {}

    def resource_id(self, form: str) -> str:
        """What CKAN's interface calls a file: the release's own id, told apart in its last bits."""
        return str(uuid.UUID(int=uuid.UUID(self.ident).int ^ (FORMATS.index(form) + 1)))

    def file(self, form: str) -> Path:
        """Where a file of the version in force lies (``sqlite`` is the searchable copy)."""
        name = "rows.sqlite" if form == "sqlite" else f"data.{form}"
        return version_folder(self.ident, self.version) / name


def release_row(name: str, *, lock: bool = False) -> Release:
    """The stored release by name or ident, or ``ReleaseUnknown``."""
    rows = Release.objects.select_for_update() if lock else Release.objects
    row = rows.filter(Q(name=name) | Q(ident=name)).first() if len(name) <= 100 else None
    if row is None:
        raise ReleaseUnknown("没有这个开放数据集。", hint="请核对名字，或在开放数据首页检索。")
    return row


def release_views(rows: QuerySet[Release]) -> list[ReleaseView]:
    """Stored releases as values, each with its keywords and latest versions: three queries."""
    found = list(rows.prefetch_related("keywords"))
    versions: dict[int, list[ReleaseVersion]] = {}
    latest = ReleaseVersion.objects.filter(release__in=[row.pk for row in found])
    for one in latest.order_by("-number"):
        versions.setdefault(one.release_id, []).append(one)
    return [_view(row, versions.get(row.pk, [])) for row in found]


def release_view(row: Release) -> ReleaseView:
    """One stored release as a value."""
    return release_views(Release.objects.filter(pk=row.pk))[0]


def _view(row: Release, versions: list[ReleaseVersion]) -> ReleaseView:
    same = {
        name: getattr(row, name)
        for name in ReleaseView.__match_args__
        if hasattr(row, name) and name not in ("columns", "keywords", "versions")
    }
    return ReleaseView(
        **{**same, "decided_by": row.decided_by or ""},
        terms_title=row.get_terms_display(),
        state_title=row.get_state_display(),
        columns=tuple(OpenColumnView(**one) for one in row.columns),
        keywords=tuple(sorted(one.word for one in row.keywords.all())),
        versions=tuple(
            VersionView(**{name: getattr(one, name) for name in VersionView.__match_args__})
            for one in versions
        ),
    )


def open_release(name: str) -> ReleaseView:
    """A release that everybody may see; a withdrawn one raises ``ReleaseGone`` with its story."""
    row = release_row(name)
    if row.state == Release.State.WITHDRAWN and row.published_at is not None:
        raise ReleaseGone(
            f"“{row.title}”已于 {row.withdrawn_at:%Y-%m-%d} 撤下：{row.reason}",
            hint="如仍需要，请向提供机构反馈。",
            name=row.name,
        )
    if row.state != Release.State.PUBLISHED:
        raise ReleaseUnknown("没有这个开放数据集。", hint="请核对名字，或在开放数据首页检索。")
    return release_view(row)


def release(name: str, *, actor: identity.Actor) -> ReleaseView:
    """A release in any state, for the organ that proposed it and for who approves or watches."""
    row = release_row(name)
    if not _may_see(actor, row.organ):
        raise ReleaseUnknown("没有这个开放数据集。", hint="请核对名字，或在开放数据首页检索。")
    return release_view(row)


def releases(
    *, actor: identity.Actor, state: str = "", offset: int = 0, limit: int = 50
) -> list[ReleaseView]:
    """All for who approves or watches, the organ's own for who releases, else what is public.

    Latest change first.
    """
    rows = Release.objects.order_by("-changed_at")
    if identity.may(actor, "exchange.release") and not _sees_all(actor):
        rows = rows.filter(organ=actor.organ if isinstance(actor, identity.Officer) else "")
    elif not _sees_all(actor):
        rows = rows.filter(state=Release.State.PUBLISHED)
    if state:
        rows = rows.filter(state=state)
    return release_views(rows[offset : offset + limit])


def _sees_all(actor: identity.Actor) -> bool:
    return identity.may(actor, "exchange.approve_release") or identity.may(actor, "exchange.watch")


def _may_see(actor: identity.Actor, organ: str) -> bool:
    return _sees_all(actor) or identity.may(actor, "exchange.release", organ=organ)


@dataclass(frozen=True)
class LicenseView:
    """开放许可: under what anybody may use the data."""

    id: str
    title: str
    link: str
    text: str
    is_open: bool


def licenses() -> list[LicenseView]:
    """The licences of the register."""
    return [
        LicenseView(
            id=str(one["id"]),
            title=str(one["title"]),
            link=str(one.get("link") or ""),
            text=str(one["text"]),
            is_open=str(one.get("is_open")) == "True",
        )
        for one in catalog.entries(LICENSES)
    ]


def license_of(ident: str) -> LicenseView:
    """One licence, or ``LicenseUnknown``."""
    found = next((one for one in licenses() if one.id == ident), None)
    if found is None:
        raise LicenseUnknown(f"没有许可“{ident[:40]}”。", hint="请查看许可清单。")
    return found


class LicenseUnknown(NotFound):
    """The register holds no such licence."""

    code = "exchange.open_license_unknown"


@dataclass(frozen=True)
class ThemeView:
    """开放主题: how releases are grouped, with the European vocabulary's name for it."""

    id: str
    title: str
    eu: str


def themes() -> list[ThemeView]:
    """The themes of the register, in its order."""
    return [
        ThemeView(str(one["id"]), str(one["title"]), str(one.get("eu") or ""))
        for one in catalog.entries(THEMES)
    ]


@dataclass(frozen=True)
class Liked:
    """The mean of the stars, and how many gave them."""

    mean: float | None
    voters: int


def liked(name: str) -> Liked:
    """How a release is rated."""
    found = release_row(name).stars.aggregate(mean=Avg("stars"), voters=Count("id"))
    return Liked(found["mean"], found["voters"])
