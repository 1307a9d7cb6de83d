"""What happened to a case, and what was handed in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.casework import flow
from yiwang.apps.casework.access import require_seeing
from yiwang.apps.casework.models import Evidence, TrailEntry
from yiwang.apps.casework.queries.cases import find_case, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.work import Flow


@dataclass(frozen=True)
class EvidenceView:
    """What was handed in with an act; a file when ``digest`` is set."""

    id: int
    name: str
    title: str
    text: str
    digest: str
    kind: str
    size: int


@dataclass(frozen=True)
class TrailView:
    """One act of a case's trail."""

    sequence: int
    at: datetime
    actor: str
    actor_name: str
    verb: str
    title: str
    step_title: str
    """Where the case stood after it."""
    reason: str
    evidence: tuple[EvidenceView, ...]


def trail(number: str, *, actor: identity.Actor) -> list[TrailView]:
    """Everything that happened to a case, oldest first."""
    row = find_case(number)
    require_seeing(actor, row)
    content = frozen_flow(row.flow)
    entries = row.trail.order_by("sequence").prefetch_related("evidence")
    return [_trail_view(entry, content) for entry in entries]


def written(numbers: Collection[str], names: Collection[str]) -> dict[str, dict[str, str]]:
    """The latest written evidence of cases, by number and name.

    One query for all; the caller has asked who may see the cases.
    """
    found: dict[str, dict[str, str]] = {}
    rows = Evidence.objects.filter(trail__case__number__in=numbers, name__in=names, digest="")
    for number, name, text in rows.order_by("trail__sequence").values_list(
        "trail__case__number", "name", "text"
    ):
        found.setdefault(number, {})[name] = text
    return found


def evidence_file(number: str, evidence: int, *, actor: identity.Actor) -> EvidenceView:
    """A file handed in to a case, for who may see the case."""
    row = find_case(number)
    require_seeing(actor, row)
    found = Evidence.objects.filter(pk=evidence, trail__case=row).exclude(digest="").first()
    if found is None:
        raise NotFound("没有这份材料。", hint="请从办件页面重新打开。")
    return _evidence_view(found, frozen_flow(row.flow))


def _trail_view(entry: TrailEntry, content: Flow) -> TrailView:
    step = content.steps.get(entry.to_step)
    return TrailView(
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        actor_name=entry.actor_name,
        verb=entry.verb,
        title=entry.title,
        step_title=step.title if step else content.ends.get(entry.to_step, entry.to_step),
        reason=entry.reason,
        evidence=tuple(_evidence_view(one, content) for one in entry.evidence.all()),
    )


def _evidence_view(row: Evidence, content: Flow) -> EvidenceView:
    title = flow.names_of(content).get(row.name, row.name)
    return EvidenceView(row.pk, row.name, title, row.text, row.digest, row.kind, row.size)
