"""What may be wrong with an installation and how to mend it: for the probes and the doctor."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.boot.backups.keeping import last_backup
from yiwang.boot.database import silent
from yiwang.boot.installing import is_renewed
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import YiwangError
from yiwang.packkit.current import current_library

Level = Literal["good", "warn", "bad"]
LEAST_FREE, LEAST_SHARE = 2 << 30, 0.05
"""Below two gigabytes, or a twentieth of the disk, it is time."""
WORKER_SILENT = timedelta(minutes=3)
BACKUP_OLD, DRILL_OLD = timedelta(hours=26), timedelta(days=31)
AHEAD = timedelta(days=45)
"""Working days are needed so far ahead."""


def steps_waiting() -> list[str]:
    """The migrations that this version would run on the store, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{one.app_label}.{one.name}" for one, _ in plan]


def is_store_empty() -> bool:
    """Whether nobody ever made the store's tables."""
    return not MigrationRecorder(connection).applied_migrations()


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, and what to do where it is not good."""

    name: str
    level: Level
    what: str
    mend: str = ""


def database(at: datetime) -> Iterator[Finding]:
    """The operational store answers and has this version's form."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        refusal = silent(error)
        yield Finding("database", "bad", refusal.message, refusal.hint)
        return
    waiting = steps_waiting()
    if waiting and is_store_empty():
        yield Finding(
            "database",
            "bad",
            f"业务库（{connection.vendor}）是空的",
            "新装运行 yiwang install；先前装过的，检查 YIWANG_DATABASE 是否指向原来的库。",
        )
    elif waiting:
        yield Finding(
            "database",
            "bad",
            f"业务库比程序旧，有 {len(waiting)} 步升级没有执行：{'、'.join(waiting[:3])}",
            "先运行 yiwang backup 目录，再运行 yiwang upgrade。",
        )
    else:
        yield Finding("database", "good", f"业务库（{connection.vendor}）可用，结构是最新的")


def disk(at: datetime) -> Iterator[Finding]:
    """There is room to write."""
    usage = shutil.disk_usage(settings.HOME)
    told = f"数据目录所在磁盘剩余 {usage.free / 1e9:.1f} GB（{usage.free / usage.total:.0%}）"
    if usage.free < LEAST_FREE or usage.free / usage.total < LEAST_SHARE:
        level: Level = "bad" if usage.free < LEAST_FREE / 4 else "warn"
        yield Finding("disk", level, told, "扩容，或把备份、旧日志移到别的盘；写满后平台只读不写。")
    else:
        yield Finding("disk", "good", told)


