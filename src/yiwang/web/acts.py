"""Acts on a case as pages see them: read from the form of ``parts/moves.html``, told, listed.

What an act is and whether it may be is the case kernel's; every face with cases uses these.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t

from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.pieces import Act

LONGEST = 8 * 1024 * 1024
"""A file is read only up to one byte over this; the room that keeps it says why it is refused."""

Done = TypeVar("Done")


class Evidence(Protocol):
    """What was handed in with an act."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def text(self) -> str:
        """A text, or empty."""

    @property
    def digest(self) -> str:
        """A file's, or empty."""


class Line(Protocol):
    """A line of a trail."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def title(self) -> str:
        """What."""

    @property
    def step_title(self) -> str:
        """Where the case stood after it."""

    @property
    def actor_name(self) -> str:
        """Who."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def evidence(self) -> Sequence[Evidence]:
        """With what."""


@dataclass(frozen=True)
class WantedAct:
    """An act as the form sent it; nothing in it is believed before the case kernel looked."""

    verb: str
    to: str
    reason: str
    version: int | None
    division: str
    task: int = 0
    asked: str = ""
    pause: str = ""
    post: tuple[str, str] | None = None
    """Organ and role of whom the form names."""
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Evidence name to the sender's file name and content."""

    def arguments(
        self, *, file: Callable[[str, bytes], Any], post: Callable[[str, str, str], Any]
    ) -> dict[str, Any]:
        """What the kernel's ``act`` takes, its own values made by ``file`` and ``post``."""
        organ, role = self.post or ("", "")
        named = {name: getattr(self, name) for name in ("verb", "to", "reason", "task", "pause")}
        return named | {
            "asked": self.asked,
            "expected_version": self.version,
            "post": post(role, organ, self.division) if self.post else None,
            "division": "" if self.post else self.division,
            "evidence": {
                **self.texts,
                **{name: file(*given) for name, given in self.files.items()},
            },
        }


def wanted_act(request: HttpRequest) -> WantedAct:
    """The act in a POST."""
    form = request.POST
    prefix = "evidence-"
    organ, _, role = form.get("post", "").partition("|")
    return WantedAct(
        verb=form.get("verb", ""),
        to=form.get("to", ""),
        reason=form.get("reason", "")[:2000],
        version=_number(form.get("version", "")),
        division=form.get("division", "").strip(),
        task=_number(form.get("task", "")) or 0,
        asked=form.get("asked", ""),
        pause=form.get("pause", ""),
        post=(organ, role) if role else None,
        texts={
            name.removeprefix(prefix): str(value)[:2000]
            for name, value in form.items()
            if name.startswith(prefix)
        },
        files={
            name.removeprefix(prefix): (str(file.name), file.read(LONGEST + 1))
            for name, file in request.FILES.items()
            if name.startswith(prefix)
        },
    )


def done_or_told(request: HttpRequest, act: Callable[[], Done]) -> Done | None:
    """What ``act`` gives, or None and the refusal as a message on the next page."""
    try:
        return act()
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
        return None


def acts_of(lines: Sequence[Line]) -> list[Act]:
    """A trail as ``ui.trail`` draws it, newest first."""
    return [_act(line) for line in reversed(lines)]


def file_answer(content: bytes, *, kind: str, name: str) -> HttpResponse:
    """A file of a case, as it was handed in."""
    answer = HttpResponse(content, content_type=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=False, filename=name
    )
    return answer


def _act(line: Line) -> Act:
    texts = [f"{one.title}：{one.text}" for one in line.evidence if one.text]
    files = "、".join(one.title for one in line.evidence if one.digest)
    parts = [one for one in (line.reason, *texts, _t("附：") + files if files else "") if one]
    told = [*(one.rstrip("。") for one in parts[:-1]), *parts[-1:]]
    return Act(
        at=line.at,
        title=f"{line.title} → {line.step_title}",
        who=line.actor_name,
        text="；".join(told),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
