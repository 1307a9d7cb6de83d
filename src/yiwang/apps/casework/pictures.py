"""What a file handed in really is, and a copy of it without what nobody asked for: pure.

The kind is read from the bytes, never from the name or the sender's word. Pictures are written
anew marker by marker: EXIF and other side data go (place and device of a citizen's phone), and so
does anything hidden behind the picture's end.
"""

from dataclasses import dataclass

from yiwang.kernel.errors import Invalid

MOST_BYTES = 8 * 1024 * 1024
"""A phone's photograph is 2 to 6 MB."""

PICTURES = frozenset({"image/jpeg", "image/png"})


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
        return CleanFile("application/pdf", content)
    raise FileRefused(f"{name}不是可以收下的格式。", hint="照片请用 JPEG 或 PNG，文书请用 PDF。")


def _jpeg(content: bytes, name: str) -> bytes:
    kept, at = bytearray(b"\xff\xd8"), 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if marker == 0xDA:
            end = content.rfind(b"\xff\xd9")
            if end < at:
                break
            return bytes(kept + content[at : _scan_end(content, at + 2 + size, end) + 2])
        # APP0 (JFIF) and APP14 (Adobe colours) are needed to show it; other APPn and comments go.
        if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept += content[at : at + 2 + size]
        at += 2 + size
    raise FileRefused(f"{name}已损坏，不是完整的 JPEG 照片。", hint="请重新拍照后上传。")


def _scan_end(content: bytes, at: int, last: int) -> int:
    """Where the picture's own end marker stands: the first, since scans stuff every 0xFF."""
    end = content.find(b"\xff\xd9", at)
    return end if end >= 0 else last


def _png(content: bytes, name: str) -> bytes:
    kept, at = bytearray(content[:8]), 8
    while at + 12 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        chunk = content[at : at + 12 + size]
        if len(chunk) < 12 + size:
            break
        if kind[:1].isupper() or kind in (b"tRNS", b"gAMA", b"sRGB", b"pHYs"):
            kept += chunk
        if kind == b"IEND":
            return bytes(kept)
        at += 12 + size
    raise FileRefused(f"{name}已损坏，不是完整的 PNG 图片。", hint="请重新截图或拍照后上传。")
