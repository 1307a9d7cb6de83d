"""`yiwang upgrade`: bring what an earlier version wrote to this one's form, after a backup."""

from pathlib import Path

import click

from yiwang.boot.options import data_option, place_option


@click.command()
@place_option
@data_option
@click.option("--check", is_flag=True, help="Only say what would be done; exit 1 if anything.")
@click.option("--without-backup", is_flag=True, help="Go on although no backup of today is known.")
def command(place: str, home: Path, check: bool, without_backup: bool) -> None:
    """Check packs, backup and disk, bring the store to this version's form, install the packs.

    Refuses without a backup of the last day: an upgrade is not taken back.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.running.checks import steps_waiting
    from yiwang.boot.running.upgrading import obstacles, upgrade
    from yiwang.kernel.clock import system_clock

    home, at, needs_backup = home.absolute(), system_clock(), not without_backup
    if not check:
        done = upgrade(home=home, at=at, needs_backup=needs_backup)
        click.echo(f"业务库升级了 {done} 步，场景包已重新安装；重启 yiwang 服务后生效")
        return
    found = obstacles(home, at=at, needs_backup=needs_backup)
    for obstacle in found:
        click.echo(f"✗ {obstacle.message}")
        click.echo(f"    办法：{obstacle.hint}")
    waiting = steps_waiting()
    for step in waiting:
        click.echo(f"待升级 {step}")
    if not waiting:
        click.echo("业务库的结构已是最新")
    if found or waiting:
        raise SystemExit(1)
