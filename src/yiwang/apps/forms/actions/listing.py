"""List the persons or objects of a roster's table within each division, when a round opens."""

from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import place
from yiwang.apps.forms.actions.proposing import confirmed_before
from yiwang.apps.forms.models import ReportRound, RosterEntry
from yiwang.apps.forms.reporting import (
    DIVISION,
    REPORTED,
    asked_fields,
    content_of,
    element_of,
    kept,
)
from yiwang.apps.journal import public as journal
from yiwang.apps.journal.public import Entry
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import local_date
from yiwang.lake.store import TableUnknown
from yiwang.packkit.kinds.reports import Report as Content


def list_entries(row: ReportRound, content: Content, *, by: str, at: datetime) -> int:
    """Give every division its lines; what nobody published yet, the clerks add. Returns how many.

    Each person listed can see it: ``subjects.LISTED`` is among those who looked at them.
    """
    key = key_of(content)
    fields = _taken(content)
    told, rows = _told_to_lists(content, at), {one.division: one for one in row.rows.all()}
    entries = []
    for line in _lines(row, content, {key, DIVISION, *fields.values()}):
        if (held := rows.get(str(line[DIVISION]))) is not None and line[key] is not None:
            known = {name: kept(line[of]) for name, of in fields.items() if line[of] is not None}
            lately = told.get(str(line[key]), {})
            known = {name: value for name, (value, _) in lately.items()} | known
            origins = {name: said for name, (_, said) in lately.items()}
            held.asked += len(content.fields) - len(known)
            entries.append(RosterEntry(row=held, key=str(line[key]), known=known, origins=origins))
    for division, one in confirmed_before(row.report_id, [e.key for e in entries], content):
        if (held := rows.get(division)) is not None:
            held.asked += len(content.fields) - len(one.answers)
            entries.append(
                RosterEntry(
                    row=held,
                    key=one.key,
                    answers=one.answers,
                    is_added=True,
                    proposal=one.proposal,
                )
            )
    RosterEntry.objects.bulk_create(entries, batch_size=500)
    row.rows.bulk_update(rows.values(), ["asked"], batch_size=500)
    if place.library().table(content.roster).subject:
        journal.record_all([_listed(one.key, content, by, at) for one in entries])
    return len(entries)


def _taken(content: Content) -> dict[str, str]:
    """The columns of the report that come from the table: name to column."""
    return {
        name: one.prefill.rpartition(".")[2]
        for name, one in content.fields.items()
        if one.prefill and not one.prefill.startswith(REPORTED)
    }


def _told_to_lists(content: Content, at: datetime) -> dict[str, dict[str, tuple[Any, str]]]:
    """Key to column to what another list of the same table was told lately, and which list."""
    wanted = {
        one.prefill.removeprefix(REPORTED): name
        for name, one in content.fields.items()
        if one.prefill.startswith(REPORTED)
    }
    if not wanted:
        return {}
    on, words = local_date(at), place.words()
    since = at - timedelta(days=place.parameter(place.KEPT_DAYS, on=on))
    rounds = {
        one.pk: content_of(one.content)
        for one in ReportRound.objects.filter(report__organ=content.organ)
        if one.content.get("roster") == content.roster
    }
    names = {
        (number, field): wanted[element]
        for number, other in rounds.items()
        for field, one in asked_fields(other).items()
        if (element := element_of(one, words)) in wanted
    }
    entries = RosterEntry.objects.filter(
        row__round__in=rounds, filled_at__gte=since, struck_at=None
    ).order_by("filled_at")  # the latest stands
    told: dict[str, dict[str, tuple[Any, str]]] = {}
    for number, key, answers, filled_at in entries.values_list(
        "row__round", "key", "answers", "filled_at"
    ):
        said = f"{rounds[number].title}（{local_date(filled_at)} 填报）"
        for field, value in answers.items():
            if name := names.get((number, field)):
                told.setdefault(key, {})[name] = (value, said)
    return told


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
        "columns": ",".join(_taken(content).values()),
    }
    return Entry(
        event=subjects.LISTED, subject=key, actor=by, at=at, purpose=content.title, facts=facts
    )
