"""The field protocols: the checked frames of the standards, and what a bad line makes of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yiwang.apps.sensing.protocols import hj212, sl651
from yiwang.apps.sensing.protocols.checksums import annex, modbus
from yiwang.apps.sensing.protocols.frames import BadFrame, Report
from yiwang.kernel.clock import CHINA

KEEP_ALIVE = bytes.fromhex("7E7E01001234567812342F0008020003591011155111036BCA")
TEST_REPORT = bytes.fromhex(
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F05910111549"
    "20190000052619000005392300000127381211150320FA"
)
SAMPLE = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&1C80\r\n"
)
JULY = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
CALM = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is slow to draw examples, which is no fault of what is tested."""
MINUTES = st.integers(0, 500_000).map(lambda n: JULY + timedelta(minutes=n))


def test_the_frames_of_the_hydrology_standard_are_read() -> None:
    report = sl651.decode(TEST_REPORT)
    assert isinstance(report, Report)
    assert (report.address, report.password) == ("0012345678", "1234")
    assert [(one.code, one.value) for one in report.elements] == [
        ("20", 0.5), ("26", 0.5), ("39", 0.127), ("38", 11.15)
    ]  # fmt: skip
    assert report.elements[0].at == datetime(2059, 10, 11, 15, 49, tzinfo=CHINA)
    assert sl651.decode(KEEP_ALIVE) == Report("0012345678", "1234", ())


def test_a_report_is_confirmed_to_the_station_by_its_serial_number() -> None:
    report = sl651.decode(TEST_REPORT)
    assert isinstance(report, Report)
    answer = report.answer
    assert answer[2:8] == TEST_REPORT[3:8] + TEST_REPORT[2:3]
    assert answer[14:16] == b"\x00\x03"
    assert modbus(answer[:-2]) == int.from_bytes(answer[-2:])


def test_the_sample_of_the_environment_standard_is_read_by_its_own_sum() -> None:
    assert annex(SAMPLE[6:-6]) == 0x1C80
    assert hj212.decode(SAMPLE, modes={}) == Report("010000A8900016F000169DC0", "100000", ())
    other = hj212.decode(SAMPLE, modes={"010000A8900016F000169DC0": "modbus"})
    assert isinstance(other, BadFrame) and other.reason == "wrong_sum"


def test_a_wrong_length_is_told_apart_from_a_wrong_sum() -> None:
    wrong = hj212.decode(SAMPLE.replace(b"##0101", b"##0099"), modes={})
    assert isinstance(wrong, BadFrame)
    assert (wrong.reason, wrong.address) == ("wrong_length", "010000A8900016F000169DC0")


@CALM
@given(
    values=st.lists(
        st.tuples(
            st.sampled_from(["20", "39", "38", "26"]),
            st.integers(-99_999, 999_999).map(lambda n: n / 1000),
        ),
        max_size=8,
    ),
    at=MINUTES,
    station=st.integers(0, 10**10 - 1).map(lambda n: f"{n:010d}"),
)
def test_a_hydrology_frame_says_what_the_station_meant(values, at, station) -> None:
    frame = sl651.encode(
        address=station, password="ABCD", function=0x32, serial=7, sent_at=at,
        elements=[(code, value, 5, 3) for code, value in values],
    )  # fmt: skip
    report = sl651.decode(frame)
    assert isinstance(report, Report)
    assert [(one.code, one.value) for one in report.elements] == values
    assert all(one.at == at for one in report.elements)


@CALM
@given(
    values=st.lists(
        st.tuples(
            st.sampled_from(["a34004", "a34002", "LA"]),
            st.decimals(0, 9999, places=2).map(str),
            st.sampled_from(["", "N", "D"]),
        ),
        unique_by=lambda one: one[0],
        max_size=3,
    ),
    at=MINUTES,
    mode=st.sampled_from(["annex", "modbus"]),
)
def test_an_environment_frame_says_what_the_station_meant(values, at, mode) -> None:
    frame = hj212.encode(address="MN1", password="123456", at=at, values=values, mode=mode)
    report = hj212.decode(frame, modes={"MN1": mode})
    assert isinstance(report, Report)
    assert [(one.code, one.value, one.mark) for one in report.elements] == [
        (code, float(value), mark) for code, value, mark in values
    ]
    assert b"CN=9014" in report.answer


@CALM
@given(st.lists(st.one_of(st.just(TEST_REPORT), st.just(KEEP_ALIVE), st.binary(max_size=40))))
def test_no_byte_of_a_hydrology_line_is_lost(parts) -> None:
    content = b"".join(parts)
    found = sl651.split(content)
    seen = sum(map(len, found.frames)) + len(found.garbage) + len(found.rest)
    assert seen >= len(content)
    for frame in found.frames:
        sl651.decode(frame)


@CALM
@given(st.lists(st.one_of(st.just(SAMPLE), st.binary(max_size=40))))
def test_no_byte_of_an_environment_line_is_lost(parts) -> None:
    content = b"".join(parts)
    found = hj212.split(content)
    assert sum(map(len, found.frames)) + len(found.garbage) + len(found.rest) == len(content)
    for frame in found.frames:
        hj212.decode(frame, modes={})


@pytest.mark.parametrize(("frame", "split"), [(TEST_REPORT, sl651.split), (SAMPLE, hj212.split)])
def test_a_frame_after_a_torn_one_is_still_found(frame, split) -> None:
    found = split(frame[:20] + frame + frame[:9])
    assert frame in found.frames
    assert found.rest == frame[:9]


@CALM
@given(st.integers(0, len(TEST_REPORT) - 1), st.integers(1, 255))
def test_one_changed_byte_is_never_taken_for_a_reading(place, change) -> None:
    bent = bytearray(TEST_REPORT)
    bent[place] ^= change
    assert isinstance(sl651.decode(bytes(bent)), BadFrame)


def test_five_minute_levels_of_an_hour_are_twelve_readings() -> None:
    head = bytes.fromhex(
        "7E7E0100123456781234340030020003260701130000F1F1001234567848F0F02607011300"
    )
    levels = b"".join(n.to_bytes(2) for n in range(1500, 1511)) + b"\xff\xff"
    frame = head + b"\xf5\xc0" + levels
    frame = frame[:11] + (len(frame) - 14).to_bytes(2) + frame[13:] + b"\x03"
    report = sl651.decode(frame + modbus(frame).to_bytes(2))
    assert isinstance(report, Report)
    assert [one.value for one in report.elements][::11] == [15.0, None]
    first, last = report.elements[0].at, report.elements[-1].at
    assert last - first == timedelta(minutes=55)
    assert last == datetime(2026, 7, 1, 13, 0, tzinfo=CHINA)
