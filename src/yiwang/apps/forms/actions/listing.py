"""List the persons or objects of a roster's table within each division, when a round opens."""

from datetime import datetime
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.models import ReportRound, RosterEntry
from yiwang.apps.forms.reporting import DIVISION, kept
from yiwang.apps.journal import public as journal
from yiwang.apps.journal.public import Entry
from yiwang.apps.subjects import public as subjects
from yiwang.lake.store import TableUnknown
from yiwang.packkit.kinds.reports import Report as Content


def list_entries(row: ReportRound, content: Content, *, by: str, at: datetime) -> int:
    """Give every division its lines; what nobody published yet, the clerks add. Returns how many.

    Each person listed can see it: ``subjects.LISTED`` is among those who looked at them.
    """
    key = key_of(content)
    fields = {
        name: one.prefill.rpartition(".")[2] for name, one in content.fields.items() if one.prefill
    }
    rows = {one.division: one for one in row.rows.all()}
    entries = []
    for line in _lines(row, content, {key, DIVISION, *fields.values()}):
        if (held := rows.get(str(line[DIVISION]))) is not None and line[key] is not None:
            known = {name: kept(line[of]) for name, of in fields.items() if line[of] is not None}
            held.asked += len(content.fields) - len(known)
            entries.append(RosterEntry(row=held, key=str(line[key]), known=known))
    RosterEntry.objects.bulk_create(entries, batch_size=500)
    row.rows.bulk_update(rows.values(), ["asked"], batch_size=500)
    if place.library().table(content.roster).subject:
        journal.record_all([_listed(one.key, content, by, at) for one in entries])
    return len(entries)


def key_of(content: Content) -> str:
    """The column that tells the lines of a roster apart."""
    return place.library().table(content.roster).key[0]


def _lines(row: ReportRound, content: Content, columns: set[str]) -> list[dict[str, Any]]:
    pack, _, name = content.roster.partition(".")
    chosen = ", ".join(f'"{column}"' for column in sorted(columns))
    lake = catalog.lake()
    try:
        row.sources = {content.roster: str(lake.snapshots(content.roster)[-1].id)}
        found = lake.rows(f'SELECT {chosen} FROM "{pack}"."{name}" ORDER BY 1')  # noqa: S608 - names come from checked packs
    except TableUnknown:
        return []
    row.save(update_fields=["sources"])
    return [dict(one) for one in found]


def _listed(key: str, content: Content, by: str, at: datetime) -> Entry:
    facts = {
        "organ": content.organ,
        "table": content.roster,
        "columns": ",".join(
            one.prefill.rpartition(".")[2] for one in content.fields.values() if one.prefill
        ),
    }
    return Entry(
        event=subjects.LISTED, subject=key, actor=by, at=at, purpose=content.title, facts=facts
    )
