"""The journal for the audit administrator: who did what, and the proof that it was not changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("序号"), is_number=True),
    Column(title=_("时间")),
    Column(title=_("事件")),
    Column(title=_("对象")),
    Column(title=_("行为人")),
    Column(title=_("目的")),
)
PER_PAGE = 100


def entries(request: HttpRequest) -> HttpResponse:
    """The newest entries that fit; looking is itself recorded."""
    asked = {name: request.GET.get(name, "").strip() for name in ("subject", "actor", "event")}
    asked["event"] = journal.events_called(asked["event"])
    before = request.GET.get("before", "")
    found = journal.entries(
        **asked,
        before=int(before) if before.isascii() and before.isdigit() else None,
        limit=PER_PAGE,
    )
    officer: identity.Officer = request.actor
    if any(asked.values()):
        journal.record(
            "journal.searched",
            subject=asked["subject"],
            actor=officer.username,
            at=system_clock(),
            facts={"actor": asked["actor"], "event": asked["event"]},
        )
    last = found[-1].number if len(found) == PER_PAGE else None
    shown = {"asked": asked, "entries": whole(COLUMNS, found), "older_than": last}
    return render(request, "office/journal.html", shown)


def entry(request: HttpRequest, entry_id: str) -> HttpResponse:
    """One sealed entry with its inclusion proof against a signed checkpoint."""
    proof = journal.proof(entry_id, at=system_clock())
    shown = {"proof": proof, "entry": proof.entry, "public_key": journal.public_key()}
    return render(request, "office/journal_entry.html", shown)


routes = [
    route(
        "journal/", entries, right="journal.read", name="journal", menu=_("留痕日志"), icon="shield"
    ),
    route("journal/<str:entry_id>/", entry, right="journal.read", name="journal_entry"),
]
