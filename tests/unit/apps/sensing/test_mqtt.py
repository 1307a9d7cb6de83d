"""The subscriber's half of MQTT: what paho writes is read, and no bytes break the reader."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from yiwang.apps.sensing.protocols import mqtt

LONG = b"x" * 20_000


def published(topic: bytes, payload: bytes, *, number: int, is_old: bool, retained=False) -> bytes:
    """A PUBLISH as chapter 3.3 of the standard writes it."""
    first = 0x30 | (2 if number else 0) | retained
    rest = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", number) if number else b"")
    rest += (b"" if is_old else b"\x00") + payload
    length = bytearray()
    size = len(rest)
    while True:
        size, low = divmod(size, 128)
        length.append(low | 128 * bool(size))
        if not size:
            return bytes((first,)) + bytes(length) + rest


@pytest.mark.parametrize("is_old", [True, False])
def test_packets_come_out_whole_however_the_network_cuts_them(is_old):
    sent = [(b"yiwang/level/SW001", b"1", 7), (b"a/b/c", LONG, 65_535), (b"t/t/t", b"", 0)]
    stream = b"".join(published(t, p, number=n, is_old=is_old) for t, p, n in sent)
    for size in (1, 2, 3, 127, 128, 5000, len(stream)):
        rest, found = b"", []
        for at in range(0, len(stream), size):
            packets, rest = mqtt.split(rest + stream[at : at + size], is_old=is_old)
            found += packets
        assert rest == b""
        assert [(one.topic, one.payload, one.number) for one in found] == sent


def test_what_the_broker_kept_is_told_from_what_is_new():
    content = published(b"t", b"old", number=1, is_old=True, retained=True)

    assert mqtt.split(content, is_old=True)[0][0].is_retained


@pytest.mark.parametrize(
    ("is_old", "protocol"),
    [(True, MQTTProtocolVersion.MQTTv311), (False, MQTTProtocolVersion.MQTTv5)],
)
def test_the_greeting_is_the_one_that_paho_sends(is_old, protocol):
    client = Client(CallbackAPIVersion.VERSION2, client_id="yiwang", protocol=protocol)
    client.username_pw_set("user", "pass")
    sent = []
    client._packet_queue = lambda command, packet, *rest: sent.append(bytes(packet))
    if is_old:
        client._clean_session = False
    client._send_connect(60)
    ours = mqtt.connect(
        client="yiwang", user="user", password="pass", is_old=is_old, is_clean=False,
        keep_alive=60, kept_for=3600, in_flight=65_535,
    )  # fmt: skip
    if not is_old:  # ours carries two properties, eight bytes, and begins no session anew
        ours = ours.replace(b"\x08\x11\x00\x00\x0e\x10\x21\xff\xff", b"\x00")
        sent[0] = sent[0][:9] + bytes((sent[0][9] & ~2,)) + sent[0][10:]
        ours = ours[:1] + bytes((ours[1] - 8,)) + ours[2:]
    assert ours == sent[0]


def test_acknowledgements_are_written_together():
    assert mqtt.acknowledged([1, 258]) == b"\x40\x02\x00\x01\x40\x02\x01\x02"


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_break_the_reader(content, is_old):
    try:
        found, rest = mqtt.split(content, is_old=is_old)
    except mqtt.Malformed:
        return
    assert len(rest) <= len(content)
    assert found or rest == content
