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
@click.option("--sl651", default=0, help="Port for stations that speak SL 651; 0 for none.")
@click.option("--hj212", default=0, help="Port for stations that speak HJ 212; 0 for none.")
def command(place: str, home: Path, mqtt: str, sl651: int, hj212: int) -> None:
    """Run jobs and the timetable, seal the journal, read devices from the broker, until stopped."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.worker import run_worker

    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    ports = {"sl651": sl651, "hj212": hj212}
    run_worker(stop=stop, mqtt=mqtt, field={name: port for name, port in ports.items() if port})
