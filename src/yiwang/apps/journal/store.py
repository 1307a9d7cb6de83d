"""The log on disk: blocks appended by many threads and processes, durable when ``append`` returns.

Writers of one process queue up and are written as one block; processes take turns by ``flock``.
The block is written under the lock and synced outside it, so that one sync serves all blocks that
were written meanwhile. After a crash of the machine the last segment is checked entry by entry: a
torn tail, which nobody was told to be durable, is cut off and kept aside; anything else that does
not add up is damage and stops the log.
"""

import contextlib
import fcntl
import os
import struct
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from yiwang.apps.journal.merkle import Edge, Hash, Hasher
from yiwang.apps.journal.nodes import NodeFile
from yiwang.apps.journal.segments import (
    FULL,
    Block,
    JournalDamaged,
    Tail,
    blocks,
    closing,
    first_of,
    last_closing,
    segment_name,
    segments,
)
from yiwang.kernel.errors import Unavailable

SEGMENT_BYTES = 64 * 1024 * 1024
_STATE = struct.Struct("<36s Q Q Q")  # boot id, segment, entries written to it, entries durable


class JournalNotWritten(Unavailable):
    """The disk refused the block; nothing of it is in the log."""

    code = "journal.not_written"


class _Waiting:
    __slots__ = ("error", "first", "lines")

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.lines = lines
        self.first = -1
        self.error: Exception | None = None


