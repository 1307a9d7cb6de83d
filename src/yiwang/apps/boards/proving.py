"""What a plan asks for and what the platform has to show for it; pure.

Between the words of a plan and the packs of a place stands the list of capabilities (能力清单): a
task asks for capabilities, packs and indicators serve them. Nothing is ticked by hand.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from yiwang.kernel.folding import fold
from yiwang.packkit import Library

LIST = "programme.capability"
"""The register of capabilities: id, title, plans."""

PARTING = re.compile(r"[、／/（）()；;，,：:“”《》\s]+")
SHORTEST = 4
"""A phrase of fewer characters stands in too many sentences."""

Light = Literal["met", "checked", "late", "soon", "running", "ready", "nothing"]


@dataclass(frozen=True)
class Capability:
    """能力: one thing the plans ask of the platform, or a target (``T-…``) they set."""

    id: str
    title: str
    plans: tuple[str, ...] = ()

    @property
    def is_target(self) -> bool:
        return self.id.startswith("T-")

    @property
    def phrases(self) -> tuple[str, ...]:
        """The title cut at its commas; any phrase in a sentence means the capability."""
        return tuple(one for one in PARTING.split(fold(self.title)) if len(one) >= SHORTEST)


def capabilities_of(library: Library) -> tuple[Capability, ...]:
    """The list as the place's packs hold it; empty without the register."""
    entries = library.entries(LIST) if LIST in library.registers() else ()
    return tuple(
        Capability(str(row["id"]), str(row["title"]), tuple(str(row["plans"] or "").split()))
        for row in entries
    )


def asked_for(text: str, capabilities: Iterable[Capability]) -> list[str]:
    """Ids of the capabilities of which a phrase stands in ``text``, in the order of the list."""
    plain = fold(text)
    return [one.id for one in capabilities if any(phrase in plain for phrase in one.phrases)]


@dataclass(frozen=True)
class Measured:
    """An indicator that serves a capability, with its latest value."""

    ref: str
    title: str
    text: str
    is_met: bool | None
    value: Decimal | None = None


@dataclass(frozen=True)
class Proof:
    """What the platform has to show for one capability."""

    capability: Capability
    packs: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    """Where it is seen, as ``face:page``."""
    indicators: tuple[Measured, ...] = ()
    tests: int = 0
    """Tables of given and expected rows that the packs carry."""
    cases: int = 0
    """Cases of the packs' flows, of which ``ended`` have ended."""
    ended: int = 0

    @property
    def is_served(self) -> bool:
        return bool(self.packs or self.indicators)

    @property
    def is_recorded(self) -> bool:
        """Something happened: a case was begun, or an indicator has a value."""
        return bool(self.cases) or any(one.value is not None for one in self.indicators)


def proofs(
    library: Library,
    capabilities: Iterable[Capability],
    measured: Mapping[str, Measured],
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> list[Proof]:
    """For each capability the packs that serve it, their tests, and the indicators' values.

    ``counted`` holds, by flow, its cases and those that have ended.
    """
    indicators = library.indicators()
    found = []
    for one in capabilities:
        packs = [name for name, pack in library.packs.items() if one.id in pack.manifest.serves]
        pages = (library.packs[name].manifest.serves[one.id] for name in packs)
        serving = [ref for ref, indicator in indicators.items() if one.id in indicator.serves]
        own = [counted.get(ref, (0, 0)) for name in packs for ref in flows_of(library, name)]
        found.append(
            Proof(
                capability=one,
                packs=tuple(packs),
                pages=tuple(dict.fromkeys(pages)),
                indicators=tuple(
                    measured.get(ref) or Measured(ref, indicators[ref].title, "未取数", None)
                    for ref in serving
                ),
                tests=sum(len(library.packs[name].tests) for name in packs),
                cases=sum(cases for cases, _ in own),
                ended=sum(ended for _, ended in own),
            )
        )
    return found


def flows_of(library: Library, pack: str) -> list[str]:
    """The flows of a pack, as their cases name them."""
    return [f"{pack}.{name}" for name in library.packs[pack].flows]


def proofs_of(library: Library, *, place: str = "") -> list[Proof]:
    """Proofs of what a place's own plan asks for (of the whole list without ``place``)."""
    asked = [one for one in capabilities_of(library) if not place or place in one.plans]
    return proofs(library, asked, {})


@dataclass(frozen=True)
class Progress:
    """How far a task is, computed from records alone."""

    light: Light
    share: Decimal | None
    """Served capabilities among those asked for; ``None`` where the task asks for none."""
    proofs: tuple[Proof, ...] = field(default=())
    checked: tuple[str, ...] = ()
    """The cases in which the plan's office found the task done after its day."""


def progress(
    shown: Collection[Proof],
    *,
    due_on: date | None,
    today: date,
    notice_days: int = 30,
    checked: Iterable[str] = (),
) -> Progress:
    """Met where every measured target is met; past its day checked or late; soon by the day.

    Else running where something is on record, ready where packs serve all the same, or nothing.
    ``checked`` are the notices that closed the matter after the day.
    """
    verdicts = [one.is_met for proof in shown for one in proof.indicators if one.is_met is not None]
    served = sum(proof.is_served for proof in shown)
    share = Decimal(served) / len(shown) if shown else None
    light: Light = "ready" if served else "nothing"
    if any(proof.is_recorded for proof in shown):
        light = "running"
    if verdicts and all(verdicts) and served == len(shown):
        light = "met"
    elif due_on is not None and due_on < today:
        light = "checked" if checked else "late"
    elif due_on is not None and (due_on - today).days <= notice_days:
        light = "soon"
    return Progress(light, share, tuple(shown), tuple(checked))
