"""Answers as they are asked for and looked after: the best stored one with its clause, or none."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Count, Max

from yiwang.apps.identity import public as identity
from yiwang.apps.services.models import (
    AskedQuestion,
    DocumentClause,
    PolicyAnswer,
    PolicyDocument,
)
from yiwang.apps.services.retrieval import Index

SURE = 0.42
"""Below this share of the question an answer is not given; found by the trials in tests/spec."""
NEAR = 0.22
"""Below this nothing is even shown as near."""


@dataclass(frozen=True)
class Cited:
    """A clause that an answer stands on, or that is near a question."""

    document: str
    title: str
    key: str
    label: str
    text: str
    organ: str


@dataclass(frozen=True)
class AnswerView:
    """A stored answer."""

    id: int
    question: str
    also: tuple[str, ...]
    answer: str
    owner: str
    review_on: date
    document: str
    clauses: tuple[str, ...]
    cited: tuple[Cited, ...]
    is_void: bool
    """The document it stands on is no longer in force."""

    def is_overdue(self, on: date) -> bool:
        """Whether its owner should have looked at it."""
        return self.review_on <= on


@dataclass(frozen=True)
class Told:
    """What is known about a question."""

    question: str
    answer: AnswerView | None
    """None: nobody has written it down; the page says so."""
    score: float
    clauses: tuple[Cited, ...]
    """Clauses near the question, for reading; never an answer by themselves."""


@dataclass(frozen=True)
class Question:
    """A question that waits for its owner."""

    id: int
    text: str
    owner: str
    times: int
    case: str
    asked_at: datetime


def ask(question: str) -> Told:
    """The stored answer to a question, if one covers enough of it; else what stands near."""
    answers, clauses = _indexes(_state())
    best = next(iter(answers.ask(question, limit=1)), None)
    near = [one for one in clauses.ask(question, limit=3) if one.score >= NEAR]
    cited = tuple(_cited(*one.key.split("#")) for one in near)
    known = tuple(one for one in cited if one is not None)
    if best is None or best.score < SURE:
        return Told(question, None, best.score if best else 0.0, known)
    row = PolicyAnswer.objects.get(pk=int(best.key))
    return Told(question, answer_view(row), best.score, known)


def answers(*, query: str = "") -> list[AnswerView]:
    """The answers in use, for everybody."""
    rows = PolicyAnswer.objects.filter(is_active=True).order_by("question")
    if query.strip():
        wanted = [int(one.key) for one in _indexes(_state())[0].ask(query, limit=20)]
        rows = rows.filter(pk__in=wanted)
    return [answer_view(row) for row in rows]


def answers_of(*, officer: identity.Officer) -> list[AnswerView]:
    """The answers an organ keeps, those due for review first."""
    identity.require(officer, "services.answer")
    rows = PolicyAnswer.objects.filter(is_active=True, owner=officer.organ)
    return [answer_view(row) for row in rows.order_by("review_on", "id")]


def questions_of(*, officer: identity.Officer) -> list[Question]:
    """What was asked and waits for this organ, most asked first."""
    identity.require(officer, "services.answer")
    rows = AskedQuestion.objects.filter(state="open", owner=officer.organ)
    return [
        Question(row.pk, row.text, row.owner, row.times, row.case, row.asked_at)
        for row in rows.order_by("-times", "id")
    ]


def answer_view(row: PolicyAnswer) -> AnswerView:
    """A stored answer as a value."""
    cited = tuple(_cited(row.document, key) for key in row.clauses)
    known = tuple(one for one in cited if one is not None)
    return AnswerView(
        id=row.pk,
        question=row.question,
        also=tuple(row.also),
        answer=row.answer,
        owner=row.owner,
        review_on=row.review_on,
        document=row.document,
        clauses=tuple(row.clauses),
        cited=known,
        is_void=len(known) < len(row.clauses),
    )


def _cited(document: str, key: str) -> Cited | None:
    row = (
        DocumentClause.objects.select_related("document")
        .filter(document__ref=document, document__state="published", key=key)
        .first()
    )
    if row is None:
        return None
    return Cited(document, row.document.title, key, row.label, row.text, row.document.organ)


def _state() -> tuple[object, ...]:
    """Changes whenever what the indexes hold changes."""
    answers = PolicyAnswer.objects.filter(is_active=True).aggregate(
        Count("id"), Max("id"), Max("reviewed_at")
    )
    documents = PolicyDocument.objects.filter(state="published").aggregate(Count("id"), Max("id"))
    return (*answers.values(), *documents.values())


@lru_cache(maxsize=4)
def _indexes(state: tuple[object, ...]) -> tuple[Index, Index]:
    rows = PolicyAnswer.objects.filter(is_active=True)
    clauses = DocumentClause.objects.filter(document__state="published")
    return (
        Index({str(row.pk): [row.question, *row.also] for row in rows}),
        Index(
            {
                f"{ref}#{key}": [text]
                for ref, key, text in clauses.values_list("document__ref", "key", "text")
            }
        ),
    )
