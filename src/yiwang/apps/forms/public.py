"""Forms' door: what is asked, what is already known, and whether the answers fit."""

from yiwang.apps.forms.actions import (
    FormUnknown,
    check_answers,
    check_known,
    form,
    install,
    known_in,
    options,
    prefill,
)
from yiwang.apps.forms.answers import AnswersRefused, Known, asked, deciding

__all__ = [
    "AnswersRefused",
    "FormUnknown",
    "Known",
    "asked",
    "check_answers",
    "check_known",
    "deciding",
    "form",
    "install",
    "known_in",
    "options",
    "prefill",
]
