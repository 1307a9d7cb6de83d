"""The policy library as it is read: documents, clauses, versions, relations, search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from yiwang.apps.identity import public as identity
from yiwang.apps.services.actions.library import DocumentUnknown
from yiwang.apps.services.frozen import frozen_of
from yiwang.apps.services.highlighting import Piece, pieces
from yiwang.apps.services.models import (
    DocumentClause,
    DocumentRelation,
    PolicyDocument,
    PolicyVersion,
)
from yiwang.kernel.folding import words_of

SHOWN = ("published", "repealed")
AROUND = 60
MOST_CLAUSES = 3
BACKWARD = {
    "repeals": "被废止于",
    "amends": "被修改于",
    "implements": "细化见",
    "based_on": "为其依据",
}


@dataclass(frozen=True)
class ClauseView:
    """A clause; ``pieces`` mark what was searched for."""

    key: str
    label: str
    level: int
    text: str
    pieces: tuple[Piece, ...]
    policies: tuple[tuple[str, str], ...] = ()
    """Policies whose rules put it into effect: ref and title."""


@dataclass(frozen=True)
class RelationView:
    """A document's relation; ``ref`` is "" for one outside the library."""

    kind: str
    title: str
    ref: str


@dataclass(frozen=True)
class DocumentView:
    """A document in one version."""

    id: int
    ref: str
    version: int
    title: str
    number: str
    issuer: str
    organ: str
    topic: str
    issued_on: date | None
    active_from: date | None
    active_until: date | None
    state: str
    state_title: str
    source: str
    is_example: bool
    published_at: datetime | None
    repealed_because: str
    clauses: tuple[ClauseView, ...] = ()
    relations: tuple[RelationView, ...] = ()
    versions: tuple[tuple[int, str, datetime | None], ...] = ()
    """Version, state title, when published."""

    def is_valid(self, on: date) -> bool:
        """Whether it is in force on a day."""
        begun = self.active_from is None or self.active_from <= on
        ended = self.active_until is not None and self.active_until <= on
        return self.state == "published" and begun and not ended


@dataclass(frozen=True)
class Hit:
    """A document that was found, with the clauses in which the words stand."""

    document: DocumentView
    title: tuple[Piece, ...]
    clauses: tuple[ClauseView, ...]
    clauses_found: int


def documents(*, topic: str = "", include_void: bool = False) -> list[DocumentView]:
    """Published documents, newest first."""
    rows = PolicyDocument.objects.filter(state__in=SHOWN if include_void else SHOWN[:1])
    if topic:
        rows = rows.filter(topic=topic)
    return [_view(row) for row in rows.order_by("-active_from", "-id")]


def topics() -> list[str]:
    """The topics of published documents."""
    rows = PolicyDocument.objects.filter(state="published").exclude(topic="")
    return sorted(set(rows.values_list("topic", flat=True)))


def search_documents(
    query: str, *, topic: str = "", include_void: bool = False, limit: int = 50
) -> list[Hit]:
    """Documents in whose title or in one of whose clauses all words stand, in either script."""
    words = words_of(query[:100])
    if not words:
        return []
    states = SHOWN if include_void else SHOWN[:1]
    within, titled = Q(document__state__in=states), Q(state__in=states)
    for word in words:
        within &= Q(folded__contains=word)
        titled &= Q(folded__contains=word)
    if topic:
        within, titled = within & Q(document__topic=topic), titled & Q(topic=topic)
    found: dict[int, list[DocumentClause]] = {}
    for clause in DocumentClause.objects.filter(within).order_by("document_id", "position"):
        found.setdefault(clause.document_id, []).append(clause)
    named = set(PolicyDocument.objects.filter(titled).values_list("pk", flat=True))
    rows = PolicyDocument.objects.in_bulk([*found, *named])
    ranked = sorted(rows, key=lambda pk: (pk not in named, -len(found.get(pk, ())), -pk))
    return [_hit(rows[pk], found.get(pk, []), words) for pk in ranked[:limit]]


def document(ref: str, *, version: int | None = None, query: str = "") -> DocumentView:
    """A document that is or was published, whole, with its relations both ways and its versions."""
    rows = PolicyDocument.objects.filter(ref=ref).exclude(state__in=["draft", "review"])
    row = rows.filter(version=version).first() if version else rows.order_by("-version").first()
    if row is None:
        raise DocumentUnknown(
            "没有这份文件，或尚未发布。", hint="请从政策文件库查找。", document=ref
        )
    return _whole(row, rows, words_of(query[:100]))


