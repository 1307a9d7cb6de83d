"""One-page PDF files with Chinese text, made of text and rectangles: pure.

The text is set in ``STSong-Light``, one of the fonts that the PDF specification (ISO 32000-1,
9.7.5.2 with the character collection Adobe-GB1) lets a file name without carrying it: every
viewer puts its own Chinese font there. So a page is a few kilobytes, nothing is fetched, and no
font has to be shipped. Adobe-GB1 holds every ideograph of GB 18030-2000; what lies beyond it
no viewer shows, so ``beyond`` names it and ``spelled`` writes its number in its place.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from yiwang.kernel.masking import characters

WIDTH, HEIGHT = 595, 842
"""A4 in points."""

FONT = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H "
    "/Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>"
)
DESCENDANT = (
    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R "
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> "
    "/DW 1000 /W [1 95 500 814 939 500] >>"
)
DESCRIPTOR = (
    "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] "
    "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
)


@dataclass
class Page:
    """A page that is drawn from the top left; lengths are points."""

    title: str
    _drawn: list[str] = field(default_factory=list)

    def text(self, left: float, top: float, words: str, *, size: float = 11) -> None:
        """One line whose baseline lies ``top`` below the upper edge."""
        codes = words.encode("utf-16-be").hex().upper()
        place = f"{left:.1f} {HEIGHT - top:.1f}"
        self._drawn.append(f"BT /F1 {size:g} Tf {place} Td <{codes}> Tj ET")

    def rule(self, top: float, *, left: float = 60, right: float = WIDTH - 60) -> None:
        """A thin line across the page."""
        self._drawn.append(f"0.6 w {left} {HEIGHT - top:.1f} m {right} {HEIGHT - top:.1f} l S")

    def matrix(self, rows: Sequence[bytes], *, left: float, top: float, side: float) -> None:
        """A matrix code whose dark modules are 1, scaled to a square."""
        step = side / len(rows)
        for y, row in enumerate(rows, 1):
            low = HEIGHT - top - y * step
            self._drawn += [
                f"{left + x * step:.2f} {low:.2f} {step:.2f} {step:.2f} re f"
                for x, is_dark in enumerate(row)
                if is_dark
            ]

    def content(self) -> bytes:
        """The file."""
        stream = zlib.compress("\n".join(self._drawn).encode("ascii"), 9)
        title = ("\ufeff" + self.title).encode("utf-16-be").hex().upper()
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R "
            "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
            f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
            + stream
            + b"\nendstream",
            FONT.encode(),
            DESCENDANT.encode(),
            DESCRIPTOR.encode(),
            f"<< /Title <{title}> /Producer (Yiwang) >>".encode(),
        ]
        return _file(objects)


COLLECTION = ((0x0000, 0xD7FF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF))
"""Blocks of which Adobe-GB1 has what GB 18030-2000 has …"""
HOLES = ((0x4DB6, 0x4DBF), (0x9FA6, 0x9FFF))
"""… and the ideographs among them that came into Unicode later."""


def beyond(words: str) -> list[str]:
    """The characters of ``words`` that a page cannot show, each once."""
    return list(dict.fromkeys(one for one in words if not _is_shown(ord(one))))


def spelled(words: str) -> str:
    """``words`` with each such character as its number in Unicode: 〔U+20BB7〕."""
    return "".join(one if _is_shown(ord(one)) else f"〔U+{ord(one):04X}〕" for one in words)


def _is_shown(code: int) -> bool:
    within = any(first <= code <= last for first, last in COLLECTION)
    return within and not any(first <= code <= last for first, last in HOLES)


def wrapped(words: str, *, width: float, size: float) -> list[str]:
    """``words`` cut into lines of at most ``width`` points; between any two characters."""
    lines, line, used = [""], 0, 0.0
    for one in characters(words):
        wide = size * (0.5 if one.isascii() else 1)
        if used + wide > width:
            lines, line, used = [*lines, ""], line + 1, 0.0
        lines[line] += one
        used += wide
    return lines


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects, the table of where each begins, and the trailer (ISO 32000-1, 7.5)."""
    body, places = b"%PDF-1.5\n%\xe4\xb8\x80\n", list[int]()
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {count} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
        f"startxref\n{len(body)}\n%%EOF\n"
    )
    return body + end.encode()
