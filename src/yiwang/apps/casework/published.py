"""What casework gives the lake: counts and clocks of cases, never who they are about."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from yiwang.apps.casework.actions.opening import BY_ANOTHER_HAND
from yiwang.apps.casework.models import (
    Case,
    Evidence,
    FlowVersion,
    Rating,
    Signal,
    StepTask,
    TrailEntry,
)
from yiwang.apps.casework.queries.conduct import COUNTS, MONTH, SUMMED, conduct
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.identifiers import gbt11643
from yiwang.packkit.kinds.shared import Type

LONGEST_PUBLISHED = 120
Rows = Iterator[Mapping[str, Any]]

CASES: dict[str, Type] = {
    "number": "text",
    "flow": "text",
    "profile": "text",
    "kind": "text",
    "object": "text",
    "grade": "integer",
    "organ": "text",
    "division": "text",
    "state": "text",
    "step": "text",
    "opened_at": "instant",
    "due_at": "instant",
    "ended_at": "instant",
    "is_late": "boolean",
    "is_overdue": "boolean",
    "is_assisted": "boolean",
    "signals": "integer",
    "lon": "decimal",
    "lat": "decimal",
}
STEPS: dict[str, Type] = {
    "number": "text",
    "flow": "text",
    "step": "text",
    "role": "text",
    "organ": "text",
    "division": "text",
    "entered_at": "instant",
    "due_at": "instant",
    "left_at": "instant",
    "verb": "text",
    "is_late": "boolean",
}
EVIDENCE: dict[str, Type] = {
    "number": "text",
    "flow": "text",
    "subject": "text",
    "name": "text",
    "value": "text",
    "at": "instant",
}
SIGNALS: dict[str, Type] = {
    "number": "text",
    "kind": "text",
    "source": "text",
    "object": "text",
    "division": "text",
    "lon": "decimal",
    "lat": "decimal",
    "at": "instant",
}
RATINGS: dict[str, Type] = {
    "number": "text",
    "flow": "text",
    "organ": "text",
    "score": "integer",
    "channel": "text",
    "is_bad": "boolean",
    "is_counted": "boolean",
    "is_rectified": "boolean",
    "rated_at": "instant",
}

CONDUCT: dict[str, Type] = {
    "officer": "text",
    "organ": "text",
    "day": "date",
    **dict.fromkeys(COUNTS, "integer"),
    **{f"{name}_month": "integer" for name in SUMMED},
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """The tables of cases, their steps, evidence, signals and ratings, and of conduct."""
    return {
        "platform.conduct": (CONDUCT, _conduct()),
        "platform.cases": (CASES, _cases()),
        "platform.steps": (STEPS, _steps()),
        "platform.evidence": (EVIDENCE, _evidence()),
        "platform.signals": (SIGNALS, _signals()),
        "platform.ratings": (RATINGS, _ratings()),
    }


def _cases() -> Rows:
    computed = ("flow", "is_late", "is_overdue", "is_assisted")
    names, now = [name for name in CASES if name not in computed], system_clock()
    first = TrailEntry.objects.filter(case=OuterRef("pk"), sequence=1)
    rows = Case.objects.annotate(
        is_assisted=Exists(first.filter(actor_name__endswith=BY_ANOTHER_HAND))
    )
    shown = rows.order_by("id").values(*names, "flow__ref", "is_assisted")
    for row in shown.iterator(5000):
        row["flow"] = row.pop("flow__ref")
        row["is_late"] = bool(row["due_at"] and row["ended_at"] and row["ended_at"] > row["due_at"])
        row["is_overdue"] = bool(row["due_at"] and not row["ended_at"] and now > row["due_at"])
        yield _with_exact_place(row)


def _conduct() -> Rows:
    """The days that the rules of conduct look at, as they were measured."""
    newest = TrailEntry.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest is not None:
        until = local_date(newest)
        yield from conduct(since=until - MONTH, until=until)


def _steps() -> Rows:
    names = [name for name in STEPS if name not in ("flow", "number", "is_late")]
    rows = StepTask.objects.order_by("id").values(*names, "flow_ref", "case__number")
    for row in rows.iterator(5000):
        row["number"], row["flow"] = row.pop("case__number"), row.pop("flow_ref")
        row["is_late"] = bool(row["due_at"] and row["left_at"] and row["left_at"] > row["due_at"])
        yield row


def _evidence() -> Rows:
    """What flows declare as published; a subject that is a person's number is left out."""
    declared = {
        (ref, version): set(content.get("published", ()))
        for ref, version, content in FlowVersion.objects.values_list("ref", "version", "content")
    }
    wanted = sorted({name for names in declared.values() for name in names})
    rows = (
        Evidence.objects.filter(name__in=wanted, digest="")
        .order_by("id")
        .values_list(
            "trail__case__number",
            "trail__case__flow__ref",
            "trail__case__flow__version",
            "trail__case__subject",
            "name",
            "text",
            "trail__at",
        )
    )
    for number, ref, version, subject, name, text, at in rows.iterator(5000):
        if name in declared[ref, version]:
            about = "" if gbt11643.is_valid(subject) else subject
            row = (number, ref, about, name, text[:LONGEST_PUBLISHED], at)
            yield dict(zip(EVIDENCE, row, strict=True))


def _signals() -> Rows:
    names = [name for name in SIGNALS if name != "number"]
    for row in Signal.objects.order_by("id").values(*names, "case__number").iterator(5000):
        row["number"] = row.pop("case__number")
        yield _with_exact_place(row)


def _with_exact_place(row: dict[str, Any]) -> dict[str, Any]:
    """Coordinates as decimals of six places, about ten centimetres."""
    for name in ("lon", "lat"):
        if row[name] is not None:
            row[name] = Decimal(f"{row[name]:.6f}")
    return row


def _ratings() -> Rows:
    done = Case.objects.filter(number=OuterRef("rectification"), state=Case.State.ENDED)
    own = ("score", "rated_at", "channel", "is_bad", "excluded", "is_rectified")
    rows = Rating.objects.order_by("id").annotate(is_rectified=Exists(done))
    for row in rows.values(*own, "case__number", "case__flow__ref", "case__organ").iterator(5000):
        yield {
            "number": row["case__number"],
            "flow": row["case__flow__ref"],
            "organ": row["case__organ"],
            "score": row["score"],
            "channel": row["channel"],
            "is_bad": row["is_bad"],
            "is_counted": not row["excluded"],
            "is_rectified": bool(row["is_rectified"]),
            "rated_at": row["rated_at"],
        }