class Store:
    """An open log. Not to be carried over a fork: see ``actions.store``."""

    def __init__(
        self, folder: Path, *, algorithm: str = "sha256", segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.hasher = Hasher(_algorithm_of(folder, algorithm))
        self.nodes = NodeFile(folder / "hashes")
        self._segment_bytes = segment_bytes
        self._queue: deque[_Waiting] = deque()
        self._commit = threading.Lock()
        self._lock = _open(folder / "write.lock")
        self._sync_lock = _open(folder / "sync.lock")
        self._state = _open(folder / "state")
        self._file = -1
        self._path = folder / segment_name(0)
        self._offset = 0
        self._edge = Edge(self.hasher)
        self._boot = _boot_id()
        with self._locked():
            self._recover()

    def close(self) -> None:
        """Give all files back."""
        for file in (self._lock, self._sync_lock, self._state, self._file):
            os.close(file)
        self.nodes.close()

    def append(self, lines: Sequence[bytes]) -> range:
        """Append entries (one line each, no line feed) and return their numbers once on disk."""
        if not lines:
            return range(0)
        waiting = _Waiting(lines)
        self._queue.append(waiting)
        with self._commit:  # whoever comes first commits for all who queue; they find it done
            if waiting.first < 0 and waiting.error is None:
                self._commit_batch([self._queue.popleft() for _ in range(len(self._queue))])
        if waiting.error is not None:
            raise waiting.error
        return range(waiting.first, waiting.first + len(lines))

    def size_and_root(self) -> tuple[int, Hash]:
        """The number of entries that are on disk and the root over them."""
        with self._commit:
            with self._locked():
                self._catch_up()
                edge = self._edge.copy()
            self._sync(edge.size)
        return edge.size, edge.root()

    def rebuild_hashes(self) -> None:
        """Compute the file of hashes anew from the blocks."""
        with self._commit, self._locked():
            self._scan(segments(self.folder), Edge(self.hasher))

    def _commit_batch(self, batch: list[_Waiting]) -> None:
        try:
            with self._locked():
                self._catch_up()
                first = self._edge.size
                self._write([line for waiting in batch for line in waiting.lines])
                size = self._edge.size
            self._sync(size)
        except Exception as error:
            for waiting in batch:
                waiting.error = error
            return
        for waiting in batch:
            waiting.first = first
            first += len(waiting.lines)

    def _write(self, lines: list[bytes]) -> None:
        if self._offset >= self._segment_bytes:
            self._roll()
        edge, final = self._edge.copy(), []
        for line in lines:
            final += edge.add(self.hasher.leaf(line))
        block = b"\n".join(lines) + b"\n" + closing(len(lines), edge.size, edge.root())
        try:
            _write_all(self._file, block)
        except OSError as error:
            os.ftruncate(self._file, self._offset)
            raise JournalNotWritten(
                f"日志写不进磁盘：{error.strerror}。", hint="请检查磁盘空间和权限后重试。"
            ) from error
        self.nodes.extend(self._edge.size, final)
        self._edge = edge
        self._offset += len(block)
        self._note(written=edge.size)

    def _roll(self) -> None:
        """Close the full segment for good and begin the next."""
        _write_all(self._file, FULL)
        os.fsync(self._file)
        self._open_segment(self.folder / segment_name(self._edge.size))

    def _sync(self, size: int) -> None:
        """Return when the first ``size`` entries are on disk; one sync serves many writers."""
        fcntl.flock(self._sync_lock, fcntl.LOCK_EX)
        try:
            boot, segment, written, durable = self._noted()
            if boot == self._boot and durable >= size:
                return
            covered = written if segment == first_of(self._path) else size
            os.fdatasync(self._file)
            self._note(durable=max(covered, size, durable))
        except OSError as error:
            raise JournalNotWritten(
                f"日志没有落盘：{error.strerror}。", hint="请检查磁盘；重启后日志会自查。"
            ) from error
        finally:
            fcntl.flock(self._sync_lock, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _catch_up(self) -> None:
        """Take in what other processes wrote since."""
        while os.fstat(self._file).st_size != self._offset:
            if not self._take_in(self._path, self._offset, self._edge.copy()):
                return

    def _take_in(self, path: Path, offset: int, edge: Edge) -> bool:
        """Add a segment's blocks from ``offset`` to ``edge``; whether another segment follows."""
        for part in blocks(path, offset=offset, first=edge.size):
            if isinstance(part, Tail):
                return self._end_of(path, part, edge)
            self._add_block(part, edge, path)
        return False

    def _end_of(self, path: Path, tail: Tail, edge: Edge) -> bool:
        if tail.torn:
            boot, _, _, durable = self._noted()
            if tail.foreign or (boot == self._boot and durable > edge.size):
                raise _damaged(path, tail.end)
            _cut(path, tail)
        self._edge, self._offset = edge, tail.end
        if tail.full:
            self._open_segment(self.folder / segment_name(edge.size))
        return tail.full

    def _add_block(self, block: Block, edge: Edge, path: Path) -> None:
        start, final = edge.size, []
        for line in block.lines:
            final += edge.add(self.hasher.leaf(line))
        if edge.size != block.size or edge.root() != block.root:
            raise _damaged(path, block.offset)
        self.nodes.extend(start, final)

    def _recover(self) -> None:
        """Find the end of the log; after a restart of the machine, check the last segment."""
        found = segments(self.folder)
        self._edge, self._offset = Edge(self.hasher), 0
        if not found:
            self._open_segment(self.folder / segment_name(0))
            self._note(boot=self._boot, written=0, durable=0)
            return
        restarted = self._noted()[0] != self._boot
        if restarted or not self._quick(found[-1]):
            before = self.nodes.edge(self.hasher, first_of(found[-1]))
            checked = before and (len(found) == 1 or _ends_with(found[-2], before))
            self._scan(found[-1:] if checked else found, before if checked else None)
        if restarted:
            os.fsync(self._file)
            self._note(boot=self._boot, written=self._edge.size, durable=self._edge.size)

    def _quick(self, path: Path) -> bool:
        """Take the end from the last closing line, if the hashes agree with it."""
        closed = last_closing(path)
        edge = self.nodes.edge(self.hasher, closed[0]) if closed else None
        if not closed or not edge or edge.root() != closed[1]:
            return False
        self._open_segment(path)
        self._edge, self._offset = edge, closed[2]
        if closed[3]:
            self._open_segment(self.folder / segment_name(edge.size))
        return True

    def _scan(self, paths: list[Path], edge: Edge | None) -> None:
        edge = edge or Edge(self.hasher)
        follows = True
        for path in paths:
            if not follows or first_of(path) != edge.size:
                raise _damaged(path, 0)
            self._open_segment(path)
            follows = self._take_in(path, 0, edge)

    def _open_segment(self, path: Path) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._offset = 0
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _noted(self) -> tuple[bytes, int, int, int]:
        held = os.pread(self._state, _STATE.size, 0)
        return _STATE.unpack(held) if len(held) == _STATE.size else (b"", 0, 0, 0)

    def _note(
        self, *, boot: bytes | None = None, written: int | None = None, durable: int | None = None
    ) -> None:
        if boot is not None:
            os.pwrite(self._state, boot, 0)
        if written is not None:
            os.pwrite(self._state, struct.pack("<Q Q", first_of(self._path), written), 36)
        if durable is not None:
            os.pwrite(self._state, struct.pack("<Q", durable), 52)


def _algorithm_of(folder: Path, wanted: str) -> str:
    """The algorithm this log was begun with; a log never changes it."""
    path = folder / "algorithm"
    if not path.exists():
        Hasher(wanted)
        path.write_text(wanted + "\n")
    return path.read_text().strip()


def _damaged(path: Path, offset: int) -> JournalDamaged:
    return JournalDamaged(
        f"日志文件 {path.name} 从第 {offset} 字节起与其摘要不符。",
        hint="请用 yiwang journal verify 定位，并用备份或导出件恢复该文件。",
        segment=path.name,
        offset=offset,
    )


def _ends_with(path: Path, edge: Edge) -> bool:
    closed = last_closing(path)
    return closed is not None and closed[:2] == (edge.size, edge.root())


def _cut(path: Path, tail: Tail) -> None:
    """Cut a torn tail off a segment; it is kept beside it for whoever wants to look."""
    aside = path.with_name(f"torn-{path.stem}-{tail.end}.bin")
    aside.write_bytes(tail.torn)
    os.truncate(path, tail.end)


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _boot_id() -> bytes:
    return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()[:36]
