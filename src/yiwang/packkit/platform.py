"""The platform's own tables that packs may read: what the apps publish to the lake.

This is the contract between the apps' ``published()`` and the indicators of packs. A column
holds ``(type, grade)``.
"""

from yiwang.packkit.kinds.shared import Grade, Type

Columns = dict[str, tuple[Type, Grade]]

PLATFORM: dict[str, Columns] = {
    "platform.cases": {
        "number": ("text", 1),
        "flow": ("text", 1),
        "profile": ("text", 1),
        "kind": ("text", 1),
        "title": ("text", 2),
        "organ": ("text", 1),
        "division": ("text", 1),
        "object": ("text", 1),
        "grade": ("integer", 1),
        "state": ("text", 1),
        "step": ("text", 1),
        "opened_at": ("instant", 1),
        "due_at": ("instant", 1),
        "ended_at": ("instant", 1),
        "is_overdue": ("boolean", 1),
    },
    "platform.steps": {
        "case": ("text", 1),
        "step": ("text", 1),
        "title": ("text", 1),
        "role": ("text", 1),
        "organ": ("text", 1),
        "division": ("text", 1),
        "entered_at": ("instant", 1),
        "due_at": ("instant", 1),
        "left_at": ("instant", 1),
        "verb": ("text", 1),
    },
    "platform.signals": {
        "incident": ("text", 1),
        "kind": ("text", 1),
        "source": ("text", 1),
        "object": ("text", 1),
        "division": ("text", 1),
        "at": ("instant", 1),
    },
    "platform.ratings": {
        "case": ("text", 1),
        "score": ("integer", 1),
        "rated_at": ("instant", 1),
    },
    "platform.datasets": {
        "ref": ("text", 1),
        "kind": ("text", 1),
        "title": ("text", 1),
        "organ": ("text", 1),
    },
    "platform.collections": {
        "dataset": ("text", 1),
        "run": ("text", 1),
        "at": ("instant", 1),
        "read": ("integer", 1),
        "accepted": ("integer", 1),
        "rejected": ("integer", 1),
        "flagged": ("integer", 1),
    },
    "platform.calls": {
        "id": ("text", 1),
        "grant": ("text", 1),
        "organ": ("text", 1),
        "table": ("text", 1),
        "at": ("instant", 1),
        "outcome": ("text", 1),
        "rows": ("integer", 1),
    },
    "platform.grants": {
        "number": ("text", 1),
        "organ": ("text", 1),
        "provider": ("text", 1),
        "table": ("text", 1),
        "active_from": ("instant", 1),
        "active_until": ("instant", 1),
        "withdrawn_at": ("instant", 1),
    },
    "platform.candidates": {
        "policy": ("text", 1),
        "subject": ("text", 3),
        "division": ("text", 1),
        "verdict": ("text", 1),
        "missing": ("text", 1),
        "state": ("text", 1),
    },
    "platform.licenses": {
        "number": ("text", 2),
        "kind": ("text", 1),
        "holder": ("text", 3),
        "state": ("text", 1),
        "issued_at": ("instant", 1),
    },
    "platform.latest": {
        "device": ("text", 1),
        "stream": ("text", 1),
        "at": ("instant", 1),
        "value": ("decimal", 1),
    },
}
