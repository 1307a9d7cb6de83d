"""The file of all final hashes of a log, so that a proof costs a few reads instead of a rehash.

Hashes lie in post-order (``merkle.post_order``), 32 bytes each: the file only grows, and the place
of a subtree is computed. It is derived: whatever is missing or wrong is rebuilt from the blocks.
"""

import os
from pathlib import Path

from yiwang.apps.journal.merkle import Edge, Hash, Hasher, edge_of, finals, post_order

WIDTH = 32


class NodeFile:
    """Read and extend ``hashes`` beside the segments. One writer at a time (the store's lock)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)

    def holds(self, size: int) -> bool:
        """Whether the hashes of the first ``size`` entries are there."""
        return os.fstat(self._file).st_size >= finals(size) * WIDTH

    def subtree(self, level: int, index: int) -> Hash:
        """The hash of one complete subtree."""
        return os.pread(self._file, WIDTH, post_order(level, index) * WIDTH)

    def leaf(self, index: int) -> Hash:
        """The hash of one entry."""
        return self.subtree(0, index)

    def edge(self, hasher: Hasher, size: int) -> Edge | None:
        """The edge at ``size``, or None where hashes are missing."""
        return edge_of(hasher, size, self.subtree) if self.holds(size) else None

    def extend(self, size: int, hashes: list[Hash]) -> None:
        """Write the final hashes that follow a tree of ``size`` entries."""
        os.pwrite(self._file, b"".join(hashes), finals(size) * WIDTH)
