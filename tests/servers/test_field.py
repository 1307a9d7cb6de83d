"""Stations over TCP: frames of the standards become readings after the commit, the rest is kept."""

import socket
import threading
import time
from datetime import timedelta

import prepared
import pytest
from cast import NINE

from yiwang.apps.sensing import public as sensing
from yiwang.apps.sensing.actions.taking_in import intake
from yiwang.apps.sensing.protocols import hj212, sl651

STATION, SITE = "RS0001", "CD005"


class Line:
    """A field server whose readings are taken in by the test's own thread."""

    def __init__(self, protocol: str) -> None:
        self.taken: list = []
        self.library = prepared.library()
        self.server = sensing.FieldServer(
            protocol=protocol, take=self.taken.extend, library=self.library
        )

    def send(self, *parts: bytes) -> bytes:
        """Send on one connection, let the server look until all has come, return the answers."""
        line = socket.create_connection(("127.0.0.1", self.server.port))
        for part in parts:
            line.sendall(part)
            for _ in range(3):
                self.server._round()
        line.settimeout(0.2)
        try:
            return line.recv(4096)
        except TimeoutError:
            return b""
        finally:
            line.close()

    def counts(self, at=NINE) -> sensing.Intake:
        """What becomes of all that was taken."""
        return intake(self.taken, library=self.library, at=at)


@pytest.fixture
def opened(db):
    """Doors by protocol, closed after the test; one station and one site may speak."""
    prepared.install(sensing, at=NINE)
    sensing.issue_wire_passwords(passwords={STATION: "A1B2", SITE: "654321"}, at=NINE)
    lines: list[Line] = []

    def door(protocol: str) -> Line:
        lines.append(Line(protocol))
        return lines[-1]

    yield door
    for line in lines:
        line.server.close()


def frame(password: str = "A1B2", level: float = 14.2, minutes: int = 0) -> bytes:
    return sl651.encode(
        address="3213230001", password=password, function=0x32, serial=1,
        sent_at=NINE + timedelta(minutes=minutes),
        elements=[("20", 0.5, 3, 1), ("39", level, 4, 3), ("38", 12.4, 2, 2), ("26", 99.5, 3, 1)],
    )  # fmt: skip


def test_a_report_becomes_a_reading_of_each_point_and_is_answered(opened):
    line = opened("sl651")
    answer = line.send(frame())

    assert answer.startswith(b"\x7e\x7e\x32\x13\x23\x00\x01")
    assert line.counts().accepted == 3
    seen = {one.stream: one.value for one in sensing.device(STATION).points}
    assert seen["flood_drought.level"] == 14.2


def test_a_frame_in_pieces_is_one_frame_and_bad_ones_are_kept(opened):
    line = opened("sl651")
    whole, bent = frame(), bytearray(frame(minutes=5))
    bent[-1] ^= 1
    line.send(b"noise", whole[:30], whole[30:], bytes(bent))

    counts = line.counts()
    assert counts.accepted == 3
    assert counts.quarantined == {"unreadable": 1, "wrong_sum": 1}


@pytest.mark.parametrize(
    ("password", "address", "reason"),
    [
        ("FFFF", "3213230001", "wrong_password"),
        ("A1B2", "3213230002", "no_password"),
        ("A1B2", "9999999999", "unknown_device"),
    ],
)
def test_a_station_that_speaks_for_another_is_quarantined(opened, password, address, reason):
    line = opened("sl651")
    answer = line.send(
        sl651.encode(
            address=address,
            password=password,
            function=0x32,
            serial=1,
            sent_at=NINE,
            elements=[("39", 14.2, 4, 3)],
        )
    )

    assert answer == b""
    assert line.counts().quarantined == {reason: 1}


def test_each_device_sums_as_its_register_says_and_marks_what_is_no_measurement(opened):
    values = [("a34002", "80", "N"), ("a34004", "30", "D"), ("LA", "", "N")]
    mn = "321323CD0000000000000005"
    line = opened("hj212")
    right = hj212.encode(address=mn, password="654321", at=NINE, values=values, mode="modbus")
    wrong = hj212.encode(address=mn, password="654321", at=NINE, values=values, mode="annex")
    answer = line.send(right, wrong)

    assert b"CN=9014" in answer
    counts = line.counts()
    assert counts.accepted == 1
    assert counts.quarantined == {"marked_invalid": 1, "no_value": 1, "wrong_sum": 1}


def test_a_clock_ten_years_off_is_quarantined_both_ways(opened):
    line = opened("sl651")
    line.send(frame(minutes=10 * 365 * 1440))
    line.send(frame(minutes=-10 * 365 * 1440))

    assert line.counts().quarantined == {"in_the_future": 3, "too_old": 3}


def test_a_failed_batch_gets_no_answer_so_that_the_station_sends_again(opened):
    line = opened("sl651")

    def full(batch):
        raise OSError("no space left on device")

    line.server._take = full
    assert line.send(frame()) == b""


def test_a_port_that_is_taken_is_named(opened):
    taken = opened("sl651")
    with pytest.raises(sensing.PortTaken):
        sensing.FieldServer(
            protocol="sl651", port=taken.server.port, take=print, library=taken.library
        )


def test_the_server_ends_when_it_is_told_to(opened):
    line, stop = opened("sl651"), threading.Event()
    thread = threading.Thread(target=line.server.run, kwargs={"stop": stop})
    thread.start()
    time.sleep(0.05)
    stop.set()
    thread.join(5)

    assert not thread.is_alive()
