"""Which grades were raised by decision, and the grade of any column under them."""

from collections.abc import Callable

from yiwang.apps.catalog.models import GradeDecision
from yiwang.packkit import Library
from yiwang.packkit.derived import Raised


def raised_grades() -> dict[tuple[str, str], Raised]:
    """Every column with a decision in force: the latest that nobody ended."""
    return {
        (row.table, row.column): Raised(row.grade, row.category, row.reason, row.clause)
        for row in GradeDecision.objects.filter(ended_at=None).order_by("pk")
    }


def graded(library: Library) -> Callable[[str, str], int]:
    """The grade of ``(table, column)`` in force: of the packs, raised by decisions."""
    return library.derived.raised_by(raised_grades()).grade
