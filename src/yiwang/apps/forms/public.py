"""Forms' door: what is asked, what is already known, and whether the answers fit."""

from yiwang.apps.forms.actions import FormUnknown, check_answers, form, install, prefill
from yiwang.apps.forms.answers import AnswersRefused, Known

__all__ = [
    "AnswersRefused",
    "FormUnknown",
    "Known",
    "check_answers",
    "form",
    "install",
    "prefill",
]
