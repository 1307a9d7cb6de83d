"""A broker of our own: restarted, full of old messages, shared, old, and on guard."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import paho.mqtt.client as paho
import prepared
import pytest
from brokers import Broker
from cast import NINE
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from yiwang.apps.sensing import public as sensing
from yiwang.boot.telling import tell_changes
from yiwang.faces.api.sensorthings.notices import selections_of

PATIENCE = 20
TOPIC = "yiwang/level/SW001"


@pytest.fixture
def broker(tmp_path) -> Iterator[Broker]:
    made = Broker(tmp_path / "broker")
    yield made
    made.stop()


class Reader:
    """An intake that comes back after whatever ended the connection, as the worker does."""

    def __init__(self, url: str, **how) -> None:
        self.taken: list[sensing.Message] = []
        self.ended: list[Exception] = []
        self.stop = threading.Event()
        self.intake = sensing.BrokerIntake(
            url=url, name=how.pop("name", "in"), take=self.taken.extend, **how
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self.stop.is_set():
            try:
                self.intake.run(stop=self.stop)
            except sensing.BrokerSilent as silent:
                self.ended.append(silent)
                self.stop.wait(0.1)

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)


@contextmanager
def reading(url: str, **how) -> Iterator[Reader]:
    """Subscribed, and ended afterwards."""
    reader = Reader(url, **how)
    try:
        assert reader.intake.subscribed.wait(PATIENCE)
        yield reader
    finally:
        reader.end()


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert until()


def payloads(reader: Reader) -> list[bytes]:
    return sorted(one.payload for one in reader.taken)


def numbered(begin: int, end: int) -> list[bytes]:
    return [f"{n:06}".encode() for n in range(begin, end)]


def test_what_waits_in_the_broker_outlives_its_restart_and_the_intake_comes_back(broker):
    with reading(broker.url) as reader:
        broker.publish(TOPIC, numbered(0, 500))
        wait(lambda: len(reader.taken) == 500)
        broker.stop()
        wait(lambda: bool(reader.ended))
        broker.start()
        broker.publish(TOPIC, numbered(500, 1000))
        wait(lambda: len(reader.taken) == 1000)
    broker.publish(TOPIC, numbered(1000, 1500))  # nobody is there
    broker.stop()
    broker.start()

    with reading(broker.url) as again:
        wait(lambda: len(again.taken) == 500)

    assert payloads(reader) == numbered(0, 1000)
    assert payloads(again) == numbered(1000, 1500)


@pytest.mark.parametrize(("version", "put_aside"), [("", 0), ("?version=3", 2)])
def test_what_the_broker_retained_is_not_taken(broker, version, put_aside):
    broker.publish(TOPIC, [b"\x00garbage" * 1000], retain=True)
    broker.publish("yiwang/level/SW002", [b"old"], retain=True)

    with reading(broker.url + version) as reader:
        broker.publish(TOPIC, [b"new"])
        wait(lambda: len(reader.taken) == 1 and reader.intake.retained == put_aside)
    with reading(broker.url + version) as again:
        broker.publish(TOPIC, [b"newer"])
        wait(lambda: len(again.taken) == 1)

    assert (payloads(reader), payloads(again)) == ([b"new"], [b"newer"])


def test_a_broker_of_mqtt_3_1_1_loses_nothing(broker):
    with reading(broker.url + "?version=3") as reader:
        broker.publish(TOPIC, numbered(0, 3000))
        wait(lambda: len(reader.taken) == 3000)
    broker.publish(TOPIC, numbered(3000, 3100))

    with reading(broker.url + "?version=3") as again:
        wait(lambda: len(again.taken) == 100)

    assert payloads(reader) == numbered(0, 3000)


def test_two_intakes_share_what_comes_each_message_once(broker):
    with (
        reading(f"{broker.url}?share=ours", name="one") as one,
        reading(f"{broker.url}?share=ours", name="two") as two,
    ):
        broker.publish(TOPIC, numbered(0, 2000))
        wait(lambda: len(one.taken) + len(two.taken) == 2000)

    assert one.taken
    assert two.taken
    assert sorted(payloads(one) + payloads(two)) == numbered(0, 2000)


@pytest.fixture
def guarded(db, tmp_path) -> Iterator[tuple[Broker, str, str]]:
    """A broker with the files of ``yiwang device broker``: its address for us, a device's token."""
    prepared.install(sensing, at=NINE)
    token = sensing.issue_token(device="SW001", at=NINE)
    made = sensing.broker_files(folder=tmp_path / "broker", port=1, at=NINE)
    written = made.configuration.read_text("utf-8").replace("listener 1 ", "listener {port} ")
    broker = Broker(tmp_path / "broker", written + "user root\n")
    yield broker, f"mqtt://yiwang:{made.password}@127.0.0.1:{broker.port}", token
    broker.stop()