def document_by_id(number: int, *, officer: identity.Officer) -> DocumentView:
    """A version of the organ's own document; a draft for who drafts or publishes."""
    row = PolicyDocument.objects.filter(pk=number).first()
    if row is None:
        raise DocumentUnknown("没有这份文件。", hint="请从政策文件库进入。")
    reading = "services.see" if row.state in SHOWN else "services.draft"
    identity.require(officer, _writing(officer) or reading, organ=row.organ)
    return _whole(row, PolicyDocument.objects.filter(ref=row.ref), [])


def documents_of(*, officer: identity.Officer) -> list[DocumentView]:
    """The documents an organ keeps, newest first; drafts for who drafts or publishes."""
    right = _writing(officer)
    identity.require(officer, right or "services.see")
    rows = PolicyDocument.objects.filter(organ=officer.organ).order_by("-id")
    if not right:
        rows = rows.filter(state__in=SHOWN)
    return [_view(row) for row in rows[:200]]


def _writing(officer: identity.Officer) -> str:
    """The right by which an officer works on documents; empty for who only reads."""
    return next((r for r in ("services.publish", "services.draft") if r in officer.rights), "")


def clause(ref: str, key: str) -> ClauseView | None:
    """One clause of the published version of a document."""
    row = DocumentClause.objects.filter(
        document__ref=ref, document__state="published", key=key
    ).first()
    return _clause(row, []) if row else None


def title_of(ref: str) -> str:
    """The title of a document, or its ref."""
    row = PolicyDocument.objects.filter(ref=ref).order_by("-version").first()
    return row.title if row else ref


def _whole(
    row: PolicyDocument, versions: QuerySet[PolicyDocument], words: Sequence[str]
) -> DocumentView:
    policies = _policies_of(row.ref)
    clauses = tuple(
        _clause(one, words, policies=policies.get(one.key, ()))
        for one in row.clauses.order_by("position")
    )
    known = [
        (one.version, one.get_state_display(), one.published_at)
        for one in versions.order_by("-version")
    ]
    return _view(row, clauses=clauses, relations=_relations(row), versions=tuple(known))


def _policies_of(ref: str) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for version in PolicyVersion.objects.filter(is_current=True).order_by("title"):
        policy = frozen_of(version).policy
        if policy.document == ref:
            for key in policy.clauses:
                found[key] = (*found.get(key, ()), (version.ref, version.title))
    return found


def _relations(row: PolicyDocument) -> tuple[RelationView, ...]:
    mine = [
        RelationView(one.get_kind_display(), title_of(one.target), _known(one.target))
        for one in row.relations.order_by("kind", "id")
    ]
    theirs = DocumentRelation.objects.filter(target=row.ref, document__state__in=SHOWN)
    back = [
        RelationView(BACKWARD[one.kind], one.document.title, one.document.ref)
        for one in theirs.select_related("document").order_by("kind", "id")
    ]
    return tuple(dict.fromkeys([*mine, *back]))


def _known(target: str) -> str:
    is_there = PolicyDocument.objects.filter(ref=target, state__in=SHOWN).exists()
    return target if is_there else ""


def _hit(row: PolicyDocument, found: Sequence[DocumentClause], words: Sequence[str]) -> Hit:
    shown = tuple(_clause(one, words, around=AROUND) for one in found[:MOST_CLAUSES])
    return Hit(_view(row), pieces(row.title, words), shown, len(found))


def _clause(
    row: DocumentClause,
    words: Sequence[str],
    *,
    around: int = 0,
    policies: tuple[tuple[str, str], ...] = (),
) -> ClauseView:
    shown = pieces(row.text, words, around=around) if words else ((row.text, False),)
    return ClauseView(row.key, row.label, row.level, row.text, shown, policies)


def _view(
    row: PolicyDocument,
    *,
    clauses: tuple[ClauseView, ...] = (),
    relations: tuple[RelationView, ...] = (),
    versions: tuple[tuple[int, str, datetime | None], ...] = (),
) -> DocumentView:
    return DocumentView(
        id=row.pk,
        ref=row.ref,
        version=row.version,
        title=row.title,
        number=row.number,
        issuer=row.issuer,
        organ=row.organ,
        topic=row.topic,
        issued_on=row.issued_on,
        active_from=row.active_from,
        active_until=row.active_until,
        state=row.state,
        state_title=row.get_state_display(),
        source=row.source,
        is_example=row.is_example,
        published_at=row.published_at,
        repealed_because=row.repealed_because,
        clauses=clauses,
        relations=relations,
        versions=versions,
    )
