"""An entry of the journal, and its one form as bytes: what is hashed is what lies on disk."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from yiwang.kernel.ids import new_id


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """留痕: one act or one use of data. Holds no personal value; people appear as pseudonyms."""

    id: str = msgspec.field(default_factory=new_id)
    at: datetime
    event: str
    """``room.what_happened``: ``case.accepted``, ``gate.answered``."""
    subject: str = ""
    """Whom or what it concerns: a case number, a data set, a pseudonym."""
    actor: str = ""
    """The account that acted."""
    purpose: str = ""
    case: str = ""
    facts: Mapping[str, str | int] = {}


def packed(entry: Entry) -> bytes:
    """The entry as one line of JSON."""
    return msgspec.json.encode(entry)


def unpacked(line: bytes) -> Entry:
    """The entry of a line."""
    return msgspec.json.decode(line, type=Entry)
