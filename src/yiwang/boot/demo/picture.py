"""A small picture as evidence: drawn here, and saying by its plainness that it is none."""

import struct
import zlib
from functools import cache

from yiwang.apps.casework import public as casework


@cache
def evidence() -> casework.EvidenceFile:
    """A PNG of river and sky, as a file that a patrol uploads."""
    return casework.EvidenceFile(name="现场（演示）.png", content=_png(width=480, height=320))


def _png(*, width: int, height: int) -> bytes:
    """A truecolour PNG (ISO/IEC 15948): sky above, water below, a gauge post between."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            if abs(x - width // 2) < 12 and y > height // 4:
                rows += b"\xf5\xf5\xf5" if y // 20 % 2 else b"\xc0\x30\x20"
            elif y < height // 2:
                rows += bytes((150 + y // 4, 190 + y // 8, 225))
            else:
                rows += bytes((70, 110 + (x + y) % 9, 130 + (y * 3 + x) % 17))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
