"""What a file handed in really is, and a copy of it without what nobody asked for: pure.

The kind is read from the bytes, never from the name or the sender's word. Pictures are written
anew marker by marker: EXIF and other side data go (place and device of a citizen's phone), and so
does a film behind a phone's moving picture. A file that is two things at once (an archive, a page
or a program hidden in a picture or a document) is refused: nobody makes one by mistake.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.kernel.errors import Invalid

MOST_BYTES = 8 * 1024 * 1024
"""A phone's photograph is 2 to 6 MB."""

PICTURES = frozenset({"image/jpeg", "image/png"})


HIDDEN = (
    b"pk\x03\x04", b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x7felf", b"%pdf-",
    b"<script", b"<html", b"<!doctype", b"<svg", b"<?php",
)  # fmt: skip
"""How archives, programs, pages and documents begin, in lower case."""
ARCHIVE_END, LAST = b"PK\x05\x06", 65_557
"""The end record of an archive, and within how many last bytes it stands."""
ACTS = (b"/JavaScript", b"/Launch", b"/EmbeddedFile")
"""What a document does by itself, or carries."""


class FileRefused(Invalid):
    """The file is empty, too large, broken, or of a kind that is not taken."""

    code = "casework.file_refused"


@dataclass(frozen=True)
class CleanFile:
    """A file that may be kept: its media type and its bytes."""

    kind: str
    content: bytes


def cleaned(content: bytes, *, name: str = "文件") -> CleanFile:
    """``content`` as it may be kept, or ``FileRefused``."""
    if not content or len(content) > MOST_BYTES:
        size = "是空的" if not content else f"超过 {MOST_BYTES // 1024 // 1024} MB"
        raise FileRefused(f"{name}{size}，不能收下。", hint="请重新拍照或压缩后上传。")
    if content.startswith(b"\xff\xd8\xff"):
        return CleanFile("image/jpeg", _jpeg(content, name))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return CleanFile("image/png", _png(content, name))
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        behind = content.rpartition(b"%%EOF")[2]
        ends = content[max(5, len(content) - LAST) :].rpartition(ARCHIVE_END)
        _require_one_thing([content[5:1024], behind, ends[1]], name)
        if any(act in content for act in ACTS):
            raise FileRefused(f"{name}带有脚本或附件，不能收下。", hint="请另存为不含脚本的 PDF。")
        return CleanFile("application/pdf", content)
    raise FileRefused(f"{name}不是可以收下的格式。", hint="照片请用 JPEG 或 PNG，文书请用 PDF。")


def _require_one_thing(dropped: Iterable[bytes], name: str) -> None:
    """``FileRefused`` if what is not part of the picture or document is a file of its own.

    Readers of archives look for their end record from behind, all others at the beginning.
    """
    for one in dropped:
        begins = one[:1024].lower()
        if any(mark in begins for mark in HIDDEN) or ARCHIVE_END in one[-LAST:]:
            raise FileRefused(
                f"{name}里藏有另一种文件，不能收下。", hint="请重新拍照，或从原程序另存后上传。"
            )


def _jpeg(content: bytes, name: str) -> bytes:
    kept, at, dropped = bytearray(b"\xff\xd8"), 2, list[bytes]()
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if marker == 0xDA:
            end = content.rfind(b"\xff\xd9")
            if end < at:
                break
            last = _scan_end(content, at + 2 + size, end) + 2
            _require_one_thing([*dropped, content[last:]], name)
            return bytes(kept + content[at:last])
        # APP0 (JFIF) and APP14 (Adobe colours) are needed to show it; other APPn and comments go.
        if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept += content[at : at + 2 + size]
        elif marker == 0xFE:  # comments; the others hold the camera's own, thumbnails among them
            dropped.append(content[at + 4 : at + 2 + size])
        at += 2 + size
    raise FileRefused(f"{name}已损坏，不是完整的 JPEG 照片。", hint="请重新拍照后上传。")


def _scan_end(content: bytes, at: int, last: int) -> int:
    """Where the picture's own end marker stands: the first, since scans stuff every 0xFF."""
    end = content.find(b"\xff\xd9", at)
    return end if end >= 0 else last


def _png(content: bytes, name: str) -> bytes:
    kept, at, dropped = bytearray(content[:8]), 8, list[bytes]()
    while at + 12 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        chunk = content[at : at + 12 + size]
        if len(chunk) < 12 + size:
            break
        if kind[:1].isupper() or kind in (b"tRNS", b"gAMA", b"sRGB", b"pHYs"):
            kept += chunk
        else:
            dropped.append(chunk[8:-4])
        if kind == b"IEND":
            _require_one_thing([*dropped, content[at + 12 + size :]], name)
            return bytes(kept)
        at += 12 + size
    raise FileRefused(f"{name}已损坏，不是完整的 PNG 图片。", hint="请重新截图或拍照后上传。")
