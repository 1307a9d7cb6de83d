"""政策文件库: drafted by one, reviewed and published by another, replaced, repealed; or loaded."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.clauses import Clause, clauses_of, label_of
from yiwang.apps.services.models import DocumentClause, DocumentRelation, PolicyDocument
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from yiwang.kernel.folding import fold
from yiwang.packkit import Library
from yiwang.packkit.kinds.guidance import Document

LONGEST = 400_000
NUMBER = re.compile(r"^[\u4e00-\u9fff]{2,8}[〔\[(（]20\d\d[〕\])）]\s?\d+\s?[号號]$")
PACKS = "packs"


class DocumentUnknown(NotFound):
    """No document of the library has this ref and version."""

    code = "services.document_unknown"


class DocumentNotInState(Conflict):
    """The document is not in the state that this step begins in."""

    code = "services.document_not_in_state"


class DocumentMalformed(Invalid):
    """A document lacks its title, its text, or has days that contradict."""

    code = "services.document_malformed"


class OwnDocument(NotAllowed):
    """Whoever drafted a document does not publish it."""

    code = "services.own_document"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is drafted: the text, one paragraph a line, and what stands around it."""

    title: str
    text: str
    number: str = ""
    issuer: str = ""
    topic: str = ""
    issued_on: date | None = None
    active_from: date | None = None
    active_until: date | None = None
    relations: Sequence[tuple[str, str]] = ()
    """Pairs of kind (repeals, amends, implements, based_on) and ref or title."""


@transaction.atomic
def draft_document(*, ref: str, draft: Draft, officer: identity.Officer, at: datetime) -> int:
    """起草: a new document (``ref`` empty), or the next version of one; returns its id."""
    identity.require(officer, "services.draft")
    title, clauses = draft.title.strip()[:300], _checked(draft)
    earlier = PolicyDocument.objects.filter(ref=ref)
    if earlier.exclude(organ=officer.organ).exists():
        raise OwnDocument("这份文件由另一部门维护。", hint="请原部门起草新版本。")
    row = PolicyDocument.objects.create(
        ref=ref or f"{officer.organ}.{hashlib.sha256(title.encode()).hexdigest()[:8]}",
        version=(earlier.aggregate(last=Max("version"))["last"] or 0) + 1,
        title=title,
        number=draft.number[:100],
        issuer=draft.issuer[:200] or identity.organ(officer.organ).title,
        organ=officer.organ,
        topic=draft.topic[:60],
        issued_on=draft.issued_on,
        active_from=draft.active_from,
        active_until=draft.active_until,
        source="起草",
        digest=hashlib.sha256(draft.text.encode()).hexdigest(),
        folded=fold(title, draft.number, draft.issuer),
        drafted_by=officer.username,
        drafted_at=at,
    )
    _put_clauses(row, clauses)
    _put_relations(row, draft.relations)
    _note("document.drafted", row, officer.username, at)
    return row.pk


def _checked(draft: Draft) -> list[Clause]:
    clauses = clauses_of(draft.text[:LONGEST])
    if not draft.title.strip() or not clauses or len(draft.text) > LONGEST:
        raise DocumentMalformed("文件缺标题或正文，或正文过长。", hint="写标题，正文一段一行。")
    begin, end = draft.active_from, draft.active_until
    if begin and end and end <= begin:
        raise DocumentMalformed("失效日期不晚于生效日期。", hint="改失效日期。")
    return clauses


@transaction.atomic
def send_to_review(document: int, *, officer: identity.Officer, at: datetime) -> None:
    """送审: the draft is complete."""
    row = _row(document)
    identity.require(officer, "services.draft", organ=row.organ)
    _require(row, "draft")
    row.state = PolicyDocument.State.REVIEW
    row.save(update_fields=["state"])
    _note("document.sent_to_review", row, officer.username, at)


@transaction.atomic
def publish_document(document: int, *, officer: identity.Officer, at: datetime) -> None:
    """发布: another officer publishes; the version before is replaced, what it repeals is void."""
    row = _row(document)
    identity.require(officer, "services.publish", organ=row.organ)
    _require(row, "review")
    if row.drafted_by == officer.username:
        raise OwnDocument("起草人不能发布自己起草的文件。", hint="请另一位审核人员发布。")
    _publish(row, by=officer.username, at=at)


@transaction.atomic
def return_document(document: int, *, officer: identity.Officer, at: datetime) -> None:
    """退回修改: back to its drafter."""
    row = _row(document)
    identity.require(officer, "services.publish", organ=row.organ)
    _require(row, "review")
    row.state = PolicyDocument.State.DRAFT
    row.save(update_fields=["state"])
    _note("document.returned", row, officer.username, at)


@transaction.atomic
def repeal_document(
    document: int, *, reason: str, on: date, officer: identity.Officer, at: datetime
) -> None:
    """废止: from a day on, for a reason; it stays readable, marked as void."""
    row = _row(document)
    identity.require(officer, "services.publish", organ=row.organ)
    _require(row, "published")
    if len(reason.strip()) < 2:
        raise DocumentMalformed("没有写明废止原因。", hint="写明依据，如“被某文件取代”。")
    _repeal(row, reason.strip()[:300], on)
    _note("document.repealed", row, officer.username, at)


