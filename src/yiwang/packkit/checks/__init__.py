"""Is a pack whole? Every reference, query, expression, flow and grade, looked at together."""

from yiwang.packkit.checks import (
    bundles,
    citizens,
    drills,
    feeds,
    grants,
    guidance,
    incidents,
    queries,
    releases,
    reports,
    rules,
    services,
    sight,
    subjects,
    tables,
    work,
)
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.checks.manifest import look_at_manifest
from yiwang.packkit.checks.places import check_place
from yiwang.packkit.findings import Finding
from yiwang.packkit.reading import Pack
from yiwang.packkit.shelf import Shelf

__all__ = ["check", "check_place"]

LOOKS = (
    look_at_manifest,
    feeds.look,
    tables.look,
    subjects.look,
    queries.look,
    grants.look,
    releases.look,
    rules.look,
    guidance.look,
    services.look,
    citizens.look,
    reports.look,
    bundles.look,
    work.look,
    incidents.look,
    sight.look,
    drills.look,
)


def check(pack: Pack, shelf: Shelf) -> list[Finding]:
    """Everything wrong with ``pack`` among the packs of ``shelf``; empty when it may be used."""
    looking = Looking(pack, shelf)
    for look in LOOKS:
        look(looking)
    return sorted(set(looking.findings))
