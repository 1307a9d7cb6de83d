"""The door of the journal. Everybody records here; nobody can change what was recorded."""

from yiwang.apps.journal.actions import (
    Receipt,
    append,
    checkpoint,
    pseudonym,
    public_key,
    record,
    record_all,
    record_each,
    seal,
    shown,
    sign_checkpoint,
)
from yiwang.apps.journal.entry import Entry
from yiwang.apps.journal.events import EVENTS, event_title, events_called, register_events
from yiwang.apps.journal.keys import kept_key
from yiwang.apps.journal.notes import Checkpoint
from yiwang.apps.journal.ordered import OrderedJSONField
from yiwang.apps.journal.queries import EntryView, Proof, consistency, entries, export, proof
from yiwang.apps.journal.verify import Damage, Verdict, verify_export
from yiwang.apps.journal.versions import keep_version, retire_others, version_of

RIGHTS = {
    "journal.read": "查看全部留痕及其存证",
    "journal.export": "导出日志供外部核验",
}

__all__ = [
    "EVENTS",
    "RIGHTS",
    "Checkpoint",
    "Damage",
    "Entry",
    "EntryView",
    "OrderedJSONField",
    "Proof",
    "Receipt",
    "Verdict",
    "append",
    "checkpoint",
    "consistency",
    "entries",
    "event_title",
    "events_called",
    "export",
    "keep_version",
    "kept_key",
    "proof",
    "pseudonym",
    "public_key",
    "record",
    "record_all",
    "record_each",
    "register_events",
    "retire_others",
    "seal",
    "shown",
    "sign_checkpoint",
    "verify_export",
    "version_of",
]
