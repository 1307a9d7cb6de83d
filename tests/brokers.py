"""A Mosquitto of a test's own: on a free port, ended and begun again as the test likes."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import paho.mqtt.publish
import pytest

CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
max_queued_messages 0
max_inflight_messages 0
user root
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Broker:
    """Mosquitto with a configuration; ``stop`` lets it write down what waits."""

    def __init__(self, folder: Path, configuration: str = CONFIGURATION) -> None:
        self.program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        if self.program is None:
            pytest.skip("no Mosquitto here")
        self.folder, self.port, self._file = folder, free_port(), folder / "mosquitto.conf"
        folder.mkdir(parents=True, exist_ok=True)
        self._file.write_text(configuration.format(port=self.port, folder=folder), "utf-8")
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Begin (again) and wait until it listens."""
        command = [str(self.program), "-c", str(self._file)]
        self._running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("Mosquitto does not listen")

    def write_down(self) -> None:
        """Have it save sessions and what waits in them now, as it does by itself now and then."""
        saved = self.folder / "mosquitto.db"
        self._running.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + 20
        while not saved.exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._running.kill()
        self._running.wait(20)

    def stop(self) -> None:
        """End it as a shutdown does."""
        self._running.terminate()
        self._running.wait(20)

    def publish(self, topic: str, payloads: list[bytes], *, retain: bool = False) -> None:
        """Publish with QoS 1 and wait until the broker has all."""
        paho.mqtt.publish.multiple(
            [{"topic": topic, "payload": one, "qos": 1, "retain": retain} for one in payloads],
            hostname="127.0.0.1",
            port=self.port,
        )
