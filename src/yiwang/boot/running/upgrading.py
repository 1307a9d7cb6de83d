"""From an earlier version to this one: what waits, and whether it is safe to do."""

import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from yiwang.apps.identity import public as identity
from yiwang.boot.backups.keeping import last_backup
from yiwang.boot.database import kind_of
from yiwang.boot.folder import known_store, note_store
from yiwang.boot.installing import renew
from yiwang.boot.running.checks import BACKUP_OLD, LEAST_FREE, is_store_empty, steps_waiting
from yiwang.boot.work import register_work
from yiwang.kernel.errors import Conflict, YiwangError
from yiwang.packkit.current import current_library

DEMO = "demo.json"
"""In the folder of a demo, in which nothing matters."""
ACCOUNTS = "identity_account"
"""Read by its name: the model may have columns that an earlier version's table lacks."""


class NoBackupToday(Conflict):
    """An upgrade is not begun without a backup of the last day."""

    code = "boot.no_backup_today"


class PacksRefused(Conflict):
    """This version does not accept the place's packs."""

    code = "boot.packs_refused"


class NoRoomToUpgrade(Conflict):
    """A table that is rewritten lies on the disk twice for a while."""

    code = "boot.no_room_to_upgrade"


class StoreEmpty(Conflict):
    """The store holds nothing, where something ought to be."""

    code = "boot.store_empty"


class StoreOfEarlierVersion(Conflict):
    """The store has the form of an earlier version."""

    code = "boot.store_of_earlier_version"


def demand_store_of_this_version(home: Path) -> None:
    """Make the store of a new folder; refuse one that an earlier version wrote, as it stands."""
    if is_store_empty() and known_store(home):
        raise _empty(home)
    waiting = steps_waiting()
    if waiting and is_anybody_there() and not (home / DEMO).exists():
        raise StoreOfEarlierVersion(
            f"业务库比程序旧，有 {len(waiting)} 步升级没有执行，没有启动。",
            hint="先运行 yiwang backup 目录，再运行 yiwang upgrade，然后重新启动。",
        )
    bring_up(home)


def bring_up(home: Path) -> None:
    """Bring the store to this version's form, whatever it holds."""
    call_command("migrate", verbosity=0)
    note_store(home, kind=kind_of(settings.DATABASES["default"]))


def obstacles(home: Path, *, at: datetime, needs_backup: bool = True) -> list[YiwangError]:
    """Why an upgrade is not begun now, each with what to do; empty where it may."""
    if is_store_empty():
        return [_empty(home)]
    found: list[YiwangError] = []
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    if library.refused:
        found.append(
            PacksRefused(
                f"新版本不接受这些场景包：{'、'.join(library.refused)}，没有升级。",
                hint="运行 yiwang pack check，按提示改好后再升级。",
            )
        )
    taken = last_backup(home).get("taken_at")
    if needs_backup and (not taken or at - datetime.fromisoformat(taken) > BACKUP_OLD):
        found.append(
            NoBackupToday(
                "没有一天之内的备份，没有升级。",
                hint="先运行 yiwang backup 目录 并用 yiwang restore 目录 --drill 证明，再升级。",
            )
        )
    free, needed = shutil.disk_usage(home).free, LEAST_FREE // 4 + _rewritten()
    if free < needed:
        found.append(
            NoRoomToUpgrade(
                f"磁盘剩余 {free / 1e9:.1f} GB，升级要 {needed / 1e9:.1f} GB，没有升级。",
                hint="扩容，或把备份、旧日志移到别的盘。",
            )
        )
    return found


def upgrade(*, home: Path, at: datetime, needs_backup: bool = True) -> int:
    """升级: bring the store to this version's form and take over its packs; returns the steps."""
    for obstacle in obstacles(home, at=at, needs_backup=needs_backup):
        raise obstacle
    waiting = steps_waiting()
    bring_up(home)
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.register_divisions(library.divisions)
    register_work()
    renew(library, home=home, at=at)
    return len(waiting)


def is_anybody_there() -> bool:
    """Whether the store holds an account; one whose making was interrupted does not."""
    with connection.cursor() as cursor:
        if ACCOUNTS not in connection.introspection.table_names(cursor):
            return False
        cursor.execute(f"SELECT count(*) FROM {ACCOUNTS}")  # noqa: S608 - a name of our own
        return bool(cursor.fetchone()[0])


def _rewritten() -> int:
    """Bytes of a store that lies in the data folder: each of its tables may be written anew."""
    store = Path(str(connection.settings_dict["NAME"]))
    return store.stat().st_size if connection.vendor == "sqlite" and store.exists() else 0


def _empty(home: Path) -> StoreEmpty:
    return StoreEmpty(
        f"数据目录 {home} 的业务库是空的，没有可用的内容。",
        hint="检查 YIWANG_DATABASE 是否指向原来的库；新装在一个空目录里运行 yiwang install。",
    )
