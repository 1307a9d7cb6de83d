"""`yiwang drill …`: play a flood through the live alerts, and see how rules and people did."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.boot.options import data_option, place_option

if TYPE_CHECKING:
    from yiwang.apps.sensing.public import DrillScore
    from yiwang.packkit import Library


@click.group()
def command() -> None:
    """Drills: recorded or made-up readings through the live alerts, in virtual time."""


@command.command("list")
@place_option
@data_option
def list_(place: str, home: Path) -> None:
    """List the courses that packs bring."""
    library = _library(place, home)
    from yiwang.packkit.drilling import drills

    for ref, one in drills(library).items():
        click.echo(f"{ref}\t{one.title}")


@command.command("try")
@click.argument("drill")
@place_option
@data_option
def try_(drill: str, place: str, home: Path) -> None:
    """Play DRILL (pack.drill) at once and say what the alerts noticed; nothing is stored."""
    library = _library(place, home)
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    _say(*sensing.try_course(ref=drill, library=library, at=system_clock()))


@command.command()
@click.argument("stream")
@click.argument("since", type=click.DateTime(["%Y-%m-%dT%H:%M"]))
@click.argument("until", type=click.DateTime(["%Y-%m-%dT%H:%M"]))
@place_option
@data_option
def recorded(stream: str, since: datetime, until: datetime, place: str, home: Path) -> None:
    """Play again what STREAM (pack.stream) read from SINCE to UNTIL (China time).

    What was really raised then is what ought to be raised; a rule that was changed since shows
    itself by what it misses or raises besides. Nothing is stored.
    """
    library = _library(place, home)
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import CHINA

    begin, end = (one.replace(tzinfo=CHINA) for one in (since, until))
    _say(*sensing.try_recorded(stream=stream, since=begin, until=end, library=library))


def _library(place: str, home: Path) -> "Library":
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from django.conf import settings

    from yiwang.packkit.current import current_library

    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def _say(readings: int, score: "DrillScore") -> None:
    click.echo(f"读数 {readings} 条；应报 {score.expected} 件，报出 {score.noticed} 件")
    if score.to_alert is not None:
        minutes = score.to_alert.total_seconds() / 60
        ahead = "提前" if minutes < 0 else "滞后"
        click.echo(f"从属实到报警：中位数{ahead} {abs(minutes):.1f} 分钟")
    for kind, device in score.missed:
        click.echo(f"漏报 {device} {kind}")
    click.echo(f"误报 {score.false} 件")
