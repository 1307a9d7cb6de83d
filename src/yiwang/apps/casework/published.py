"""What casework gives the lake: counts and clocks of cases, never who they are about."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from yiwang.apps.casework.models import Case, Rating, Signal, StepTask
from yiwang.packkit.kinds.shared import Type

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
    "rated_at": "instant",
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """The tables ``platform.cases``, ``.steps``, ``.signals`` and ``.ratings``, row by row."""
    return {
        "platform.cases": (CASES, _cases()),
        "platform.steps": (STEPS, _steps()),
        "platform.signals": (SIGNALS, _signals()),
        "platform.ratings": (RATINGS, _ratings()),
    }


def _cases() -> Rows:
    names = [name for name in CASES if name not in ("flow", "is_late")]
    for row in Case.objects.order_by("id").values(*names, "flow__ref").iterator(5000):
        row["flow"] = row.pop("flow__ref")
        row["is_late"] = bool(row["due_at"] and row["ended_at"] and row["ended_at"] > row["due_at"])
        yield _with_exact_place(row)


def _steps() -> Rows:
    names = [name for name in STEPS if name not in ("flow", "number", "is_late")]
    rows = StepTask.objects.order_by("id").values(*names, "flow_ref", "case__number")
    for row in rows.iterator(5000):
        row["number"], row["flow"] = row.pop("case__number"), row.pop("flow_ref")
        row["is_late"] = bool(row["due_at"] and row["left_at"] and row["left_at"] > row["due_at"])
        yield row


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
    rows = Rating.objects.order_by("id").values(
        "score", "rated_at", "case__number", "case__flow__ref", "case__organ"
    )
    for row in rows.iterator(5000):
        yield {
            "number": row["case__number"],
            "flow": row["case__flow__ref"],
            "organ": row["case__organ"],
            "score": row["score"],
            "rated_at": row["rated_at"],
        }
