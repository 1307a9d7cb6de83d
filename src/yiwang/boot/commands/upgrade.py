"""`yiwang upgrade`: bring what an earlier version wrote to this one's form, after a backup."""

from pathlib import Path

import click


@click.command()
@click.option("--place", default="siyang", show_default=True, help="A place under packs/places.")
@click.option(
    "--data",
    "home",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path("var/siyang"),
    show_default=True,
    help="The place's data folder.",
)
@click.option("--check", is_flag=True, help="Only say what would be done; exit 1 if anything.")
@click.option("--without-backup", is_flag=True, help="Go on although no backup of today is known.")
def command(place: str, home: Path, check: bool, without_backup: bool) -> None:
    """Check packs and store against this version, then bring the store to its form.

    Refuses without a backup of the last day: an upgrade is not taken back.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.running.upgrading import steps_waiting, upgrade
    from yiwang.kernel.clock import system_clock

    waiting = steps_waiting()
    for step in waiting:
        click.echo(f"待升级 {step}")
    if not waiting:
        click.echo("业务库的结构已是最新")
        return
    if check:
        raise SystemExit(1)
    upgrade(home=home, at=system_clock(), needs_backup=not without_backup)
    click.echo(f"已升级 {len(waiting)} 步")
