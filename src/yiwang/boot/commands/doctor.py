"""`yiwang doctor`: what is wrong with an installation, and how to mend it."""

import sys
from pathlib import Path

import click

from yiwang.boot.options import data_option, place_option

MARKS = {"good": "✓", "warn": "！", "bad": "✗"}


@click.command()
@place_option
@data_option
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
