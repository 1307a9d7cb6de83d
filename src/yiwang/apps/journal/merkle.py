"""The Merkle tree of RFC 9162 §2.1: hashes, the growing edge, inclusion and consistency proofs.

Pure: bytes in, bytes out. A leaf is ``H(0x00 || entry)``, a node ``H(0x01 || left || right)``; the
two prefixes keep a node from being passed off as an entry. A *subtree* here is complete: level l,
index i, covering the leaves ``[i·2^l, (i+1)·2^l)``.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from yiwang.kernel.errors import Invalid

Hash = bytes
Subtree = Callable[[int, int], Hash]
"""``(level, index)`` → the hash of a complete subtree."""

ALGORITHMS = ("sha256", "sm3")


class AlgorithmUnknown(Invalid):
    """The log names a hash function other than SHA-256 and SM3."""

    code = "journal.algorithm_unknown"


class TreeTooSmall(Invalid):
    """A proof was asked for a position or size that the tree does not have."""

    code = "journal.tree_too_small"


@dataclass(frozen=True, slots=True)
class Hasher:
    """The two hash operations of a tree under one algorithm."""

    algorithm: str = "sha256"

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise AlgorithmUnknown(
                f"日志使用了未知的摘要算法“{self.algorithm}”。",
                hint=f"可用的算法：{'、'.join(ALGORITHMS)}。",
            )

    def leaf(self, entry: bytes) -> Hash:
        """The hash of an entry."""
        return self._digest(b"\x00" + entry)

    def node(self, left: Hash, right: Hash) -> Hash:
        """The hash of two subtrees."""
        return self._digest(b"\x01" + left + right)

    def empty(self) -> Hash:
        """The root of a tree without entries."""
        return self._digest(b"")

    def _digest(self, content: bytes) -> Hash:
        if self.algorithm == "sha256":
            return hashlib.sha256(content).digest()
        return hashlib.new("sm3", content).digest()


@dataclass(slots=True)
class Edge:
    """The growing right edge of a tree: its size and its complete subtrees, largest first."""

    hasher: Hasher
    size: int = 0
    peaks: list[Hash] = field(default_factory=list)

    def add(self, leaf: Hash) -> list[Hash]:
        """Add one leaf; return every hash that became final, in post-order."""
        final = [leaf]
        node, position = leaf, self.size
        while position & 1:
            node = self.hasher.node(self.peaks.pop(), node)
            final.append(node)
            position >>= 1
        self.peaks.append(node)
        self.size += 1
        return final

    def root(self) -> Hash:
        """The tree's root hash at this size."""
        if not self.peaks:
            return self.hasher.empty()
        return _fold(self.hasher, self.peaks)

    def copy(self) -> "Edge":
        """An independent edge at the same size."""
        return Edge(self.hasher, self.size, list(self.peaks))


def post_order(level: int, index: int) -> int:
    """The place of a subtree in the list of all final hashes, as ``Edge.add`` yields them."""
    leaves = (index + 1) << level
    trailing = (leaves & -leaves).bit_length() - 1
    return finals(leaves) - 1 - (trailing - level)


def finals(size: int) -> int:
    """How many final hashes a tree of ``size`` leaves has."""
    return 2 * size - size.bit_count()


def edge_of(hasher: Hasher, size: int, subtree: Subtree) -> Edge:
    """The edge of a tree of ``size`` leaves, read from its stored subtrees."""
    return Edge(hasher, size, [subtree(level, index) for level, index in _cover(0, size)])


def root_of(hasher: Hasher, leaves: Iterable[Hash]) -> Hash:
    """The root over ``leaves`` (hashes of entries)."""
    edge = Edge(hasher)
    for leaf in leaves:
        edge.add(leaf)
    return edge.root()


def inclusion_proof(hasher: Hasher, index: int, size: int, subtree: Subtree) -> list[Hash]:
    """PATH(index, D[size]) of RFC 9162 §2.1.3.1, leaf to root."""
    if not 0 <= index < size:
        raise TreeTooSmall(
            f"日志在 {size} 条时没有第 {index} 条。", hint="请用更新的检查点。", size=size
        )
    path: list[Hash] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(hasher, middle, end, subtree))
            end = middle
        else:
            path.append(_range(hasher, start, middle, subtree))
            start = middle
    return path[::-1]


def consistency_proof(hasher: Hasher, first: int, second: int, subtree: Subtree) -> list[Hash]:
    """PROOF(first, D[second]) of RFC 9162 §2.1.4.1."""
    if not 0 < first <= second:
        raise TreeTooSmall(
            f"不能证明 {first} 条的日志是 {second} 条日志的前段。", hint="请把较早的检查点放在前。"
        )
    proof: list[Hash] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(_range(hasher, middle, end, subtree))
            end = middle
        else:
            proof.append(_range(hasher, start, middle, subtree))
            start, whole = middle, False
    if not whole:
        proof.append(_range(hasher, start, end, subtree))
    return proof[::-1]


def verify_inclusion(
    hasher: Hasher, *, leaf: Hash, index: int, size: int, proof: Sequence[Hash], root: Hash
) -> bool:
    """Whether ``leaf`` is the entry at ``index`` of the tree with ``root`` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = hasher.node(step, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = hasher.node(value, step)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(
    hasher: Hasher,
    *,
    first: int,
    first_root: Hash,
    second: int,
    second_root: Hash,
    proof: Sequence[Hash],
) -> bool:
    """Whether the first tree is the beginning of the second (RFC 9162 §2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return False
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = hasher.node(step, older), hasher.node(step, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = hasher.node(newer, step)
        place, last = place >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root


def _split(count: int) -> int:
    """The largest power of two smaller than ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _cover(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees that make up ``[start, end)``; ``start`` is aligned to its length."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def _range(hasher: Hasher, start: int, end: int, subtree: Subtree) -> Hash:
    return _fold(hasher, [subtree(level, index) for level, index in _cover(start, end)])


def _fold(hasher: Hasher, peaks: Sequence[Hash]) -> Hash:
    value = peaks[-1]
    for peak in reversed(peaks[:-1]):
        value = hasher.node(peak, value)
    return value
