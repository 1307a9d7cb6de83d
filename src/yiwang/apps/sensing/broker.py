"""Messages from an MQTT broker: taken in batches, acknowledged only after the commit.

A message is acknowledged by hand once its reading is stored; after a crash the broker sends again
what was not, and a reading stored twice is one reading.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from urllib.parse import urlparse

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from yiwang.apps.sensing.intake import Message
from yiwang.kernel.errors import Unavailable

log = logging.getLogger("yiwang.sensing.broker")

ROOT = "yiwang"
"""Topics are ``yiwang/<stream>/<device>``; the broker's access list lets a device publish to its
own only."""
LARGEST_BATCH = 2000
MOST_IN_FLIGHT = 65_535
"""Messages sent to us and not yet acknowledged; MQTT knows no larger number."""
KEPT_FOR = 7 * 24 * 3600
"""Seconds that the broker keeps our session and what waits in it while we are away."""

Take = Callable[[Sequence[Message]], object]


class BrokerSilent(Unavailable):
    """The MQTT broker does not answer or refuses the connection."""

    code = "sensing.broker_silent"


class BrokerIntake:
    """A subscription to a broker; ``run`` feeds ``take`` until ``stop`` is set.

    ``url`` is ``mqtt://host:port``; ``name`` is the client's id, kept by the broker with its
    undelivered messages (QoS 1, persistent session) unless ``is_passing``.
    """

    def __init__(
        self, *, url: str, name: str, take: Take, root: str = ROOT, is_passing: bool = False
    ) -> None:
        self._at, self._take = urlparse(url), take
        self._kept_for = 0 if is_passing else KEPT_FOR
        self._waiting: queue.Queue[MQTTMessage] = queue.Queue(maxsize=100_000)
        self.subscribed = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        self._client.on_connect = lambda client, *_: client.subscribe(f"{root}/+/+", qos=1)
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = lambda _client, _mine, message: self._waiting.put(message)

    def run(self, *, stop: threading.Event) -> None:
        """Take messages in batches until ``stop``; a failing batch is not acknowledged."""
        try:
            self._client.connect(
                self._at.hostname or "127.0.0.1",
                self._at.port or 1883,
                clean_start=False,
                properties=_session(self._kept_for),
            )
        except OSError as refusal:
            raise BrokerSilent(
                "连不上消息服务器。", hint="检查服务器是否启动、地址端口是否正确。"
            ) from refusal
        self._client.loop_start()
        try:
            while not stop.is_set():
                if batch := self._batch():
                    self._take([_message(one) for one in batch])
                    self._acknowledge(batch)
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _batch(self) -> list[MQTTMessage]:
        """What waits, at most ``LARGEST_BATCH``; an empty list after a fifth of a second."""
        batch: list[MQTTMessage] = []
        with contextlib.suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=0.2))
            while len(batch) < LARGEST_BATCH:
                batch.append(self._waiting.get_nowait())
        return batch

    def _acknowledge(self, batch: Sequence[MQTTMessage]) -> None:
        for message in batch:
            if self._client.ack(message.mid, message.qos) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                log.warning("an acknowledgement was not sent; the broker will send again")


def _session(kept_for: int) -> Properties:
    """A session kept so long, with all that waits in flight: a full queue drops messages."""
    wanted = Properties(PacketTypes.CONNECT)
    wanted.SessionExpiryInterval = kept_for
    wanted.ReceiveMaximum = MOST_IN_FLIGHT
    return wanted


def _message(message: MQTTMessage) -> Message:
    return Message(
        device=message.topic.rsplit("/", 1)[-1], payload=bytes(message.payload), channel="mqtt"
    )
