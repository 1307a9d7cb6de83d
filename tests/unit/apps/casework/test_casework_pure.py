"""Merging of signals, and what a file handed in really is."""

import struct
import zipfile
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
from cast import NINE
from specimens import JPEG, PNG

from yiwang.apps.casework import pictures
from yiwang.apps.casework.merging import Sighting, box, is_same, metres_between

RULES = {"within": timedelta(hours=2), "metres": 200}
GATE = Sighting("gauge-1", 118.70, 33.70, NINE)


def test_the_same_object_is_the_same_incident_however_old():
    later = Sighting("gauge-1", 118.70, 33.70, NINE + timedelta(days=9))

    assert is_same(later, GATE, **RULES)


def test_two_named_objects_side_by_side_are_two_incidents():
    assert not is_same(Sighting("gauge-2", 118.70, 33.70, NINE), GATE, **RULES)


@pytest.mark.parametrize(
    ("lon", "hours", "same"), [(118.701, 1, True), (118.71, 1, False), (118.701, 3, False)]
)
def test_a_report_without_an_object_merges_when_near_in_place_and_time(lon, hours, same):
    report = Sighting("", lon, 33.70, NINE + timedelta(hours=hours))

    assert is_same(report, GATE, **RULES) is same


def test_a_report_without_a_place_never_merges_by_place():
    assert not is_same(Sighting("", None, None, NINE), GATE, **RULES)


def test_the_search_box_holds_the_whole_circle():
    wide, high = box(33.70, 200)

    assert metres_between(118.70, 33.70, 118.70 + wide, 33.70) >= 199.9
    assert metres_between(118.70, 33.70, 118.70, 33.70 + high) >= 199.9


def test_the_place_of_a_phone_does_not_survive_in_its_photo():
    exif = b"Exif\x00\x00GPS 33.7N 118.7E"
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    clean = pictures.cleaned(JPEG[:2] + app1 + JPEG[2:])

    assert clean.kind == "image/jpeg"
    assert b"GPS" not in clean.content
    assert clean.content == JPEG


def test_the_film_behind_a_moving_picture_is_cut_off():
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40

    assert pictures.cleaned(JPEG + film).content == JPEG
    assert pictures.cleaned(PNG + bytes(64)).content == PNG


def comment(text: bytes) -> bytes:
    """A comment of a JPEG file."""
    return b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text


def archive() -> bytes:
    """A ZIP file with one member."""
    with zipfile.ZipFile(made := BytesIO(), "w") as whole:
        whole.writestr("run.cmd", "calc")
    return made.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize(
    "content",
    [
        JPEG + archive(),
        PNG + archive(),
        PDF + archive(),
        JPEG + bytes(300) + b"<script>alert(1)</script>",
        PNG + b"\n<!DOCTYPE html>",
        JPEG[:2] + comment(b"<?php system($_GET[0]); ?>") + JPEG[2:],
        JPEG + PDF,
        b"%PDF-1.4\n<html><script>alert(1)</script>" + PDF[9:],
        PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        PDF.replace(b"/Catalog", b"/Catalog/Names<</EmbeddedFiles 2 0 R>>"),
    ],
)
def test_a_file_that_is_two_things_at_once_is_refused(content):
    with pytest.raises(pictures.FileRefused, match=r"藏有另一种文件|脚本或附件"):
        pictures.cleaned(content)


def test_a_plain_document_is_kept_as_it_is():
    assert pictures.cleaned(PDF) == pictures.CleanFile("application/pdf", PDF)


def test_text_in_a_png_is_dropped():
    text = b"tEXtComment\x00who took it"
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))

    assert pictures.cleaned(PNG[:33] + chunk + PNG[33:]).content == PNG


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空的"),
        (b"GIF89a....", "格式"),
        (b"<svg xmlns='x'/>", "格式"),
        (b"\xff\xd8\xff\xe0broken", "损坏"),
        (PNG[:40], "损坏"),
        (b"\xff\xd8\xff" + b"0" * (8 * 1024 * 1024), "超过 8 MB"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(content, said):
    with pytest.raises(pictures.FileRefused, match=said):
        pictures.cleaned(content)
