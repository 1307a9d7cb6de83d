"""`yiwang doctor`: what is wrong with an installation, and how to mend it."""

import sys
from pathlib import Path

import click

MARKS = {"good": "✓", "warn": "！", "bad": "✗"}


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
def command(place: str, home: Path) -> None:
    """Look at store, disk, packs, journal, worker, backups, keys; exit 1 if something is broken."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.running import checks
    from yiwang.kernel.clock import system_clock

    found = checks.look(system_clock())
    for one in found:
        click.echo(f"{MARKS[one.level]} {one.what}")
        if one.mend:
            click.echo(f"    办法：{one.mend}")
    bad = sum(one.level == "bad" for one in found)
    warn = sum(one.level == "warn" for one in found)
    click.echo(f"\n{len(found)} 项：{bad} 项有故障，{warn} 项要注意")
    if bad:
        sys.exit(1)
