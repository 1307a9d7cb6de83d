"""Where each material of an application comes from, for the applicant at hand.

A material's sources are tried in the item's order: a licence that is held, data that a department
shares, a promise that stands for it, a file. The first that can be had decides; only a promise or
a file asks anything of the applicant.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.packkit.kinds.work import Material

SAVED = {"license", "shared"}
"""Sources that ask nothing of the applicant."""


@dataclass(frozen=True)
class MaterialView:
    """A material as it stands for one applicant."""

    id: str
    title: str
    source: str
    """license, shared, commitment, upload, office (the organ looks itself), or not_needed"""
    origin: str
    """Who has it: what people read."""
    proof: str
    """The licence's number, the data's snapshot, or the file's digest."""
    is_met: bool


@dataclass(frozen=True)
class Holdings:
    """What is held for an applicant already: licence kind to number and issuer, table to source."""

    licenses: Mapping[str, tuple[str, str]]
    tables: Mapping[str, tuple[str, str]]


def holdings(
    actor: identity.Applicant,
    *,
    file: subjects.PersonFile | None,
    own: Iterable[credentials.LicenseView],
    on: date,
) -> Holdings:
    """What the applicant need not hand in: valid licences of here and elsewhere, their own file."""
    licenses = {
        one.kind: (one.number, f"{one.authority or ''}{one.kind_title}")
        for one in subjects.index_licenses(actor.subject, actor=actor)
        if one.valid_until is None or one.valid_until >= on
    }
    licenses |= {one.kind: (one.number, one.title) for one in own if one.state == "valid"}
    sections = file.sections if file else ()
    return Holdings(
        licenses, {one.table: (one.snapshot, f"{one.owner_title}·{one.title}") for one in sections}
    )


def resolve(
    materials: Mapping[str, Material],
    held: Holdings,
    *,
    agreed: Collection[str],
    files: Mapping[str, casework.KeptFile],
    wanted: Collection[str] | None = None,
) -> list[MaterialView]:
    """Each material by the first of its sources that can be had; ``wanted`` names the needed."""
    return [
        next(_ways(name, one, held, agreed=agreed, files=files), _unavailable(name, one))
        if wanted is None or name in wanted
        else MaterialView(name, one.title, "not_needed", "本次情形不需要", "", True)
        for name, one in materials.items()
    ]


def _ways(
    name: str,
    one: Material,
    held: Holdings,
    *,
    agreed: Collection[str],
    files: Mapping[str, casework.KeptFile],
) -> Iterator[MaterialView]:
    for source in one.sources:
        match source:
            case "license":
                if found := held.licenses.get(one.license):
                    yield MaterialView(name, one.title, source, found[1], found[0], True)
            case "shared":
                if found := held.tables.get(one.table):
                    yield MaterialView(name, one.title, source, found[1], found[0], True)
            case "commitment":
                yield MaterialView(name, one.title, source, "告知承诺", "", name in agreed)
            case "upload":
                kept = files.get(name)
                digest = kept.digest if kept else ""
                yield MaterialView(name, one.title, source, "申请人上传", digest, bool(kept))


def _unavailable(name: str, one: Material) -> MaterialView:
    # Neither held nor askable by the item's own word: the departments' gap is not the applicant's.
    return MaterialView(name, one.title, "office", "由承办单位核实", "", True)
