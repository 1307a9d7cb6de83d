"""Simulated stations that speak the real field protocols over TCP, frame by frame."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from yiwang.apps.sensing import public as sensing
from yiwang.boot.demo.serving import ServerSilent
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.packkit import Library

PATIENCE = 30.0
"""Seconds that a station waits for its answers."""
LINES = 8
"""Connections over which the stations' frames come in: relays speak for many."""
HYDROLOGY = {"20": (3, 1), "39": (4, 3), "38": (2, 2)}
"""Element → bytes and decimals of its value."""


@contextmanager
def door(protocol: str, *, library: Library) -> Iterator[int]:
    """The intake of a field protocol on a free port until the block ends."""

    def take(batch: Sequence[sensing.Message | sensing.Sample]) -> None:
        sensing.intake(batch, library=library, at=system_clock())

    server = sensing.FieldServer(protocol=protocol, take=take, library=library)
    stop = threading.Event()
    thread = threading.Thread(target=server.run, kwargs={"stop": stop}, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        stop.set()
        thread.join(10)


def hydrology_frame(
    address: str, password: str, at: datetime, values: Mapping[str, float], serial: int
) -> bytes:
    """A regular report (32) of SL 651."""
    elements = [(code, value, *HYDROLOGY[code]) for code, value in values.items()]
    return sensing.sl651.encode(
        address=address,
        password=password,
        function=0x32,
        serial=serial % 65_536,
        sent_at=at,
        elements=elements,
    )


def environment_frame(
    address: str, password: str, at: datetime, values: Mapping[str, float], mode: str
) -> bytes:
    """A real-time report (2011) of HJ 212."""
    written = [(code, f"{value:g}", "N") for code, value in values.items()]
    return sensing.hj212.encode(
        address=address,
        password=password,
        at=at.astimezone(CHINA),
        values=written,
        mode="modbus" if mode == "modbus" else "annex",
    )


def send(frames: Sequence[bytes], *, port: int) -> int:
    """Send frames over a few connections; returns how many bytes of answers came back."""
    lines = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(LINES)]
    heard = 0
    try:
        for number, line in enumerate(lines):
            own = frames[number::LINES]
            line.sendall(b"".join(own))
        for number, line in enumerate(lines):
            line.shutdown(socket.SHUT_WR)
            while content := line.recv(65_536):
                heard += len(content)
            if frames[number::LINES] and not heard:
                raise ServerSilent("现场协议的入口没有应答。", hint="检查日志后重新运行。")
    finally:
        for line in lines:
            line.close()
    return heard
