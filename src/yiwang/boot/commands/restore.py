"""`yiwang restore`: a backup back into an empty folder, or a drill that proves it could be."""

import sys
from pathlib import Path
from typing import Any

import click

from yiwang.boot.options import Folder


@click.command()
@click.argument("folder", type=Folder(hint="核对备份目录；还没有备份就先运行 yiwang backup 目录。"))
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="An empty folder that becomes the data folder.",
)
@click.option("--backup", "name", default="", help="Which backup; default: the newest.")
@click.option("--database", default="", help="An empty PostgreSQL database, postgres://….")
@click.option("--drill", is_flag=True, help="Restore beside, prove, clear away again.")
@click.option(
    "--data",
    "home",
    type=Folder(hint="核对 --data：它是正在运行的数据目录，演练结果记在那里。"),
    help="With --drill: the running installation, which notes the result.",
)
def command(
    folder: Path, target: Path | None, name: str, database: str, drill: bool, home: Path | None
) -> None:
    """Restore the backup in FOLDER. Equal counts and journal roots are proved; exit 1 if not.

    Nothing is ever overwritten, and nothing is written when a piece of the backup is missing.
    """
    import os

    if home is not None:
        os.environ["YIWANG_HOME"] = str(home.absolute())
    from yiwang.boot.backups import keeping, restoring
    from yiwang.kernel.clock import system_clock

    store = _store(database)
    if drill:
        done = restoring.drill(folder.absolute(), work=folder.absolute(), store=store, name=name)
        if home is not None:
            keeping.note_drill(home, done, at=system_clock())
    elif target is None:
        raise click.UsageError("用 --to 指定恢复到哪个空目录，或用 --drill 演练。")
    else:
        done = restoring.restore(folder.absolute(), to=target.absolute(), store=store, name=name)
    _tell(done, is_drill=drill)
    if not done.holds:
        sys.exit(1)
    if not drill:
        if database:
            click.echo("先把 YIWANG_DATABASE 设为 --database 的地址，以后的命令都读它")
        click.echo(f"接着运行：yiwang serve --data {target}（查询副本会在第一次运行时重建）")


def _store(database: str) -> dict[str, Any] | None:
    """The database to restore into; for a drill by default the server of YIWANG_DATABASE."""
    import os

    from yiwang.boot.database import database as settings_of

    address = database or os.environ.get("YIWANG_DATABASE", "")
    found = settings_of(address, home=Path())
    return found if "postgresql" in found["ENGINE"] else None


def _tell(done: Any, *, is_drill: bool) -> None:
    backup = done.backup
    click.echo(
        f"{'演练' if is_drill else '恢复'}备份 {backup.id}"
        f"（{backup.place}，{backup.taken_at[:19]}）："
        f"{done.files:,} 个文件，用时 {done.seconds} 秒"
    )
    for one in done.proofs:
        mark = "✓" if one.holds else "✗"
        click.echo(f"  {mark} {one.what}：{one.before} {'=' if one.holds else '≠'} {one.after}")
    click.echo("证明成立：备份可以恢复" if done.holds else "证明不成立：不要依赖这份备份")
