"""Put a screen together, save it as a version, publish it, withdraw it."""

from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.apps.boards.composing import demand_composed
from yiwang.apps.boards.layout import MOST_FIGURES, MOST_ROWS, laid_out
from yiwang.apps.boards.models import OwnScreen, ScreenVersion
from yiwang.apps.boards.queries.own_screens import (
    PREFIX,
    declared,
    own_row,
    read_version,
    title_of,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Screen

COMPOSE, PUBLISH = "boards.compose", "boards.publish"


class ScreenMoved(Conflict):
    """Somebody else saved a version since this one was opened."""

    code = "boards.screen_moved"


class ScreenTooFull(Conflict):
    """A wall cannot show it without scrolling."""

    code = "boards.screen_too_full"


class ScreenEmpty(Conflict):
    """A screen without widgets is not published."""

    code = "boards.screen_empty"


@transaction.atomic
def begin_screen(
    *, title: str, start: str = "", officer: identity.Officer, at: datetime, library: Library
) -> str:
    """新建大屏: empty, or with the widgets of another screen; returns its reference."""
    identity.require(officer, COMPOSE)
    first = Screen(title=title, audience="leader")
    if start:
        first = msgspec.structs.replace(declared(start, library), title=title)
    demand_composed(first, library=library)
    row = OwnScreen.objects.create(organ=officer.organ, made_at=at, made_by=officer.username)
    _keep(row, first, 1, officer, at)
    return f"{PREFIX}{row.pk}"


@transaction.atomic
def save_screen(
    ref: str,
    *,
    content: Screen,
    base: int,
    officer: identity.Officer,
    at: datetime,
    library: Library,
) -> int:
    """保存: a new version on top of ``base``, which must be the newest; returns its number.

    Nothing is kept twice: what equals the newest version is that version.
    """
    identity.require(officer, COMPOSE)
    row = own_row(ref, organ=officer.organ, lock=True)
    newest = row.versions.order_by("number").last()
    assert newest is not None
    demand_composed(content, library=library)
    if read_version(newest) == content:
        return newest.number
    if newest.number != base:
        raise ScreenMoved(
            f"“{title_of(newest)}”在您编排期间被 {newest.saved_by} 保存为第 {newest.number} 版。",
            hint="请先打开最新版查看，再把您的改动编排进去。",
            newest=newest.number,
        )
    return _keep(row, content, newest.number + 1, officer, at)


@transaction.atomic
def publish_screen(ref: str, *, officer: identity.Officer, at: datetime, library: Library) -> int:
    """发布: everybody who may see screens sees the newest version; returns its number."""
    identity.require(officer, PUBLISH)
    row = own_row(ref, organ=officer.organ, lock=True)
    newest = row.versions.order_by("number").last()
    assert newest is not None
    content = read_version(newest)
    demand_composed(content, library=library)
    if not content.widgets:
        raise ScreenEmpty("这块屏还没有部件。", hint="先加上至少一个部件，再发布。")
    if not laid_out(content.widgets).fits_a_wall:
        raise ScreenTooFull(
            f"墙面放不下：一块屏至多 {MOST_ROWS} 排、{MOST_FIGURES} 个数字。",
            hint="减少部件，或把部件改窄，使每排放下更多。",
        )
    row.published, row.published_at, row.published_by = newest.number, at, officer.username
    row.save(update_fields=["published", "published_at", "published_by"])
    _tell("screen.published", row, newest.number, officer, at)
    return newest.number


@transaction.atomic
def withdraw_screen(ref: str, *, officer: identity.Officer, at: datetime) -> None:
    """撤下: nobody sees it any more; its versions stay."""
    identity.require(officer, PUBLISH)
    row = own_row(ref, organ=officer.organ, lock=True)
    if row.published is None:
        return
    number = row.published
    row.published, row.published_at, row.published_by = None, None, ""
    row.save(update_fields=["published", "published_at", "published_by"])
    _tell("screen.withdrawn", row, number, officer, at)


def _keep(
    row: OwnScreen, content: Screen, number: int, officer: identity.Officer, at: datetime
) -> int:
    ScreenVersion.objects.create(
        screen=row,
        number=number,
        content=msgspec.to_builtins(content),
        saved_at=at,
        saved_by=officer.username,
    )
    _tell("screen.saved", row, number, officer, at)
    return number


def _tell(event: str, row: OwnScreen, number: int, officer: identity.Officer, at: datetime) -> None:
    facts: dict[str, str | int] = {"version": number}
    subject = f"{PREFIX}{row.pk}"
    journal.record(event, subject=subject, actor=officer.username, at=at, facts=facts)
