"""`yiwang device …`: secrets of devices, and the files of a broker that keeps them apart."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from yiwang.boot.options import data_option, place_option


@click.group()
def command() -> None:
    """Devices that send readings."""


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """A subcommand with the options of a place."""
    return command.command()(place_option(data_option(function)))


@in_place
@click.argument("device")
def token(device: str, place: str, home: Path) -> None:
    """Print a new token of DEVICE; it is shown once, and the earlier one stops at once."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    click.echo(sensing.issue_token(device=device, at=system_clock()))


@in_place
@click.argument("device")
@click.password_option(help="As set in the station: 4 hex digits (SL 651), 6 characters (HJ 212).")
def wire(device: str, password: str, place: str, home: Path) -> None:
    """Let DEVICE speak over a field protocol with its password; only a digest is kept."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    sensing.issue_wire_passwords(passwords={device: password}, at=system_clock())
    click.echo(f"{device} 可以用此口令上报。")


@in_place
@click.argument("organ")
@click.argument("purpose")
@click.option("--create", is_flag=True, help="It may also describe things and post observations.")
def things_key(organ: str, purpose: str, create: bool, place: str, home: Path) -> None:
    """Print a new SensorThings key of ORGAN for PURPOSE; it is shown once."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.apps.identity import public as identity
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    identity.organ(organ)
    key = sensing.issue_things_key(title=purpose, organ=organ, may_create=create, at=system_clock())
    click.echo(key)
    click.echo(f"消息服务器的账户：{sensing.reader_account(key)}，口令即密钥。", err=True)


@in_place
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", default=1883, show_default=True, help="Where the broker is to listen.")
def broker(folder: Path, port: int, place: str, home: Path) -> None:
    """Write Mosquitto's files to FOLDER: every device with a token, each to its own topics only.

    The platform's own account is ``yiwang``; its password is printed once.
    """
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.apps.sensing import public as sensing
    from yiwang.kernel.clock import system_clock

    made = sensing.broker_files(folder=folder, port=port, at=system_clock())
    click.echo(f"{made.devices} 台设备。启动：mosquitto -c {made.configuration}")
    click.echo(f"平台连接：--mqtt mqtt://yiwang:{made.password}@127.0.0.1:{port}")


@in_place
@click.option("--mqtt", required=True, help="The broker: mqtt://yiwang:password@host:port.")
@click.option("--site", required=True, help="Where this place is reached: https://host.")
@click.option(
    "--select",
    "chosen",
    multiple=True,
    help="Told as well: 'Observations?$select=phenomenonTime,result'; may be repeated.",
)
@click.option("--every", default=1.0, show_default=True, help="Seconds between two looks.")
def notices(
    mqtt: str, site: str, chosen: tuple[str, ...], every: float, place: str, home: Path
) -> None:
    """Tell SensorThings clients of changes over MQTT, until stopped."""
    from yiwang.boot.starting import start_django

    start_django(home=home.absolute(), place=place)
    from yiwang.boot.telling import tell_changes
    from yiwang.faces.api.sensorthings.notices import selections_of

    try:
        selections = selections_of(chosen)
    except ValueError as error:
        raise click.BadParameter(
            f"{error}：写作 集合?$select=属性,属性", param_hint="--select"
        ) from None
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    tell_changes(url=mqtt, site=site, selections=selections, every=every, stop=stop)
