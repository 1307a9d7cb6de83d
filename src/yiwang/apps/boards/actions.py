"""Publish what the platform knows about itself, and take the values of indicators."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
from django.db import transaction

from yiwang import rules
from yiwang.apps.boards.measuring import Counts, counting, value_of
from yiwang.apps.boards.models import IndicatorSnapshot
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.credentials import public as credentials
from yiwang.apps.exchange import public as exchange
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing import public as sensing
from yiwang.apps.services import public as services
from yiwang.kernel.clock import local_date
from yiwang.lake import Lake
from yiwang.lake.guard import parse_query, table_names
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Indicator

ROOMS = (casework, catalog, exchange, credentials, services, sensing)


def publish_platform(lake: Lake, *, at: datetime) -> dict[str, int]:
    """Write every app's own tables (``platform.*``) into the lake; returns rows by table."""
    written = {}
    for room in ROOMS:
        for name, (columns, rows) in room.published().items():
            written[name] = lake.write(name, rows, columns=columns, at=at).rows
    return written


def take_snapshots(lake: Lake, *, library: Library, at: datetime) -> list[IndicatorSnapshot]:
    """取数: the value of every indicator of the library over the latest tables."""
    return [
        take_snapshot(ref, indicator, lake=lake, at=at)
        for ref, indicator in library.indicators().items()
    ]


@transaction.atomic
def take_snapshot(ref: str, indicator: Indicator, *, lake: Lake, at: datetime) -> IndicatorSnapshot:
    """The value of one indicator, kept with its definition and the snapshots it was read from."""
    sources = {
        table: lake.snapshots(table)[-1].id
        for sql in (indicator.numerator, indicator.denominator, indicator.excluded)
        if sql
        for table in sorted(table_names(parse_query(sql)))
    }
    counts = count(indicator, rows_of=lambda sql: lake.rows(sql, as_of=sources))
    value = value_of(counts)
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
            "is_met": is_met(indicator, value, at=at),
        },
    )
    journal.record("indicator.taken", subject=ref, actor="system", at=at)
    return snapshot


def count(indicator: Indicator, *, rows_of: Callable[[str], list[dict[str, object]]]) -> Counts:
    """Run the (up to three) counting queries of an indicator."""

    def one(sql: str, unit: str = "count") -> Decimal:
        return Decimal(str(rows_of(counting(sql, unit=unit))[0]["n"]))

    return Counts(
        numerator=one(indicator.numerator, indicator.unit),
        denominator=int(one(indicator.denominator)) if indicator.denominator else None,
        excluded=int(one(indicator.excluded)) if indicator.excluded else 0,
    )


def is_met(indicator: Indicator, value: Decimal | None, *, at: datetime) -> bool | None:
    """Whether the value meets the target; None without a target or a value."""
    if not indicator.target or value is None:
        return None
    expression = rules.parse(indicator.target, columns={"value": "decimal"})
    answer = rules.compile(expression, values={}, as_of=local_date(at))({"value": value})
    return bool(answer.value) if answer.value is not None else None
