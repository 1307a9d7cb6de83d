"""What a frame of any field protocol comes to: readings of one address, or a reason to refuse."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a frame: its code in the protocol, when it was observed, what it was.

    ``value`` is None where the device itself says that it has none; ``mark`` is its own word.
    """

    code: str
    at: datetime
    value: float | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A good frame: who says so, with which password, what, and what to answer after the commit."""

    address: str
    password: str
    elements: tuple[Element, ...]
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that are no good frame and why, a key of ``intake.REASONS``."""

    content: bytes
    reason: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """Candidates found in a stream of bytes, what lay between them, and what still waits."""

    frames: tuple[bytes, ...]
    garbage: bytes
    rest: bytes