def packs(at: datetime) -> Iterator[Finding]:
    """Every pack that the place chose is in force."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    if library.refused:
        names = "、".join(library.refused)
        yield Finding(
            "packs",
            "warn",
            f"{len(library.refused)} 个场景包有错误，仍用上一个好的版本或没有启用：{names}",
            "运行 yiwang pack check 看是哪个文件哪一行，改好后重启。",
        )
    else:
        yield Finding("packs", "good", f"{len(library.packs)} 个场景包全部启用")
    if not is_renewed(library, home=Path(settings.HOME)):
        yield Finding(
            "installed",
            "warn",
            "场景包或名录有改动还没有安装：流程、岗位、名录和湖里的表仍是先前的",
            "运行 yiwang install，再重启 yiwang 服务。",
        )
    calendar = library.calendar
    if year := calendar.unannounced(local_date(at), local_date(at + AHEAD)):
        told = f"{year} 年的节假日安排尚未录入，跨入该年的期限按周几暂算"
        hint = f"按国务院办公厅关于 {year} 年节假日的通知补充 {calendar.source}，录入后自动重算。"
        yield Finding("workdays", "warn", told, hint)


def log(at: datetime) -> Iterator[Finding]:
    """The journal can be written and is signed."""
    try:
        last = journal.checkpoint()
    except YiwangError as error:
        yield Finding("journal", "bad", f"留痕日志打不开：{error.message}", error.hint)
        return
    if last is None:
        yield Finding("journal", "good", "留痕日志还是空的")
    elif last.at > at + timedelta(minutes=5):
        yield Finding(
            "journal",
            "bad",
            f"留痕的时间（{last.at:%Y-%m-%d %H:%M}）在本机时钟之后",
            "校准本机时钟（timedatectl set-ntp true），再重启平台。",
        )
    else:
        yield Finding("journal", "good", f"留痕 {last.size:,} 条已签名")


def worker(at: datetime) -> Iterator[Finding]:
    """Somebody does the background work."""
    last = jobs.availability(at=at, days=1).last
    if last is None or at - last > WORKER_SILENT:
        said = f"最近一次是 {last:%Y-%m-%d %H:%M}" if last else "从未运行"
        yield Finding(
            "worker",
            "warn",
            f"后台进程没有在运行（{said}）：定时任务、封存留痕、归集都停着",
            "启动 yiwang 服务（yiwang serve 自带后台进程）；看 journalctl -u yiwang。",
        )
    else:
        yield Finding("worker", "good", "后台进程在运行")
    failed = jobs.count_jobs().get("failed", 0)
    if failed:
        yield Finding(
            "jobs", "warn", f"{failed} 个后台作业失败", "在“后台作业”页看原因，处理后点“接着办”。"
        )


def backups(at: datetime) -> Iterator[Finding]:
    """There is a backup of today, and one was proved lately."""
    known = last_backup(Path(settings.HOME))
    taken, drilled = (
        datetime.fromisoformat(known[name]) if name in known else None
        for name in ("taken_at", "drilled_at")
    )
    if taken is None or at - taken > BACKUP_OLD:
        said = f"最近一份是 {taken:%Y-%m-%d %H:%M}" if taken else "还没有备份"
        mend = "运行 yiwang backup 目录；用 yiwang-backup.timer 每天自动做。"
        yield Finding("backup", "warn", f"没有一天之内的备份（{said}）", mend)
    else:
        yield Finding("backup", "good", f"备份 {known['backup']}，{known['size'] / 1e6:,.0f} MB")
    if known.get("drill_holds") is False:
        yield Finding(
            "drill",
            "bad",
            f"最近一次恢复演练没有通过（备份 {known['drilled']}）",
            "换一份备份再演练；仍不通过，立即重新做一份完整备份到新目录。",
        )
    elif drilled is None or at - drilled > DRILL_OLD:
        yield Finding(
            "drill",
            "warn",
            "一个月内没有做过恢复演练",
            "运行 yiwang restore 目录 --drill --data 数据目录。",
        )
    else:
        yield Finding("drill", "good", f"恢复演练通过（{drilled:%Y-%m-%d}）")


def secrets(at: datetime) -> Iterator[Finding]:
    """Nobody else on the machine reads keys and data."""
    home = Path(settings.HOME)
    open_ones = [
        path
        for path in (home, home / "keys", home / "secrets", *(home / "secrets").glob("*"))
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o007
    ]
    if open_ones:
        names = " ".join(str(path) for path in open_ones[:4])
        yield Finding(
            "secrets", "bad", f"本机其他用户能读数据或密钥：{names}", f"chmod -R o-rwx {home}"
        )
    else:
        yield Finding("secrets", "good", "数据目录和密钥只有平台账户能读")


def exposure(at: datetime) -> Iterator[Finding]:
    """What is open to the network is meant to be."""
    if settings.DEBUG:
        yield Finding(
            "debug", "bad", "YIWANG_DEBUG=1：错误页会显示内部细节", "去掉这个变量后重启。"
        )
    outside = set(settings.ALLOWED_HOSTS) - {"localhost", "127.0.0.1", "[::1]", "testserver"}
    if outside and not settings.IS_HTTPS:
        yield Finding(
            "https",
            "warn",
            f"对外提供 {'、'.join(sorted(outside))}，但没有声明 HTTPS",
            "在 TLS 反向代理之后运行，并设置 YIWANG_HTTPS=1。",
        )
    if os.geteuid() == 0:
        yield Finding(
            "root", "warn", "以 root 身份运行", "用专门的账户运行（见 deploy/ 的单元文件）。"
        )


def people(at: datetime) -> Iterator[Finding]:
    """Somebody can unlock accounts and read the journal."""
    held = {one.duty for one in identity.accounts(at=at) if one.is_active and one.duty}
    missing = [one for one in ("系统管理员", "安全管理员", "审计管理员") if one not in held]
    if missing:
        yield Finding(
            "duties",
            "warn",
            f"没有{'、'.join(missing)}账户",
            "运行 yiwang install 建立缺少的三员账户，三人分任。",
        )


def lake(at: datetime) -> Iterator[Finding]:
    """The lake opens and its tables are read."""
    try:
        tables = catalog.lake().tables()
    except (YiwangError, OSError) as error:
        yield Finding("lake", "bad", f"数据湖打不开：{error}", "检查数据目录是否完整；用备份恢复。")
    else:
        yield Finding("lake", "good", f"数据湖 {len(tables)} 张表")


Check = Callable[[datetime], Iterator[Finding]]
READY: tuple[Check, ...] = (database, disk, log)
"""Without these nothing is served."""
ALL: tuple[Check, ...] = (
    database,
    disk,
    packs,
    log,
    lake,
    worker,
    backups,
    secrets,
    exposure,
    people,
)


def look(at: datetime, checks: tuple[Check, ...] = ALL) -> list[Finding]:
    """Every finding; a check that breaks is a finding itself, and the others go on."""
    found: list[Finding] = []
    for check in checks:
        try:
            found += check(at)
        except Exception as error:  # whatever is broken, the doctor says so
            what = f"检查“{check.__name__}”没有做完：{type(error).__name__} {error}"
            found.append(
                Finding(check.__name__, "bad", what[:300], "先处理上面的问题，再运行一次。")
            )
        if found and found[-1].name == "database" and found[-1].level == "bad":
            break  # nothing else can be known
    return found