def told(broker: Broker, topic: str, *, user: str, password: str, payload: bytes = b"{}") -> str:
    """What the broker answers a device that publishes: MQTT 5 says why not."""
    said: list[str] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(user, password)
    client.on_connect = lambda client, _mine, _flags, code, _more: (
        said.append(str(code)) if code.is_failure else client.publish(topic, payload, qos=1)
    )
    client.on_publish = lambda _client, _mine, _number, code, _more: said.append(str(code))
    client.connect("127.0.0.1", broker.port)
    deadline = time.monotonic() + PATIENCE
    while not said and time.monotonic() < deadline:
        client.loop(0.1)
    client.disconnect()
    return said[0]


def test_a_device_speaks_at_the_broker_under_its_own_name_only(guarded):
    broker, ours, token = guarded
    with reading(ours) as reader:
        own = told(broker, "yiwang/level/SW001", user="SW001", password=token)
        another = told(broker, "yiwang/level/SW002", user="SW001", password=token)
        wrong = told(broker, "yiwang/level/SW001", user="SW001", password="guessed")
        nobody = told(broker, "yiwang/level/SW002", user="SW002", password=token)
        wait(lambda: len(reader.taken) == 1)

    assert (own, another) == ("Success", "Not authorized")
    assert wrong == nobody == "Not authorized"
    assert [one.device for one in reader.taken] == ["SW001"]


def test_a_sensorthings_client_observes_its_own_datastream_over_mqtt(guarded):
    """The topic of the standard; the datastream is the device's own, or the broker refuses."""
    broker, ours, token = guarded
    own, another = (sensing.device(one).points[0].id for one in ("SW001", "SW002"))
    body = b'{"result": 14.25, "phenomenonTime": "2026-07-01T00:59:00Z"}'
    as_device = {"user": "SW001", "password": token}
    with reading(ours) as reader:
        for payload in (body, b'{"result": "high"}', b"no json"):
            topic = f"v1.1/Datastreams({own})/Observations"
            assert told(broker, topic, payload=payload, **as_device) == "Success"
        topic = f"v1.1/Datastreams({another})/Observations"
        assert told(broker, topic, payload=body, **as_device) == "Not authorized"
        wait(lambda: len(reader.taken) == 3)

    at = datetime(2026, 7, 1, 1, tzinfo=UTC)
    seen = sensing.intake(reader.taken, library=prepared.library(), at=at)
    assert (seen.accepted, seen.quarantined) == (1, {"not_a_number": 1, "unreadable": 1})
    (kept,) = sensing.readings(device="SW001", since=at - timedelta(hours=1))
    assert (kept.value, kept.at) == (14.25, at - timedelta(minutes=1))


def test_a_broker_that_refuses_us_is_named_with_its_code(guarded):
    broker, _, _ = guarded
    stranger = sensing.BrokerIntake(
        url=f"mqtt://yiwang:guessed@127.0.0.1:{broker.port}", name="x", take=print
    )

    with pytest.raises(sensing.BrokerSilent, match="135"):
        stranger.run(stop=threading.Event())


