"""The form on which a personal or enterprise code is read, and what came of it.

What a code is and whether it may be read is the credentials app's; the office and the portal both
read codes, and draw them with ``parts/scanning.html``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from yiwang.kernel.errors import YiwangError

LONGEST = 500
"""A code with the longest address before it."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The form as sent, with the assertion or the refusal."""

    purposes: Sequence[tuple[str, str]]
    purpose: str
    code: str
    told: Any = None
    refusal: YiwangError | None = None

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.refusal.status if self.refusal else 200


def scan(
    request: HttpRequest,
    purposes: Sequence[tuple[str, str]],
    *,
    read: Callable[[str, str], Any],
) -> Scan:
    """Read what was scanned with ``read(code, purpose)``; a link only fills in the form."""
    form = request.POST if request.method == "POST" else request.GET
    purpose, code = form.get("purpose", ""), form.get("code", "")[:LONGEST]
    if request.method != "POST":
        return Scan(purposes=purposes, purpose=purpose, code=code)
    try:
        told = read(code, purpose)
    except YiwangError as refusal:
        return Scan(purposes=purposes, purpose=purpose, code="", refusal=refusal)
    return Scan(purposes=purposes, purpose=purpose, code="", told=told)