@transaction.atomic
def load_document(path: Path, *, at: datetime, organ: str) -> tuple[str, int, int]:
    """导入: a published text from a file; returns its ref, its clauses, and how many look damaged.

    The same text again changes nothing; another text under the same name is the next version.
    """
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    clauses = clauses_of(text[:LONGEST])
    if not clauses:
        raise DocumentMalformed(f"{path.name} 没有文字。", hint="核对文件；应为 UTF-8 文本。")
    digest, ref = hashlib.sha256(text.encode()).hexdigest(), f"library.{path.stem.lower()}"
    damaged = sum(one.is_damaged for one in clauses)
    if PolicyDocument.objects.filter(ref=ref, digest=digest).exists():
        return ref, len(clauses), damaged
    last = PolicyDocument.objects.filter(ref=ref).aggregate(last=Max("version"))["last"] or 0
    title = _title_of(clauses)
    number = next((one.text for one in clauses[:4] if NUMBER.match(one.text)), "")
    row = PolicyDocument.objects.create(
        ref=ref,
        version=last + 1,
        title=title,
        number=number,
        organ=organ,
        topic="规划",
        source=path.name,
        digest=digest,
        folded=fold(title, number),
        drafted_by="import",
        drafted_at=at,
        state=PolicyDocument.State.REVIEW,
    )
    _put_clauses(row, clauses)
    _publish(row, by="loaded", at=at)
    return ref, len(clauses), damaged


def install_documents(library: Library, *, at: datetime) -> int:
    """Publish the documents of the packs; what a pack changed is the next version."""
    new = 0
    for ref, document in library.documents().items():
        digest = hashlib.sha256(repr(document).encode()).hexdigest()
        if PolicyDocument.objects.filter(ref=ref, digest=digest).exists():
            continue
        last = PolicyDocument.objects.filter(ref=ref).aggregate(last=Max("version"))["last"] or 0
        row = PolicyDocument.objects.create(
            ref=ref, version=last + 1, digest=digest, **_facts(document, at)
        )
        _put_clauses(
            row, [Clause(key, *label_of(text), text) for key, text in document.clauses.items()]
        )
        _put_relations(row, _relations(document))
        _publish(row, by=PACKS, at=at)
        new += 1
    return new


def _facts(document: Document, at: datetime) -> dict[str, Any]:
    return {
        "title": document.title,
        "number": document.number,
        "issuer": identity.organ(document.organ).title if _is_organ(document.organ) else "",
        "organ": document.organ,
        "topic": document.topic,
        "issued_on": document.issued_on,
        "active_from": document.active_from,
        "active_until": document.active_until,
        "is_example": document.example,
        "source": "场景包",
        "folded": fold(document.title, document.number, document.topic),
        "drafted_by": "pack",
        "drafted_at": at,
        "state": PolicyDocument.State.REVIEW,
    }


def _is_organ(organ: str) -> bool:
    return organ in {one.id for one in identity.organs()}


def _relations(document: Document) -> Iterable[tuple[str, str]]:
    for kind in DocumentRelation.Kind.values:
        for target in getattr(document, kind):
            yield kind, target


def _publish(row: PolicyDocument, *, by: str, at: datetime) -> None:
    before = PolicyDocument.objects.filter(ref=row.ref, state=PolicyDocument.State.PUBLISHED)
    before.update(state=PolicyDocument.State.REPLACED)
    row.state, row.published_by, row.published_at = PolicyDocument.State.PUBLISHED, by, at
    row.save(update_fields=["state", "published_by", "published_at"])
    targets = row.relations.filter(kind=DocumentRelation.Kind.REPEALS).values_list(
        "target", flat=True
    )
    for other in PolicyDocument.objects.filter(ref__in=list(targets), state="published"):
        _repeal(other, f"被《{row.title}》废止", row.active_from or at.date())
    _note("document.published", row, by, at)


def _repeal(row: PolicyDocument, reason: str, on: date) -> None:
    row.state, row.repealed_because = PolicyDocument.State.REPEALED, reason
    row.active_until = min(row.active_until or on, on)
    row.save(update_fields=["state", "repealed_because", "active_until"])


def _put_clauses(row: PolicyDocument, clauses: Sequence[Clause]) -> None:
    DocumentClause.objects.bulk_create(
        [
            DocumentClause(
                document=row,
                key=one.key,
                position=place,
                label=one.label[:40],
                level=one.level,
                text=one.text,
                folded=fold(one.text),
            )
            for place, one in enumerate(clauses)
        ],
        batch_size=500,
    )


def _put_relations(row: PolicyDocument, relations: Iterable[tuple[str, str]]) -> None:
    known = set(DocumentRelation.Kind.values)
    for kind, target in relations:
        if kind in known and target.strip():
            DocumentRelation.objects.get_or_create(
                document=row, kind=kind, target=target.strip()[:300]
            )


def _title_of(clauses: Sequence[Clause]) -> str:
    """The opening lines up to the first that names a plan; else the first line."""
    for place, one in enumerate(clauses[:8]):
        if re.search(r"(实施意见|实施方案|實施方案|實施意見)", one.text) and len(one.text) < 60:
            before = clauses[place - 1].text if place else ""
            joined = (
                before + one.text if one.text.startswith(("实施", "實施", "关于")) else one.text
            )
            return joined[:300]
    return clauses[0].text[:300]


def _row(document: int) -> PolicyDocument:
    row = PolicyDocument.objects.select_for_update().filter(pk=document).first()
    if row is None:
        raise DocumentUnknown("没有这份文件。", hint="请从政策文件库进入。")
    return row


def _require(row: PolicyDocument, state: str) -> None:
    if row.state != state:
        raise DocumentNotInState(
            f"文件现在是“{row.get_state_display()}”，不能这样办。",
            hint="刷新页面查看最新状态。",
            state=row.state,
        )


def _note(act: str, row: PolicyDocument, by: str, at: datetime) -> None:
    facts: Mapping[str, Any] = {"version": row.version, "digest": row.digest}
    journal.record(act, subject=row.ref, actor=by, at=at, facts=facts)
