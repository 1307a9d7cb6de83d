"""`yiwang demo`: build a county in a folder, follow one datum through it, serve it."""

import os
from pathlib import Path

import click


@click.command()
@click.option("--place", default="siyang", show_default=True, help="A place under packs/places.")
@click.option(
    "--data",
    "home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/siyang"),
    show_default=True,
    help="The folder that holds everything the demo makes.",
)
@click.option("--port", default=8000, show_default=True, help="Where to serve afterwards.")
@click.option("--once", is_flag=True, help="Do not serve; exit 1 if a stage's counts differ.")
@click.option("--people", default=51_000, show_default=True, help="Residents to make up.")
def command(place: str, home: Path, port: int, once: bool, people: int) -> None:
    """Build the demo county, run the main job on it, serve it.

    A run that was stopped goes on where it stopped.
    """
    from yiwang.boot.starting import start_django

    os.environ.setdefault("YIWANG_LOG", "WARNING")  # the story is told, not the requests
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    start_django(home=home, place=place)
    from django.conf import settings

    from yiwang.boot.serving import demand_port, serve

    if not once:
        demand_port(port)  # now, not after everything is built
    from yiwang.boot.demo.cast import demo_password
    from yiwang.boot.demo.tale import accounts, tell
    from yiwang.kernel.clock import system_clock

    click.echo(f"演示数据目录 {home}（所有人员和企业均为虚构）")
    journey = tell(
        home=home,
        packs=settings.PACKS,
        place=place,
        at=system_clock(),
        people=people,
        say=click.echo,
    )
    click.echo(f"\n演示账户（口令均为 {demo_password(home)}）：")
    for line in accounts(journey):
        click.echo(f"  {line}")
    if not once:
        serve(port=port, say=click.echo)
