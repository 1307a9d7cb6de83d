"""The demo's devices: they send to the broker where one answers, else to the HTTP intake."""

import os
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlparse

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from yiwang.apps.sensing import public as sensing
from yiwang.boot.demo.serving import ServerSilent, site
from yiwang.kernel.clock import system_clock
from yiwang.packkit import Library

PATIENCE = 30.0
"""Seconds to wait until everything sent has been taken in."""


@dataclass(frozen=True)
class Sent:
    """Over which channel messages went, and how many its door did not let in at all."""

    channel: str
    turned_away: int


def send(messages: Sequence[sensing.Message], *, library: Library) -> Sent:
    """Send as devices do, over MQTT or HTTP, and wait until all is taken in."""
    broker = os.environ.get("YIWANG_DEMO_MQTT", "mqtt://127.0.0.1:1883")
    if broker != "off" and _send_mqtt(messages, broker, library):
        return Sent("MQTT", 0)
    return Sent("HTTP", _send_http(messages))


def _send_mqtt(messages: Sequence[sensing.Message], broker: str, library: Library) -> bool:
    """Publish with QoS 1 under a topic of this run's own; False where no broker answers."""
    taken, stop = threading.Semaphore(0), threading.Event()

    def take(batch: Sequence[sensing.Message]) -> None:
        sensing.intake(batch, library=library, at=system_clock())
        taken.release(len(batch))

    root = f"yiwang-demo-{secrets.token_hex(6)}"
    intake = sensing.BrokerIntake(url=broker, name=root, root=root, take=take, is_passing=True)
    refusals: list[Exception] = []
    thread = threading.Thread(target=_run, args=(intake, stop, refusals), daemon=True)
    thread.start()
    while not intake.subscribed.wait(0.05):
        if refusals or not thread.is_alive():
            return False
    try:
        _publish(messages, broker, root)
        _wait(taken, len(messages))
    finally:
        stop.set()
        thread.join(5)
    return True


def _publish(messages: Sequence[sensing.Message], broker: str, root: str) -> None:
    """Send with QoS 1 and wait until the broker has everything."""
    at = urlparse(broker)
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect(at.hostname or "127.0.0.1", at.port or 1883)
    client.loop_start()
    sent = [client.publish(f"{root}/level/{one.device}", one.payload, qos=1) for one in messages]
    for one in sent:
        one.wait_for_publish(PATIENCE)
    client.disconnect()
    client.loop_stop()


def _run(intake: sensing.BrokerIntake, stop: threading.Event, refusals: list[Exception]) -> None:
    try:
        intake.run(stop=stop)
    except sensing.BrokerSilent as refusal:
        refusals.append(refusal)


def _wait(taken: threading.Semaphore, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    for _ in range(count):
        if not taken.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise ServerSilent(
                "消息服务器没有把报文全部送达。", hint="检查消息服务器，或设 YIWANG_DEMO_MQTT=off。"
            )


def _send_http(messages: Sequence[sensing.Message]) -> int:
    """Post as each device with its own token, as a stranger if it has none; how many went away."""
    known = {one.id for one in sensing.devices()}
    turned_away = 0
    with site() as at_work:
        for device in dict.fromkeys(one.device for one in messages):
            own = [one.payload for one in messages if one.device == device]
            token = sensing.issue_token(device=device, at=system_clock()) if device in known else ""
            reply = at_work.post_lines("/api/sensing/v1/readings", own, token=token or "nobody")
            turned_away += len(own) if reply.status >= 400 else 0
    return turned_away
