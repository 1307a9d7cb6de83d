"""Verify an exported log with nothing but its files and the public key: no database, no settings.

Every entry is hashed again; every block's root and every signed checkpoint must come out. What
was changed is located: the hash that the log kept of each entry (file ``hashes``) tells which
line differs; what was changed consistently is caught by the signed checkpoints.
"""

import mmap
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yiwang.apps.journal.merkle import Edge, Hash, Hasher, finals, post_order
from yiwang.apps.journal.notes import Checkpoint, CheckpointRefused, opened
from yiwang.apps.journal.segments import FULL, closed, closing, first_of, segments
from yiwang.apps.journal.store import Store

WIDTH = 32


@dataclass(frozen=True, slots=True)
class Damage:
    """One place where the log is not as it was written."""

    file: str
    offset: int
    number: int | None
    """Number of the entry, if one entry is it."""
    what: str

    def __str__(self) -> str:
        entry = f"，第 {self.number} 条" if self.number is not None else ""
        return f"{self.file} 第 {self.offset} 字节{entry}：{self.what}"


@dataclass(slots=True)
class Verdict:
    """What verifying found. ``unsigned`` entries lie behind the last checkpoint."""

    entries: int = 0
    blocks: int = 0
    checkpoints: int = 0
    unsigned: int = 0
    damages: list[Damage] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the log is whole and unchanged."""
        return not self.damages


def verify_export(folder: Path, public_key: str) -> Verdict:
    """Verify the log in ``folder``; ``public_key`` is the line that the log's owner gave out."""
    began = time.perf_counter()
    verdict = Verdict()
    checkpoints = list(_checkpoints(folder, public_key, verdict))
    algorithm = checkpoints[-1].algorithm if checkpoints else "sha256"
    reading = _Reading(Hasher(algorithm), _Kept(folder / "hashes"), verdict)
    reading.wanted = {checkpoint.size for checkpoint in checkpoints}
    for path in segments(folder):
        reading.read(path)
    _hold_beside(folder, algorithm, public_key, verdict)
    if not reading.kept_ends():
        verdict.damages.append(Damage("hashes", 0, None, "摘要多于日志的条数"))
    _hold_against(checkpoints, reading, verdict)
    verdict.entries = reading.edge.size
    verdict.seconds = time.perf_counter() - began
    return verdict


def settle_copy(folder: Path) -> tuple[int, str]:
    """Open a copied log as after a crash of the machine: its number of entries, its root in hex.

    A torn tail is cut off, and the hashes are computed anew from the entries.
    """
    log = Store(folder)
    try:
        log.rebuild_hashes()
        size, root = log.size_and_root()
    finally:
        log.close()
    return size, root.hex()


class _Kept:
    """The hashes that the log kept, mapped into memory, not read."""

    def __init__(self, path: Path) -> None:
        self._hashes: bytes | mmap.mmap = b""
        if path.exists() and path.stat().st_size:
            with path.open("rb") as file:
                self._hashes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def are(self, size: int, hashes: list[Hash]) -> bool:
        """Whether these are the hashes kept after those of ``size`` entries."""
        start = finals(size) * WIDTH
        return self._hashes[start : start + len(hashes) * WIDTH] == b"".join(hashes)

    def ends_at(self, size: int) -> bool:
        """Whether nothing is kept beyond ``size`` entries."""
        return len(self._hashes) <= finals(size) * WIDTH

    def leaves(self, first: int, end: int) -> list[Hash] | None:
        if finals(end) * WIDTH > len(self._hashes):
            return None
        places = (post_order(0, number) * WIDTH for number in range(first, end))
        return [self._hashes[place : place + WIDTH] for place in places]


