"""`yiwang worker`: the background work of a place."""

import signal
import threading
from pathlib import Path

import click

from yiwang.boot.options import data_option, place_option


@click.command()
@place_option
@data_option
@click.option("--mqtt", default="", help="Broker to read devices from: mqtt://host:port.")
@click.option("--sl651", default=0, help="Port for stations that speak SL 651; 0 for none.")
@click.option("--hj212", default=0, help="Port for stations that speak HJ 212; 0 for none.")
def command(place: str, home: Path, mqtt: str, sl651: int, hj212: int) -> None:
    """Run jobs and the timetable, seal the journal, read devices from the broker, until stopped."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.running.upgrading import demand_store_of_this_version
    from yiwang.boot.worker import run_worker

    demand_store_of_this_version(home.absolute())
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    ports = {"sl651": sl651, "hj212": hj212}
    run_worker(stop=stop, mqtt=mqtt, field={name: port for name, port in ports.items() if port})
