"""谁看过我: every look at a subject's data, read from the journal, for the subject alone."""

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.subjects.queries.files import FILE_READ, LISTED, NotOwnFile, is_own
from yiwang.apps.subjects.queries.views import Look

LOOKED_UP = ("gate.answered", "gate.looked_at")
"""Somebody was looked up through the gate: alone, or as one of several."""


def looked_at(subject: str, *, actor: identity.Actor, limit: int = 100) -> list[Look]:
    """谁看过我: every look at the subject's data through the gate or a file, newest first.

    For the subject alone. Looks are read from the journal, so nobody can leave one out.
    """
    if not is_own(actor, subject.upper()):
        raise NotOwnFile("只能查看本人（本企业）的被查询记录。", hint="请用本人账户登录。")
    found = [
        entry
        for event in (*LOOKED_UP, FILE_READ, LISTED)
        for entry in journal.entries(subject=subject.upper(), event=event, limit=limit)
    ]
    titles = {organ.id: organ.title for organ in identity.organs()}
    tables = {line.ref: line.title for line in catalog.datasets()}
    return [
        _look(entry, titles, tables)
        for entry in sorted(found, key=lambda one: one.at, reverse=True)[:limit]
    ]


def _look(entry: journal.EntryView, titles: dict[str, str], tables: dict[str, str]) -> Look:
    organ = str(entry.facts.get("organ", ""))
    refs = [ref for ref in str(entry.facts.get("table", "")).split(",") if ref]
    fields = str(entry.facts.get("columns", ""))
    names = "、".join(tables.get(ref, ref) for ref in refs)
    columns = {one.name: one.title for ref in refs[:1] for one in catalog.columns_of(ref)}
    whats = {**dict.fromkeys(LOOKED_UP, names), LISTED: f"列入名册：{names}"}
    file = f"档案：{names}" if names else "档案"
    return Look(
        at=entry.at,
        organ=organ,
        organ_title=titles.get(organ, organ),
        purpose=entry.purpose,
        case=entry.case,
        what=whats.get(entry.event, file),
        fields=tuple(columns.get(name, name) for name in fields.split(",") if name),
        receipt=entry.id,
    )
