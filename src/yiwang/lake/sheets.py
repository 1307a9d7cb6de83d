"""Spreadsheets."""

from __future__ import annotations

from pathlib import Path

from yiwang.lake.delimited import Prepared
from yiwang.lake.plans import FeedPlan


def prepare_sheet(plan: FeedPlan, file: Path, *, to: Path) -> tuple[Prepared, list[str]]:
    """The rows of a sheet as a prepared file."""
    raise NotImplementedError(plan, file, to)
