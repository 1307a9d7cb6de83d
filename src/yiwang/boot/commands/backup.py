"""`yiwang backup`: a consistent copy of a running installation."""

from pathlib import Path

import click

from yiwang.boot.options import data_option, place_option


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, readable=False, path_type=Path))
@place_option
@data_option
@click.option("--keep", default=0, show_default=True, help="Keep so many backups; 0: all.")
def command(folder: Path, place: str, home: Path, keep: int) -> None:
    """Keep everything of a place in FOLDER, while it runs; unchanged files are not copied again.

    FOLDER holds the keys of the installation: keep it as safe as the data folder itself.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from django.conf import settings

    from yiwang.boot.backups.keeping import note_backup, thin_out
    from yiwang.boot.backups.taking import take_backup
    from yiwang.kernel.clock import system_clock

    taken = take_backup(
        home.absolute(),
        to=folder.absolute(),
        store=settings.DATABASES["default"],
        place=place,
        at=system_clock(),
    )
    note_backup(home, folder.absolute(), taken)
    click.echo(
        f"备份 {taken.id}：{len(taken.files):,} 个文件，{taken.size / 1e6:,.1f} MB，"
        f"其中新写 {taken.new_bytes / 1e6:,.1f} MB，用时 {taken.seconds} 秒"
    )
    click.echo(
        f"业务库 {len(taken.proof.tables)} 张表 {sum(taken.proof.tables.values()):,} 行，"
        f"数据湖 {len(taken.proof.lake)} 张表 {sum(taken.proof.lake.values()):,} 行，"
        f"留痕 {taken.proof.journal_size:,} 条，根 {taken.proof.journal_root[:16]}…"
    )
    if keep and (removed := thin_out(folder.absolute(), keep=keep)):
        click.echo(f"清除较早的备份 {removed} 份")
    click.echo(f"证明它能恢复：yiwang restore {folder} --drill --data {home}")
