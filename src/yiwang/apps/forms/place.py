"""What reports take from the place: its divisions, its calendar, its dated parameters and words."""

from datetime import date

from django.conf import settings

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms.overlap import Words
from yiwang.kernel.divisions import Division, DivisionTree
from yiwang.packkit import Library
from yiwang.packkit.current import current_library

LIMITS, SYNONYMS = "grassroots.report_limit", "grassroots.synonym"
"""Registers of the place, all examples: dated parameters, and words that mean the same."""
AGAIN_DAYS, KEPT_DAYS, ALIKE = "again.days", "kept.days", "alike.percent"
DEFAULTS = {AGAIN_DAYS: 90, KEPT_DAYS: 365, ALIKE: 80}
"""Examples too, for a place without the register."""


def library() -> Library:
    """The packs in force."""
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def divisions() -> DivisionTree:
    """The divisions of the place."""
    return library().divisions


def reporting_divisions(tier: int) -> list[Division]:
    """Those that fill a report in: ``tier`` levels below the place, or the lowest (0)."""
    tree, top = divisions(), library().place.division
    if tier == 0:
        return [one for one in tree.descendants(top) if not tree.children(one.code)]
    level = [tree.get(top)]
    for _ in range(tier):
        level = [child for one in level for child in tree.children(one.code)]
    return level


def parameter(name: str, *, on: date) -> int:
    """A parameter of reporting as it is in force on a day."""
    try:
        rows = catalog.entries(LIMITS)
    except catalog.RegisterUnknown:
        return DEFAULTS[name]
    found = [
        (str(row["from_on"]), int(row["value"]))
        for row in rows
        if row["name"] == name and str(row["from_on"]) <= on.isoformat()
    ]
    return max(found, default=("", DEFAULTS[name]))[1]


def words() -> Words:
    """The place's synonyms, ready for use."""
    try:
        rows = catalog.entries(SYNONYMS)
    except catalog.RegisterUnknown:
        rows = []
    return Words.of({str(row["word"]): str(row["means"]) for row in rows})
