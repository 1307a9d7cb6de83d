"""Field protocols over TCP: stations keep a connection open and send frames; each is answered
after its readings are committed. What is no good frame is quarantined with its reason.
"""

import contextlib
import logging
import selectors
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from yiwang.apps.sensing.intake import Message, Sample
from yiwang.apps.sensing.protocols import hj212, sl651
from yiwang.apps.sensing.protocols.frames import BadFrame, Report
from yiwang.apps.sensing.roster import Roster, roster
from yiwang.apps.sensing.secrecy import digest
from yiwang.kernel.errors import Conflict
from yiwang.packkit import Library

log = logging.getLogger("yiwang.sensing.field")

PROTOCOLS = ("sl651", "hj212")
MOST_READ = 65_536
LONGEST_REST = 8192
"""Bytes of an unfinished frame; more is no frame of these protocols."""
LARGEST_BATCH = 2000

Take = Callable[[Sequence[Message | Sample]], object]


class PortTaken(Conflict):
    """Another program listens on the port of a field protocol."""

    code = "sensing.port_taken"


@dataclass
class _Line:
    """One station's connection and what it has sent of its next frame."""

    socket: socket.socket
    rest: bytes = b""


@dataclass
class _Round:
    """What one look at all connections brought: to take in, then to answer."""

    taken: list[Message | Sample] = field(default_factory=list)
    answers: list[tuple[socket.socket, bytes]] = field(default_factory=list)


class FieldServer:
    """Listens for one protocol; ``run`` feeds ``take`` until ``stop`` is set.

    The library's roster in force tells addresses, passwords, check sums and codes of devices.
    """

    def __init__(
        self,
        *,
        protocol: str,
        take: Take,
        library: Library,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        assert protocol in PROTOCOLS
        self._protocol, self._take, self._library = protocol, take, library
        self._lines = selectors.DefaultSelector()
        try:
            self._door = socket.create_server((host, port), backlog=1024)
        except OSError as refusal:
            raise PortTaken(
                f"端口 {port} 不能用。", hint="换一个端口，或先结束占用它的程序。", port=port
            ) from refusal
        self.port: int = self._door.getsockname()[1]
        self._door.setblocking(False)
        self._lines.register(self._door, selectors.EVENT_READ, None)

    def run(self, *, stop: threading.Event) -> None:
        """Read, take in, answer, again; stations whose batch failed get no answer and repeat."""
        try:
            while not stop.is_set():
                self._round()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of every connection and of the port."""
        for key in list((self._lines.get_map() or {}).values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._lines.close()

    def _round(self) -> None:
        found, known = _Round(), None
        for key, _ in self._lines.select(timeout=0.2):
            if key.data is None:
                self._welcome()
                continue
            known = known or roster(self._library)
            self._listen(key.data, known, found)
            if len(found.taken) >= LARGEST_BATCH:
                break
        if found.taken:
            try:
                self._take(found.taken)
            except Exception:
                log.exception("a batch was not taken in; its stations send again")
                return
        for line, answer in found.answers:
            with contextlib.suppress(OSError):
                line.send(answer)

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            line, _ = self._door.accept()
            line.setblocking(False)
            self._lines.register(line, selectors.EVENT_READ, _Line(line))

    def _listen(self, line: _Line, known: Roster, found: _Round) -> None:
        try:
            content = line.socket.recv(MOST_READ)
        except BlockingIOError:
            return
        except OSError:
            content = b""
        if not content:
            self._lines.unregister(line.socket)
            line.socket.close()
        split = (sl651 if self._protocol == "sl651" else hj212).split(line.rest + content)
        line.rest = split.rest
        if line.rest and (not content or len(line.rest) > LONGEST_REST):
            found.taken.append(self._bad(BadFrame(line.rest, "unreadable"), known))
            line.rest = b""
        if split.garbage.strip():
            found.taken.append(self._bad(BadFrame(split.garbage, "unreadable"), known))
        for frame in split.frames:
            self._read(frame, line, known, found)

    def _read(self, frame: bytes, line: _Line, known: Roster, found: _Round) -> None:
        if self._protocol == "sl651":
            report = sl651.decode(frame)
        else:
            report = hj212.decode(frame, modes=known.modes)  # type: ignore[arg-type]
        if isinstance(report, BadFrame):
            found.taken.append(self._bad(report, known))
            return
        fault = self._fault(report, known)
        if fault:
            found.taken.append(self._bad(BadFrame(frame, fault, report.address), known))
            return
        found.taken += self._samples(report, frame, known)
        if report.answer:
            found.answers.append((line.socket, report.answer))

    def _fault(self, report: Report, known: Roster) -> str:
        """Why a station may not speak: nobody knows it, or it does not know its password."""
        device = known.wires.get((self._protocol, report.address.upper()))
        if device is None:
            return "unknown_device"
        kept = known.devices[device].wire_digest
        if not kept:
            return "no_password"
        is_right = kept == digest(f"{device} {report.password.upper()}")
        return "" if is_right else "wrong_password"

    def _samples(self, report: Report, frame: bytes, known: Roster) -> Iterable[Sample]:
        """The elements that the device has a point for; the others are nobody's streams."""
        device = known.wires[self._protocol, report.address.upper()]
        for one in report.elements:
            stream = known.codes.get((self._protocol, device, one.code.upper()))
            if stream is not None:
                mark = "" if one.mark in hj212.GOOD else one.mark
                yield Sample(device, stream, one.at, one.value, frame, self._protocol, mark)

    def _bad(self, bad: BadFrame, known: Roster) -> Message:
        device = known.wires.get((self._protocol, bad.address.upper()), bad.address)
        shown = bad.content.hex().upper().encode() if self._protocol == "sl651" else bad.content
        return Message(device, shown, self._protocol, fault=bad.reason)
