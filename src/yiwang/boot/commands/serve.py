"""`yiwang serve`: serve what a folder holds."""

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
@click.option("--port", default=8000, show_default=True, help="Where to serve.")
@click.option("--mqtt", default="", help="Broker that devices speak through: mqtt://host:port.")
@click.option("--sl651", default=0, help="Port for stations that speak SL 651; 0 for none.")
@click.option("--hj212", default=0, help="Port for stations that speak HJ 212; 0 for none.")
def command(place: str, home: Path, port: int, mqtt: str, sl651: int, hj212: int) -> None:
    """Serve pages, interfaces and the gate on one port, with the worker beside them.

    What an earlier version wrote is brought to this one's form first.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from yiwang.boot.serving import serve

    serve(port=port, mqtt=mqtt, field={"sl651": sl651, "hj212": hj212}, say=click.echo)
