"""The gate's decision, pure: call × grant × clock → allowed or refused, with every check it made.

No Django, no lake, no clock of its own: the same function decides a live call, is replayed to
explain an old one, and is tested with plain values. ``questions`` is the list of what is asked.
"""

from yiwang.apps.exchange.gate.deciding import Check, Decision, checks_of_allowed, decide
from yiwang.apps.exchange.gate.terms import (
    BEARER,
    CASE_LIMIT,
    COMPARED,
    KEYS_AT_ONCE,
    PAGE,
    PURPOSE_LIMIT,
    SINGLE,
    VALUE_LIMIT,
    Call,
    ColumnTerm,
    Proof,
    Terms,
    Wish,
)

__all__ = [
    "BEARER",
    "CASE_LIMIT",
    "COMPARED",
    "KEYS_AT_ONCE",
    "PAGE",
    "PURPOSE_LIMIT",
    "SINGLE",
    "VALUE_LIMIT",
    "Call",
    "Check",
    "ColumnTerm",
    "Decision",
    "Proof",
    "Terms",
    "Wish",
    "checks_of_allowed",
    "decide",
]
