"""Publish what the platform knows about itself, and take the values of indicators."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
from django.conf import settings
from django.db import transaction

from yiwang import rules
from yiwang.apps.boards.actions.signs import watch_signs
from yiwang.apps.boards.measuring import SUMMED, Counts, counting, value_of
from yiwang.apps.boards.models import IndicatorSnapshot
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.credentials import public as credentials
from yiwang.apps.exchange import public as exchange
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing import public as sensing
from yiwang.apps.services import public as services
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import local_date
from yiwang.lake import Lake
from yiwang.lake.guard import parse_query, table_names
from yiwang.lake.store import TableUnknown
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.packkit.kinds.sight import Indicator

ROOMS = (
    identity,
    jobs,
    casework,
    catalog,
    exchange,
    credentials,
    forms,
    services,
    sensing,
    subjects,
)
TAKE = "boards.take"
BY_TIMETABLE = "timetable"


def publish_platform(lake: Lake, *, at: datetime) -> dict[str, int]:
    """Write every app's own tables (``platform.*``) into the lake; returns rows by table."""
    written = {}
    for room in ROOMS:
        for name, (columns, rows) in room.published().items():
            written[name] = lake.write(name, rows, columns=columns, at=at).rows
    return written


def ask_for_values(*, officer: identity.Officer, at: datetime) -> int:
    """立即取数: have every indicator taken in the background; returns the job's number."""
    identity.require(officer, "boards.take")
    return jobs.ask(TAKE, about="all", params={}, by=officer.username, at=at)


def ask_every_night(at: datetime) -> None:
    """The nightly values; asked for again while it still waits, it is the same job."""
    jobs.ask(TAKE, about="all", params={}, by=BY_TIMETABLE, at=at)


def run_taking(work: jobs.Work) -> jobs.Result:
    """Publish the platform's own tables, registers that people changed, and what packs compute
    from them; take every indicator."""
    lake = catalog.lake()
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    written = publish_platform(lake, at=work.at)
    written |= catalog.write_changed_registers(library, lake=lake, at=work.at)
    try:
        catalog.republish(written, at=work.at)
    finally:  # a table that breaks its contract holds no indicator up
        taken = _taken(work, lake=lake, library=library)
    left, back = watch_signs(library=library, at=work.at)
    return jobs.Result(
        {
            "体征越界": left,
            "体征恢复": back,
            "指标": len(taken),
            "达标": sum(one.is_met is True for one in taken),
            "无法判断": sum(bool(one.unknown) for one in taken),
        },
        ("steward:indicators",),
    )


def _taken(work: jobs.Work, *, lake: Lake, library: Library) -> list[IndicatorSnapshot]:
    wanted, taken = library.indicators(), list[IndicatorSnapshot]()
    for done, (ref, indicator) in enumerate(wanted.items()):
        work.say(done, len(wanted), indicator.title)
        taken.append(take_snapshot(ref, indicator, lake=lake, at=work.at, library=library))
    return taken


def take_snapshots(lake: Lake, *, library: Library, at: datetime) -> list[IndicatorSnapshot]:
    """取数: the value of every indicator of the library over the latest tables."""
    return [
        take_snapshot(ref, indicator, lake=lake, at=at, library=library)
        for ref, indicator in library.indicators().items()
    ]


@transaction.atomic
def take_snapshot(
    ref: str, indicator: Indicator, *, lake: Lake, at: datetime, library: Library | None = None
) -> IndicatorSnapshot:
    """The value of one indicator, kept with its definition and the snapshots it was read from.

    Where nothing can be counted, no value is invented: ``unknown`` says what is missing.
    """
    sources, unknown = _sources(indicator, lake=lake, library=library)
    counts = Counts(Decimal(0), None)
    if not unknown:
        counts = count(indicator, rows_of=lambda sql: lake.rows(sql, as_of=sources))
        unknown = "" if value_of(counts) is not None else "没有可比对象：分母剔除后为零。"
    value = None if unknown else value_of(counts)
    snapshot, _ = IndicatorSnapshot.objects.update_or_create(
        indicator=ref,
        taken_at=at,
        defaults={
            "definition": msgspec.to_builtins(indicator),
            "sources": sources,
            "numerator": counts.numerator,
            "denominator": counts.denominator,
            "excluded": counts.excluded,
            "value": value,
            "is_met": holds(indicator.target, value, at=at),
            "is_near": holds(indicator.band, value, at=at),
            "unknown": unknown,
        },
    )
    journal.record("indicator.taken", subject=ref, actor="system", at=at)
    return snapshot


def _sources(
    indicator: Indicator, *, lake: Lake, library: Library | None
) -> tuple[dict[str, str], str]:
    """The latest snapshot of each table, or none of them and which nobody has filled yet.

    An empty register is a list that nobody kept, not a count of nothing; an empty table of cases
    is a true zero.
    """
    registers = library.registers() if library else {}
    found, missing = {}, []
    for table in tables_read(indicator):
        try:
            found[table] = lake.snapshots(table)[-1].id
        except TableUnknown:
            missing.append(f"来源“{_title(library, table)}”还没有入库")
            continue
        if table in registers and not lake.count(table):
            missing.append(f"名录“{registers[table].title}”还没有登记条目")
    if missing:
        return {}, "；".join(missing) + "。"
    return found, ""


def tables_read(indicator: Indicator) -> list[str]:
    """The tables that the queries of an indicator read."""
    queries = (indicator.numerator, indicator.denominator, indicator.excluded)
    return sorted({one for sql in queries if sql for one in table_names(parse_query(sql))})


def _title(library: Library | None, table: str) -> str:
    for shelf in (library.tables(), library.feeds(), library.registers()) if library else ():
        if table in shelf:
            return shelf[table].title
    return table


def count(indicator: Indicator, *, rows_of: Callable[[str], list[dict[str, object]]]) -> Counts:
    """Run the (up to three) counting queries of an indicator."""
    sums = indicator.counts == "values"

    def one(sql: str, *, sums: bool) -> Decimal:
        return Decimal(str(rows_of(counting(sql, sums=sums))[0]["n"]))

    return Counts(
        numerator=one(indicator.numerator, sums=sums or indicator.unit in SUMMED),
        denominator=one(indicator.denominator, sums=sums) if indicator.denominator else None,
        excluded=one(indicator.excluded, sums=sums) if indicator.excluded else Decimal(0),
    )


def holds(condition: str, value: Decimal | None, *, at: datetime) -> bool | None:
    """Whether a value fulfils a target or lies in a band; None without either."""
    if not condition or value is None:
        return None
    expression = rules.parse(condition, columns={"value": "decimal"})
    answer = rules.compile(expression, values={}, as_of=local_date(at))({"value": value})
    return bool(answer.value) if answer.value is not None else None
