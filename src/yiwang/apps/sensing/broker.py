"""Messages from an MQTT broker: taken in batches, acknowledged only after the commit.

A message is acknowledged by hand once its reading is stored; after a crash the broker sends again
what was not, and a reading stored twice is one reading. Several intakes may share the messages of
one subscription, each under a name of its own. One thread reads, takes in and acknowledges: a
general client costs ten times the CPU of the intake itself
(docs/decisions/2026-11-30-own-mqtt-reader.md).
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from yiwang.apps.sensing.intake import Message, Sample
from yiwang.apps.sensing.protocols import mqtt, observation
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Unavailable

ROOT = "yiwang"
"""Topics are ``yiwang/<stream>/<device>``; the broker's access list lets a device publish to its
own only (``yiwang device broker``); beside them the topics of SensorThings."""
LARGEST_BATCH = 2000
MOST_READ = 262_144
MOST_WAITING = 16 * 1024 * 1024
"""Bytes that are read ahead of what is taken in."""
MOST_IN_FLIGHT = 65_535
"""Messages sent to us and not yet acknowledged; MQTT knows no larger number."""
KEPT_FOR = 7 * 24 * 3600
"""Seconds that the broker keeps our session and what waits in it while we are away."""
KEEP_ALIVE = 60
"""Seconds without a word from us after half of which we say one."""
PATIENCE = 10.0
"""Seconds for the broker to let us in."""
REFUSED = 0x80
ENDED = "消息服务器断开了连接。"

Take = Callable[[Sequence[Any]], object]


class BrokerSilent(Unavailable):
    """The MQTT broker does not answer, refuses us, or has ended the connection."""

    code = "sensing.broker_silent"


class BrokerIntake:
    """A subscription to a broker; ``run`` feeds ``take`` until ``stop`` is set.

    ``url`` is ``mqtt://user:password@host:port``, with ``?version=3`` for a broker that speaks
    only MQTT 3.1.1. ``?share=name`` names the group of intakes among which the broker deals the
    messages out; Mosquitto (2.0.11) forgets it when it restarts, and what comes before an intake
    is back is lost, so an intake alone has a subscription of its own. ``name`` is the client's id,
    kept by the broker with its undelivered messages (QoS 1, persistent session) unless
    ``is_passing``. ``read`` makes our message of the broker's.
    """

    def __init__(
        self,
        *,
        url: str,
        name: str,
        take: Take,
        root: str = ROOT,
        is_passing: bool = False,
        topics: Sequence[str] = (),
        read: Callable[[str, bytes], Any] | None = None,
    ) -> None:
        self._at, self._take, self._read = urlparse(url), take, read or _message
        asked = parse_qs(self._at.query)
        self._is_old = asked.get("version") == ["3"]
        self._name, self._is_passing = name, is_passing
        group = "" if self._is_old else asked.get("share", [""])[0]
        before = f"$share/{group}/" if group else ""
        usual = (f"{root}/+/+", observation.TOPICS) if root == ROOT else (f"{root}/+/+",)
        self._topics = [before + one for one in topics or usual]
        self.subscribed = threading.Event()
        self.retained = 0
        """Retained messages that were put aside: only MQTT 3.1.1 sends them."""

    def run(self, *, stop: threading.Event) -> None:
        """Take messages in batches until ``stop``; a failing batch is not acknowledged."""
        with contextlib.closing(self._connected()) as line:
            try:
                self._serve(_Line(line, is_old=self._is_old), stop)
            finally:
                with contextlib.suppress(OSError):
                    line.sendall(mqtt.BYE)

    def _connected(self) -> socket.socket:
        try:
            at = (self._at.hostname or "127.0.0.1", self._at.port or 1883)
            line = socket.create_connection(at, timeout=PATIENCE)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return line
        except OSError as refusal:
            raise _silent("连不上消息服务器。") from refusal

    def _serve(self, line: "_Line", stop: threading.Event) -> None:
        name, user = self._name, self._at.username
        hello = mqtt.connect(
            client=name,
            user=unquote(user) if user else None,
            password=unquote(self._at.password or ""),
            is_old=self._is_old,
            is_clean=self._is_old and self._is_passing,
            keep_alive=KEEP_ALIVE,
            kept_for=0 if self._is_passing else KEPT_FOR,
            in_flight=MOST_IN_FLIGHT,
        )
        line.send(hello)
        while not stop.is_set():
            publications: list[mqtt.Publication] = []
            for one in line.packets():
                if isinstance(one, mqtt.Publication):
                    publications.append(one)
                else:
                    self._hear(one, line)
            for at in range(0, len(publications), LARGEST_BATCH):
                self._take_in(publications[at : at + LARGEST_BATCH], line)

    def _hear(self, answer: mqtt.Answer, line: "_Line") -> None:
        if answer.kind == mqtt.DISCONNECT or any(code >= REFUSED for code in answer.codes):
            raise _silent(f"消息服务器不让本平台接入（代码 {', '.join(map(str, answer.codes))}）。")
        if answer.kind == mqtt.CONNACK:
            if any(answer.codes):
                raise _silent(f"消息服务器不让本平台接入（代码 {answer.codes[0]}）。")
            line.send(mqtt.subscribe(self._topics, is_old=self._is_old))
        elif answer.kind == mqtt.SUBACK:
            self.subscribed.set()

    def _take_in(self, batch: Sequence[mqtt.Publication], line: "_Line") -> None:
        fresh = [one for one in batch if not one.is_retained]
        self.retained += len(batch) - len(fresh)
        if fresh:
            read = self._read
            self._take([read(one.topic.decode("utf-8", "replace"), one.payload) for one in fresh])
        line.send(mqtt.acknowledged(one.number for one in batch if one.number))


class _Line:
    """A connection to the broker: packets as they come, and a word now and then."""

    def __init__(self, line: socket.socket, *, is_old: bool) -> None:
        self._line, self._is_old = line, is_old
        self._come, self._has_more, self._has_ended = b"", False, False
        self._said = self._heard = time.monotonic()

    def send(self, content: bytes) -> None:
        """Send all of it, after what has come was read.

        To a broker that was killed a word is answered by an end at once, and what it had sent and
        acknowledged to devices would be lost with the connection. So its end is told by
        ``packets``, after everything that came before it.
        """
        if not content or self._has_ended:
            return
        self._read()
        self._has_more = True
        try:
            self._line.sendall(content)
        except OSError:
            self._has_ended = True
        self._said = time.monotonic()

    def packets(self) -> list[mqtt.Packet]:
        """What has come; nothing after a fifth of a second of silence."""
        now = time.monotonic()
        if now - self._said > KEEP_ALIVE / 2:
            self.send(mqtt.PING)
        self._read(wait=0 if self._has_more else 0.2)
        self._has_more = False
        try:
            found, self._come = mqtt.split(self._come, is_old=self._is_old)
        except mqtt.Malformed as ended:
            raise _silent(ENDED) from ended
        if found:
            self._heard = now
        elif self._has_ended:
            raise _silent(ENDED)
        elif now - self._heard > 2 * KEEP_ALIVE:
            raise _silent("消息服务器很久没有应答。")
        return found

    def _read(self, *, wait: float = 0) -> None:
        """What has come by now; the broker sends no more than ``MOST_IN_FLIGHT`` unanswered."""
        while len(self._come) < MOST_WAITING and select.select([self._line], [], [], wait)[0]:
            try:
                content = self._line.recv(MOST_READ)
            except OSError:
                content = b""
            if not content:
                self._has_ended = True
                return
            self._come += content
            wait = 0


def _silent(what: str) -> BrokerSilent:
    return BrokerSilent(what, hint="检查消息服务器是否启动，地址、端口、帐号口令是否正确。")


def _message(topic: str, payload: bytes) -> Message | Sample:
    """The last part of the topic is the device, the part before it the stream."""
    if topic.startswith(observation.VERSION + "/"):
        return observation.observed(topic, payload, at=system_clock())
    before, _, device = topic.rpartition("/")
    return Message(device=device, payload=payload, channel="mqtt", stream=before.rpartition("/")[2])
