"""Assets of the place's projects: registered at acceptance, and those older than the platform."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings

from yiwang.apps.boards.projects import ASSET, amount_in, projects, reviewers
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.packkit.current import current_library

ASSETS = "projects.assets"
"""The register of assets that no case registered."""


@dataclass(frozen=True)
class Asset:
    """资产: what a project's acceptance registered, or, without ``case``, the register holds."""

    number: str
    system: str
    title: str
    organ: str
    value: Decimal | None
    registered_on: date | None
    case: str = ""


def project_assets(*, actor: identity.Actor, at: datetime) -> list[Asset]:
    """资产登记: what acceptance registered, case by case, for who may see the project.

    Then what the register holds, for the organ that uses it and for those that review projects.
    """
    found = []
    for one in projects(actor=actor, at=at):
        for line in casework.trail(one.number, actor=actor):
            kept = {each.name: each.text for each in line.evidence}
            if kept.get(ASSET):
                found.append(
                    Asset(
                        kept[ASSET],
                        one.system,
                        one.title,
                        one.organ,
                        one.cost,
                        local_date(line.at),
                        one.number,
                    )
                )
    found += _registered(actor, {one.number for one in found})
    newest = sorted(found, key=lambda one: one.number)
    return sorted(newest, key=lambda one: one.registered_on or date.min, reverse=True)


def _registered(actor: identity.Actor, known: Collection[str]) -> list[Asset]:
    """The entries of the register that no case has registered."""
    organ = getattr(actor, "organ", "")
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    if ASSETS not in library.registers():
        return []
    sees_all = organ in reviewers(library).values()
    return [
        Asset(
            str(row["id"]),
            str(row["system"]),
            str(row["title"]),
            str(row["organ"]),
            amount_in(row["value"]),
            _day(row["registered_on"]),
        )
        for row in catalog.entries(ASSETS)
        if row["id"] not in known and (sees_all or row["organ"] == organ)
    ]


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None