class Listener:
    """A client of others that has subscribed, and what it was told: topic and JSON."""

    def __init__(self, broker: Broker, topics: list[str], *, user: str, password: str) -> None:
        self.told: list[tuple[str, dict]] = []
        self.codes: list[int] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.username_pw_set(user, password)
        self._client.on_message = lambda _client, _mine, one: self.told.append(
            (one.topic, json.loads(one.payload))
        )
        self._client.on_subscribe = lambda _client, _mine, _number, codes, _more: self.codes.extend(
            one.value for one in codes
        )
        self._client.on_connect = lambda client, *_: client.subscribe([(t, 1) for t in topics])
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        wait(lambda: len(self.codes) == len(topics))

    def of(self, topic: str) -> list[dict]:
        return [told for one, told in self.told if one == topic]

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def telling(url: str, *selections: str) -> Iterator[None]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=tell_changes,
        kwargs={
            "url": url, "site": "https://siyang.example", "every": 0.05, "stop": stop,
            "ready": ready, "selections": selections_of(selections),
        },
    )  # fmt: skip
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_a_sensorthings_client_is_told_what_changes(guarded):
    broker, ours, _ = guarded
    secret = sensing.issue_things_key(title="订阅", organ="water", may_create=True, at=NINE)
    # A key that is issued later is let in when the files are written again.
    account = sensing.reader_account(secret)
    broker.stop()
    made = sensing.broker_files(folder=broker.folder, port=broker.port, at=NINE)
    made.configuration.write_text(made.configuration.read_text("utf-8") + "user root\n", "utf-8")
    broker.start()
    ours = f"mqtt://yiwang:{made.password}@127.0.0.1:{broker.port}"
    thing = sensing.describe_thing(
        title="闸门", facts={}, lon=118.7, lat=33.7, key=sensing.key_of(secret), at=NINE
    )
    point = sensing.device("SW001").points[0].id
    topics = [
        "v1.1/Things", f"v1.1/Things('{thing}')", f"v1.1/Things('{thing}')/name",
        f"v1.1/Datastreams({point})/Observations", "v1.1/Observations",
        "v1.1/Observations?$select=result", f"v1.1/Things('{thing}')/Locations",
    ]  # fmt: skip
    listener = Listener(broker, topics, user=account, password=secret)
    try:
        with telling(ours, "Observations?$select=result"):
            sensing.change_thing(
                device=thing, changes={"title": "一号闸门"}, key=sensing.key_of(secret), at=NINE
            )
            wait(lambda: bool(listener.of("v1.1/Things")))
            body = b'{"at": "2026-07-01T01:00:00Z", "value": 14.25}'
            at = datetime(2026, 7, 1, 1, tzinfo=UTC)
            for _ in range(2):  # the same again changes nothing, and nothing is told
                sensing.intake([sensing.Message("SW001", body)], library=prepared.library(), at=at)
            wait(lambda: bool(listener.of("v1.1/Observations?$select=result")))
    finally:
        listener.end()

    (whole,) = listener.of(f"v1.1/Things('{thing}')")
    assert (whole["@iot.id"], whole["name"]) == (thing, "一号闸门")
    assert whole["@iot.selfLink"] == (
        f"https://siyang.example/api/sensorthings/v1.1/Things('{thing}')"
    )
    assert listener.of("v1.1/Things") == [whole]
    assert listener.of(f"v1.1/Things('{thing}')/name") == [{"name": "一号闸门"}]
    assert [one["name"] for one in listener.of(f"v1.1/Things('{thing}')/Locations")] == ["一号闸门"]
    (seen,) = listener.of("v1.1/Observations")
    assert (seen["result"], seen["phenomenonTime"]) == (14.25, "2026-07-01T01:00:00Z")
    assert listener.of(f"v1.1/Datastreams({point})/Observations") == [seen]
    assert listener.of("v1.1/Observations?$select=result") == [{"result": 14.25}]


def test_a_key_reads_notices_and_writes_nothing_and_a_device_reads_nothing(db, tmp_path):
    prepared.install(sensing, at=NINE)
    token = sensing.issue_token(device="SW001", at=NINE)
    secret = sensing.issue_things_key(title="订阅", organ="water", may_create=True, at=NINE)
    account = sensing.reader_account(secret)
    made = sensing.broker_files(folder=tmp_path / "broker", port=1, at=NINE)
    written = made.configuration.read_text("utf-8").replace("listener 1 ", "listener {port} ")
    broker = Broker(tmp_path / "broker", written + "user root\n")
    try:
        for topic in ("v1.1/Things", "yiwang/level/SW001", f"yiwang/level/{account}"):
            assert told(broker, topic, user=account, password=secret) == "Not authorized"
        heard = {
            user: Listener(broker, ["v1.1/Things"], user=user, password=password)
            for user, password in ((account, secret), ("SW001", token))
        }
        assert told(broker, "v1.1/Things", user="yiwang", password=made.password) == "Success"
        wait(lambda: bool(heard[account].told))
        for one in heard.values():
            one.end()
    finally:
        broker.stop()

    assert heard["SW001"].told == []