class _Reading:
    """Goes through the segments, keeping the edge of the tree."""

    def __init__(self, hasher: Hasher, kept: _Kept, verdict: Verdict) -> None:
        self.edge = Edge(hasher)
        self.wanted: set[int] = set()
        self.roots: dict[int, Hash] = {0: hasher.empty()}
        self._kept = kept
        self._verdict = verdict

    def read(self, path: Path) -> None:
        """One segment, block by block."""
        if first_of(path) != self.edge.size:
            self._found(path, 0, None, f"此前缺少 {first_of(path) - self.edge.size} 条")
        offset, lines = 0, list[tuple[int, bytes]]()
        with path.open("rb") as file:
            for line in file:
                if line.startswith(b"="):
                    self._close(path, offset, line, lines)
                    lines = []
                elif line != FULL:
                    lines.append((offset, line[:-1]))
                offset += len(line)
        if lines:
            self._found(path, lines[0][0], None, "末尾的区块不完整")

    def kept_ends(self) -> bool:
        """Whether the file of hashes ends with the log."""
        return self._kept.ends_at(self.edge.size)

    def _close(self, path: Path, offset: int, line: bytes, lines: list[tuple[int, bytes]]) -> None:
        self._verdict.blocks += 1
        leaves = [self.edge.hasher.leaf(content) for _, content in lines]
        after, hashes = self._grown(leaves)
        root = after.root()
        if line != closing(len(leaves), after.size, root):
            after = self._locate(path, offset, closed(line), [at for at, _ in lines], leaves)
            root = after.root()
        elif not self._kept.are(self.edge.size, hashes):
            what = f"第 {self.edge.size} 至 {after.size - 1} 条的摘要与日志不符（日志本身无误）"
            self._verdict.damages.append(
                Damage("hashes", finals(self.edge.size) * WIDTH, None, what)
            )
        self.edge = after
        if after.size in self.wanted:
            self.roots[after.size] = root

    def _locate(
        self,
        path: Path,
        offset: int,
        block: tuple[int, Hash] | None,
        offsets: list[int],
        leaves: list[Hash],
    ) -> Edge:
        """Say what differs in a block, and go on from what the log kept of it."""
        first = self.edge.size
        end = block[0] if block and first < block[0] <= first + 2 * len(leaves) + 2 else 0
        kept = self._kept.leaves(first, end or first + len(leaves))
        if kept is None:
            self._found(path, offsets[0] if offsets else offset, None, "区块与其根不符")
            return self._grown(leaves)[0]
        known = self._grown(kept)[0]
        is_sound = block is not None and (known.size, known.root()) == block
        differing = [
            n for n, pair in enumerate(zip(leaves, kept, strict=False)) if pair[0] != pair[1]
        ]
        if len(leaves) != len(kept):
            place = differing[0] if differing else min(len(leaves), len(kept)) - 1
            self._found(path, offsets[place], first + place, "从此处起条数与收尾行不符")
        elif is_sound or not block:
            for place in differing:
                self._found(path, offsets[place], first + place, "内容与写入时的摘要不符")
        elif differing:
            self._found(path, offsets[differing[0]], first + differing[0], "内容或根被改动")
        if not differing and len(leaves) == len(kept):
            self._found(path, offset, None, "收尾行与内容不符")
        return known if is_sound else self._grown(leaves)[0]

    def _grown(self, leaves: list[Hash]) -> tuple[Edge, list[Hash]]:
        edge, hashes = self.edge.copy(), list[Hash]()
        for leaf in leaves:
            hashes += edge.add(leaf)
        return edge, hashes

    def _found(self, path: Path, offset: int, number: int | None, what: str) -> None:
        self._verdict.damages.append(Damage(path.name, offset, number, what))


def _checkpoints(folder: Path, public_key: str, verdict: Verdict) -> Iterator[Checkpoint]:
    paths = sorted((folder / "checkpoints").glob("*.note"))
    if not paths:
        verdict.damages.append(Damage("checkpoints", 0, None, "没有已签名的检查点，无从核验"))
    for path in paths:
        try:
            checkpoint = opened(path.read_text(encoding="utf-8"), public_key=public_key)
        except (CheckpointRefused, UnicodeDecodeError) as error:
            message = getattr(error, "message", "检查点无法读取")
            verdict.damages.append(Damage(f"checkpoints/{path.name}", 0, None, message))
            continue
        verdict.checkpoints += 1
        yield checkpoint


def _hold_beside(folder: Path, algorithm: str, public_key: str, verdict: Verdict) -> None:
    """The two small files beside the log say what the checkpoints and the caller say."""
    for name, wanted in (("algorithm", algorithm), ("log.pub", public_key.strip())):
        path = folder / name
        if path.exists() and path.read_bytes() != f"{wanted}\n".encode():
            verdict.damages.append(Damage(name, 0, None, "与检查点或所给公钥不符"))


def _hold_against(checkpoints: list[Checkpoint], reading: _Reading, verdict: Verdict) -> None:
    good = 0
    for checkpoint in checkpoints:
        name = f"checkpoints/{checkpoint.size:012d}.note"
        if checkpoint.size > reading.edge.size:
            missing = checkpoint.size - reading.edge.size
            verdict.damages.append(Damage(name, 0, None, f"日志比签名时少 {missing} 条"))
        elif reading.roots.get(checkpoint.size) != checkpoint.root:
            what = f"第 {good} 条到第 {checkpoint.size - 1} 条之间与签名时不同"
            verdict.damages.append(Damage(name, 0, None, what))
        else:
            good = checkpoint.size
    verdict.unsigned = reading.edge.size - good
