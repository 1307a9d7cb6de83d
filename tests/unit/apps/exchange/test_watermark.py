"""A leaked copy tells whose it is: marks put into text, cells, lines and pages are read again."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from cast import make_cast

from yiwang.apps.exchange import watermark
from yiwang.kernel.ids import new_id

ROWS = [["李四", "3213****", f"{number}"] for number in range(400)]


def as_csv(mark) -> bytes:
    lines = "".join(f"{','.join(row)}\r\n" for row in ROWS).encode()
    half = lines.index(b"200\r\n") + 5
    first = watermark.quoted(lines[:half], mark, first=0)
    return b"name,id_number,n\r\n" + first + watermark.quoted(lines[half:], mark, first=201)


@pytest.fixture
def mark():
    return watermark.mark_of(new_id())


def test_a_told_mark_names_the_call_and_cannot_be_forged(mark):
    (found,) = watermark.read(b'{"watermark":"%s"}' % mark.told.encode())
    assert (found.call, found.code, found.way) == (mark.call, mark.code, "told")
    assert watermark.is_genuine(found)
    forged = f"YW1-{new_id()}-{mark.code}".encode()
    assert not watermark.is_genuine(watermark.read(forged)[0])


def test_a_csv_keeps_every_value_and_carries_the_mark_in_its_quotes(mark):
    content = as_csv(mark)
    assert list(csv.reader(io.StringIO(content.decode(), newline="")))[1:] == ROWS
    (found,) = watermark.read(content)
    assert (found.code, found.way) == (mark.code, "quoted")
    assert found.times >= 6


def test_a_third_of_the_lines_is_enough(mark):
    part = b"\n".join(as_csv(mark).split(b"\n")[100:290])
    assert watermark.read(part)[0].code == mark.code


def test_rows_with_quoted_fields_are_left_as_they_are(mark):
    lines = b'a,"b\nc"\nd,e\n'
    assert watermark.quoted(lines, mark, first=0) == lines


def test_cells_copied_out_of_a_file_still_carry_the_mark(mark):
    cell = "321***********12" + mark.hidden
    (found,) = watermark.read(f"from a chat: {cell}!".encode())
    assert (found.code, found.way, found.times) == (mark.code, "hidden", 1)


def test_an_unmarked_file_gives_no_mark():
    plain = "".join(f'"{number}",x\n' for number in range(2000)).encode()
    assert watermark.read(plain) == []


@pytest.mark.django_db
def test_a_page_tells_who_looked_and_in_which_minute():
    li, at = make_cast().li, datetime(2026, 11, 2, 1, 0, 30, tzinfo=UTC)
    seen = watermark.page_mark(li, at=at)
    assert "li" in seen.text
    assert "2026-11-02 01:00Z" in seen.text
    assert seen.code == watermark.page_code("li", at=at + timedelta(seconds=20))
    assert seen.code != watermark.page_code("sun", at=at)
