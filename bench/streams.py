"""Messages through a real broker with rules and durable storage; alert latency; day files.

A Mosquitto of our own on a free port, the intake as a process of its own, a publisher that speaks
MQTT 3.1.1 over a bare socket with QoS 1. Everything that was sent is counted in the database.
``YIWANG_BENCH_SECONDS`` is how long each of the three floods lasts (60), ``YIWANG_BENCH_RATE`` how
many messages a second the first two offer (9,000), ``YIWANG_BENCH_PARTS`` which of ``lifts``,
``points``, ``alerts`` (the floods) and ``store`` are measured (all).
"""

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = int(os.environ.get("YIWANG_BENCH_SECONDS", "60"))
RATE = int(os.environ.get("YIWANG_BENCH_RATE", "9000"))
PARTS = os.environ.get("YIWANG_BENCH_PARTS", "lifts,points,alerts,store").split(",")
STEADY = 5000
DAYS = 3
WATER = {
    "level": (14.5, 14.51, 14.52, 14.5, 14.49, 14.51, 14.5),
    "rain": (0.0,),
    "voltage": (12.5,),
}
Points = tuple[bytes, tuple[float, ...]]
"""A topic, and the values that it sends in turn."""
YEARS = 5 * 365.25


def run() -> Iterator[str]:
    """Measure in an empty home."""
    with tempfile.TemporaryDirectory() as home:
        own = {
            **os.environ,
            "YIWANG_HOME": home,
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
            "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}",
        }
        for part in ("install", "flood", "store"):
            if part == "store" and part not in PARTS:
                continue
            command = [sys.executable, "-m", "bench.streams", part]
            done = subprocess.run(command, env=own, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            yield from done.stdout.splitlines()
            if done.returncode:
                yield f"{part} ended with {done.returncode}"


def ready() -> Any:
    """Django set up; the library of siyang."""
    import django

    django.setup()
    from django.conf import settings

    from yiwang.packkit.current import current_library

    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def install() -> None:
    """The packs of siyang, with its 2,400 points of flood and drought."""
    library = ready()
    from django.core.management import call_command

    from yiwang.apps.casework import public as casework
    from yiwang.apps.identity import public as identity
    from yiwang.apps.sensing import public as sensing

    at = datetime.now(UTC)
    call_command("migrate", verbosity=0)
    for room in (identity, casework, sensing):
        room.install(library, at=at)


def take() -> None:
    """The intake process: reads until told to end, then says what it saw."""
    library = ready()
    from yiwang.apps.sensing import public as sensing

    stop, latencies, busy = threading.Event(), [], [0.0, 0]

    def into(batch: Sequence[Any]) -> None:
        begun = time.thread_time()
        taken = sensing.intake(batch, library=library, at=datetime.now(UTC))
        busy[0] += time.thread_time() - begun
        busy[1] += len(batch)
        now = time.time()
        if taken.raised:
            for one in batch:
                if one.stream == "trapped" and one.payload.endswith(b"1}"):
                    sent = datetime.fromisoformat(json.loads(one.payload)["at"])
                    latencies.append(now - sent.timestamp())

    intake = sensing.BrokerIntake(url=sys.argv[2], name="bench", take=into, is_passing=False)
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    threading.Thread(target=lambda: intake.subscribed.wait() and print("ready", flush=True)).start()
    intake.run(stop=stop)
    took = time.process_time()
    print(json.dumps({"cpu": took, "busy": busy, "latencies": latencies}), flush=True)


class Publisher:
    """MQTT 3.1.1 over a socket: connect, publish with QoS 1, count what the broker acknowledged."""

    def __init__(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port))
        self.line.sendall(b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05flood")
        assert self.line.recv(4)[3] == 0
        self.acknowledged, self.sent = 0, 0
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        while content := self.line.recv(65_536):
            self.acknowledged += len(content) / 4

    def publish(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Send messages (topic, payload) in one write."""
        out = bytearray()
        for topic, payload in messages:
            self.sent += 1
            length = 2 + len(topic) + 2 + len(payload)
            out += b"\x32" + (
                bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
            )
            out += len(topic).to_bytes(2) + topic + (self.sent % 65_535 + 1).to_bytes(2) + payload
        self.line.sendall(out)


def flood() -> None:
    """Three floods: twice as much as is offered, then a steady rate with alerts in it."""
    library = ready()
    from yiwang.apps.sensing import public as sensing

    port, broker = _broker()
    command = [sys.executable, "-m", "bench.streams", "take", f"mqtt://127.0.0.1:{port}"]
    intake = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert intake.stdout.readline().strip() == "ready"
        lifts = [str(one["id"]) for one in library.entries("old_lifts.lifts")]
        stations = [str(one["id"]) for one in library.entries("flood_drought.stations")]
        vibrations = [(f"yiwang/vibration/{one}".encode(), (14.5,)) for one in lifts]
        floods = {
            ("lifts", "thresholds on 60 lifts"): vibrations,
            ("points", "looking back up to 12 hours on 2,400 points"): [
                (f"yiwang/{name}/{one}".encode(), values)
                for one in stations
                for name, values in WATER.items()
            ],
        }
        for (name, rules), points in floods.items():
            if name in PARTS:
                _flooded(sensing, port, rules, points)
        if "alerts" in PARTS:
            before = sensing.count_readings()
            sent = _send(Publisher(port), vibrations, rate=STEADY, seconds=SECONDS, lifts=lifts)
            _wait(sensing, before + sent)
    finally:
        heard, _ = intake.communicate(timeout=60)
        broker.terminate()
    said = json.loads(heard.splitlines()[-1])
    late = sorted(said["latencies"])
    print(f"intake: {said['cpu'] / said['busy'][1] * 1e6:.0f} µs CPU a message in all")
    if late:
        p99 = late[int(len(late) * 0.99)]
        print(
            f"alert latency at {STEADY}/s, publish to commit of the incident, {len(late)} alerts: "
            f"p50 {statistics.median(late) * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms (bar: 100 ms)"
        )


def _flooded(sensing: Any, port: int, rules: str, points: Sequence[Points]) -> None:
    """As much as is offered: what is stored, and how fast."""
    before, begun = sensing.count_readings(), time.monotonic()
    sent = _send(Publisher(port), points, rate=RATE, seconds=SECONDS, lifts=())
    offered = time.monotonic() - begun
    stored = _wait(sensing, before + sent) - before
    took = time.monotonic() - begun
    print(
        f"QoS 1, durable, rules {rules} judged: {sent} messages offered in {offered:.1f} s, "
        f"{stored} stored in {took:.1f} s: {stored / took:,.0f}/s, {sent - stored} lost "
        f"(bar: 8,000/s, 0 lost)"
    )


def _broker() -> tuple[int, subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(os.environ["YIWANG_HOME"]) / "broker"
    folder.mkdir()
    configuration = folder / "mosquitto.conf"
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
        f"persistence true\npersistence_location {folder}/\nautosave_interval 1\n"
        f"max_inflight_messages 0\nuser root\n"
    )
    broker = subprocess.Popen(["mosquitto", "-c", str(configuration)], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return port, broker


def _send(
    publisher: Publisher, points: Sequence[Points], *, rate: int, seconds: int, lifts: Sequence[str]
) -> int:
    """Send at a rate; a lift traps somebody every tenth of a second and lets them out again."""
    begun, sent, trapped = time.monotonic(), 0, 0
    while (passed := time.monotonic() - begun) < seconds:
        wanted = int(passed * rate) - sent
        if wanted > 0:
            now = datetime.now(UTC)
            messages = [
                (topic, _payload(now + timedelta(microseconds=n - sent), values[n % len(values)]))
                for n in range(sent, sent + wanted)
                for topic, values in (points[n % len(points)],)
            ]
            sent += wanted
            if lifts and passed * 10 > trapped:
                lift = lifts[trapped // 2 % len(lifts)].encode()
                value = 1 - trapped % 2
                messages.append((b"yiwang/trapped/" + lift, _payload(datetime.now(UTC), value)))
                trapped += 1
            publisher.publish(messages)
        time.sleep(0.004)
    while publisher.acknowledged < publisher.sent:
        time.sleep(0.05)
    return publisher.sent


def _payload(at: datetime, value: float) -> bytes:
    return b'{"at":"%b","value":%b}' % (at.isoformat().encode(), str(value).encode())


def _wait(sensing: Any, wanted: int) -> int:
    """Until everything is stored, or nothing has come for five seconds."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < 5:
        now = sensing.count_readings()
        if now >= wanted:
            return now
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.1)
    return seen


def store() -> None:
    """2,400 points every five minutes for some days; what five years would weigh; two questions."""
    ready()
    from yiwang.apps.sensing import public as sensing
    from yiwang.apps.sensing.cold import day_store

    day = 86_400_000_000
    first = sensing.micros(datetime(2026, 6, 1, tzinfo=UTC))
    points = [point.id for thing in sensing.things() for point in thing.points][:2400]
    device = next(thing for thing in sensing.things() if thing.points)
    draw = random.Random(7)
    began = time.process_time()
    for number in range(DAYS):
        day_store().settle(_day(points, first + number * day, draw))
    cpu = (time.process_time() - began) / DAYS
    files, size = day_store().size()
    print(
        f"2,400 streams every 5 minutes: {size / files / 1e6:.2f} MB a day, five years "
        f"{size / files * YEARS / 1e9:.2f} GB (bar: 5 GB), {cpu:.1f} s CPU to make and settle a day"
    )
    since = datetime(2026, 6, 2, tzinfo=UTC)
    until = since + timedelta(days=1)
    one = [
        _timed(lambda: sensing.readings(device=device.id, since=since, until=until))
        for _ in range(30)
    ]
    means = [_timed(lambda: sensing.hourly_means(since=since, until=until)) for _ in range(7)]
    print(f"one stream, one day: median {statistics.median(one) * 1e3:.1f} ms (bar: 10 ms)")
    print(
        f"hourly means of all streams for a day: median {statistics.median(means) * 1e3:.0f} ms, "
        f"best {min(means) * 1e3:.0f} ms (bar: 300 ms)"
    )


def _day(points: Sequence[int], begin: int, draw: random.Random) -> Iterator[tuple[Any, ...]]:
    """Levels that wander, rain that is mostly none, voltages with noise: as sensors round them."""
    for place, point in enumerate(points):
        level = 15 + place / 1000
        for step in range(288):
            kind = place % 3
            if kind == 0:
                level += draw.choice((-0.01, 0, 0, 0, 0, 0.01))
                value = round(level, 2)
            elif kind == 1:
                value = round(draw.expovariate(1), 1) if draw.random() < 0.05 else 0.0
            else:
                value = round(12.4 + draw.gauss(0, 0.03), 2)
            yield point, begin + step * 300_000_000, value, False


def _timed(act: Any) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


if __name__ == "__main__":
    {"install": install, "take": take, "flood": flood, "store": store}[sys.argv[1]]()
