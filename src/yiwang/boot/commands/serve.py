"""`yiwang serve`: serve what a folder holds."""

from pathlib import Path

import click

from yiwang.boot.options import data_option, place_option


@click.command()
@place_option
@data_option
@click.option("--port", default=8000, show_default=True, help="Where to serve.")
@click.option("--mqtt", default="", help="Broker that devices speak through: mqtt://host:port.")
@click.option("--sl651", default=0, help="Port for stations that speak SL 651; 0 for none.")
@click.option("--hj212", default=0, help="Port for stations that speak HJ 212; 0 for none.")
def command(place: str, home: Path, port: int, mqtt: str, sl651: int, hj212: int) -> None:
    """Serve pages, interfaces and the gate on one port, with the worker beside them.

    A new folder's store is made; one that an earlier version wrote waits for `yiwang upgrade`.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.running.upgrading import demand_store_of_this_version
    from yiwang.boot.serving import serve

    demand_store_of_this_version(home.absolute())

    serve(port=port, mqtt=mqtt, field={"sl651": sl651, "hj212": hj212}, say=click.echo)
