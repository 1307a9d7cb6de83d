"""From an earlier version to this one: what waits, and whether it is safe to do."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from yiwang.boot.backups.keeping import last_backup
from yiwang.boot.running.checks import BACKUP_OLD
from yiwang.kernel.errors import Conflict
from yiwang.packkit.current import current_library


class NoBackupToday(Conflict):
    """An upgrade is not begun without a backup of the last day."""

    code = "boot.no_backup_today"


class PacksRefused(Conflict):
    """This version does not accept the place's packs."""

    code = "boot.packs_refused"


def steps_waiting() -> list[str]:
    """The migrations that this version would run on the store, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{one.app_label}.{one.name}" for one, _ in plan]


def upgrade(*, home: Path, at: datetime, needs_backup: bool = True) -> None:
    """Run them; first the packs must be accepted and a backup be there."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    if library.refused:
        raise PacksRefused(
            f"新版本不接受这些场景包：{'、'.join(library.refused)}，没有升级。",
            hint="运行 yiwang pack check，按提示改好后再升级。",
        )
    taken = last_backup(home).get("taken_at")
    if needs_backup and (not taken or at - datetime.fromisoformat(taken) > BACKUP_OLD):
        raise NoBackupToday(
            "没有一天之内的备份，没有升级。",
            hint="先运行 yiwang backup 目录 并用 yiwang restore 目录 --drill 证明，再升级。",
        )
    call_command("migrate", verbosity=0)
