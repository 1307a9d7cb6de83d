"""The door of the journal. Everybody records here; nobody can change what was recorded."""

from yiwang.apps.journal.actions import (
    Receipt,
    append,
    checkpoint,
    pseudonym,
    public_key,
    record,
    seal,
    sign_checkpoint,
)
from yiwang.apps.journal.entry import Entry
from yiwang.apps.journal.keys import kept_key
from yiwang.apps.journal.notes import Checkpoint
from yiwang.apps.journal.queries import EntryView, Proof, consistency, entries, export, proof
from yiwang.apps.journal.verify import Damage, Verdict, verify_export

RIGHTS = {
    "journal.read": "查看全部留痕及其存证",
    "journal.export": "导出日志供外部核验",
}

__all__ = [
    "RIGHTS",
    "Checkpoint",
    "Damage",
    "Entry",
    "EntryView",
    "Proof",
    "Receipt",
    "Verdict",
    "append",
    "checkpoint",
    "consistency",
    "entries",
    "export",
    "kept_key",
    "proof",
    "pseudonym",
    "public_key",
    "record",
    "seal",
    "sign_checkpoint",
    "verify_export",
]
