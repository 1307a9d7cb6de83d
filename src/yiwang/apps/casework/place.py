"""The place's calendar and divisions, as its packs say them; read once per process."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from yiwang.kernel.divisions import DivisionTree
from yiwang.kernel.workdays import Calendar
from yiwang.packkit import Library


def calendar() -> Calendar:
    """The working days in force."""
    return _library(Path(settings.PACKS), settings.PLACE).calendar


def divisions() -> DivisionTree:
    """The divisions of the place."""
    return _library(Path(settings.PACKS), settings.PLACE).divisions


@lru_cache(maxsize=2)
def _library(packs: Path, place: str) -> Library:
    return Library.read(packs, place, kept=Path(settings.HOME) / "packs")
