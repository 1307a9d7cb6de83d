"""Messages through a real MQTT broker: taken in after the commit, sent again after a crash."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import paho.mqtt.publish
import pytest

from yiwang.apps.sensing import public as sensing


def publish(mqtt: str, root: str, payloads: list[bytes]) -> None:
    host, port = mqtt.removeprefix("mqtt://").split(":")
    paho.mqtt.publish.multiple(
        [{"topic": f"{root}/level/SW001", "payload": one, "qos": 1} for one in payloads],
        hostname=host,
        port=int(port),
    )


def run(intake: sensing.BrokerIntake) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=intake.run, kwargs={"stop": stop})
    thread.start()
    assert intake.subscribed.wait(10)
    return thread, stop


def test_what_devices_publish_is_taken_in_under_their_own_name(mqtt, worker):
    taken: list[sensing.Message] = []
    root = f"test-{worker}"
    thread, stop = run(
        sensing.BrokerIntake(url=mqtt, name=f"in-{worker}", root=root, take=taken.extend)
    )
    publish(mqtt, root, [b"one", b"two"])
    deadline = time.monotonic() + 10
    while len(taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(10)

    assert [(one.device, one.payload, one.channel) for one in taken] == [
        ("SW001", b"one", "mqtt"),
        ("SW001", b"two", "mqtt"),
    ]


def test_a_message_whose_commit_failed_is_sent_again(mqtt, worker):
    root, failed = f"again-{worker}", threading.Event()

    def fail(batch: object) -> None:
        failed.set()
        raise OSError("the disk is full")

    broken = sensing.BrokerIntake(url=mqtt, name=f"again-{worker}", root=root, take=fail)
    stop = threading.Event()
    thread = threading.Thread(target=lambda: _swallow(broken, stop))
    thread.start()
    assert broken.subscribed.wait(10)
    publish(mqtt, root, [b"kept"])
    assert failed.wait(10)
    thread.join(10)

    taken: list[sensing.Message] = []
    mended = sensing.BrokerIntake(url=mqtt, name=f"again-{worker}", root=root, take=taken.extend)
    thread, stop = run(mended)
    deadline = time.monotonic() + 10
    while not taken and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(10)

    assert [one.payload for one in taken] == [b"kept"]


def test_a_burst_of_ten_thousand_messages_loses_none(mqtt, worker):
    """Four publishers at once, and a store that takes its time."""
    root, lot = f"burst-{worker}", [f"{n}".encode() for n in range(2_500)]
    taken: list[sensing.Message] = []

    def take(batch: Sequence[sensing.Message]) -> None:
        time.sleep(0.03)
        taken.extend(batch)

    thread, stop = run(sensing.BrokerIntake(url=mqtt, name=root, root=root, take=take))
    with ThreadPoolExecutor(4) as publishers:
        list(publishers.map(lambda _: publish(mqtt, root, lot), range(4)))
    deadline = time.monotonic() + 60
    while len(taken) < 10_000 and time.monotonic() < deadline:
        time.sleep(0.1)
    stop.set()
    thread.join(10)

    assert Counter(one.payload for one in taken) == dict.fromkeys(lot, 4)


def _swallow(intake: sensing.BrokerIntake, stop: threading.Event) -> None:
    with pytest.raises(OSError, match="disk is full"):
        intake.run(stop=stop)


def test_a_silent_broker_is_named():
    intake = sensing.BrokerIntake(url="mqtt://127.0.0.1:9", name="x", take=lambda batch: None)

    with pytest.raises(sensing.BrokerSilent):
        intake.run(stop=threading.Event())
