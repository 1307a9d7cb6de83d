"""`yiwang device token`: let a device send over HTTP."""

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Devices that send readings."""


@command.command()
@click.argument("device")
@click.option("--place", default="siyang", show_default=True, help="A place under packs/places.")
@click.option(
    "--data",
    "home",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path("var/siyang"),
    show_default=True,
    help="The place's data folder.",
)
def token(device: str, place: str, home: Path) -> None:
    """Print a new token of DEVICE; it is shown once, and the earlier one stops at once."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    click.echo(sensing.issue_token(device=device, at=system_clock()))
