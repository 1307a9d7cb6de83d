"""`yiwang worker`: the background work of a place."""

import signal
import threading
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
@click.option("--mqtt", default="", help="Broker to read devices from: mqtt://host:port.")
def command(place: str, home: Path, mqtt: str) -> None:
    """Seal the journal every second and read devices from the broker, until stopped."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.worker import run_worker

    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    run_worker(stop=stop, mqtt=mqtt)
