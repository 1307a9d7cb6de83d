"""What somebody wants done with a case, read from the form that ``parts/moves.html`` draws."""

from dataclasses import dataclass, field

from django.http import HttpRequest

LONGEST = 8 * 1024 * 1024
"""A file is read only up to one byte over this; the room that keeps it says why it is refused."""


@dataclass(frozen=True)
class WantedAct:
    """A move as the form sent it; nothing in it is believed before the case kernel looked."""

    verb: str
    to: str
    reason: str
    version: int | None
    division: str
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Evidence name to the sender's file name and content."""


def wanted_act(request: HttpRequest) -> WantedAct:
    """The move in a POST."""
    form = request.POST
    version = form.get("version", "")
    prefix = "evidence-"
    return WantedAct(
        verb=form.get("verb", ""),
        to=form.get("to", ""),
        reason=form.get("reason", "")[:2000],
        version=int(version) if version.isascii() and version.isdigit() else None,
        division=form.get("division", ""),
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
