"""The place's calendar and divisions, as its packs say them; read once per process."""

from django.conf import settings

from yiwang.kernel.divisions import DivisionTree
from yiwang.kernel.workdays import Calendar
from yiwang.packkit import Library
from yiwang.packkit.current import current_library


def calendar() -> Calendar:
    """The working days in force."""
    return _library().calendar


def divisions() -> DivisionTree:
    """The divisions of the place."""
    return _library().divisions


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)
