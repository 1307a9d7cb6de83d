"""Registers, their entries in force, and what a code stands for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from yiwang.apps.catalog.models import Register, RegisterEntry
from yiwang.apps.catalog.models.periods import in_force
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotFound


class RegisterUnknown(NotFound):
    """There is no register of this id."""

    code = "catalog.register_unknown"


@dataclass(frozen=True)
class RegisterView:
    """名录 with the number of its entries in force."""

    ref: str
    title: str
    organ: str
    key: str
    columns: dict[str, str]
    source: str
    is_example: bool
    count: int


def registers() -> list[RegisterView]:
    """Every register."""
    rows = Register.objects.annotate(
        count=Count("entries", filter=in_force(system_clock(), "entries__"))
    )
    return [_register(row) for row in rows.order_by("ref")]


def _register(row: Any) -> RegisterView:
    return RegisterView(
        row.ref, row.title, row.organ, row.key, row.columns, row.source, row.is_example, row.count
    )


def entries(ref: str, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """The entries of a register in force (now, or ``at``), by key, or ``RegisterUnknown``."""
    row = Register.objects.filter(ref=ref).first()
    if row is None:
        raise RegisterUnknown(f"没有名录“{ref}”。", hint="请查看名录清单。", ref=ref)
    rows = row.entries.filter(in_force(at or system_clock()))
    return [one.values for one in rows.order_by("key")]


def code_title(ref: str, code: str) -> str:
    """What a code of a code table stands for; the code itself when the table does not know it."""
    rows = RegisterEntry.objects.filter(in_force(system_clock()), register__ref=ref, key=code)
    values = rows.values_list("values", flat=True).first() or {}
    return str(values.get("title") or values.get("name") or code)


def code_of(ref: str, text: str) -> str:
    """The code of a code table that ``text`` names, as code or as title; "" for none."""
    rows = RegisterEntry.objects.filter(register__ref=ref, active_until=None)
    if rows.filter(key=text).exists():
        return text
    return next(
        (
            key
            for key, values in rows.values_list("key", "values")
            if text in (values.get("title"), values.get("name"))
        ),
        "",
    )
